"""Turns GECToR models from one form into another; needs the extra `train`."""
