"""Dragging a contour with the mouse: from the press to the edit."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from kinecor.core.outlines.drag import REACH_S, REACH_SHARE, WHOLE_SHARE, Grab, Grip, apex_of, drag_contour, felt_at
from kinecor.core.tracking.anchors import filled_in, follows
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import join_texts, message
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import STRUCTURE_NAMES, ContourTrack, Structure
from kinecor.session.edits import Edit, SetContours, Several
from kinecor.ui.style.language import tr

GRAB_PX = 10.0  # a press this near to a contour (screen pixels) grabs it
HINGE_PX = 12.0
GRIP_PX = 6.0


class Sizes(Protocol):
    """What the wheel sets."""

    reach: float
    """How far along the outline a drag reaches, as a share of its length."""


@dataclass(eq=False)
class Drag:
    """A contour held since `start_px` (x, y in image pixels), on the tracks as they were then."""

    grab: Grab
    start_px: tuple[float, float]
    tracks: Mapping[Structure, ContourTrack]
    axis: TimeAxis
    reach: float = REACH_SHARE
    reach_s: float = REACH_S
    """How far in time the pull reached when it was last moved."""
    gated: bool = False
    """Whether frames are the phases of a gated cycle."""

    @property
    def structure(self) -> Structure:
        """What is held."""
        return self.grab.structure

    def moved(self, to_px: tuple[float, float], modifiers: Qt.KeyboardModifier) -> Edit:
        """The edit of a pull to `to_px`."""
        self.reach_s = reach_of(modifiers)
        return self.edit(to_px, self.reach_s)

    def hints(self) -> tuple[str, ...]:
        """Parts of a line: how far along the contour and over which frames the pull reaches."""
        if self.gated:
            return (
                self._along_words(),
                self._phase_words(),
                tr("Alt: this phase only · Shift: all phases"),
                tr("Esc: cancel"),
            )
        return (
            self._along_words(),
            self._frame_words(),
            tr("Alt: this frame only · Shift: all frames"),
            tr("Esc: cancel"),
        )

    def _along_words(self) -> str:
        names = {
            Grip.APEX: tr("Apex: longer or shorter"),
            Grip.ANNULUS: tr("Annulus: both hinge points"),
            Grip.CENTRE: tr("Outline as a whole"),
        }
        if self.grab.grip is not None:
            return names[self.grab.grip]
        if self.reach >= WHOLE_SHARE:
            if self.grab.closed:
                return tr("Drag · the whole contour, wider or narrower · wheel: reach")
            return tr("Drag · the whole wall · wheel: reach")
        return tr("Drag · felt over {percent} % of the contour · wheel: reach").format(percent=round(200 * self.reach))

    def _frame_words(self) -> str:
        felt = self._felt()
        if felt is None:
            return tr("All frames that nobody drew follow when you let go")
        if not felt:
            return tr("Changes this frame only")
        if math.isinf(self.reach_s):
            return tr("Changes this frame and {count} others").format(count=felt)
        return tr("Changes this frame and {count} around it").format(count=felt)

    def _phase_words(self) -> str:
        felt = self._felt()
        if felt is None:
            return tr("All phases that nobody drew follow when you let go")
        if not felt:
            return tr("Changes this phase only")
        if math.isinf(self.reach_s):
            return tr("Changes this phase and {count} others").format(count=felt)
        return tr("Changes this phase and {count} around it").format(count=felt)

    def _felt(self) -> int | None:
        """How many other frames bend with this one, those that a person drew left out; None where all follow."""
        track, own = self.tracks[self.grab.structure], self.grab.frame
        if follows(track) or filled_in(track):
            return None
        felt = np.flatnonzero(felt_at(self.tracks, self.grab, self.axis, self.reach_s))
        return sum(int(frame) != own and track.contours[frame] is not None for frame in felt)

    def turned(self, choice: Sizes) -> None:
        """The wheel set how far along the outline the drag reaches."""
        self.reach = choice.reach

    def paint(self, painter: QPainter, viewport: object) -> None:
        """Nothing but the contour itself."""

    def edit(self, to_px: tuple[float, float], reach_s: float = REACH_S) -> Edit:
        """The edit of a pull to `to_px`, with all structures that follow, as one step."""
        delta_px = (to_px[0] - self.start_px[0], to_px[1] - self.start_px[1])
        changes = drag_contour(self.tracks, self.grab, delta_px, self.axis, reach_s, self.reach)
        edits = tuple(
            SetContours(structure, change.start, change.contours, change.origins)
            for structure, change in changes.items()
        )
        if self.grab.grip is not None:
            structure = STRUCTURE_NAMES[self.grab.structure]
            return Several(join_texts(structure, ", ", _GRIPPED[self.grab.grip], ", ", edits[0].where), edits)
        if len(edits) == 1:
            return edits[0]
        if not self.grab.hinge:
            return Several(message("{edit}, others pushed", edit=edits[0].summary), edits)
        return Several(join_texts(message("mitral hinge point"), ", ", edits[0].where), edits)


_GRIPPED: Final = {
    Grip.APEX: message("apex"),
    Grip.ANNULUS: message("annulus"),
    Grip.CENTRE: message("outline moved"),
}


def reach_of(modifiers: Qt.KeyboardModifier) -> float:
    """How far in time a pull reaches, seconds: Alt or Ctrl this frame only, Shift the whole loop.

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
    closed: bool,
) -> Grab | None:
    """The contour nearest to an image point, or None where none is near; close to its ends, the hinge point.

    Of an open outline also the grip at its apex, of a closed one the grip at its centre.

    Args:
        tracks: contours by structure.
        frame: 0-based.
        point_px: (x, y) in image pixels.
        screen_px_per_px: pixels of the screen per pixel of the image.
        closed: whether contours are closed, without ends.

    """
    best: tuple[float, Grab] | None = None
    for structure, track in tracks.items():
        contour = track.contours[frame]
        if contour is None:
            continue
        held = None
        for grip, grip_at in grips_of(contour, closed=closed).items():
            near = math.dist(grip_at, point_px) * screen_px_per_px
            # Two structures are concentric: the grip of the inner one is taken, which takes the wall along.
            if near <= GRIP_PX and (best is None or near - GRAB_PX < best[0]):
                held = Grab(structure, frame, _along_of(contour, grip_at, closed), closed, grip)
                best = (near - GRAB_PX, held)
        if held is not None:
            continue
        along, distance_px = contour.outline(closed=closed).nearest(point_px)
        for end, hinge in () if closed else ((0, 0.0), (-1, 1.0)):
            if math.dist(contour.points[end], point_px) * screen_px_per_px <= HINGE_PX:
                along = hinge
        # Where contours coincide (the hinges) the endocardium is taken: the others follow it.
        distance = distance_px * screen_px_per_px - (2.0 if structure is Structure.LV_ENDO else 0.0)
        if distance <= GRAB_PX and (best is None or distance < best[0]):
            best = (distance, Grab(structure, frame, along, closed))
    return best[1] if best else None


def grips_of(contour: Contour, *, closed: bool) -> dict[Grip, tuple[float, float]]:
    """The grips of an outline other than its ends, and their places (x, y) in image pixels."""
    if closed:
        x, y = contour.centroid
        return {Grip.CENTRE: (float(x), float(y))}
    apex = contour.points[apex_of(contour)]
    middle = (contour.points[0] + contour.points[-1]) / 2
    return {
        Grip.APEX: (float(apex[0]), float(apex[1])),
        Grip.ANNULUS: (float(middle[0]), float(middle[1])),
    }


def _along_of(contour: Contour, at: tuple[float, float], closed: bool) -> float:
    return 0.0 if closed else contour.outline(closed=False).nearest(at)[0]
