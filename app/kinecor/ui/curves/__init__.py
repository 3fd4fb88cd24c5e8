"""Curves over time, with the events of the cycle."""
