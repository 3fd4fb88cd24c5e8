"""Curves over time, with ED and ES."""
