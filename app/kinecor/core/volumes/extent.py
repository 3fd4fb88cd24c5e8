"""Which slices count at each phase: as in force, moved by the reader, and checked on the long axes.

The middle between the hinge points of a long axis' endocardium is in the mitral plane. Through patient coordinates it
gives the most basal slice on the ventricle's side of it (SCMR 2013, 2020: basal slices are checked on the long axes).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.long_axis import base_check
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import stack_curves

End = Literal["base", "apex", "rv base"]
"""Of the left ventricle, or the base of the right one."""


def extent_of(reading: Reading) -> Extent:
    """The extent in force; where none was chosen, the first and last contoured slice of each phase, or all slices."""
    chosen = reading.short_axis.extent if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.LV_ENDO])
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    last = len(reading.slices) - 1
    low = tuple(int(row[0]) if len(row) else 0 for row in rows)
    high = tuple(int(row[-1]) if len(row) else last for row in rows)
    return Extent(low, high) if base_is_first(reading, 0) else Extent(high, low)


def right_base_of(reading: Reading) -> tuple[int, ...]:
    """The right ventricle's base in force; where none was chosen, its most basal contoured slice of each phase."""
    chosen = reading.short_axis.rv_base if reading.short_axis else None
    if chosen is not None:
        return chosen
    here = np.isfinite(stack_curves(reading).areas[Structure.RV])
    first = base_is_first(reading, 0)
    rows = [np.flatnonzero(here[:, phase]) for phase in range(reading.facts.frames)]
    nowhere = 0 if first else len(reading.slices) - 1
    return tuple(int(row[0 if first else -1]) if len(row) else nowhere for row in rows)


def placed(ends: tuple[int, ...], number: int, phase: int | None, marks: Collection[int] = ()) -> tuple[int, ...]:
    """Slices by phase with `number` at one phase (from 0) or, with None, at all.

    Args:
        ends: before, by phase.
        number: the slice that a reader chose.
        phase: at which.
        marks: phases whose slice stays, such as ED and ES: the reader's correction fades out evenly towards them, round
            the cycle, so that the volume curve has no step beside a single phase. Without any, one phase changes.

    """
    if phase is None:
        return (number,) * len(ends)
    count = len(ends)
    fixed = [one for one in marks if one != phase]
    if not fixed:
        return tuple(number if phase == at else one for at, one in enumerate(ends))
    ahead, behind = min((one - phase) % count for one in fixed), min((phase - one) % count for one in fixed)
    low, high = min(*ends, number), max(*ends, number)
    out = []
    for at, one in enumerate(ends):
        later, earlier = (at - phase) % count, (phase - at) % count
        left = max(1 - later / ahead, 1 - earlier / behind, 0.0)
        out.append(min(max(one + round((number - ends[phase]) * left), low), high))
    return tuple(out)


def with_end(
    extent: Extent, end: Literal["base", "apex"], number: int, phase: int | None, marks: Collection[int] = ()
) -> Extent:
    """The extent with its base or apex at slice `number`, at one phase (from 0) or, with None, at all; see `placed`."""
    if end == "base":
        return replace(extent, base=placed(extent.base, number, phase, marks))
    return replace(extent, apex=placed(extent.apex, number, phase, marks))


def marks_of(reading: Reading) -> tuple[int, ...]:
    """The phases of ED and ES, or none."""
    beats = reading.events.beats if reading.events else ()
    return (beats[0].ed, beats[0].es) if beats else ()


# A valve plane that is one slice off may be between the two; two slices are an error of one or the other.
MOST_APART = 1


@dataclass(frozen=True, slots=True)
class LongAxisCheck:
    """What a long axis says of the base at ED or ES.

    Attributes:
        view: of the long axis, or its recording where it has no name.
        mark: "ED" or "ES".
        phase: of the stack.
        expected: number (from 0) of the slice that should be the base.
        chosen: of the slice that is.
        beyond_mm: how far the chosen slice's middle is beyond the valve; negative on the ventricle's side.

    """

    view: str
    mark: str
    phase: int
    expected: int
    chosen: int
    beyond_mm: float

    @property
    def apart(self) -> int:
        """By how many slices the two differ."""
        return abs(self.expected - self.chosen)


def long_axis_checks(stack: Reading, loops: Iterable[Reading]) -> tuple[LongAxisCheck, ...]:
    """What every outlined long axis says at the stack's ED and ES; none where places, marks or outlines are lacking.

    A long axis with its own marks is examined at its own ED and ES: its heart rate may have been another.
    """
    if not (stack.kind.stack and stack.events and stack.events.beats):
        return ()
    beat, found = stack.events.beats[0], []
    for loop in loops:
        if not loop.kind.oriented_by_plane or Structure.LV_ENDO not in loop.tracks:
            continue
        own = loop.events.beats[0] if loop.events and loop.events.beats else None
        for mark, phase, frame in (
            ("ED", beat.ed, own.ed if own else None),
            ("ES", beat.es, own.es if own else None),
        ):
            at = _frame_at(stack, loop, phase) if frame is None else frame
            one = base_check(stack, loop, at, phase)
            if one is not None:
                name = loop.view.label if loop.view else loop.facts.recording_id
                found.append(LongAxisCheck(name, mark, phase, one.expected, one.chosen, one.beyond_mm))
    return tuple(found)


def base_doubts(stack: Reading, loops: Iterable[Reading]) -> tuple[str, ...]:
    """One sentence for ED and one for ES where long axes put the base more than a slice elsewhere.

    Slices are counted from 1, as on screen.
    """
    doubted = [one for one in long_axis_checks(stack, loops) if one.apart > MOST_APART]
    by_mark = ([one for one in doubted if one.mark == mark] for mark in ("ED", "ES"))
    return tuple(_words(checks) for checks in by_mark if checks)


def _words(checks: list[LongAxisCheck]) -> str:
    """What long axes say at one mark."""
    first = checks[0]
    at = {one.expected + 1: [o.view for o in checks if o.expected == one.expected] for one in checks}
    said = "; ".join(f"slice {number} by {', '.join(views)}" for number, views in at.items())
    beyond_mm = sum(one.beyond_mm for one in checks) / len(checks)
    side = "beyond" if beyond_mm > 0 else "short of"
    return (
        f"At {first.mark} the base is slice {first.chosen + 1}, but the mitral valve lies at {said}: the base is "
        f"{abs(beyond_mm):.0f} mm {side} it, check it."
    )


def _frame_at(stack: Reading, loop: Reading, phase: int) -> int:
    return round(phase / max(stack.facts.frames - 1, 1) * (loop.facts.frames - 1))
