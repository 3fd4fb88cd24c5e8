"""Kinecor: a desktop viewer for echocardiography and cine MRI. Research use only - not for diagnosis."""

from kinecor.core.values.message import message

__version__ = "0.1.0"
RESEARCH_USE = message("Research use only - not for diagnosis")
