"""A real echo clip that is at hand on every machine."""

from pathlib import Path

from pydicom import examples


def demo_path() -> Path:
    """The 30-frame apical loop that ships with pydicom ("ybr_color"); nothing is downloaded."""
    return Path(examples.get_path("ybr_color"))
