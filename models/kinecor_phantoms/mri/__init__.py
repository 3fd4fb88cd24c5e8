"""Simulated cine MRI."""
