"""Edits of apical clips as readers make them by mistake: contours that leave out or take in a part, scales, rates.

Each contour is deformed along its own axis, in millimetres, at ED, at ES, at both, or in every frame.
"""

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
from numpy.random import Generator

from kinecor.core.tracking.anchors import follow_anchors
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import Decide, Edit, SetCalibration, SetContours, SetEvents
from kinecor_lab.tasks.trust.tampering import Change, EditKind

Where = Literal["ed", "es", "both", "all", "followed"]
"""Frames that are drawn: of every beat, or all; `followed`: ED and ES of every beat, which other frames follow."""
Deform = Callable[[FloatArray, FloatArray], FloatArray]
"""Places (n, 2) along the axis (0 at the annulus) and across it, mm, with shares of the way round (n,): new places."""


def _frames(reading: Reading, where: Where) -> list[int]:
    beats = reading.events.beats if reading.events else ()
    if where == "all":
        return list(range(reading.facts.frames))
    marks = {"ed": ("ed",), "es": ("es",)}.get(where, ("ed", "es"))
    return sorted({getattr(beat, mark) for beat in beats for mark in marks})


def deformed(contour: Contour, deform: Deform, row_mm: float, col_mm: float) -> Contour:
    """A contour deformed along its long axis, from the middle of the annulus to the farthest point."""
    points = contour.points * (col_mm, row_mm)
    base = (points[0] + points[-1]) / 2
    apex = points[np.argmax(((points - base) ** 2).sum(axis=1))]
    along = (apex - base) / np.hypot(*(apex - base))
    across = np.array([-along[1], along[0]])
    places = np.stack([(points - base) @ along, (points - base) @ across], axis=1)
    changed = deform(places, np.linspace(0, 1, len(points)))
    back = base + changed[:, :1] * along + changed[:, 1:] * across
    return Contour(back / (col_mm, row_mm))


def drawn(deform: Deform, where: Where, structure: Structure = Structure.LV_ENDO) -> Change:
    """Contours of a structure deformed."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        track = reading.tracks.get(structure)
        if track is None or reading.calibration is None or not reading.events:
            return []
        edits: list[Edit] = []
        for frame in _frames(reading, where):
            contour = track.contours[frame]
            if contour is not None and contour.area_px2 > 0:
                new = deformed(contour, deform, *reading.spacing)
                edits.append(SetContours(structure, frame, (new,)))
        if where != "followed":
            return edits
        for edit in edits:
            reading = edit.apply(reading, "reader")
        bent = follow_anchors(reading.tracks, reading.time_axis, closed=False, aspect=reading.aspect) if edits else {}
        return [*edits, *(SetContours(structure, to.start, to.contours, to.origins) for structure, to in bent.items())]

    return change_reading


def sized(times: float, across: float | None = None) -> Deform:
    """Another size, about the middle of the annulus; across the axis by another factor."""
    return lambda places, _: places * (times, times if across is None else across)


def inwards(times: float) -> Deform:
    """Another size about the centre, so that annulus and apex move, too."""
    return lambda places, _: (places - places.mean(axis=0)) * times + places.mean(axis=0)


def annulus(mm: float) -> Deform:
    """Hinge points moved towards the atrium (above 0) or the apex, and the walls near them with them."""

    def move_points(places: FloatArray, share: FloatArray) -> FloatArray:
        near = np.clip(1 - np.minimum(share, 1 - share) / 0.2, 0, 1)
        return places - near[:, None] * (mm, 0.0)

    return move_points


def apex_cut(mm: float) -> Deform:
    """The apex left out: flat this far below it."""

    def move_points(places: FloatArray, _: FloatArray) -> FloatArray:
        most = places[:, 0].max()
        knee = most - 2 * mm
        u = places[:, 0]
        bent = np.where(u > knee, knee + (u - knee) / 2, u)
        return np.stack([bent, places[:, 1]], axis=1)

    return move_points


def dented(mm: float, at: Sequence[float], width: float = 0.07) -> Deform:
    """Pulled into the cavity at some shares of the way round, as round papillary muscles."""

    def move_points(places: FloatArray, share: FloatArray) -> FloatArray:
        deep = sum((np.exp(-(((share - value) / width) ** 2)) for value in at), np.zeros_like(share))
        towards = np.array([places[:, 0].mean(), 0.0]) - places
        towards /= np.maximum(np.hypot(*towards.T), 1e-6)[:, None]
        return np.asarray(places + deep[:, None] * mm * towards)

    return move_points


def tailed(mm: float) -> Deform:
    """Pulled outwards at the roof, as into a pulmonary vein."""
    return dented(-mm, (0.4,), 0.06)


def removed(structure: Structure) -> Change:
    """No contours of a structure at all."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        frames = reading.facts.frames
        return [SetContours(structure, 0, (None,) * frames)] if structure in reading.tracks else []

    return change_reading


