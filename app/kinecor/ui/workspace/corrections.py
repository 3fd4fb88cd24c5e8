"""What a reader corrected in a recording, and the edits that put it back after an analysis replaced it.

Frames that a person drew come back as anchors: exactly as they were, and the new contours of all other frames follow
them, by what they differ from the new contours at the anchors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter

from kinecor.analysis.propagation import propagation
from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import State
from kinecor.core.tracking.anchors import filled_in
from kinecor.core.tracking.propagation import propagates
from kinecor.core.values.choices import Extent
from kinecor.core.values.message import join_texts, message
from kinecor.core.values.reading import Reading, choices, model_author
from kinecor.core.values.track import STRUCTURE_NAMES, ContourTrack, Origin
from kinecor.core.volumes.extent import End, exchange_ends, right_base_with
from kinecor.session.edits import (
    AcknowledgeFinding,
    Edit,
    ExchangeEnds,
    OnSlice,
    PlaceWallPoints,
    SetContours,
    SetEvents,
    SetExtent,
    SetRvBase,
    SetTrack,
    Several,
)
from kinecor.ui.style.language import tr, translated


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a reader corrected: in words, e.g. "LV endocardium on 3 frames", and as an edit."""

    words: tuple[str, ...]
    edit: Edit


def corrections(reading: Reading) -> Corrections | None:
    """What a reader corrected and a new analysis would replace; None where there is nothing.

    Contours that were drawn, slices that were filled in from their neighbours, ED and ES, points of the wall, and the
    ends of a stack's ventricles. Where contours are propagated from drawn ones, an analysis keeps these by itself.
    """
    if propagates(reading):
        return None
    texts: list[str] = []
    edits: list[Edit] = []
    for track in _corrected(reading):
        frames = _drawn(track)
        on = tr("{structure} on 1 frame") if frames == 1 else tr("{structure} on {n} frames")
        texts.append(on.format(structure=translated(STRUCTURE_NAMES[track.structure]), n=frames))
        edits += _kept(track)
    slices = [number for number, slice_reading in enumerate(reading.slices) if any(_corrected(slice_reading))]
    if slices:
        of = tr("contours of 1 slice") if len(slices) == 1 else tr("contours of {n} slices")
        texts.append(of.format(n=len(slices)))
    for number in slices:
        edits += [OnSlice(number, edit) for track in _corrected(reading.slices[number]) for edit in _kept(track)]
    filled = [number for number, slice_reading in enumerate(reading.slices) if any(filled_by_person(slice_reading))]
    if filled:
        texts.append(tr("1 slice filled in") if len(filled) == 1 else tr("{n} slices filled in").format(n=len(filled)))
    for number in filled:
        edits += [OnSlice(number, SetTrack(track)) for track in filled_by_person(reading.slices[number])]
    if reading.events is not None and reading.events.origin is Origin.EDITED:
        texts.append(tr("ED and ES"))
        edits.append(SetEvents(reading.events))
    points = len(reading.placed_points) + sum(len(slice_reading.placed_points) for slice_reading in reading.slices)
    if points:
        placed = tr("1 point of the wall") if points == 1 else tr("{n} points of the wall")
        texts.append(placed.format(n=points))
        edits += [PlaceWallPoints(reading.placed_points)] if reading.placed_points else []
        edits += [
            OnSlice(number, PlaceWallPoints(slice_reading.placed_points))
            for number, slice_reading in enumerate(reading.slices)
            if slice_reading.placed_points
        ]
    if choices(reading).extent is not None and _by_person(reading, "short_axis/extent"):
        texts.append(tr("basal and apical slice"))
        edits.append(SetExtent(choices(reading).extent))
    if choices(reading).rv_base is not None and _by_person(reading, "short_axis/rv_base"):
        texts.append(tr("basal slice of the right ventricle"))
        edits.append(SetRvBase(choices(reading).rv_base))
    return Corrections(tuple(texts), Several(message("corrections kept"), tuple(edits))) if edits else None


