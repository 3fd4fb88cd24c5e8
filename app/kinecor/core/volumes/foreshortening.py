"""What shows that the plane of an apical loop misses the apex: one estimate for checks, remarks and intervals.

Such a plane cuts the ventricle short, so that volumes come out too small and strain too weak (ASE/EACVI 2015 asks for
views in which the ventricle is longest, and for lengths that agree). It shows in one loop alone, by its size for the
body, and against the other loops of its study; no sign by itself is certain.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import APICAL_LOOP
from kinecor.core.values.reading import Reading, body, counted_beats
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.loop_volumes import axis_mm, long_axis

ANNULUS_VIEWS: Final = ("A4C", "A2C")
"""Of three-chamber views the annulus is not all that is open at the base."""
# Weight of the wall, the annulus having 1: what separates best of simulated hearts and patients, rounded.
_WEIGHT_OF_WALL: Final = 0.4
_MIN_WALL: Final = 0.02

USUAL_LENGTH_MM: Final = 61.5
"""Length of ventricles of all populations at ED, in mm over the root of the body surface in m2."""
USUAL_SHAPE: Final = 2.1
"""Their length over their width at ED, in a plane through the apex; the width is area over length."""

UNLIKE_LENGTHS: Final = 0.1
"""Long axes that differ by more than this share of the longer one are of planes of which one misses the apex."""


@dataclass(frozen=True, slots=True)
class Leaning:
    """An annulus that is wide for a short ventricle, with a thick wall at the apex; means over beats.

    Attributes:
        annulus: width of the annulus at ED over the ventricle's length then.
        wall: thickness of the wall at the apex at ES over the cavity's length then.
        score: the sum of their logarithms, the second one weighted: higher where the plane misses the apex.

    """

    annulus: float
    wall: float
    score: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Length of the ventricle at ED for its width and for the body.

    Attributes:
        length_mm, width_mm: at ED, means over beats.
        body_m2: body surface area.
        score: logarithm of the length over what the body's size and the width let expect, both together; negative where
            it is short.

    """

    length_mm: float
    width_mm: float
    body_m2: float
    score: float


@dataclass(frozen=True, slots=True)
class Foreshortening:
    """Signs of one loop; None where there is nothing to tell them by.

    Attributes:
        leaning: of the contours alone.
        shortening: share of the long axis that is lost from ED to ES; an apex in view hardly moves.
        apex_rise: by how much of the axis the epicardium's apex moves towards the base.
        shape: against the size of the body.

    """

    leaning: Leaning | None = None
    shortening: float | None = None
    apex_rise: float | None = None
    shape: Shape | None = None


def foreshortening(reading: Reading) -> Foreshortening:
    """The signs that a loop's plane misses the apex; none of a stack, and of a loop whose values are withheld.

    Args:
        reading: of a recording of any kind.

    """
    endo, epi = (reading.tracks.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI))
    if endo is None or reading.kind.stack or reading.kind.volumes != "disks" or reading.withheld is not None:
        return Foreshortening()
    shortening, rise = _movement(reading, endo, epi)
    return Foreshortening(_leaning(reading, endo, epi), shortening, rise, _shape(reading, endo))


def leaning_of(ed: Contour, es: Contour, outer_es: Contour, aspect: float = 1.0) -> Leaning:
    """How much contours look as those of a plane that misses the apex.

    Args:
        ed: endocardium at ED.
        es: the same at ES.
        outer_es: epicardium at ES.
        aspect: height of a pixel over its width.

    """
    first, last = long_axis(ed, aspect, 1.0), long_axis(es, aspect, 1.0)
    hinges = ed.scaled_mm(aspect, 1.0)[[0, -1]]
    annulus = float(np.hypot(*(hinges[0] - hinges[1]))) / first.length
    wall = long_axis(outer_es, aspect, 1.0).length / last.length - 1
    score = np.log(max(annulus, 1e-3)) + _WEIGHT_OF_WALL * np.log(max(wall, _MIN_WALL))
    return Leaning(annulus, wall, float(score))


def _leaning(reading: Reading, endo: ContourTrack, epi: ContourTrack | None) -> Leaning | None:
    if epi is None or reading.kind != APICAL_LOOP or reading.view is None or reading.view.label not in ANNULUS_VIEWS:
        return None
    signs = []
    for beat in counted_beats(reading):
        ed, es, outer = endo.contours[beat.ed], endo.contours[beat.es], epi.contours[beat.es]
        if ed is not None and es is not None and outer is not None and ed.area_px2 > 0 and es.area_px2 > 0:
            sign = leaning_of(ed, es, outer, reading.aspect)
            signs.append((sign.annulus, sign.wall, sign.score))
    return Leaning(*map(float, np.mean(signs, axis=0))) if signs else None


