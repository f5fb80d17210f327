"""Turns models from one form into another, and finds the fastest; needs the extra `train`."""
