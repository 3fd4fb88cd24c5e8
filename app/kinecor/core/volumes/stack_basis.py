"""Which contours of a stack a value at given phases rests on, and which slices lack one."""

from functools import lru_cache

import numpy as np

from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import choices
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.stack_volumes import counted_right, stack_curves

UsedContour = tuple[int, int, ContourTrack]
"""(slice, frame, track)."""


@lru_cache(maxsize=64)
def used_contours(
    reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]
) -> tuple[UsedContour, ...]:
    """Every contour of slices that count, for values at these frames; cached, since each value needs it repeatedly."""
    left, right = stack_curves(reading).counted, counted_right(reading)
    out: list[UsedContour] = []
    for number, one in enumerate(reading.slices):
        for structure in structures:
            track = one.tracks.get(structure)
            if track is None:
                continue
            counted = right if structure is Structure.RV else left
            held = (frame for frame in frames if counted[number, frame] and track.contours[frame] is not None)
            out.extend((number, frame, track) for frame in held)
    return tuple(out)


def slice_words(reading: Reading, frames: dict[str, int]) -> str:
    """Which slices count, e.g. "slices 3–9 at ED, 4–9 at ES"; slices are counted from 1 as on screen."""
    here = stack_curves(reading).counted
    endo = stack_curves(reading).areas[Structure.LV_ENDO]
    words = []
    for mark, frame in frames.items():
        numbers = np.flatnonzero(here[:, frame] & np.isfinite(endo[:, frame])) + 1
        if len(numbers):
            words.append(f"{numbers[0]}–{numbers[-1]} at {mark}")
    return f"slices {', '.join(words)}" if words else ""


def gaps(reading: Reading, frame: int) -> list[int]:
    """Numbers (from 0) of slices between base and apex at a phase that have no contour of the left ventricle."""
    curves = stack_curves(reading)
    empty = np.isnan(curves.areas[Structure.LV_ENDO][:, frame]) & np.isnan(curves.areas[Structure.LV_EPI][:, frame])
    if choices(reading).extent is not None:
        return [int(one) for one in np.flatnonzero(curves.counted[:, frame] & empty)]
    full = np.flatnonzero(curves.counted[:, frame] & ~empty)
    if not len(full):
        return []
    between = np.arange(full[0], full[-1])
    return [int(one) for one in between if curves.counted[one, frame] and empty[one]]
