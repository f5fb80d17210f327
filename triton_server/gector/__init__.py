"""GECToR: words to tags to edits.

After Omelianchuk et al. 2020, "GECToR - Grammatical Error Correction: Tag, Not Rewrite".
"""
