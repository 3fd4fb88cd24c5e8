"""Pulling a contour with the mouse: from a press to the edit it makes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt

from kinecor.core.outlines.drag import REACH_S, Grab, dragged, nearest
from kinecor.core.outlines.ring import ring_nearest
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.session.edits import STRUCTURE_NAMES, Edit, SetContours, Several

GRAB_PX = 10.0  # how near to an outline (in pixels of the screen) a press takes hold of it
HINGE_PX = 12.0


@dataclass(frozen=True, eq=False)
class Drag:
    """A contour held since `start_px` (x, y in image pixels), on the tracks as they were then."""

    grab: Grab
    start_px: tuple[float, float]
    tracks: Mapping[Structure, ContourTrack]
    times_s: FloatArray

    def edit(self, to_px: tuple[float, float], reach_s: float = REACH_S) -> Edit:
        """What pulling to `to_px` makes; what a hinge point or an outline takes along is in the same step."""
        delta_px = (to_px[0] - self.start_px[0], to_px[1] - self.start_px[1])
        changes = dragged(self.tracks, self.grab, delta_px, self.times_s, reach_s)
        edits = tuple(
            SetContours(structure, one.start, one.contours, one.origins) for structure, one in changes.items()
        )
        if len(edits) == 1:
            return edits[0]
        if self.grab.closed:
            return Several(f"{edits[0].summary}, others pushed", edits)
        where = edits[0].summary.removeprefix(f"{STRUCTURE_NAMES[self.grab.structure]}, ")
        return Several(f"mitral hinge point, {where}", edits)


def reach_of(modifiers: Qt.KeyboardModifier) -> float:
    """How far in time a pull is felt, seconds: Alt or Ctrl this frame only, Shift the whole loop.

    Both, since many window managers keep Alt and the mouse for moving windows.
    """
    if modifiers & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier):
        return 0.0
    return math.inf if modifiers & Qt.KeyboardModifier.ShiftModifier else REACH_S


def grab_at(
    tracks: Mapping[Structure, ContourTrack],
    frame: int,
    point_px: tuple[float, float],
    screen_px_per_px: float,
    *,
    closed: bool = False,
    gated: bool = True,
) -> Grab | None:
    """The outline nearest to an image point, or None where none is near; close to its ends, the hinge point.

    Where outlines are `closed` they have no ends; `gated` as in Grab.
    """
    best: tuple[float, Grab] | None = None
    for structure, track in tracks.items():
        contour = track.contours[frame]
        if contour is None:
            continue
        along, distance_px = (ring_nearest if closed else nearest)(contour, point_px)
        for end, hinge in () if closed else ((0, 0.0), (-1, 1.0)):
            if math.dist(contour.points[end], point_px) * screen_px_per_px <= HINGE_PX:
                along = hinge
        # Where outlines run together (the hinges) the endocardium is meant: the others follow it.
        distance = distance_px * screen_px_per_px - (2.0 if structure is Structure.LV_ENDO else 0.0)
        if distance <= GRAB_PX and (best is None or distance < best[0]):
            best = (distance, Grab(structure, frame, along, closed, gated))
    return best[1] if best else None
