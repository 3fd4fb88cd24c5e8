"""The base of a short-axis stack checked on the long axes of its study, at end-diastole and end-systole.

The middle between the hinge points of a long axis' endocardium is in the mitral plane. Through patient coordinates it
gives the most basal slice on the ventricle's side of it (SCMR 2013, 2020: basal slices are checked on the long axes).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.long_axis import base_check

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
