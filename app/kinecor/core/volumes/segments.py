"""Segments of the left ventricle: their names and numbers on short axes and in apical views, and how thick they are.

Short axes: Cerqueira et al., AHA 2002 (Circulation 105:539): thirds of the ventricle from base to apex with six, six
and four segments, counted from the anterior insertion of the right ventricle; the seventeenth, the apical cap, is
beyond the cavity. Near its tip a ventricle is close to a paraboloid, whose cross-section shrinks in a straight line
with height. Continued from the most apical slices, the areas within endocardium and epicardium end at two heights;
the cap is between.

Apical views: walls and numbers of the 18-segment model, and how 17 and 16 follow from it (Lang et al., ASE/EACVI 2015,
doi 10.1016/j.echo.2014.10.003, figure 4; AHA 2002). Sides hold for images that are not mirrored: the septum of a
four-chamber view is on the left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.outlines.insertion import insertion
from kinecor.core.outlines.wall_outline import wall_thickness
from kinecor.core.values.choices import APICAL, MID, Insertion
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import Message, message
from kinecor.core.values.reading import Reading, compute_once, contour_at
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import heights_mm, stack_curves, usual_step_mm

LAST_SLICES = 3
# The cavity must have become so small, by share of its largest area, or the stack ends above the apex.
NEAR_THE_TIP = 0.4
# The tips must be within this many slice steps of the last slice; what ends farther off was not seen to taper.
FARTHEST_STEPS = 2.5
THICKEST_MM = 30.0


def apical_cap_mm(reading: Reading, phase: int, *, base_first: bool) -> float:
    """Thickness of the apical cap along the long axis at a phase, mm; NaN where the slices do not show it.

    Args:
        reading: of a stack.
        phase: number of the phase.
        base_first: whether slices are numbered from base to apex.

    """
    stack = reading.facts.stack
    if stack is None or reading.calibration is None:
        return float("nan")
    curves = stack_curves(reading)
    here = curves.counted[:, phase]
    way = slice(None) if base_first else slice(None, None, -1)
    height = np.abs(stack.positions_mm - stack.positions_mm[0 if base_first else -1])[way]
    endo, epi = (
        np.where(here, curves.areas[structure][:, phase], np.nan)[way]
        for structure in (Structure.LV_ENDO, Structure.LV_EPI)
    )
    tips = _tip(height, endo), _tip(height, epi)
    thick = tips[1] - tips[0]
    return thick if 0 < thick <= THICKEST_MM else float("nan")


def _tip(height_mm: FloatArray, area_mm2: FloatArray) -> float:
    """The height at which an area that shrinks towards the apex ends; NaN where it does not."""
    known = np.flatnonzero(np.isfinite(area_mm2))
    if len(known) < LAST_SLICES or area_mm2[known[-1]] > NEAR_THE_TIP * np.nanmax(area_mm2):
        return float("nan")
    last = known[-LAST_SLICES:]
    slope, start = np.polyfit(height_mm[last], area_mm2[last], 1)
    if slope >= 0:
        return float("nan")
    tip = float(-start / slope)
    step = float(np.diff(height_mm[last]).mean())
    return tip if height_mm[last[-1]] - step / 2 <= tip <= height_mm[last[-1]] + FARTHEST_STEPS * step else float("nan")


SEGMENTS = 17
APICAL_NAMES: Final = (
    message("basal anterior"),
    message("basal anteroseptal"),
    message("basal inferoseptal"),
    message("basal inferior"),
    message("basal inferolateral"),
    message("basal anterolateral"),
    message("mid anterior"),
    message("mid anteroseptal"),
    message("mid inferoseptal"),
    message("mid inferior"),
    message("mid inferolateral"),
    message("mid anterolateral"),
    message("apical anterior"),
    message("apical anteroseptal"),
    message("apical inferoseptal"),
    message("apical inferior"),
    message("apical inferolateral"),
    message("apical anterolateral"),
)
"""Of segments 1 to 18 of apical views, in order."""
NAMES = (
    *APICAL_NAMES[:12],
    message("apical anterior"),
    message("apical septal"),
    message("apical inferior"),
    message("apical lateral"),
    message("apex"),
)
"""Of segments 1 to 17, in order."""
_TO_APEX = np.array((1.0, -1.0, -1.0))  # left, in front, below; DICOM's axes are L, P, S
# A segment is reported where this share of its chords could be measured.
_MIN_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class BullsEye:
    """Wall thickness by segment.

    Attributes:
        ed_mm, es_mm: (17,) mean thickness at ED and at ES (pixels without a scale); NaN where there is none.
        thickening_percent: (17,) 100 (ES - ED) / ED.
        origin: where the segments' origin comes from, in a few words.

    """

    ed_mm: FloatArray
    es_mm: FloatArray
    thickening_percent: FloatArray
    origin: Message


def segments_of(angle_deg: FloatArray, level: int, origin: Insertion) -> NDArray[np.int_]:
    """(n,) segment, 1 to 16, of each angle (degrees, counter-clockwise on the image) in a slice of `level`.

    From the anterior insertion the septum comes first: anteroseptal, inferoseptal, inferior, inferolateral,
    anterolateral, anterior. The four apical ones are centred on the septum, the inferior, the lateral and the
    anterior wall.

    Args:
        angle_deg: (n,).
        level: BASAL, MID or APICAL.
        origin: the anterior insertion of the right ventricle.

    """
    turned = (origin.turn * (angle_deg - origin.angle_deg)) % 360
    if level == APICAL:
        part = np.floor((turned - 15) % 360 / 90).astype(int)
        apical: NDArray[np.int_] = np.array((14, 15, 16, 13))[part]
        return apical
    part = np.floor(turned / 60).astype(int) % 6
    ring: NDArray[np.int_] = np.array((2, 3, 4, 5, 6, 1))[part] + (6 if level == MID else 0)
    return ring


def levels(reading: Reading, phase: int) -> dict[int, int]:
    """BASAL, MID or APICAL by number of every counted slice with both outlines at a phase: thirds of its length.

    The larger end is the base where no extent says so.

    Args:
        reading: of the stack.
        phase: from 0.

    """
    stack = reading.facts.stack
    if stack is None:
        return {}
    curves = stack_curves(reading)
    endo, epi = curves.areas[Structure.LV_ENDO][:, phase], curves.areas[Structure.LV_EPI][:, phase]
    here = np.flatnonzero(curves.counted[:, phase] & np.isfinite(endo) & np.isfinite(epi))
    step = usual_step_mm(stack)
    if not len(here) or step is None:
        return {}
    heights = heights_mm(stack.positions_mm[here], step)
    share = (np.cumsum(heights) - heights / 2) / heights.sum()
    if not base_is_first(reading, phase):
        share = 1 - share
    return {
        int(number): min(int(3 * place_share + 1e-9), APICAL) for number, place_share in zip(here, share, strict=True)
    }


def larger_first(area: FloatArray) -> bool | None:
    """Whether cavities shrink from the first slice to the last; None with fewer than two. `area`: (slices, phases).

    Args:
        area: of the cavity, in any unit; NaN without contour.

    """
    size = np.nan_to_num(area).max(axis=1, initial=0.0)
    here = np.flatnonzero(size)
    return bool(np.polyfit(here, size[here], 1)[0] <= 0) if len(here) > 1 else None


def base_is_first(reading: Reading, phase: int) -> bool:
    """Whether slices are numbered from base to apex: as the extent says, else from the larger cavity down.

    Without contours, as hearts are oriented in the body: the apex to the left, in front and below.

    Args:
        reading: of the stack.
        phase: from 0.

    """
    extent = reading.short_axis.extent if reading.short_axis else None
    if extent is not None and extent.base[phase] != extent.apex[phase]:
        return extent.base[phase] < extent.apex[phase]
    larger = larger_first(stack_curves(reading).areas[Structure.LV_ENDO])
    if larger is not None:
        return larger
    first, last = reading.slices[0].facts.plane, reading.slices[-1].facts.plane
    if first is None or last is None or len(reading.slices) == 1:
        return True
    return bool((last.origin_mm - first.origin_mm) @ first.normal * (first.normal @ _TO_APEX) >= 0)


def thickness_mm(reading: Reading, phase: int, origin: Insertion) -> FloatArray:
    """(17,) mean wall thickness of each segment at a phase; NaN where it was not measured.

    Args:
        reading: of the stack; in pixels where its slices have no scale.
        phase: from 0.
        origin: the anterior insertion of the right ventricle.

    """
    total, count, tried = np.zeros(SEGMENTS), np.zeros(SEGMENTS), np.zeros(SEGMENTS)
    for number, level in levels(reading, phase).items():
        endo = contour_at(reading, Structure.LV_ENDO, number, phase)
        epi = contour_at(reading, Structure.LV_EPI, number, phase)
        if endo is None or epi is None:
            continue
        scale = reading.slices[number].calibration
        chords = wall_thickness(endo, epi, *((scale.row_mm, scale.col_mm) if scale else (1.0, 1.0)))
        segment = segments_of(chords.angle_deg, level, origin) - 1
        known = np.isfinite(chords.thickness_mm)
        np.add.at(total, segment[known], chords.thickness_mm[known])
        np.add.at(count, segment[known], 1)
        np.add.at(tried, segment, 1)
    good = (count > 0) & (count >= _MIN_SHARE * tried)
    out = np.where(good, total / np.maximum(count, 1), np.nan)
    if good.any():
        out[SEGMENTS - 1] = apical_cap_mm(reading, phase, base_first=base_is_first(reading, phase))
    return out


def bulls_eye(reading: Reading) -> BullsEye | None:
    """Thickness at ED and ES and thickening between, or None without ED and ES or without a wall.

    Args:
        reading: of the stack.

    """
    return compute_once(reading, "bull's-eye", (reading,), lambda: _bulls_eye(reading))


def _bulls_eye(reading: Reading) -> BullsEye | None:
    beats = reading.events.beats if reading.events else ()
    if not beats or not reading.kind.stack:
        return None
    origin, text = insertion(reading, beats[0].ed)
    ed, es = thickness_mm(reading, beats[0].ed, origin), thickness_mm(reading, beats[0].es, origin)
    if not (np.isfinite(ed).any() or np.isfinite(es).any()):
        return None
    if np.isfinite(ed[SEGMENTS - 1]) or np.isfinite(es[SEGMENTS - 1]):
        text = message("{origin}; 17 estimated from the apical slices", origin=text)
    thickening = 100 * (es - ed) / np.where(ed > 0, ed, np.nan)
    return BullsEye(frozen_array(ed), frozen_array(es), frozen_array(thickening), text)


WALLS = ("anterior", "anteroseptal", "inferoseptal", "inferior", "inferolateral", "anterolateral")
LEVELS = ("Basal", "Mid", "Apical")
# Wall on the left and on the right of the image.
SIDES = {
    "A4C": ("inferoseptal", "anterolateral"),
    "A2C": ("inferior", "anterior"),
    "A3C": ("inferolateral", "anteroseptal"),
}
_BY_SIDE: Final = (
    message("basal left"),
    message("mid left"),
    message("apical left"),
    message("apical right"),
    message("mid right"),
    message("basal right"),
)
# Which of the 18 make up each of the four apical segments of the 16 and 17.
_FOUR = ((12,), (13, 14), (15,), (16, 17))


@dataclass(frozen=True, slots=True)
class ApicalSegment:
    """A segment of the 18-segment model: number 1 to 18, and what a reader calls it."""

    number: int
    name: Message


def segments_of_view(view: str) -> tuple[ApicalSegment, ...]:
    """The six segments of an apical view, from the left of the image over the apex to the right.

    Args:
        view: "A4C", "A2C" or "A3C".

    Raises:
        ValueError: the view is none of A4C, A2C and A3C.

    """
    if view not in SIDES:
        raise ValueError(f"expected one of {', '.join(SIDES)}, got {view}")
    left, right = (WALLS.index(wall) for wall in SIDES[view])
    order = [(level, left) for level in range(3)] + [(level, right) for level in (2, 1, 0)]
    numbers = [6 * level + wall + 1 for level, wall in order]
    return tuple(ApicalSegment(number, APICAL_NAMES[number - 1].capitalised()) for number in numbers)


def names_of(view: str | None) -> tuple[Message, ...]:
    """What the six segments are called; by their side of the image where the view is not known.

    Args:
        view: "A4C", "A2C" or "A3C"; None and others are not known.

    """
    if view in SIDES:
        return tuple(apical_segment.name for apical_segment in segments_of_view(str(view)))
    return tuple(text.capitalised() for text in _BY_SIDE)


def eighteen(views: Iterable[tuple[str, FloatArray]]) -> FloatArray:
    """(18,) values of segments from (view, (6,) values) each; NaN where no view shows it.

    Of a segment that is there more than once, e.g. in two recordings of a view, the mean of what is not NaN.

    Args:
        views: of A4C, A2C and A3C, in the order of `segments_of_view`.

    """
    total, count = np.zeros(18), np.zeros(18)
    for view, values in views:
        for segment, value in zip(segments_of_view(view), values, strict=True):
            if np.isfinite(value):
                total[segment.number - 1] += value
                count[segment.number - 1] += 1
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def sixteen(values: FloatArray) -> FloatArray:
    """(16,) of (18,): apical anterior, septal, inferior and lateral as means of what is not NaN.

    Args:
        values: (18,) in any unit, NaN where unknown.

    """
    apical = [_mean(values[list(part)]) for part in _FOUR]
    return np.concatenate([values[:12], apical])


def seventeen(values: FloatArray) -> FloatArray:
    """(17,) of (18,): the 16, and the apical cap, which does not shorten of itself, as the mean of the apical ones.

    Args:
        values: (18,) in any unit, NaN where unknown.

    """
    found = sixteen(values)
    return np.append(found, _mean(found[12:]))


def _mean(values: FloatArray) -> float:
    there = values[np.isfinite(values)]
    return float(there.mean()) if len(there) else float("nan")
