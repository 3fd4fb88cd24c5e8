"""Propagate: the frames that a person drew are anchors, and all others follow them; as edits, and in words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from kinecor.core.outlines.drag import WALL_LINES, Bent
from kinecor.core.tracking.anchors import (
    differences,
    drawn_frames,
    expected_from_neighbours,
    filled_in,
    follow_anchors,
    follows,
)
from kinecor.core.tracking.propagation import propagate_contours, traced_by_hand
from kinecor.core.tracking.wall_image import Listener
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, joined_by, message, plural
from kinecor.core.values.reading import Reading, short_author
from kinecor.core.values.recording import FrameSource, Recording, Stack
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.session.edits import Edit, OnSlice, SetContours, SetPropagatedBy, Several

FARTHEST_MM = 25.0
"""Slices farther away than this do not follow."""


def propagation(reading: Reading, images: FrameSource | None = None, tick: Tick = no_tick) -> Edit | None:
    """Let all frames of a loop or a slice follow those that a person drew; None where there is nothing to do.

    Args:
        reading: of the loop or slice.
        images: on which contours are refined; None for no refinement.
        tick: called while images are looked at; raises Cancelled to end the work.

    """
    changes = _changed(reading, _followed(reading, reading.tracks, images, tick))
    if not changes:
        return None
    anchors = {frame for structure in changes for frame in drawn_frames(reading.tracks[structure])}
    return _edit(reading, changes, partial(_propagated, len(anchors), reading.kind.gated), images)


def to_neighbours(
    reading: Reading, number: int, images: Sequence[FrameSource | None], tick: Tick = no_tick
) -> Edit | None:
    """Let all phases of a slice follow its drawn ones, and the neighbouring slices the more, the nearer they are.

    None where there is nothing to do. Frames that a person drew stay, in every slice.

    Args:
        reading: of a stack.
        number: of the slice, 0-based.
        images: of each slice.
        tick: called while images are looked at; raises Cancelled to end the work.

    """
    stack = reading.facts.stack
    edits: list[Edit] = []
    own = propagation(reading.slices[number], images[number], tick)
    if own is not None:
        edits.append(OnSlice(number, own))
    for other in neighbours(reading, number):
        single_reading = reading.slices[other]
        expected = {}
        for structure in single_reading.tracks:
            found = [
                (abs(float(stack.positions_mm[at] - stack.positions_mm[other])), by)
                for at in (number, *neighbours(reading, other))
                if stack is not None and at != other and (by := _differences(reading.slices[at], structure)) is not None
            ]
            if found:
                expected[structure] = expected_from_neighbours(sorted(found, key=lambda pair: pair[0]))
        changes = _changed(
            single_reading, _followed(single_reading, single_reading.tracks, images[other], tick, expected)
        )
        if changes:
            edits.append(OnSlice(other, _edit(single_reading, changes, partial(_follows_slice, other + 1, number + 1))))
    if not edits:
        return None
    if len(edits) == 1:
        return edits[0]
    done = message("slice {slice_number} propagated to its neighbours", slice_number=number + 1)
    return Several(done, tuple(edits))


def neighbours(reading: Reading, number: int) -> tuple[int, ...]:
    """The contoured slices near enough to one of a stack for its correction to move them."""
    stack = reading.facts.stack
    if stack is None:
        return ()
    apart_mm = np.abs(stack.positions_mm - stack.positions_mm[number])
    near = np.flatnonzero((apart_mm > 0) & (apart_mm <= FARTHEST_MM))
    return tuple(int(at) for at in near if reading.slices[at].tracks)


def _differences(reading: Reading, structure: Structure) -> FloatArray | None:
    track = reading.tracks.get(structure)
    if track is None:
        return None
    return differences(
        track, reading.time_axis, closed=reading.kind.closed, aspect=reading.aspect, cycle_s=_cycle_s(reading)
    )


def with_followers(edit: Edit, before: Reading, actor: str, images: FrameSource | None = None) -> Edit:
    """A gesture as it is saved: where the contours follow anchors already, all other frames follow this one, too.

    So they do where contours were filled in from other slices: nothing of them is to be held against the person's.

    Args:
        edit: of contours of one loop or slice.
        before: the Reading before the gesture.
        actor: who made it.
        images: see `propagation`.

    """
    after = edit.apply(before, actor)
    moved = {structure: track for structure, track in after.tracks.items() if track is not before.tracks.get(structure)}
    by_motion = [
        each
        for structure in moved
        for each in _along_motion(after, structure)
        if structure in before.tracks and follows(before.tracks[structure])
    ]
    if by_motion:
        return Several(message("{edit}; others follow", edit=edit.summary), (edit, *by_motion))
    known = [before.tracks[structure] for structure in moved if structure in before.tracks]
    if not any(follows(track) or filled_in(track) for track in known):
        return edit
    changes = _changed(after, _followed(after, after.tracks, images))
    if not changes:
        return edit
    others = _edit(after, changes, lambda reached: message("propagated to {reached}", reached=reached), images)
    return Several(_refined(message("{edit}; others follow", edit=edit.summary), others), (edit, others))


def _along_motion(reading: Reading, structure: Structure) -> Iterator[Edit]:
    """The frames of a structure that motion propagated from traced ones, propagated again; none where it did not.

    Traced frames have no automatic contour below them: how a person changed one is not known, only where the wall is.
    """
    track, motion = reading.tracks[structure], reading.motion
    known = all(track.automatic[at] is not None for at in drawn_frames(track))
    if motion is None or known or not traced_by_hand(reading):
        return
    again = propagate_contours(track, motion, reading.time_axis, closed=reading.kind.closed, aspect=reading.aspect)
    changed = (
        []
        if again is None
        else [index for index, contour in enumerate(again.contours) if contour != track.contours[index]]
    )
    if again is not None and changed:
        first, stop = changed[0], changed[-1] + 1
        yield SetContours(structure, first, again.contours[first:stop], again.origins[first:stop])
        if motion.by:
            yield SetPropagatedBy(structure, motion.by)


def images_of(recording: Recording | None, slice_number: int) -> FrameSource | None:
    """The frames of a loop, or of a slice of a stack; None where nothing is open."""
    if recording is None:
        return None
    return recording.slices[slice_number].frames if isinstance(recording, Stack) else recording.cines[0].frames


def _changed(reading: Reading, bent_contours: Mapping[Structure, Bent]) -> dict[Structure, Bent]:
    """The structures of which a contour is another, not only another object."""
    return {
        structure: bent
        for structure, bent in bent_contours.items()
        if any(contour != old for contour, old in zip(bent.contours, reading.tracks[structure].contours, strict=True))
    }


def _followed(
    reading: Reading,
    tracks: Mapping[Structure, ContourTrack],
    images: FrameSource | None,
    tick: Tick = no_tick,
    expected: Mapping[Structure, FloatArray] | None = None,
) -> dict[Structure, Bent]:
    return follow_anchors(
        tracks,
        reading.time_axis,
        closed=reading.kind.closed,
        aspect=reading.aspect,
        cycle_s=_cycle_s(reading),
        images=images,
        expected=expected,
        listener=heard[0] if (heard := _heard(reading, images)) is not None else None,
        tick=tick,
    )


@lru_cache(maxsize=1)
def _listener() -> tuple[Listener, str] | None:
    """The network that listens to a person's contours, with its name as an author.

    Models are imported where they are first needed: the window imports this module when it starts.
    """
    from kinecor.analysis.models import Models

    listener_model = Models().listener()
    return None if listener_model is None else (listener_model, listener_model.card.author)


def _heard(reading: Reading, images: FrameSource | None) -> tuple[Listener, str] | None:
    """The network where it is asked: on the images of long axes."""
    return _listener() if images is not None and not reading.kind.closed else None


def _helped(reading: Reading, changes: Iterable[Structure], images: FrameSource | None) -> list[SetPropagatedBy]:
    """The network as an author of the contours that it moves: of the wall, where a drawn frame has an automatic one."""
    heard = _heard(reading, images)
    tracks = [reading.tracks[structure] for structure in changes if heard is not None and structure in WALL_LINES]
    moved = [track for track in tracks if any(track.automatic[frame] is not None for frame in drawn_frames(track))]
    return [SetPropagatedBy(track.structure, heard[1]) for track in moved if heard is not None]


def _refined(label: Message, edit: Several) -> Message:
    """The label of an edit, with the model that refined what follows."""
    names = dict.fromkeys(
        short_author(single_edit.by) for single_edit in edit.edits if isinstance(single_edit, SetPropagatedBy)
    )
    return message("{edit}, refined by {models}", edit=label, models=joined_by(", ", tuple(names))) if names else label


def _propagated(drawn: int, gated: bool, reached: Message) -> Message:
    if gated:
        return plural(
            "propagated from {count} phase to {reached}",
            "propagated from {count} phases to {reached}",
            drawn,
            reached=reached,
        )
    return plural(
        "propagated from {count} frame to {reached}",
        "propagated from {count} frames to {reached}",
        drawn,
        reached=reached,
    )


def _follows_slice(follower: int, leader: int, reached: Message) -> Message:
    return message(
        "slice {follower} follows slice {leader} to {reached}", follower=follower, leader=leader, reached=reached
    )


def _cycle_s(reading: Reading) -> float | None:
    """Length of a beat: by the marks of ED, else by the images, else by the header; None where nothing says."""
    beats = reading.events.beats if reading.events else ()
    facts = reading.facts
    if len(beats) > 1:
        return float(facts.times_s[beats[-1].ed] - facts.times_s[beats[0].ed]) / (len(beats) - 1)
    rate = facts.heart_rate_per_min
    return facts.image_period_s or (60 / rate if rate else None)


def _edit(
    reading: Reading,
    changes: Mapping[Structure, Bent],
    label: Callable[[Message], Message],
    images: FrameSource | None = None,
) -> Several:
    """One edit of the frames that change, from the first of them to the last; `label` gets their number."""
    edits: list[Edit] = []
    frames: set[int] = set()
    for structure, bent in changes.items():
        track = reading.tracks[structure]
        changed = [index for index, contour in enumerate(bent.contours) if contour is not track.contours[index]]
        if changed:
            first, stop = changed[0], changed[-1] + 1
            edits.append(SetContours(structure, first, bent.contours[first:stop], bent.origins[first:stop]))
            frames.update(changed)
    edits += _helped(reading, changes, images)
    done = Several(label(_count(len(frames), reading.kind.gated)), tuple(edits))
    return replace(done, label=_refined(done.label, done))


def _count(number: int, gated: bool) -> Message:
    return (
        plural("{count} phase", "{count} phases", number)
        if gated
        else plural("{count} frame", "{count} frames", number)
    )
