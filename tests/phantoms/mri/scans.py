"""Small, clean scans and hearts that the tests of the scanner share."""

from dataclasses import replace

from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.heart.shape import Shape
from kinecor_phantoms.mri.scan import Scan

CLEAN = Scan(
    rows=96,
    columns=104,
    pixel_mm=2.0,
    acquired=1.0,
    phases=2,
    long_axes=False,
    vendor="C",
    coil=0,
    noise=0,
    blur_px=0,
    misregistration_mm=0,
    ghosting=0,
    banding=0,
    flow=0,
    trabeculae=0,
    scar=0,
    muscle=1,
)
"""Nothing but tissue, partial volume and k-space's window."""


def clean(**settings: object) -> Scan:
    """CLEAN but for some settings."""
    return replace(CLEAN, **settings)  # type: ignore[arg-type]


def heart() -> Heart:
    """A normal heart that beats once in a second."""
    return Heart(Shape(), sinus_rhythm(60, 1))
