"""Contours of other programs, and our own as written to files."""
