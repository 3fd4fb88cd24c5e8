"""Kinecor: a desktop reading room for the moving heart. Research use only - not for diagnosis."""

__version__ = "0.1.0"
RESEARCH_USE = "Research use only - not for diagnosis"