def _movement(reading: Reading, endo: ContourTrack, epi: ContourTrack | None) -> tuple[float | None, float | None]:
    """Shortening of the long axis from ED to ES, and rise of the epicardium's apex; means over all beats."""
    shares, rises = [], []
    for beat in reading.events.beats if reading.events else ():
        first, last = endo.contours[beat.ed], endo.contours[beat.es]
        if first is not None and last is not None and first.area_px2 > 0:
            length = long_axis(first, reading.aspect, 1.0).length
            shares.append(1 - long_axis(last, reading.aspect, 1.0).length / length)
        outer = None if epi is None else _apex_rise(epi.contours[beat.ed], epi.contours[beat.es], reading.aspect)
        if outer is not None:
            rises.append(outer)
    return float(np.mean(shares)) if shares else None, float(np.mean(rises)) if rises else None


def _apex_rise(first: Contour | None, last: Contour | None, aspect: float) -> float | None:
    """By how much of the axis at ED a contour's apex is nearer to where the base was then; None without both."""
    if first is None or last is None:
        return None
    before, after = long_axis(first, aspect, 1.0), long_axis(last, aspect, 1.0)
    up = (np.array(before.base) - before.apex) / before.length
    return float((np.array(after.apex) - before.apex) @ up / before.length)


def _shape(reading: Reading, endo: ContourTrack) -> Shape | None:
    body_m2, length_mm = body(reading).bsa_m2, axis_mm(reading)
    eds = [beat.ed for beat in reading.events.beats] if reading.events else []
    areas_px2 = [contour.area_px2 for contour in (endo.contours[frame] for frame in eds) if contour is not None]
    if body_m2 is None or length_mm is None or not areas_px2:
        return None
    row_mm, col_mm = reading.spacing
    width_mm = float(np.mean(areas_px2)) * row_mm * col_mm / length_mm
    return Shape(length_mm, width_mm, body_m2, shape_score(length_mm, length_mm / width_mm, body_m2))


def shape_score(length_mm: float, over_width: float, body_m2: float, usual: float = USUAL_SHAPE) -> float:
    """Logarithm of a ventricle's length over what body and width let expect: below 0 where it is short for both.

    Dilated ventricles are wide, but long; small ones are short, but narrow.

    Args:
        length_mm: at ED.
        over_width: length over width.
        body_m2: body surface area.
        usual: length over width of ventricles of all populations.

    """
    return float(np.log(length_mm / (USUAL_LENGTH_MM * body_m2**0.5)) + np.log(over_width / usual))


@dataclass(frozen=True, slots=True)
class Lengths:
    """The long axis of one loop at ED next to the longest of others.

    Attributes:
        here_mm: of the loop.
        view: its view.
        longest_mm: of the others.
        longest_view: the view that shows it.

    """

    here_mm: float
    view: str
    longest_mm: float
    longest_view: str

    @property
    def short(self) -> bool:
        """Whether another loop shows a ventricle so much longer that this one misses the apex."""
        return unlike(self.here_mm, self.longest_mm) and self.here_mm < self.longest_mm

    @property
    def long(self) -> bool:
        """Whether this one is so much longer than any other."""
        return unlike(self.here_mm, self.longest_mm) and self.here_mm > self.longest_mm


def unlike(one_mm: float, other_mm: float) -> bool:
    """Whether two lengths of one ventricle differ by more than planes through its apex do.

    Args:
        one_mm: over 0.
        other_mm: over 0.

    """
    return 1 - min(one_mm, other_mm) / max(one_mm, other_mm) > UNLIKE_LENGTHS


def lengths_of_views(reading: Reading, others: Iterable[Reading]) -> Lengths | None:
    """A loop's long axis next to the longest of the other apical loops of its study; None without both.

    Args:
        reading: of the loop.
        others: of the study's other recordings; what is no apical view is passed over.

    """
    here_mm = axis_mm(reading)
    lengths = [
        (length, reading.view.label) for reading in others if reading.view and (length := axis_mm(reading)) is not None
    ]
    if here_mm is None or not lengths or reading.view is None:
        return None
    longest_mm, view = max(lengths)
    return Lengths(here_mm, reading.view.label, longest_mm, view)
