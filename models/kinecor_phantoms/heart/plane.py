"""Image planes through the chest, and the standard echocardiographic and magnetic resonance views."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane with a right hand and a downward direction, as an image has them.

    Attributes:
        origin_mm: (3,) where (0, 0) of the plane is in the chest; for echo, the middle of the transducer's face.
        across: (3,) unit vector to the right of the image.
        down: (3,) unit vector down the image; for echo, away from the transducer.

    Raises:
        ValueError: across and down are not unit vectors at right angles.

    """

    origin_mm: Array
    across: Array
    down: Array

    def __post_init__(self) -> None:
        frame = np.stack([self.across, self.down])
        if not np.allclose(frame @ frame.T, np.eye(2), atol=1e-6):
            raise ValueError("a plane's directions must be unit vectors at right angles")

    @property
    def out(self) -> Array:
        """(3,) unit vector out of the plane, across x down."""
        return np.cross(self.across, self.down)

    def to_plane(self, points_mm: Array) -> Array:
        """(n, 3): right, down, out of the plane, mm, of (n, 3) places in the chest."""
        return (np.asarray(points_mm) - self.origin_mm) @ np.stack([self.across, self.down, self.out], axis=1)

    def to_chest(self, points_mm: Array) -> Array:
        """(n, 3) in the chest of (n, 2) or (n, 3) places of the plane."""
        points_mm = np.asarray(points_mm)
        axes = np.stack([self.across, self.down, self.out])[: points_mm.shape[1]]
        return self.origin_mm + points_mm @ axes

    def turned(self, about: Array, degrees: float, at_mm: Array | None = None) -> "Plane":
        """The plane turned about an axis through a place, its own origin if none is given."""
        axis = np.asarray(about, np.float64) / np.linalg.norm(about)
        angle = np.deg2rad(degrees)
        cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
        rotation = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
        pivot = self.origin_mm if at_mm is None else at_mm
        return Plane(pivot + rotation @ (self.origin_mm - pivot), rotation @ self.across, rotation @ self.down)


def _direction(degrees: float) -> Array:
    return np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees)), 0.0])


_UP = np.array([0.0, 0.0, 1.0])

APICAL_DEG = {"A4C": 30.0, "A2C": 90.0, "A3C": 150.0}
"""Wall on the right of the image, as an angle of the short axis: anterolateral, anterior, anteroseptal."""


def apical(view: str, apex_mm: float) -> Plane:
    """An apical view through the long axis.

    Args:
        view: "A4C", "A2C" or "A3C".
        apex_mm: height of the transducer's face, below the heart's apex (negative).

    """
    return Plane(np.array([0.0, 0.0, apex_mm]), _direction(APICAL_DEG[view]), _UP)


def parasternal_long(distance_mm: float, height_mm: float) -> Plane:
    """Parasternal long axis: right ventricle on top, apex to the left, base to the right.

    Args:
        distance_mm: of the transducer's face from the long axis.
        height_mm: of the transducer's face along the long axis.

    """
    front = _direction(150.0)
    return Plane(front * distance_mm + _UP * height_mm, _UP, -front)


def parasternal_short(distance_mm: float, height_mm: float) -> Plane:
    """Parasternal short axis at a height: anterior on top, lateral to the right, right ventricle to the left."""
    front = _direction(115.0)
    return Plane(front * distance_mm + _UP * height_mm, _direction(25.0), -front)


def subcostal(distance_mm: float, length_mm: float) -> Plane:
    """Subcostal four-chamber: right ventricle nearest, apex to the right.

    Args:
        distance_mm: of the transducer's face from the middle of the ventricle.
        length_mm: of the ventricle.

    """
    side = _direction(210.0)
    lean = np.deg2rad(25.0)
    down = -side * np.cos(lean) + _UP * np.sin(lean)
    across = -_UP * np.cos(lean) - side * np.sin(lean)
    return Plane(_UP * 0.55 * length_mm - down * distance_mm, across, down)


def short_axis(height_mm: float) -> Plane:
    """A short-axis slice for magnetic resonance: lateral to the right, anterior on top; its origin on the axis."""
    return Plane(_UP * height_mm, _direction(0.0), -_direction(90.0))


def long_axis(view: str, middle_mm: float) -> Plane:
    """A long-axis slice for magnetic resonance, apex on top as in an apical view; its origin on the axis."""
    return Plane(_UP * middle_mm, _direction(APICAL_DEG[view]), _UP)
