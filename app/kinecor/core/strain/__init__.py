"""Strain, longitudinal and short-axis; segments and the bull's-eye."""
