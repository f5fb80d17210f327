"""A page in the browser to try the checker on: findings, corrections, the tags of each word."""
