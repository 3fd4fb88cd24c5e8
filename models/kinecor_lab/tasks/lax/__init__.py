"""Contours of long-axis cine MRI."""
