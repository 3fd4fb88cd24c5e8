"""Kinecor: a desktop viewer for echocardiography and cine MRI. Research use only - not for diagnosis."""

__version__ = "0.1.0"
RESEARCH_USE = "Research use only - not for diagnosis"
