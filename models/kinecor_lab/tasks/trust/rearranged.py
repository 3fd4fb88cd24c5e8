"""What the analysis of a sound recording says of one whose images are the same, in another order or with other headers.

Networks draw each slice of a stack by itself, so contours and motion of a rearranged stack need no network; nor does a
clip with the same frames at the same intervals. Base, apex, papillaries, ED and ES are determined again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.analyse import end_edits
from kinecor.analysis.models import Models
from kinecor.analysis.strategy import apply_edits, event_edits, measured_muscle
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.track import ContourTrack
from kinecor.session.edits import (
    Edit,
    OnSlice,
    SetMotion,
    SetMuscle,
    SetPhaseCurve,
    SetTrack,
    Several,
)
from kinecor_lab.tasks.trust.simulated import EchoClip, StackSeries

_EVEN = 1e-9


@dataclass(frozen=True)
class Origin:
    """Where the images of a slice come from: the slice and its phases."""

    slice: int
    phases: tuple[int, ...]


def same_images(sound: EchoClip, made: EchoClip) -> bool:
    """Whether networks see the same in both clips."""
    a, b = sound.loop, made.loop
    shapes = [ultrasound_loop.spacing_mm[0] / ultrasound_loop.spacing_mm[1] for ultrasound_loop in (a, b)]
    return (
        a.frames is b.frames
        and np.array_equal(a.times_s, b.times_s)
        and (a.region, a.view) == (b.region, b.view)
        and abs(shapes[0] - shapes[1]) < _EVEN
    )


def origins(sound: StackSeries, made: StackSeries) -> list[Origin] | None:
    """Of each slice of a rearranged stack, in order of position; None where an image is new or was changed."""
    if any(mr_slice.spacing_mm != sound.series.slices[0].spacing_mm for mr_slice in made.series.slices):
        return None  # the networks' field of view follows from the size of a pixel
    known = {
        _digest(frame): (number, phase) for number, one in enumerate(_ordered(sound)) for phase, frame in enumerate(one)
    }
    found = []
    for frames in _ordered(made):
        places = [known.get(_digest(frame)) for frame in frames]
        there = [place for place in places if place is not None]
        if len(there) < len(places) or len({number for number, _ in there}) != 1:
            return None
        found.append(Origin(there[0][0], tuple(phase for _, phase in there)))
    return found


def _ordered(stack: StackSeries) -> list[NDArray[np.unsignedinteger]]:
    """Images of the slices in order of position."""
    first = stack.series.slices[0]
    normal = np.cross(first.across, first.down)
    slices = sorted(stack.series.slices, key=lambda mr_slice: float(normal @ mr_slice.position_mm))
    return [mr_slice.frames for mr_slice in slices]


def _digest(frame: NDArray[np.unsignedinteger]) -> bytes:
    return hashlib.sha256(frame.tobytes()).digest()


def stack_edit(recording: Recording, first: Reading, sound: Reading, places: Sequence[Origin], by: str) -> Edit | None:
    """What the analysis would propose for a rearranged stack; None where it opens otherwise than it was written.

    Args:
        recording: as opened.
        first: its Reading before any analysis.
        sound: the analysed Reading of the sound stack.
        places: see `origins`.
        by: author of the analysis.

    """
    if not isinstance(recording, Stack) or len(recording.slices) != len(places):
        return None
    if any(len(place.phases) != first.facts.frames for place in places):
        return None
    edits: list[Edit] = []
    for number, place in enumerate(places):
        edits += [OnSlice(number, edit) for edit in _slice_edits(sound.slices[place.slice], place.phases)]
    reading = apply_edits(first, edits, by)
    ends = end_edits(reading, by, Models().presence())
    reading = apply_edits(reading, ends, by)
    edits += [*ends, SetMuscle(measured_muscle(recording.cines, reading))]
    in_order = all(place.phases == tuple(range(sound.facts.frames)) for place in places)
    curve = sound.phase_curve if in_order else None
    if curve is not None:
        edits.append(SetPhaseCurve(curve))
    return Several(verbatim("rearranged"), (*edits, *event_edits(reading, curve)))


def _slice_edits(sound: Reading, phases: tuple[int, ...]) -> list[Edit]:
    edits: list[Edit] = []
    for structure, track in sound.tracks.items():
        contours = tuple(track.contours[phase] for phase in phases)
        origin = tuple(track.origins[phase] for phase in phases)
        edits.append(SetTrack(ContourTrack(structure, contours, origin, track.confidence[list(phases)])))
    motion, total = sound.motion, sound.facts.frames
    turned = phases == tuple((phases[0] + step) % total for step in range(total))
    if motion is not None and turned and (len(motion) == total or phases[0] == 0):
        moved = replace(
            motion,
            displacement_px=np.roll(motion.displacement_px, -phases[0], axis=0),
            error_px=np.roll(motion.error_px, -phases[0], axis=0),
        )
        edits.append(SetMotion(moved))
    return edits


def clip_edit(first: Reading, proposed: Edit, by: str) -> Edit:
    """What the analysis would propose for a clip with the same images and another header.

    Args:
        first: its Reading before any analysis.
        proposed: what the analysis of the sound clip proposed.
        by: author of the analysis.

    """
    reading = apply_edits(first, [proposed], by)
    return Several(verbatim("the same images"), (proposed, *event_edits(reading, reading.phase_curve)))
