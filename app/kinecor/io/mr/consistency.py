"""Inconsistencies of a stack of MR slices, as sentences that say where."""

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np

from kinecor.io.dicom.frame_times import ASSUMED_RATE_PER_S
from kinecor.io.mr.images import named
from kinecor.io.mr.slices import Slice

# A gap this many times the usual one means that a slice is missing.
GAP = 1.5
# Steps that differ by more than this share of the usual one are reported; volumes use the true positions in any case.
UNEVEN = 0.1
# Heart cycles that differ by more than this share from slice to slice: phases of one number are not of one moment.
CYCLES_DIFFER = 0.15


def inconsistencies(slices: Sequence[Slice]) -> list[str]:
    """Sentences on spacing, pixel size, heart rate and times of slices in order of position, counted from 1."""
    return [*_spacing(slices), *_pixels(slices), *_cycles(slices), *untimed(slices)]


def untimed(slices: Sequence[Slice]) -> list[str]:
    """A sentence on the slices without phase times, if there are any."""
    images = [image for one in slices if one.times.origin == "assumed" for image in one.images]
    if not images:
        return []
    return [f"The files have no phase times; {ASSUMED_RATE_PER_S:g} frames/s are assumed ({named(images)})."]


def lacking(one: Slice, whole: Slice | None, phases: int) -> str:
    """What is wrong with a slice of another number of phases than the rest, beginning with "has"."""
    count = len(one.images)
    files = f"({named(one.images)})"
    if count > phases:
        return f"has {count} phases where the others have {phases} and is not used {files}"
    missing = _missing_phases(one, whole) if whole else []
    which = f": phase {', '.join(str(one + 1) for one in missing)} is missing" if missing else ""
    return f"has {count} of {phases} phases and is not used{which} {files}"


def _missing_phases(one: Slice, whole: Slice) -> list[int]:
    """Phases (from 0) of a complete slice that `one` has no image for, by trigger time; empty where it is not known."""
    here = [image.trigger_ms for image in one.images]
    there = [image.trigger_ms for image in whole.images]
    known = [one for one in here if one is not None]
    times = [one for one in there if one is not None]
    if len(known) < len(here) or len(times) < len(there) or len(set(times)) < len(times):
        return []
    step = float(np.median(np.diff(times)))
    return [phase for phase, at in enumerate(times) if min(abs(at - t) for t in known) > step / 2] if known else []


def _spacing(slices: Sequence[Slice]) -> list[str]:
    places = np.asarray([one.place_mm or 0.0 for one in slices])
    steps = np.diff(places)
    if not len(steps):
        return []
    # The lower median: with few slices, one gap must not pass for the usual.
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    out = [
        f"Slices {i + 1} and {i + 2} are {step:.1f} mm apart, the others {usual:.1f} mm: a slice may be missing "
        f"(the two begin with {_begin(slices[i])} and {_begin(slices[i + 1])})."
        for i, step in enumerate(steps)
        if step > GAP * usual
    ]
    rest = steps[steps <= GAP * usual]
    if len(rest) and float(np.ptp(rest)) > UNEVEN * usual:
        out.append(
            f"Slices are {rest.min():.1f} to {rest.max():.1f} mm apart: each fills half the way to its neighbours."
        )
    return out


def _pixels(slices: Sequence[Slice]) -> list[str]:
    spacings = [one.images[0].spacing_mm for one in slices]
    sizes = [(one.images[0].pixels.layout.rows, one.images[0].pixels.layout.columns) for one in slices]
    if len(set(spacings)) > 1:
        words = " and ".join(" x ".join(f"{v:g}" for v in one) or "unknown" for one in sorted(set(spacings)))
        odd = _unlike_most(slices, spacings)
        return [f"Slices differ in pixel spacing ({words} mm): each is measured by its own ({odd})."]
    if len(set(sizes)) > 1:
        odd = _unlike_most(slices, sizes)
        return [f"Slices differ in rows and columns: each is measured on its own grid ({odd})."]
    return []


def _unlike_most(slices: Sequence[Slice], values: Sequence[Hashable]) -> str:
    """The slices whose value is not the most common one, with their files."""
    usual = Counter(values).most_common(1)[0][0]
    odd = [i for i, value in enumerate(values) if value != usual]
    images = [image for i in odd for image in slices[i].images]
    numbers = ", ".join(str(i + 1) for i in odd)
    return f"slice{'s' if len(odd) > 1 else ''} {numbers}: {named(images)}"


def _cycles(slices: Sequence[Slice]) -> list[str]:
    cycles = np.array([one.images[0].interval_ms or np.nan for one in slices])
    known = np.flatnonzero(np.isfinite(cycles))
    if len(known) < 2:
        return []
    low, high = cycles[known].min(), cycles[known].max()
    if (high - low) / float(np.median(cycles[known])) <= CYCLES_DIFFER:
        return []
    number = int(known[np.abs(cycles[known] - np.median(cycles[known])).argmax()]) + 1
    return [
        f"Heart cycles last {low:.0f} to {high:.0f} ms from slice to slice (most apart: slice {number}, "
        f"{named(slices[number - 1].images)}): phases are matched by their number."
    ]


def _begin(one: Slice) -> str:
    return named(one.images[:1])
