"""Cine MRI series: slices, phases, views."""
