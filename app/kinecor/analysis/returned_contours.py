"""Contours and events of a study that came back with segmentations and reports of Kinecor, but without its saved study.

The segmentation has every contour to the pixel; the report has those that volumes rest on exactly, and with them ED and
ES. No model looks at the images. What was corrected by whom only the saved study knows.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.foreign import Document
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.core.values.study import first_study_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import proposed_extent
from kinecor.io.dicom.own_segmentation import Frame, OwnReport, OwnSegmentation, read_own_report, read_segmentation
from kinecor.session.edits import Edit, OnSlice, SetEvents, SetExtent, SetTrack, Several
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from kinecor_models.contours.outlines import area, outlines, pieces, space_evenly

_LABELS: Final = ("LV cavity", "LV myocardium", "Left atrium")
"""Segments in the order of the apical networks' classes, after the background."""
_OUTLINED: Final = {"EDV": Structure.LV_ENDO, "ESV": Structure.LV_ENDO, "LAV": Structure.LA}
"""What the outline of a value encloses."""
_BLUR_PX: Final = 0.7
_POINTS: Final = 96
_READ: Final = message("contours of the study's segmentation and report")


def take_contours(recordings: Sequence[Recording], documents: Sequence[Document]) -> tuple[str, ...]:
    """Save what segmentations and reports of ours say of studies of which nothing is saved here; ids of the studies.

    Raises:
        KinecorError: a study's file cannot be written.

    """
    taken = []
    for study_id in dict.fromkeys(
        document.study_id for document in documents if document.series.kind == "own-segmentation"
    ):
        members = [
            recording
            for recording in recordings
            if recording.source.study_id == study_id and recording.source.series.measured
        ]
        if not members or study_file(study_id).exists():
            continue
        segmentations, reports = _read(study_id, documents)
        edits = [
            (recording, proposed)
            for recording in members
            if (proposed := _edit(recording, segmentations, reports)) is not None
        ]
        if not edits:
            continue
        with Store.open(study_file(study_id)) as store:
            journal = Journal(store)
            journal.open_study(first_study_reading(study_id, members))
            for recording, (edit, by) in edits:
                journal.open(first_reading_of(recording))
                journal.do(recording.source.recording_id, edit, by)
        taken.append(study_id)
    return tuple(taken)


def _read(study_id: str, documents: Sequence[Document]) -> tuple[list[OwnSegmentation], list[OwnReport]]:
    segmentations, reports = [], []
    for document in documents:
        path = Path(document.path)
        if document.study_id != study_id or not path.is_file():
            continue
        try:
            if document.series.rule == "own-segmentation":
                segmentations.append(read_segmentation(path))
            elif document.series.rule == "own-report":
                reports.append(read_own_report(path))
        except KinecorError:
            continue  # the list of documents shows it; the others are read
    return segmentations, reports


def _edit(
    recording: Recording, segmentations: Sequence[OwnSegmentation], reports: Sequence[OwnReport]
) -> tuple[Edit, str] | None:
    """The contours and events of a recording, and their author; None where nothing is of it."""
    frames = {
        (instance.sop_instance, instance.frame or 0): (place, time)
        for place, cine in enumerate(recording.cines)
        for time, instance in enumerate(cine.instances)
    }
    found = next(
        (segmentation for segmentation in segmentations if not frames.keys().isdisjoint(segmentation.masks)), None
    )
    if found is None:
        return None
    reading = first_reading_of(recording)
    exact = _exact_outlines(reports, frames)
    edits: list[Edit] = []
    for place, cine in enumerate(recording.cines):
        drawn = _drawn(cine, place, found, frames, exact, closed=(reading.slices or (reading,))[place].kind.closed)
        tracks = map(SetTrack, _tracks(drawn, len(cine), Origin.EDITED if found.manual else Origin.MODEL))
        edits += [OnSlice(place, track) for track in tracks] if reading.slices else tracks
    if (events := _events(reports, frames)) is not None:
        edits.append(SetEvents(events))
    persons = [name for report in reports for name in report.persons]
    by = f"model:{found.models[0]}" if found.models else next(iter(persons), "Kinecor")
    if reading.slices:
        after: Reading = reading
        for edit in edits:
            after = edit.apply(after, by)
        if (extent := proposed_extent(after)) is not None:
            edits.append(SetExtent(extent))
    return Several(_READ, tuple(edits)), by


def _exact_outlines(
    reports: Sequence[OwnReport], frames: dict[Frame, tuple[int, int]]
) -> dict[tuple[int, int, Structure], NDArray[np.float64]]:
    found = {}
    for report in reports:
        for (label, frame), points in report.outlines.items():
            structure = _OUTLINED.get(label.partition(" ")[0])
            if structure is not None and frame in frames:
                found[(*frames[frame], structure)] = points
    return found


