"""Contours as curves: editing, pushing, resampling, orientation, cross-reference."""
