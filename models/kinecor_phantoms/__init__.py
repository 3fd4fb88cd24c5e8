"""Simulated recordings whose truth is exact, because it comes from geometry (numpy only)."""
