"""Bare networks, one file each."""
