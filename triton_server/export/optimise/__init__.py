"""Finds the fastest way to serve a model on this machine that still says what the original says."""
