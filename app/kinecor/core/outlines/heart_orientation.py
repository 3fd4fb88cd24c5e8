"""Usual orientation of the heart in the patient: the sides of a long axis and the way to its apex in MR images.

An echo shows an apical view with the apex on top and its walls on agreed sides; an MR image of the same plane is
oriented as the patient is. Directions are patient coordinates (left, posterior, superior: PS3.3 C.7.6.2); the apex
points 48 degrees to the left of straight ahead and 32 degrees down. Hearts differ by some 20 degrees from it; sides and
the way to the apex are only mistaken from 90 degrees on.
"""

import numpy as np

from kinecor.core.values.arrays import FloatArray, frozen
from kinecor.core.values.plane import Plane

_TURN, _DIP = np.deg2rad(48.0), np.deg2rad(32.0)
APEX = frozen(np.array([np.cos(_DIP) * np.cos(_TURN), -np.cos(_DIP) * np.sin(_TURN), -np.sin(_DIP)]))
"""(3,) from base to apex, unit length."""
_LATERAL = np.array([np.sin(_TURN), np.cos(_TURN), 0.0])
_ANTERIOR = np.cross(_LATERAL, -APEX)
# Where the wall on the right of an apical echo view is, as an angle of the short axis from lateral over anterior.
_RIGHT_DEG = {"A4C": 30.0, "A2C": 90.0, "A3C": 150.0}
# A direction seen shorter than this share of its length runs across the image and has no direction in it.
_LEAST_SEEN = 0.35


def to_apex(plane: Plane | None) -> FloatArray:
    """(2,) unit vector (x, y) in mm of the image, from the base to the apex; up where the file has no position."""
    seen = _seen(plane, APEX)
    return np.array([0.0, -1.0]) if seen is None else seen


def to_right_side(plane: Plane | None, view: str | None) -> FloatArray:
    """(2,) unit vector (x, y) in mm of the image, towards the wall that an apical echo shows on the right.

    To the right where the file has no position, and of any other view than A4C, A2C and A3C.
    """
    if view in _RIGHT_DEG:
        angle = np.deg2rad(_RIGHT_DEG[str(view)])
        seen = _seen(plane, np.cos(angle) * _LATERAL + np.sin(angle) * _ANTERIOR)
        if seen is not None:
            return seen
    return np.array([1.0, 0.0])


def _seen(plane: Plane | None, direction: FloatArray) -> FloatArray | None:
    if plane is None:
        return None
    seen = plane.seen(direction[None])[0]
    length = float(np.hypot(*seen))
    return None if length < _LEAST_SEEN else np.asarray(seen / length)
