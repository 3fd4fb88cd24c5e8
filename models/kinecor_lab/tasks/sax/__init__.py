"""Contours of short-axis slices."""
