"""What the numbers of a stack rest on: contours, slices, their authors, and why some cannot be had."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import STACK_CONTOURS
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import choices, contoured, pixel_mm2
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.stack_volumes import StackCurves, counted_right, stack_curves, usual_step_mm

_Used = tuple[int, int, ContourTrack]


@lru_cache(maxsize=64)
def _used(reading: Reading, structures: tuple[Structure, ...], frames: tuple[int, ...]) -> tuple[_Used, ...]:
    """See StackBasis.used; asked for several times for every number."""
    left, right = stack_curves(reading).counted, counted_right(reading)
    out: list[_Used] = []
    for number, one in enumerate(reading.slices):
        for structure in structures:
            track = one.tracks.get(structure)
            if track is None:
                continue
            counted = right if structure is Structure.RV else left
            held = (frame for frame in frames if counted[number, frame] and track.contours[frame] is not None)
            out.extend((number, frame, track) for frame in held)
    return tuple(out)


@dataclass(frozen=True, eq=False)
class StackBasis:
    """One structure of a stack, or several (a wall lies between two), at ED and ES."""

    reading: Reading
    structures: tuple[Structure, ...]
    curves: StackCurves

    def used(self, frames: tuple[int, ...]) -> "tuple[_Used, ...]":
        """(slice, frame, track) of every contour that a number at these frames rests on."""
        return _used(self.reading, self.structures, frames)

    def edited(self, frames: tuple[int, ...]) -> bool:
        """Whether a person had a hand in it: contours, ED and ES, or the choice of slices."""
        reading = self.reading
        events, choice = reading.events, reading.authors.get("short_axis/extent", "model:")
        if (events is not None and events.origin is Origin.EDITED) or not choice.startswith("model:"):
            return True
        return any(
            track.origins[frame] is Origin.EDITED
            or (
                track.origins[frame] is Origin.TRACKED
                and f"tracks/{track.structure}/edited" in reading.slices[number].authors
            )
            for number, frame, track in self.used(frames)
        )

    def by(self, frames: tuple[int, ...]) -> tuple[str, ...]:
        """Who made what a number at these frames rests on, each once."""
        found = []
        for number, frame, track in self.used(frames):
            authors, origin, part = (
                self.reading.slices[number].authors,
                track.origins[frame],
                f"tracks/{track.structure}",
            )
            keys = [part] if origin is not Origin.EDITED else []
            keys += [f"{part}/edited"] if origin is not Origin.MODEL else []
            found += [authors[key] for key in keys if key in authors]
        own = self.reading.authors
        found += [own[key] for key in ("events", "short_axis/extent") if key in own]
        return tuple(dict.fromkeys(found))

    def confidence(self, frames: tuple[int, ...]) -> float | None:
        """The least over frames of the contours' confidence, its mean by area over slices; None without contours."""
        areas = self.curves.areas
        least = []
        for frame in frames:
            used = self.used((frame,))
            weight = np.array([areas[track.structure][number, frame] for number, _, track in used])
            sure = np.array([track.confidence[frame] for _, _, track in used])
            if weight.sum() > 0:
                least.append(float((weight * sure).sum() / weight.sum()))
        return min(least, default=None)


def basis_of(reading: Reading, *structures: Structure) -> StackBasis:
    """The basis of numbers of one structure, or of several together."""
    return StackBasis(reading, structures, stack_curves(reading))


def why_not(basis: StackBasis, volume: FloatArray, name: str) -> str | None:
    """Why no volume of this structure can be had at ED and ES, in words; None where it can.

    Args:
        basis: of the structure.
        volume: (phases,) of it, NaN without contours.
        name: of the structure, as the sentence calls it.

    """
    reading = basis.reading
    if reading.withheld is not None:
        return reading.withheld
    if not contoured(reading, basis.structures[0]):
        return f"the {name} is not contoured"
    if reading.events is None or not reading.events.beats:
        return "no ED and ES: no beat was found; mark them on the curve"
    if pixel_mm2(reading) is None:
        return "some slices have a scale and some have none: their areas cannot be added up"
    if reading.facts.stack is not None and usual_step_mm(reading.facts.stack) is None:
        return "a single slice of unknown thickness has no volume"
    beat = reading.events.beats[0]
    for mark, frame in (("ED", beat.ed), ("ES", beat.es)):
        if not np.isfinite(volume[frame]) or volume[frame] <= 0:
            return f"no slice that counts has a contour of the {name} at {mark} (phase {frame})"
    if volume[beat.es] >= volume[beat.ed]:
        return f"the {name} at ES is not smaller than at ED: move the marks or correct the contours"
    sure = basis.confidence((beat.ed, beat.es))
    if sure is not None and sure < STACK_CONTOURS.withheld:
        return f"contours at ED or ES are not to be believed (confidence {sure:.2f}): correct them"
    return None


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