def extent_edit(reading: Reading, extent: Extent) -> Edit:
    """Base and apex of a stack's left ventricle, and with them the base of the right one where it follows."""
    edit, right = SetExtent(extent), right_base_with(reading, extent)
    if right is None:
        return edit
    follows = SetRvBase(right)
    return Several(join_texts(edit.summary, "; ", follows.summary), (edit, follows))


def answering(edit: Edit | None, reading: Reading, by: str, end: End, number: int) -> Edit | None:
    """The edit by which a reader sets an end of a ventricle, with the doubt that this answers.

    A slice that the program had decided on is in doubt still when a reader has chosen it: it is let stand in the same
    step. What the images contradict beyond doubt stays open.

    Args:
        edit: the choice; None where that slice is in force already, which is then confirmed.
        reading: the saved one.
        by: the reader.
        end: of which ventricle.
        number: the slice, from 0.

    Returns:
        None where nothing is changed.

    """
    after = reading if edit is None else edit.apply(reading, by)
    left = [
        (finding, remedy)
        for finding in assess(after).findings
        for remedy in finding.remedies[:1]  # the slice in force
        if finding.state is State.OPEN
        and not finding.beyond_doubt
        and remedy.action == "move-base"
        and (remedy.arguments.get("end"), remedy.arguments["slice"]) == (end, number)
    ]
    if not left:
        return edit
    at = datetime.now(UTC).isoformat(timespec="seconds")
    # The reason is stored as the reader's own words: as they were read.
    seen = [AcknowledgeFinding(finding.key, at, translated(remedy.reason or remedy.label)) for finding, remedy in left]
    summary = seen[0].summary if edit is None else edit.summary
    return Several(summary, tuple(seen) if edit is None else (edit, *seen))


def exchange_edit(reading: Reading) -> Edit:
    """Base and apex of a stack exchanged, for both ventricles.

    Raises:
        ValueError: no slice has a contour of the cavity.

    """
    return ExchangeEnds(*exchange_ends(reading))


def contours_corrected(reading: Reading) -> bool:
    """Whether a person drew a contour of a recording, on whatever frame, and whatever can be measured of it.

    Or filled in a slice.
    """
    return any(
        any(_corrected(single_reading)) or any(filled_by_person(single_reading))
        for single_reading in (reading, *reading.slices)
    )


def filled_by_person(reading: Reading) -> Iterator[ContourTrack]:
    """The contours of a slice that a person filled in from its neighbours and left as they came."""
    for structure, track in reading.tracks.items():
        if _by_person(reading, f"tracks/{structure}") and filled_in(track):
            yield track


def as_anchors(kept: Edit, reading: Reading, actor: str) -> Edit:
    """Corrections as they are made again on a new result, whose other contours follow them.

    Args:
        kept: see Corrections.
        reading: after the new analysis.
        actor: who made them.

    """
    after = kept.apply(reading, actor)
    edits = [kept]
    whole = propagation(after)
    edits += [] if whole is None else [whole]
    for number, slice_reading in enumerate(after.slices):
        part = propagation(slice_reading)
        edits += [] if part is None else [OnSlice(number, part)]
    return kept if len(edits) == 1 else Several(message("corrections kept, other frames follow"), tuple(edits))


def _corrected(reading: Reading) -> Iterator[ContourTrack]:
    for structure, track in reading.tracks.items():
        if _by_person(reading, f"tracks/{structure}/edited") and _drawn(track):
            yield track


def _by_person(reading: Reading, part: str) -> bool:
    author = reading.authors.get(part)
    return author is not None and model_author(author) is None


def _drawn(track: ContourTrack) -> int:
    return sum(origin is Origin.EDITED for origin in track.origins)


def _kept(track: ContourTrack) -> Iterator[SetContours]:
    """One edit for each run of frames; a frame whose contour was removed stays without one."""
    own = [frame for frame, origin in enumerate(track.origins) if origin is Origin.EDITED]
    for _, run in groupby(enumerate(own), lambda pair: pair[1] - pair[0]):
        frames = list(map(itemgetter(1), run))
        first, stop = frames[0], frames[-1] + 1
        yield SetContours(track.structure, first, track.contours[first:stop], track.origins[first:stop])
