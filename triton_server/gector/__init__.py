"""GECToR: words to tags to edits (Omelianchuk et al. 2020, "GECToR - Grammatical Error Correction: Tag, Not Rewrite")."""