def swapped_marks(reading: Reading, _: Generator) -> list[Edit]:
    """ED marked where ES is, and ES where ED is."""
    beats = reading.events.beats if reading.events else ()
    return [SetEvents(CardiacEvents((Beat(beats[0].es, beats[0].ed),), Origin.EDITED))] if beats else []


def copied(mark: str) -> Change:
    """The contour of ED traced on ES again, nearly (`mark` "es"), or the other way round."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        track = reading.tracks.get(Structure.LV_ENDO)
        edits: list[Edit] = []
        for beat in reading.events.beats if reading.events and track else ():
            source, to = (beat.ed, beat.es) if mark == "es" else (beat.es, beat.ed)
            assert track is not None
            contour, other = track.contours[source], track.contours[to]
            if contour is not None and other is not None and len(contour.points) == len(other.points):
                mixed = Contour(0.7 * contour.points + 0.3 * other.points)
                edits.append(SetContours(Structure.LV_ENDO, to, (mixed,)))
        return edits

    return change_reading


def calibrated(rows: float, columns: float) -> Change:
    """A scale set by hand, wrong by these factors."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        scale = reading.calibration
        if scale is None:
            return []
        return [
            SetCalibration(
                Calibration(scale.row_mm * rows, scale.col_mm * columns, verbatim("two points on the image"))
            )
        ]

    return change_reading


def rate_entered(times: float) -> Change:
    """A heart rate typed wrongly."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        rate = reading.facts.heart_rate_per_min
        return [Decide("HR", True, rate * times, rate, "/min")] if rate else []

    return change_reading


def _kind(name: str, ways: dict[str, Change]) -> EditKind:
    return EditKind(name, "choose", False, ways)


DRAWN_KINDS: Final[tuple[EditKind, ...]] = (
    _kind(
        "contours too small, all alike",
        {
            "10 %": drawn(sized(0.9), "all"),
            "15 %": drawn(sized(0.85), "all"),
            "15 %, about the centre": drawn(inwards(0.85), "all"),
            "12 % at ED and ES": drawn(sized(0.88), "both"),
        },
    ),
    _kind(
        "contours too large, all alike",
        {"10 %": drawn(sized(1.1), "all"), "15 %, followed": drawn(sized(1.15), "followed")},
    ),
    _kind(
        "contours too narrow",
        {
            "15 %": drawn(sized(1, 0.85), "all"),
            "15 % at ED": drawn(sized(1, 0.85), "ed"),
            "20 % at ES": drawn(sized(1, 0.8), "es"),
        },
    ),
    _kind(
        "annulus in the atrium",
        {
            "10 mm at ED": drawn(annulus(10), "ed"),
            "10 mm": drawn(annulus(10), "both"),
            "15 mm, all": drawn(annulus(15), "all"),
            "15 mm, followed": drawn(annulus(15), "followed"),
        },
    ),
    _kind(
        "annulus towards the apex",
        {
            "10 mm at ED": drawn(annulus(-10), "ed"),
            "12 mm at ES": drawn(annulus(-12), "es"),
            "15 mm": drawn(annulus(-15), "both"),
            "15 mm, all": drawn(annulus(-15), "all"),
            "15 mm, followed": drawn(annulus(-15), "followed"),
        },
    ),
    _kind(
        "apex left out",
        {
            "10 mm": drawn(apex_cut(10), "both"),
            "15 mm, all": drawn(apex_cut(15), "all"),
            "20 mm, all": drawn(apex_cut(20), "all"),
            "15 mm, followed": drawn(apex_cut(15), "followed"),
            "15 mm at ES": drawn(apex_cut(15), "es"),
        },
    ),
    _kind("ED and ES swapped", {"": swapped_marks}),
    _kind("contour of the other phase", {"ED at ES": copied("es"), "ES at ED": copied("ed")}),
    _kind(
        "atrium drawn wrongly",
        {
            "20 % too small": drawn(sized(0.8), "all", Structure.LA),
            "15 % too large": drawn(sized(1.15), "es", Structure.LA),
            "into a vein, 15 mm": drawn(tailed(15), "es", Structure.LA),
            "15 mm short": drawn(apex_cut(15), "es", Structure.LA),
            "15 mm short, all": drawn(apex_cut(15), "all", Structure.LA),
            "removed": removed(Structure.LA),
        },
    ),
    _kind(
        "scale set wrongly",
        {
            "x 1.25": calibrated(1.25, 1.25),
            "x 0.8": calibrated(0.8, 0.8),
            "rows x 1.2": calibrated(1.2, 1),
            "x 2": calibrated(2, 2),
        },
    ),
    _kind("heart rate entered wrongly", {"x 1.5": rate_entered(1.5), "x 0.6": rate_entered(0.6)}),
)
"""In the order of the table."""
