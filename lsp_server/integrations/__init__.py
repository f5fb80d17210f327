"""Grammared inside the tools that build documentation."""
