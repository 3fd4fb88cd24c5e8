"""Edits of short-axis stacks as readers make them by mistake: walls, right ventricles, slices left out."""

from collections.abc import Mapping
from typing import Final

from numpy.random import Generator

from kinecor.core.values.events import Beat
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, choices, contour_at
from kinecor.core.values.track import Structure
from kinecor.session.edits import Edit, OnSlice, SetContours, SetExcluded
from kinecor_lab.tasks.trust.tampering import Change, EditKind


def _beat(reading: Reading) -> Beat | None:
    return reading.events.beats[0] if reading.events and reading.events.beats else None


def _inside(reading: Reading, frame: int) -> list[int]:
    """Slices between base and apex at a phase, from the apex."""
    extent = choices(reading).extent
    if extent is None:
        return []
    base, apex = extent.base[frame], extent.apex[frame]
    step = 1 if base > apex else -1
    return list(range(apex, base + step, step))


def scaled(structure: Structure, times: Mapping[str, float]) -> Change:
    """A structure drawn too large or too small in all slices, at ED and ES (the keys)."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beat, edits = _beat(reading), list[Edit]()
        if beat is None:
            return []
        for mark, factor in times.items():
            frame = getattr(beat, mark)
            for number in _inside(reading, frame):
                contour = contour_at(reading, structure, number, frame)
                if contour is not None:
                    middle = contour.points.mean(axis=0)
                    new = Contour(middle + factor * (contour.points - middle))
                    edits.append(OnSlice(number, SetContours(structure, frame, (new,))))
        return edits

    return change_reading


def right_es_at_ed(reading: Reading, _: Generator) -> list[Edit]:
    """The right ventricle of ES copied to ED."""
    beat = _beat(reading)
    found = [] if beat is None else [
        (number, contour_at(reading, Structure.RV, number, beat.es), contour_at(reading, Structure.RV, number, beat.ed))
        for number in range(len(reading.slices))
    ]  # fmt: skip
    return [
        OnSlice(number, SetContours(Structure.RV, beat.ed, (small,)))
        for number, small, large in found
        if beat is not None and small is not None and large is not None
    ]


def right_removed(reading: Reading, _: Generator) -> list[Edit]:
    """The right ventricle removed at ED and ES in the apical half of the slices."""
    beat, edits = _beat(reading), list[Edit]()
    for frame in () if beat is None else (beat.ed, beat.es):
        inside = _inside(reading, frame)
        for number in inside[: len(inside) // 2]:
            if contour_at(reading, Structure.RV, number, frame) is not None:
                edits.append(OnSlice(number, SetContours(Structure.RV, frame, (None,))))
    return edits


def excluded_below_the_base(count: int) -> Change:
    """Some slices excluded next to the basal one."""

    def change_reading(reading: Reading, _: Generator) -> list[Edit]:
        beat = _beat(reading)
        inside = [] if beat is None else _inside(reading, beat.ed)
        return [SetExcluded(tuple(sorted(inside[-1 - count : -1])))] if len(inside) > count + 2 else []

    return change_reading


DRAWN_STACK_KINDS: Final[tuple[EditKind, ...]] = (
    EditKind(
        "right ventricle drawn wrongly",
        "choose",
        True,
        {
            "15 % too small": scaled(Structure.RV, {"ed": 0.85, "es": 0.85}),
            "15 % too large at ED": scaled(Structure.RV, {"ed": 1.15}),
            "ES at ED": right_es_at_ed,
            "removed towards the apex": right_removed,
        },
    ),
    EditKind(
        "wall drawn wrongly",
        "report",
        True,
        {
            "12 % too large": scaled(Structure.LV_EPI, {"ed": 1.12, "es": 1.12}),
            "7 % too small": scaled(Structure.LV_EPI, {"ed": 0.93, "es": 0.93}),
        },
    ),
    EditKind(
        "ED too large, ES too small",
        "choose",
        True,
        {"6 and 8 %": scaled(Structure.LV_ENDO, {"ed": 1.06, "es": 0.92})},
    ),
    EditKind(
        "slices excluded below the base",
        "report",
        True,
        {"2": excluded_below_the_base(2), "3": excluded_below_the_base(3)},
    ),
)
"""In the order of the table."""
