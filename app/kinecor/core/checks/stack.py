"""Checks of a short-axis stack: its slices against each other, both ventricles, both masses, and the volume curve."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.checks.findings import MASS, RIGHT, VOLUMES, Finding, Severity, affected
from kinecor.core.checks.stack_ends import doubtful_ends, marked_phases
from kinecor.core.checks.thresholds import threshold
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.reading import Reading, choices, contoured
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.stack_volumes import (
    MM3_PER_ML,
    SHIFTED_MM,
    gaps,
    missing_places,
    muscle_within,
    shifts_mm,
    stack_curves,
)


def _measured(reading: Reading) -> bool:
    return reading.kind.stack and contoured(reading, Structure.LV_ENDO)


def _missing(reading: Reading) -> Iterator[Finding]:
    beat = reading.events.beats[0] if _measured(reading) and reading.events and reading.events.beats else None
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)) if beat else ():
        empty = gaps(reading, frame)
        if empty:
            numbers = ", ".join(str(one + 1) for one in empty)
            yield Finding(
                "stack.no-contour",
                Severity.INFO,
                f"No LV contour at {mark} in slices that count: {numbers}; interpolated from their neighbours.",
                (frame,),
                tuple(empty),
                resolve="trace the slices",
                subject=mark,
            )


def _masses(reading: Reading) -> Iterator[Finding]:
    beat = reading.events.beats[0] if _measured(reading) and reading.events and reading.events.beats else None
    if beat is None:
        return
    wall = stack_curves(reading).wall
    if not np.isfinite(wall[[beat.ed, beat.es]]).all() or wall[beat.ed] <= 0:
        return
    differ = abs(wall[beat.es] / wall[beat.ed] - 1)
    severity = threshold("stack.mass").severity(differ)
    if severity is not None:
        yield Finding(
            "stack.mass",
            severity,
            f"Myocardial mass differs by {100 * differ:.0f} % between ED and ES: check base, apex and contours.",
            (beat.ed, beat.es),
            measurements=MASS | VOLUMES,
            resolve="correct base, apex or epicardium",
        )


def _excluded(reading: Reading) -> Iterator[Finding]:
    if _measured(reading) and (excluded := choices(reading).excluded):
        numbers = ", ".join(str(one + 1) for one in excluded)
        yield Finding(
            "stack.excluded",
            Severity.INFO,
            f"Excluded by the reader: slices {numbers}; interpolated from their neighbours.",
            slices=excluded,
        )


def _shifted(reading: Reading) -> Iterator[Finding]:
    """Slices whose ventricle is out of line with the others."""
    shifts = shifts_mm(reading) if _measured(reading) else None
    if shifts is None:
        return
    size = np.hypot(*shifts.T)
    for number in np.flatnonzero(np.nan_to_num(size) >= SHIFTED_MM):
        yield Finding(
            "stack.shifted",
            Severity.INFO,
            f"Slice {number + 1} is shifted by {size[number]:.0f} mm against its neighbours (another breath-hold?); "
            "it is measured where it is.",
            slices=(int(number),),
            subject=str(number),
        )


def _absent(reading: Reading) -> Iterator[Finding]:
    """Slices that the stack lacks between base and apex at ED."""
    marks, stack, extent = marked_phases(reading), reading.facts.stack, choices(reading).extent
    if not marks or stack is None or extent is None:
        return
    (_, ed), _ = marks
    low, high = sorted((extent.base[ed], extent.apex[ed]))
    after = [number for number in missing_places(stack) if low <= number < high]
    severity = threshold("stack.slice-missing").severity(len(after))
    if severity is not None:
        where = ", ".join(str(one + 1) for one in dict.fromkeys(after))
        yield Finding(
            "stack.slice-missing",
            severity,
            f"{len(after)} {'slice is' if len(after) == 1 else 'slices are'} missing after slice {where}: the volume "
            "there is interpolated from its neighbours.",
            (ed,),
            tuple(dict.fromkeys(after)),
            VOLUMES | MASS | RIGHT,
            "open the slices that are missing, or accept the volumes as they are",
        )


def _profile(reading: Reading) -> tuple[int, NDArray[np.intp], FloatArray] | None:
    """ED, the slices between base and apex in order, and the areas of their cavities then; None without five."""
    marks = marked_phases(reading)
    if not marks:
        return None
    (_, ed), _ = marks
    curves = stack_curves(reading)
    area = curves.areas[Structure.LV_ENDO][:, ed]
    inside = np.flatnonzero(curves.counted[:, ed] & np.isfinite(area))
    return (ed, inside, area[inside]) if len(inside) >= _LEAST_SLICES else None


_LEAST_SLICES = 5
# A change of less than this share of the largest area is no rise or fall.
_LEVEL = 0.08


def _order(reading: Reading) -> Iterator[Finding]:
    """Cavities that grow and shrink several times from base to apex: slices out of order, or of another heart."""
    profile = _profile(reading)
    if profile is None:
        return
    ed, inside, area = profile
    steps = np.diff(area)
    signs = np.sign(steps[np.abs(steps) > _LEVEL * area.max()])
    turns = int((np.diff(signs) != 0).sum())
    severity = threshold("stack.order").severity(turns)
    if severity is not None:
        yield Finding(
            "stack.order",
            severity,
            f"From base to apex the cavity grows and shrinks {turns} times: slices may be out of order.",
            (ed,),
            tuple(inside.tolist()),
            VOLUMES | MASS | RIGHT,
            "look at the order of the slices",
        )


def _jumps(reading: Reading) -> Iterator[Finding]:
    """A slice whose cavity is much larger or smaller than both neighbours' mean."""
    profile = _profile(reading)
    if profile is None:
        return
    ed, inside, area = profile
    # Beside the outermost slices, where the cavity closes within a slice.
    off = np.abs(area[2:-2] / ((area[1:-3] + area[3:-1]) / 2) - 1)
    for number, differ in zip(inside[2:-2].tolist(), off.tolist(), strict=True):
        severity = threshold("stack.area-jump").severity(differ)
        if severity is not None:
            yield Finding(
                "stack.area-jump",
                severity,
                f"At ED the cavity of slice {number + 1} differs by {100 * differ:.0f} % from its neighbours' mean.",
                (ed,),
                (number,),
                VOLUMES | MASS,
                "correct the contour of this slice, or exclude it",
                str(number),
            )


