"""Evaluations of the whole program on recordings."""
