"""Volumes of a short-axis stack by summed disks, and what they rest on.

A slice stands for the heart half way to its neighbours on both sides; the outermost that count reach outwards by half
of the usual step. With even steps this is the area times thickness plus gap of clinical practice (Schulz-Menger et
al., SCMR 2013, doi 10.1186/1532-429X-15-35, and 2020, doi 10.1186/s12968-020-00610-6); with uneven ones, or where a
slice is missing, no part of the heart is counted twice or left out.

Each slice of a stack is taken in a separate breath-hold; where the diaphragm was at another height, the heart is
elsewhere in the image. The centres of the left ventricle's outlines should follow a smooth line through the stack;
the shift of a slice from it is shown, and never corrected silently.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.choices import Papillaries
from kinecor.core.values.geometry import FloatArray, frozen_array
from kinecor.core.values.message import NOTHING, Message, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, StackFacts, choices, compute_once, pixel_mm2
from kinecor.core.values.track import ContourTrack, Structure

MYOCARDIUM_G_PER_ML = 1.05
"""Density of myocardium: SCMR 2013 and 2020, as above."""
MM3_PER_ML = 1000.0


@dataclass(frozen=True, eq=False)
class StackCurves:
    """What a stack's contours add up to, phase by phase; NaN where nothing was contoured.

    Attributes:
        areas: by structure, (slices, phases) mm2 (square pixels where no slice has a scale); NaN without contour.
        counted: (slices, phases) bool, slices that count for the left ventricle: between base and apex, not excluded.
        endo, wall, rv: (phases,) mm3 of the LV cavity, its myocardium and the RV cavity; papillaries as chosen.

    """

    areas: dict[Structure, FloatArray]
    counted: NDArray[np.bool_]
    endo: FloatArray
    wall: FloatArray
    rv: FloatArray


def usual_step_mm(stack: StackFacts) -> float | None:
    """The median distance of neighbouring slices; a single slice's thickness; None where neither is known.

    Args:
        stack: places and thickness of its slices.

    """
    if len(stack.positions_mm) > 1:
        return float(np.median(np.diff(stack.positions_mm)))
    return stack.thickness_mm


# Steps of one grid are whole multiples of the usual one within this share of it; else there is no such grid.
_OFF_GRID = 0.25


def slice_places(stack: StackFacts) -> tuple[int, ...]:
    """Each slice's place in the grid of the usual step, from 0: a slice that is missing leaves its place empty.

    Where the steps are not whole multiples of the usual one there is no such grid, and slices follow each other.

    Args:
        stack: places of its slices.

    """
    step = usual_step_mm(stack)
    count = len(stack.positions_mm)
    if step is None or count < 3:
        return tuple(range(count))
    steps = np.diff(stack.positions_mm) / step
    whole = np.rint(steps)
    if (whole < 1).any() or (np.abs(steps - whole) > _OFF_GRID).any():
        return tuple(range(count))
    return (0, *np.cumsum(whole).astype(int).tolist())


def missing_places(stack: StackFacts) -> tuple[int, ...]:
    """For each gap between neighbouring slices where slices are missing: the slice (from 0) before it, as often.

    Args:
        stack: places of its slices.

    """
    places = slice_places(stack)
    return tuple(number for number, step in enumerate(np.diff(places)) for _ in range(int(step) - 1))


def heights_mm(positions_mm: FloatArray, step_mm: float) -> FloatArray:
    """(n,) height that each of n slices stands for; see above.

    Args:
        positions_mm: (n,) of the slices that count, increasing.
        step_mm: the usual distance of slices, half of which the outermost reach outwards.

    """
    between = (positions_mm[1:] + positions_mm[:-1]) / 2
    ends = positions_mm[0] - step_mm / 2, positions_mm[-1] + step_mm / 2
    return np.diff(np.concatenate(([ends[0]], between, [ends[1]])))


def areas(reading: Reading, structure: Structure) -> FloatArray:
    """(slices, phases) enclosed area in mm2 (square pixels where no slice has a scale); NaN without contour.

    Args:
        reading: of the stack.
        structure: whose contours enclose the areas.

    """
    out = np.full((len(reading.slices), reading.facts.frames), np.nan)
    for number, slice_reading in enumerate(reading.slices):
        track = slice_reading.tracks.get(structure)
        if track is not None:
            out[number] = [np.nan if contour is None else contour.area_px2 for contour in track.contours]
    pixel = pixel_mm2(reading)
    scaled: FloatArray = out * (np.full(len(out), np.nan) if pixel is None else pixel)[:, None]
    return scaled


def counts_for_lv(reading: Reading) -> NDArray[np.bool_]:
    """(slices, phases): whether a slice counts for the left ventricle, contoured or not.

    Args:
        reading: of the stack.

    """
    chosen = choices(reading)
    out = np.ones((len(reading.slices), reading.facts.frames), bool)
    if chosen.extent is not None:
        ends = np.array((chosen.extent.base, chosen.extent.apex))
        number = np.arange(len(out))[:, None]
        out = (number >= ends.min(axis=0)) & (number <= ends.max(axis=0))
    out[list(chosen.excluded)] = False
    return out


def counted_right(reading: Reading) -> NDArray[np.bool_]:
    """(slices, phases): whether a slice counts for the right ventricle, contoured or not.

    The base is on the side of the left ventricle's: towards the first slice where no extent says so.

    Args:
        reading: of the stack.

    """
    chosen = choices(reading)
    out = np.ones((len(reading.slices), reading.facts.frames), bool)
    if chosen.rv_base is not None:
        number, base = np.arange(len(out))[:, None], np.array(chosen.rv_base)
        first = chosen.extent is None or sum(chosen.extent.base) <= sum(chosen.extent.apex)
        out = number >= base if first else number <= base
    out[list(chosen.excluded)] = False
    return out


def muscle_within(reading: Reading) -> FloatArray:
    """(slices, phases) share of each endocardial outline that counts as wall: 0 where papillaries are in the cavity.

    Args:
        reading: of the stack.

    """
    chosen = choices(reading)
    out = np.zeros((len(reading.slices), reading.facts.frames))
    if chosen.papillaries is Papillaries.MYOCARDIUM and chosen.muscle is not None:
        out[:] = chosen.muscle.share
    return out


def summed_disks(area: FloatArray, positions_mm: FloatArray, step_mm: float) -> FloatArray:
    """(phases,) volume of (slices, phases) areas, in their unit times mm; slices that are NaN do not count.

    NaN for a phase in which no slice counts.

    Args:
        area: (slices, phases) in any unit.
        positions_mm: (slices,) along the stack, ascending.
        step_mm: between neighbouring slices, as usual.

    """
    out = np.full(area.shape[1], np.nan)
    finite = np.isfinite(area)
    for phase in np.flatnonzero(finite.any(axis=0)):
        here = finite[:, phase]
        out[phase] = area[here, phase] @ _heights(positions_mm.tobytes(), here.tobytes(), step_mm)
    return out


@lru_cache(maxsize=4096)
def _heights(positions: bytes, here: bytes, step_mm: float) -> FloatArray:
    # The same few sets of slices come again with every phase and every pull at a contour.
    return frozen_array(heights_mm(np.frombuffer(positions)[np.frombuffer(here, bool)], step_mm))


def stack_curves(reading: Reading) -> StackCurves:
    """Volumes of all phases.

    A slice with an epicardium and no endocardium is one whose cavity has closed: myocardium throughout. Myocardium is
    only for phases in which every slice with a cavity has an epicardium.

    Args:
        reading: of the stack.

    """
    return compute_once(reading, "stack curves", (reading,), lambda: _stack_curves(reading))


def _stack_curves(reading: Reading) -> StackCurves:
    stack = reading.facts.stack
    if stack is None:
        raise ValueError(f"{reading.facts.recording_id} is not a stack")
    areas_by_structure = {
        structure: areas(reading, structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI, Structure.RV)
    }
    here = counts_for_lv(reading)
    endo = np.where(here, areas_by_structure[Structure.LV_ENDO] * (1 - muscle_within(reading)), np.nan)
    epi = np.where(here, areas_by_structure[Structure.LV_EPI], np.nan)
    cavity = np.where(np.isnan(endo) & np.isfinite(epi), 0.0, endo)
    rv = np.where(counted_right(reading), areas_by_structure[Structure.RV], np.nan)
    step = usual_step_mm(stack)
    nothing = np.full(reading.facts.frames, np.nan)
    if step is None:
        return StackCurves(areas_by_structure, here, nothing, nothing, nothing)
    whole = summed_disks(epi, stack.positions_mm, step)
    whole[(np.isfinite(cavity) & np.isnan(epi)).any(axis=0)] = np.nan
    volume = summed_disks(cavity, stack.positions_mm, step)
    return StackCurves(
        areas_by_structure, here, volume, np.maximum(whole - volume, 0), summed_disks(rv, stack.positions_mm, step)
    )


UsedContour = tuple[int, int, ContourTrack]
"""(slice, frame, track)."""


def used_contours(
    reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]
) -> tuple[UsedContour, ...]:
    """Every contour of slices that count, for values at these frames; cached, since each value needs it repeatedly.

    Args:
        reading: of the stack.
        structures: whose contours the value rests on.
        frames: phases from 0.

    """
    key = (reading, *structures, None, *frames)
    return compute_once(reading, "used contours", key, lambda: _used_contours(reading, structures, frames), kept=32)


def _used_contours(
    reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]
) -> tuple[UsedContour, ...]:
    left, right = stack_curves(reading).counted, counted_right(reading)
    out: list[UsedContour] = []
    for number, slice_reading in enumerate(reading.slices):
        for structure in structures:
            track = slice_reading.tracks.get(structure)
            if track is None:
                continue
            counted = right if structure is Structure.RV else left
            held = (frame for frame in frames if counted[number, frame] and track.contours[frame] is not None)
            out.extend((number, frame, track) for frame in held)
    return tuple(out)


def slice_words(reading: Reading, frames: dict[str, int]) -> Message:
    """Which slices count, e.g. "slices 3–9 at ED, 4–9 at ES"; slices are counted from 1 as on screen.

    Args:
        reading: of the stack.
        frames: phase, from 0, of each mark, by its name, e.g. "ED".

    """
    here = stack_curves(reading).counted
    endo = stack_curves(reading).areas[Structure.LV_ENDO]
    texts = []
    for mark, frame in frames.items():
        numbers = np.flatnonzero(here[:, frame] & np.isfinite(endo[:, frame])) + 1
        if len(numbers):
            span = verbatim(f"{numbers[0]}–{numbers[-1]}")
            texts.append(message("{slices} at {mark}", slices=span, mark=verbatim(mark)))
    return message("slices {slices}", slices=joined_by(", ", texts)) if texts else NOTHING


def gaps(reading: Reading, frame: int) -> list[int]:
    """Numbers (from 0) of slices between base and apex at a phase that have no contour of the left ventricle.

    Args:
        reading: of the stack.
        frame: phase, from 0.

    """
    curves = stack_curves(reading)
    empty = np.isnan(curves.areas[Structure.LV_ENDO][:, frame]) & np.isnan(curves.areas[Structure.LV_EPI][:, frame])
    if choices(reading).extent is not None:
        return [int(index) for index in np.flatnonzero(curves.counted[:, frame] & empty)]
    full = np.flatnonzero(curves.counted[:, frame] & ~empty)
    if not len(full):
        return []
    between = np.arange(full[0], full[-1])
    return [int(number) for number in between if curves.counted[number, frame] and empty[number]]


# From here on a shift is reported as a warning: about three pixels, half of a usual wall.
SHIFTED_MM = 5.0
# With fewer slices a line goes through any of them; from the second number on the axis may bend.
MIN_SLICES, MIN_BENT = 5, 7
_ROUNDS = 20
# Residuals beyond this many of their own median (at least 1 mm) pull no more (Tukey's biweight, in IRLS).
_CUT, _MIN_SCALE_MM = 4.0, 0.7


def shifts_mm(reading: Reading) -> FloatArray | None:
    """(slices, 2) how far each slice's ventricle is off the axis, along x and y of the image, in mm.

    NaN for a slice without contours; None where there are too few slices (`MIN_SLICES`), or no scale.

    Args:
        reading: of the stack.

    """
    return compute_once(reading, "shifts of slices", (reading,), lambda: _shifts_mm(reading))


def _shifts_mm(reading: Reading) -> FloatArray | None:
    stack = reading.facts.stack
    if stack is None or any(slice_reading.calibration is None for slice_reading in reading.slices):
        return None
    centres = np.stack([_centre_mm(reading, number) for number in range(len(reading.slices))])
    known = np.flatnonzero(np.isfinite(centres).all(axis=1))
    if len(known) < MIN_SLICES:
        return None
    place = stack.positions_mm[known]
    place = (place - place.mean()) / max(float(np.ptp(place)), 1e-9)
    basis = np.vander(place, 3 if len(known) >= MIN_BENT else 2)
    out = np.full(centres.shape, np.nan)
    out[known] = _residuals(basis, centres[known])
    return frozen_array(out)


def _centre_mm(reading: Reading, number: int) -> FloatArray:
    """Mean over phases of the outlines' centre, (x, y) in mm of the first slice's plane; epicardium before endo."""
    single_reading = reading.slices[number]
    scale = single_reading.calibration
    here = stack_curves(reading).counted[number]
    for structure in (Structure.LV_EPI, Structure.LV_ENDO):
        track = single_reading.tracks.get(structure)
        found = [c.centroid for c, counts in zip(track.contours, here, strict=True) if c and counts] if track else []
        if found and scale is not None:
            centre = np.mean(found, axis=0) * (scale.col_mm, scale.row_mm)
            first = reading.slices[0].facts.plane
            if first is None or single_reading.facts.plane is None:
                return np.asarray(centre)
            place = single_reading.facts.plane.in_patient(centre[None]) - first.origin_mm
            seen: FloatArray = first.seen(place)[0]
            return seen
    return np.full(2, np.nan)


def _residuals(basis: FloatArray, centres: FloatArray) -> FloatArray:
    """(n, 2) distance from a line fitted so that a few slices out of line do not bend it."""
    weight = np.ones(len(basis))
    left = centres
    for _ in range(_ROUNDS):
        root = np.sqrt(weight)[:, None]
        found, *_ = np.linalg.lstsq(basis * root, centres * root, rcond=None)
        left = centres - basis @ found
        size = np.hypot(*left.T)
        cut = _CUT * max(float(np.median(size)), _MIN_SCALE_MM)
        before, weight = weight, np.clip(1 - (size / cut) ** 2, 0, 1) ** 2
        if np.array_equal(before, weight):  # further rounds would find the same
            break
    return left
