"""The left ventricle on a long axis of cine MRI, and what it says of the stack's base.

Where a stack is contoured its outlines cut the plane of a long axis in two points a slice: together they are an outline
there, from the stack's base to its apex, for the reader to pull to the valve and the apex that the long axis shows. Its
ends are then the hinge points of the mitral valve, and show which slice should be the base (SCMR 2013 and 2020: basal
slices are checked on the long axes).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from kinecor.core.values.choices import ValvePlane
from kinecor.core.values.confidence import LOOP_CONTOURS
from kinecor.core.values.geometry import Contour, FloatArray, Outline, Plane
from kinecor.core.values.reading import Reading, contour_at, is_person
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.segments import base_is_first
from kinecor.core.volumes.stack_volumes import stack_curves

MIN_SLICES = 3


@dataclass(frozen=True, slots=True)
class BaseCheck:
    """What a long axis says of the base at one phase.

    Attributes:
        expected: number (from 0) of the most basal slice whose middle is on the ventricle's side of the valve.
        chosen: the slice that is the base.
        beyond_mm: how far the chosen slice's middle is beyond the valve; negative on the ventricle's side.

    """

    expected: int
    chosen: int
    beyond_mm: float


def phase_at(stack: Reading, loop: Reading, frame: int) -> int:
    """The stack's phase at the same share of the cycle as a frame of the loop.

    Args:
        stack: whose phase it is.
        loop: a long axis of the same study.
        frame: of the loop, from 0.

    """
    share = frame / max(loop.facts.frames - 1, 1)
    return min(round(share * (stack.facts.frames - 1)), stack.facts.frames - 1)


def outlined_from_stack(stack: Reading, loop: Reading) -> ContourTrack | None:
    """The LV cavity on a long axis, from where its plane cuts the stack's outlines; None where they do not meet.

    First and last point of each contour are at the stack's base, the points between run over the apex.

    Args:
        stack: with contours of the cavity.
        loop: a long axis of the same study.

    """
    plane, scale = loop.facts.plane, loop.calibration
    if plane is None or scale is None:
        return None
    contours: list[Contour | None] = []
    for frame in range(loop.facts.frames):
        phase = phase_at(stack, loop, frame)
        pairs = [
            pair for number in _counted(stack, phase) if (pair := cavity_cut(stack, number, phase, plane)) is not None
        ]
        contours.append(_joined(pairs, (scale.col_mm, scale.row_mm)) if len(pairs) >= MIN_SLICES else None)
    if not any(contours):
        return None
    sure = np.array([0.7 if contour else 0.0 for contour in contours])
    return ContourTrack(Structure.LV_ENDO, tuple(contours), (Origin.TRACKED,) * len(contours), sure)


def drawn_from_stack(loop: Reading, frame: int) -> bool:
    """Whether the endocardium of a long axis at a frame was taken from a stack, or is a template, and not moved since.

    It ends at the stack's own base, and says nothing about it. Such a track is a person's and its frames are tracked;
    contours propagated from a traced frame are a model's.

    Args:
        loop: a long axis.
        frame: from 0.

    """
    track = loop.tracks.get(Structure.LV_ENDO)
    if track is not None and track.origins[frame] is Origin.TEMPLATE:
        return True  # put there by its usual size, not by the image
    author = loop.authors.get(f"tracks/{Structure.LV_ENDO}")
    if track is None or author is None or not is_person(author):
        return False
    return track.origins[frame] is Origin.TRACKED


def base_check(stack: Reading, loop: Reading, frame: int, phase: int | None = None) -> BaseCheck | None:
    """What the outline on a long axis says of the stack's base; None where anything needed is lacking.

    An outline that was taken from the stack says nothing: see `drawn_from_stack`.

    The stack is looked at in `phase`, by default the one at the same share of the cycle.

    Args:
        stack: with its base.
        loop: a long axis of the same study.
        frame: of the loop, from 0.
        phase: of the stack, from 0.

    """
    track = loop.tracks.get(Structure.LV_ENDO)
    plane, scale, first = loop.facts.plane, loop.calibration, stack.slices[0].facts.plane
    contour = track.contours[frame] if track else None
    if (
        contour is None
        or drawn_from_stack(loop, frame)
        or plane is None
        or scale is None
        or first is None
        or stack.facts.stack is None
    ):
        return None
    phase = phase_at(stack, loop, frame) if phase is None else phase
    numbers = _counted(stack, phase)
    last = stack.slices[-1].facts.plane
    if not numbers or last is None:
        return None
    hinges = contour.points[[0, -1]].mean(axis=0, keepdims=True) * (scale.col_mm, scale.row_mm)
    # From the base towards the apex, whichever way the slices are numbered.
    first_is_base = base_is_first(stack, phase)
    towards = 1.0 if first_is_base else -1.0
    normal = first.normal * (1.0 if float((last.origin_mm - first.origin_mm) @ first.normal) >= 0 else -1.0) * towards
    valve = float(plane.in_patient(hinges)[0] @ normal)
    places = [
        float(p.origin_mm @ normal) for slice_reading in stack.slices if (p := slice_reading.facts.plane) is not None
    ]
    if len(places) < len(stack.slices):
        return None
    inside = [number for number, place in enumerate(places) if place >= valve]
    if not inside:
        return None
    expected = min(inside, key=lambda number: places[number])
    chosen = numbers[0]
    return BaseCheck(expected, chosen, valve - places[chosen])


def valve_of_stack(stack: Reading, loops: Iterable[Reading]) -> ValvePlane | None:
    """Where the long axes of a study show the mitral valve along a stack; None where none does, or places are unknown.

    The mean over long axes, each at the frame that is as far in systole or diastole as the stack's phase. Outlines that
    were taken from the stack, and those of little confidence, say nothing.

    Args:
        stack: of the study.
        loops: other recordings of the study, long axes among them.

    """
    first, last = stack.slices[0].facts.plane, stack.slices[-1].facts.plane
    if first is None or last is None or not stack.kind.stack or stack.facts.stack is None:
        return None
    normal = first.normal * (1.0 if float((last.origin_mm - first.origin_mm) @ first.normal) >= 0 else -1.0)
    phases = stack.facts.frames
    rows, views = [], []
    for loop in loops:
        plane, scale, endo = loop.facts.plane, loop.calibration, loop.tracks.get(Structure.LV_ENDO)
        if not loop.kind.oriented_by_plane or plane is None or scale is None or endo is None or loop.withheld:
            continue
        row = np.full(phases, np.nan)
        for phase in range(phases):
            frame = frame_in_cycle(stack, loop, phase)
            contour = endo.contours[frame]
            if contour is None or endo.confidence[frame] < LOOP_CONTOURS.withheld or drawn_from_stack(loop, frame):
                continue
            hinges = contour.points[[0, -1]].mean(axis=0, keepdims=True) * (scale.col_mm, scale.row_mm)
            row[phase] = float((plane.in_patient(hinges)[0] - first.origin_mm) @ normal)
        if np.isfinite(row).any():
            rows.append(row)
            views.append(loop.view.label if loop.view else loop.facts.recording_id)
    if not rows:
        return None
    seen = np.stack(rows)
    there = np.isfinite(seen)
    mean = np.nansum(seen, axis=0) / np.maximum(there.sum(axis=0), 1)
    places = tuple(
        round(float(place_mm), 2) if any_ else None for place_mm, any_ in zip(mean, there.any(axis=0), strict=True)
    )
    return ValvePlane(places, tuple(dict.fromkeys(views)))


def frame_in_cycle(stack: Reading, loop: Reading, phase: int) -> int:
    """The frame of a gated loop that is as far from ED to ES, or from ES to the next ED, as a phase of a stack is.

    Where either has no marks, the one at the same share of the cycle.

    Args:
        stack: with or without marks.
        loop: a gated cine of the same study.
        phase: of the stack, from 0.

    """
    total, phases = loop.facts.frames, stack.facts.frames
    ours = stack.events.beats[0] if stack.events and stack.events.beats else None
    theirs = loop.events.beats[0] if loop.events and loop.events.beats else None
    if ours is None or theirs is None:
        return round(phase / phases * total) % total
    since, systole = (phase - ours.ed) % phases, (ours.es - ours.ed) % phases
    loop_systole = (theirs.es - theirs.ed) % total
    if since <= systole:
        moved = since / max(systole, 1) * loop_systole
    else:
        moved = loop_systole + (since - systole) / max(phases - systole, 1) * (total - loop_systole)
    return (theirs.ed + round(moved)) % total


def _counted(stack: Reading, phase: int) -> list[int]:
    """Slices that count and have a cavity at a phase, from base to apex."""
    curves = stack_curves(stack)
    here = np.flatnonzero(curves.counted[:, phase] & np.isfinite(curves.areas[Structure.LV_ENDO][:, phase])).tolist()
    return [int(number) for number in (here if base_is_first(stack, phase) else here[::-1])]


def cavity_cut(stack: Reading, number: int, phase: int, plane: Plane) -> FloatArray | None:
    """(2, 2) where a slice's cavity cuts the long axis' plane: the two outermost places (x, y), in mm of its image.

    None where the slice has no cavity at that phase, or the two do not meet.

    Args:
        stack: with contours of the cavity.
        number: of the slice, from 0.
        phase: from 0.
        plane: of the long axis.

    """
    contour = contour_at(stack, Structure.LV_ENDO, number, phase)
    reading = stack.slices[number]
    if contour is None or reading.facts.plane is None or reading.calibration is None:
        return None
    outline = reading.facts.plane.in_patient(contour.scaled_mm(reading.calibration.row_mm, reading.calibration.col_mm))
    height = (outline - plane.origin_mm) @ plane.normal
    after, there = np.roll(outline, -1, axis=0), np.roll(height, -1)
    meets = np.flatnonzero((height < 0) != (there < 0))
    if len(meets) < 2:
        return None
    share = height[meets] / (height[meets] - there[meets])
    places = plane.seen(outline[meets] + share[:, None] * (after[meets] - outline[meets]) - plane.origin_mm)
    gap = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    a, b = np.unravel_index(int(gap.argmax()), gap.shape)
    return places[[a, b]]


def _joined(pairs: list[FloatArray], spacing_mm: tuple[float, float]) -> Contour:
    """One outline down one side and up the other; sides are matched from slice to slice by distance."""
    sides = [pairs[0]]
    for pair in pairs[1:]:
        straight = np.hypot(*(pair - sides[-1]).T).sum()
        crossed = np.hypot(*(pair[::-1] - sides[-1]).T).sum()
        sides.append(pair if straight <= crossed else pair[::-1])
    down, up = np.array([side[0] for side in sides]), np.array([side[1] for side in sides])
    middle = (down + up) / 2
    # The apex is about half a step beyond the last slice.
    tip = middle[-1] + (middle[-1] - middle[-2]) / 2
    path = np.concatenate((down, tip[None], up[::-1]))
    return Contour(Outline(path, closed=False).resampled(96).points / spacing_mm)