def _copies(reading: Reading) -> Iterator[Finding]:
    """Neighbours with the same contour at every phase; for the same image, see the checks of the images."""
    if not _measured(reading):
        return
    tracks = [one.tracks.get(Structure.LV_ENDO) for one in reading.slices]
    for number, (one, other) in enumerate(pairwise(tracks)):
        if one is None or other is None or not any(one.contours) or not _alike(one, other):
            continue
        yield Finding(
            "stack.same-contours",
            Severity.CHECK,
            f"Slices {number + 1} and {number + 2} have the same contours: one may be a copy of the other.",
            slices=(number, number + 1),
            measurements=VOLUMES | MASS,
            resolve="correct the contours of one of them, or exclude it",
            subject=str(number),
        )


def _alike(one: ContourTrack, other: ContourTrack) -> bool:
    pairs = zip(one.contours, other.contours, strict=True)
    return all((a is None and b is None) or (a and b and np.array_equal(a.points, b.points)) for a, b in pairs)


def _stroke_volumes(reading: Reading) -> Iterator[Finding]:
    """Stroke volumes of both ventricles: regurgitation or shunt, or a base that is wrong."""
    marks = marked_phases(reading)
    if not marks or not contoured(reading, Structure.RV):
        return
    (_, ed), (_, es) = marks
    curves = stack_curves(reading)
    left, right = ((one[ed] - one[es]) / MM3_PER_ML for one in (curves.endo, curves.rv))
    if not (np.isfinite(left) and np.isfinite(right) and max(left, right) > 0):
        return
    differ = abs(left - right) / max(left, right)
    severity = threshold("stack.stroke-volumes").severity(differ)
    if severity is None:
        return
    doubtful = bool(doubtful_ends(reading))
    yield Finding(
        "stack.stroke-volumes",
        Severity.CHECK if doubtful else severity,
        f"The stroke volumes of the left and right ventricle are {left:.0f} and {right:.0f} ml: "
        + ("base or apex is in doubt." if doubtful else "regurgitation, a shunt, or a wrong basal slice."),
        (ed, es),
        measurements=RIGHT if doubtful else frozenset(),
        resolve="choose the basal slices of both ventricles",
    )


def _papillaries(reading: Reading) -> Iterator[Finding]:
    """Papillary muscles that take too much of the cavity, where they are counted as wall."""
    marks = marked_phases(reading)
    if not marks or choices(reading).papillaries is not Papillaries.MYOCARDIUM:
        return
    (_, ed), _ = marks
    curves = stack_curves(reading)
    area = np.where(curves.counted, curves.areas[Structure.LV_ENDO], np.nan)[:, ed]
    share = float(np.nansum(area * muscle_within(reading)[:, ed]) / max(float(np.nansum(area)), 1e-9))
    severity = threshold("stack.papillaries").severity(share)
    if severity is not None:
        yield Finding(
            "stack.papillaries",
            severity,
            f"Papillary muscles and trabeculae take {100 * share:.0f} % of the cavity at ED.",
            (ed,),
            measurements=VOLUMES | MASS,
            resolve="count papillaries in the cavity, or correct the contours",
        )


def _spikes(reading: Reading) -> Iterator[Finding]:
    """ED or ES at a phase whose volume leaves both neighbours."""
    marks = marked_phases(reading)
    if not marks or reading.facts.frames < _LEAST_PHASES:
        return
    volume = stack_curves(reading).endo
    off = np.abs(volume - (np.roll(volume, 1) + np.roll(volume, -1)) / 2) / np.nanmax(volume)
    for mark, phase in marks:
        severity = threshold("stack.curve-jump").severity(float(off[phase]))
        if severity is not None:
            yield Finding(
                "stack.curve-jump",
                severity,
                f"The volume at {mark} differs by {100 * off[phase]:.0f} % of EDV from the phases beside it.",
                (phase,),
                measurements=affected("EDV" if mark == "ED" else "ESV"),
                resolve=f"choose the basal slice at {mark}, or correct contours",
                subject=mark,
            )


_LEAST_PHASES = 8

CHECKS: Final = (
    _missing,
    _masses,
    _excluded,
    _shifted,
    _absent,
    _order,
    _jumps,
    _copies,
    _stroke_volumes,
    _papillaries,
    _spikes,
)
