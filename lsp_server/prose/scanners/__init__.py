"""Finders of blocks for markup that no grammar of tree-sitter reads well: each gives a `Scan` of a text."""
