"""Pose of the transducer for each standard view, and deviations from it."""

from dataclasses import dataclass

import numpy as np

from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.plane import Plane, apical, parasternal_long, parasternal_short, subcostal
from kinecor_phantoms.heart.shape import check_range

VIEWS = ("A4C", "A2C", "A3C", "PLAX", "PSAX base", "PSAX mid", "PSAX apex", "SUB4C", "IVC", "other")
"""Views that can be simulated; those with a heart are all but the last two."""
HEART_VIEWS, VIEWS_WITHOUT_HEART = VIEWS[:8], VIEWS[8:]
VIEWS_OF_FRAMES = (*HEART_VIEWS, "A5C", *VIEWS_WITHOUT_HEART)
"""Views that single frames can show; a five-chamber one has no closed contours, so that no recording is made of it."""
_FIVE_CHAMBER_DEG = 10.0
"""By how much a four-chamber plane is tilted forwards, about the transducer, to show the outflow tract."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How the transducer is held against the standard view.

    Attributes:
        foreshortening_deg: by which an apical plane leans off the apex, -30..30; of a short axis, how oblique it is.
        turn_deg: rotation about the beam's middle direction, -30..30.
        swing_deg: tilt within the image, -30..30.
        away_mm: distance of the transducer from the heart, 2..60; tissue of the chest wall is between.

    Raises:
        ValueError: a number is outside its range.

    """

    foreshortening_deg: float = 0.0
    turn_deg: float = 0.0
    swing_deg: float = 0.0
    away_mm: float = 12.0

    def __post_init__(self) -> None:
        for name in ("foreshortening_deg", "turn_deg", "swing_deg"):
            check_range(name, getattr(self, name), -30, 30)
        check_range("away_mm", self.away_mm, 2, 60)


def view_plane(view: str, heart: Heart, stand: Stand) -> tuple[Plane, float]:
    """The image's plane, and how deep it should reach to show what the view is for, in mm.

    Raises:
        ValueError: not a view of the heart.

    """
    shape, sizes = heart.shape, heart.chambers
    length, outer = shape.length_mm, shape.radius_mm + shape.wall_mm
    up = np.array([0.0, 0.0, 1.0])
    if view in ("A4C", "A2C", "A3C", "A5C"):
        plane = apical("A4C" if view == "A5C" else view, -shape.apical_wall_mm - stand.away_mm)
        if view == "A5C":
            plane = plane.turned(plane.across, -_FIVE_CHAMBER_DEG)
        plane = plane.turned(plane.down, stand.turn_deg)
        plane = plane.turned(plane.across, stand.foreshortening_deg, up * length)
        plane = plane.turned(plane.out, stand.swing_deg)
        return plane, stand.away_mm + shape.apical_wall_mm + length + 1.3 * sizes.atrium_mm + 8
    front = outer + sizes.right_mm * 0.75 + stand.away_mm
    if view == "PLAX":
        plane = parasternal_long(front, 0.8 * length)
        plane = plane.turned(plane.down, stand.turn_deg).turned(plane.across, stand.foreshortening_deg)
        return plane.turned(plane.out, stand.swing_deg), front + outer + 18
    if view.startswith("PSAX"):
        share = {"PSAX base": 0.74, "PSAX mid": 0.5, "PSAX apex": 0.2}[view]
        plane = parasternal_short(front, share * length)
        middle = up * share * length
        plane = plane.turned(plane.across, stand.foreshortening_deg, middle)
        plane = plane.turned(plane.down, stand.turn_deg).turned(plane.out, stand.swing_deg)
        return plane, front + outer + 15
    if view == "SUB4C":
        distance = outer + sizes.right_mm + 22 + stand.away_mm
        plane = subcostal(distance, length)
        plane = plane.turned(plane.down, stand.turn_deg).turned(plane.across, stand.foreshortening_deg)
        return plane.turned(plane.out, stand.swing_deg), distance + outer + 22
    raise ValueError(f"view must be one of {', '.join(HEART_VIEWS)}, got {view}")