def _drawn(
    cine: CineSequence,
    place: int,
    segmentation: OwnSegmentation,
    frames: dict[Frame, tuple[int, int]],
    exact: dict[tuple[int, int, Structure], NDArray[np.float64]],
    *,
    closed: bool,
) -> dict[Structure, dict[int, Contour]]:
    """Contours of a loop or slice, by structure and frame."""
    drawn: dict[Structure, dict[int, Contour]] = {}
    for frame, masks in segmentation.masks.items():
        if frame not in frames or frames[frame][0] != place:
            continue
        time = frames[frame][1]
        for structure, points in _closed(masks) if closed else _apical(masks):
            drawn.setdefault(structure, {})[time] = Contour(points)
    for (at, time, structure), points in exact.items():
        if at == place and time < len(cine):
            drawn.setdefault(structure, {})[time] = Contour(points)
    return drawn


def _apical(masks: dict[str, NDArray[np.bool_]]) -> Iterator[tuple[Structure, NDArray[np.float64]]]:
    """Open contours from hinge point to hinge point, as those of the apical networks."""
    shape = next(iter(masks.values())).shape
    classes = [np.asarray(masks.get(name, np.zeros(shape, bool)), np.float32) for name in _LABELS]
    background = np.clip(1 - sum(classes), 0, 1)
    hinges: NDArray[np.float64] | None = None
    for name, points in outlines(
        np.stack([background, *classes]).astype(np.float32), blur_px=_BLUR_PX
    ).contours.items():
        if points is not None and name != Structure.LA:
            hinges = np.asarray(points[[0, -1]], np.float64) if name == Structure.LV_ENDO else hinges
            yield Structure(name), np.asarray(points, np.float64)
    lines = pieces(classes[-1] - 0.5, 1.0)
    if lines:
        yield Structure.LA, _opened(np.asarray(max(lines, key=area), np.float64), hinges)


def _opened(line: NDArray[np.float64], hinges: NDArray[np.float64] | None) -> NDArray[np.float64]:
    """A closed line as one from next to a hinge point to next to the other, the long way round."""
    if hinges is None:
        return np.asarray(space_evenly(line.astype(np.float32), _POINTS, around=True), np.float64)
    first, last = (int(np.linalg.norm(line - hinge, axis=1).argmin()) for hinge in hinges)
    turned = np.roll(line, -first, axis=0)
    at = (last - first) % len(line)
    forth, back = turned[: at + 1], np.roll(turned[::-1], 1, axis=0)[: len(line) - at + 1]
    way = max(forth, back, key=lambda path: float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum()))
    if len(way) < 3:
        return line
    return np.asarray(space_evenly(way.astype(np.float32), _POINTS), np.float64)


def _closed(masks: dict[str, NDArray[np.bool_]]) -> Iterator[tuple[Structure, NDArray[np.float64]]]:
    """Closed contours of a short axis."""
    cavity, wall, right = (masks.get(name) for name in ("LV cavity", "LV myocardium", "RV cavity"))
    outer = wall if cavity is None else cavity if wall is None else wall | cavity
    for structure, mask in ((Structure.LV_ENDO, cavity), (Structure.LV_EPI, outer), (Structure.RV, right)):
        if mask is None or (structure is Structure.LV_EPI and wall is None):
            continue
        lines = pieces(mask.astype(np.float32) - 0.5, 1.0)
        if lines:
            yield structure, np.asarray(space_evenly(max(lines, key=area), _POINTS, around=True), np.float64)


def _tracks(drawn: dict[Structure, dict[int, Contour]], count: int, origin: Origin) -> Iterator[ContourTrack]:
    for structure, by_time in drawn.items():
        contours = tuple(by_time.get(time) for time in range(count))
        confidence = np.array([float(contour is not None) for contour in contours])
        yield ContourTrack(structure, contours, (origin,) * count, confidence)


def _events(reports: Sequence[OwnReport], frames: dict[Frame, tuple[int, int]]) -> CardiacEvents | None:
    """ED and ES by the frames that the volumes rest on."""
    times: dict[str, set[int]] = {"EDV": set(), "ESV": set()}
    for report in reports:
        for label, several in report.frames.items():
            code = label.partition(" ")[0]
            if code in times:
                times[code] |= {frames[frame][1] for frame in several if frame in frames}
    starts, ends = sorted(times["EDV"]), sorted(times["ESV"])
    if not starts or len(starts) != len(ends):
        return None
    try:
        return CardiacEvents(tuple(map(Beat, starts, ends)), Origin.MODEL)
    except ValueError:  # out of order: of several beats that overlap
        return None
