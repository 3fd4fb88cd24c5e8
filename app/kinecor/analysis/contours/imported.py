"""Contours of a file as one edit of a recording: what a reader sees before it is done, and what is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

from kinecor.analysis.contours.placing import placed_labels
from kinecor.analysis.contours.tracing import traced_contours
from kinecor.core.outlines.label_orders import Order, guessed_order
from kinecor.core.values.choices import Extent
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.labels import STRUCTURE_OF, ContourFile, DrawnContour, LabelFile, Part, RecordedContours
from kinecor.core.values.message import Message, joined_by, message, plural, verbatim
from kinecor.core.values.reading import Reading, choices, is_person, model_author
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.track import STRUCTURE_NAMES, Origin, Structure
from kinecor.core.volumes.loop_volumes import cavity, volume_events
from kinecor.session.edits import Edit, OnSlice, SetContours, SetEvents, SetExtent, SetRvBase, SetWithheld, Several

OUTSIDE_PX: Final = 2.0
"""How far a point may lie outside the image."""
_OFF_PLANE_MM: Final = 5.0
_SAME_PX: Final = 0.05
# Of fewer frames there is no curve whose ends could be found.
_MIN_CURVE: Final = 5


@dataclass(frozen=True, eq=False)
class ImportedContours:
    """Contours of a file on a recording.

    Attributes:
        name: of the file.
        contours: by structure, slice (0 of a loop) and frame.
        frames: that the file is about: where it has no contour of a structure there, there is none.
        dice: of each contour with the mask that it was traced from; empty where the file has points.
        matched_by: how they were placed, in words.
        sure: whether the file itself says that it is of this recording.
        remarks: what a reader should know.

    """

    name: str
    contours: Mapping[tuple[Structure, int, int], Contour]
    frames: frozenset[int]
    dice: FloatArray
    matched_by: Message
    sure: bool
    remarks: tuple[Message, ...] = ()

    @property
    def structures(self) -> tuple[Structure, ...]:
        """That it has contours of, in the usual order."""
        return tuple(
            single_structure
            for single_structure in Structure
            if any(single_structure is structure for structure, _, _ in self.contours)
        )

    @property
    def words(self) -> Message:
        """How many contours of what: "LV endocardium on 30 frames, ..."."""
        counts = ((structure, sum(structure is of for of, _, _ in self.contours)) for structure in self.structures)
        return joined_by(
            ", ",
            [
                plural(
                    "{structure}: {count} contour",
                    "{structure}: {count} contours",
                    count,
                    structure=STRUCTURE_NAMES[structure].capitalised(),
                )
                for structure, count in counts
            ],
        )


def imported_contours(
    file: LabelFile | ContourFile,
    recording: Recording,
    reading: Reading,
    *,
    parts: Order | None = None,
    frame: int | None = None,
    tick: Tick = no_tick,
) -> ImportedContours:
    """The contours of a file as they would be on a recording; nothing is changed.

    Args:
        file: labels or points.
        recording: a loop or a stack.
        reading: what is concluded about it; its kind says which contours it may have.
        parts: what labels stand for; as guessed where None.
        frame: from 0, that a file of a single time is of; None where its name says so.
        tick: called after each plane; raises Cancelled to end the work.

    Raises:
        KinecorError: they do not fit, or there are none that such a recording may have, in one sentence.
        Cancelled: by `tick`.

    """
    if not reading.kind.structures:
        raise KinecorError(message("These images are only shown: they have no contours"))
    if isinstance(file, ContourFile):
        imported = _of_points(file, recording, reading)
    else:
        imported = _of_labels(file, recording, reading, parts, frame, tick)
    if not imported.contours:
        raise KinecorError(
            message(
                "{file} has no contour that {kind} may have ({structures}): choose what its labels stand for",
                file=verbatim(file.name),
                kind=reading.kind.name,
                structures=joined_by(", ", [STRUCTURE_NAMES[structure] for structure in reading.kind.structures]),
            )
        )
    return imported


def _of_labels(
    file: LabelFile, recording: Recording, reading: Reading, parts: Order | None, frame: int | None, tick: Tick
) -> ImportedContours:
    placed = placed_labels(file, recording, frame)
    order = guessed_order(file, reading.kind.structures).parts if parts is None else parts
    contours: dict[tuple[Structure, int, int], Contour] = {}
    dice = []
    for done, ((number, at), labels) in enumerate(
        sorted(placed.labels.items(), key=lambda placed_labels: placed_labels[0])
    ):
        tick(done, len(placed.labels))
        for structure, traced in traced_contours(labels, order, reading.kind).items():
            contours[structure, number, at] = traced.contour
            dice.append(traced.dice)
    remarks = list(placed.remarks)
    others = [part for part in dict.fromkeys(order.values()) if STRUCTURE_OF.get(part) not in reading.kind.structures]
    if unused := [part.caption for part in others if part is not Part.NOTHING]:
        remarks.append(
            message(
                "{kind} has no contours of these parts, they are not imported: {parts}.",
                kind=reading.kind.name.capitalised(),
                parts=joined_by(", ", unused),
            )
        )
    return ImportedContours(
        file.name, contours, placed.frames, np.array(dice, np.float64), placed.matched_by, placed.sure, tuple(remarks)
    )


def _of_points(file: ContourFile, recording: Recording, reading: Reading) -> ImportedContours:
    chosen = _chosen_recording(file, recording, reading)
    stack, frames = isinstance(recording, Stack), reading.facts.frames
    slices = len(recording.cines)
    contours: dict[tuple[Structure, int, int], Contour] = {}
    for drawn_contour in chosen.contours:
        if drawn_contour.structure not in reading.kind.structures:
            continue
        number, contour = _in_recording(drawn_contour, recording, file.name)
        if (drawn_contour.place is None) is stack or number >= slices or drawn_contour.frame >= frames:
            raise _does_not_fit(file.name)
        cine = recording.cines[number]
        low, high = contour.points.min(axis=0), contour.points.max(axis=0)
        if (low < -OUTSIDE_PX).any() or (high > np.array([cine.columns, cine.rows]) - 1 + OUTSIDE_PX).any():
            raise KinecorError(
                message(
                    "{file} has contours outside these images of {columns} x {rows} pixels: they are of others",
                    file=verbatim(file.name),
                    columns=cine.columns,
                    rows=cine.rows,
                )
            )
        contours[drawn_contour.structure, number, drawn_contour.frame] = contour
    at = frozenset(frame for _, _, frame in contours)
    own = chosen.recording == reading.facts.recording_id
    matched = message("by the id of the recording") if own else message("by frames and slices of the recording")
    return ImportedContours(file.name, contours, at, np.zeros(0), matched, own)


def _does_not_fit(name: str) -> KinecorError:
    return KinecorError(
        message("{file} has contours of other frames or slices than this recording has", file=verbatim(name))
    )


def _chosen_recording(file: ContourFile, recording: Recording, reading: Reading) -> RecordedContours:
    """The entry of this recording: by its id, else the only one that has as many frames and slices."""
    facts = reading.facts
    own = [recording for recording in file.recordings if recording.recording == facts.recording_id]
    slices = len(recording.cines) if isinstance(recording, Stack) else 0

    def fits(recorded: RecordedContours) -> bool:
        return recorded.frames in (None, facts.frames) and recorded.slices in (None, slices)

    fitting = [recorded for recorded in own or file.recordings if fits(recorded)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise _does_not_fit(file.name)
    raise KinecorError(
        message(
            "{file} has {count} recordings that could be this one, and none with its id: import ID-contours.json",
            file=verbatim(file.name),
            count=len(fitting),
        )
    )


def _in_recording(drawn_contour: DrawnContour, recording: Recording, name: str) -> tuple[int, Contour]:
    """The slice and the points in its pixels: by coordinates in the patient where both have them."""
    number = drawn_contour.place or 0
    planes = [cine.plane for cine in recording.cines]
    if drawn_contour.patient_mm is None or any(plane is None for plane in planes) or number >= len(planes):
        return number, drawn_contour.contour
    middle = drawn_contour.patient_mm.mean(axis=0)
    off = [abs(float((middle - plane.origin_mm) @ plane.normal)) for plane in planes if plane is not None]
    nearest = number if off[number] < _SAME_PX else int(np.argmin(off))
    plane, cine = planes[nearest], recording.cines[nearest]
    if plane is None or cine.calibration is None:
        return number, drawn_contour.contour
    if off[nearest] > _OFF_PLANE_MM:
        raise KinecorError(
            message(
                "The contours of {file} lie elsewhere in the patient than these images: choose the images that they "
                "were drawn on",
                file=verbatim(name),
            )
        )
    points = plane.seen(drawn_contour.patient_mm - plane.origin_mm) / (cine.calibration.col_mm, cine.calibration.row_mm)
    same = nearest == number and np.abs(points - drawn_contour.contour.points).max() < _SAME_PX
    return nearest, drawn_contour.contour if same else Contour(points)


def import_edit(imported: ImportedContours, reading: Reading) -> Edit:
    """One edit that puts the contours in place, with ED and ES where a reader set none.

    On the frames that the file is about, a structure has its contours and no others; other frames, and structures that
    the file has none of, stay as they are.

    Args:
        imported: see there.
        reading: before.

    """
    edits: list[Edit] = []
    stack = reading.kind.stack
    for number, part in enumerate(reading.slices if stack else (reading,)):
        for structure in imported.structures:
            placed = _set_contours(imported, part, structure, number)
            edits += [OnSlice(number, edit) for edit in placed] if stack else placed
    if reading.withheld is not None and not reading.kind.unmeasured:
        edits.append(SetWithheld(None))
    edits += _counted_slices(imported, reading)
    after = reading
    for edit in edits:
        after = edit.apply(after, "")
    if reading.events is None or not reading.events.beats or reading.events.origin is not Origin.EDITED:
        events = _events(imported, after)
        if events is not None and events.beats:
            edits.append(SetEvents(events))
    return Several(message("contours imported from {file}", file=verbatim(imported.name)), tuple(edits))


def _set_contours(imported: ImportedContours, part: Reading, structure: Structure, number: int) -> list[Edit]:
    """Runs of frames whose contours are replaced."""
    track = part.tracks.get(structure)
    given = {frame: imported.contours.get((structure, number, frame)) for frame in imported.frames}
    changed = [
        frame
        for frame in sorted(given)
        if given[frame] is not None or (track is not None and track.contours[frame] is not None)
    ]
    runs = (list(run) for _, run in groupby(enumerate(changed), key=lambda numbered: numbered[1] - numbered[0]))
    return [SetContours(structure, run[0][1], tuple(given[frame] for _, frame in run)) for run in runs]


def _counted_slices(imported: ImportedContours, reading: Reading) -> list[Edit]:
    """On the frames of the file, the slices that count are those with contours, where no reader chose them."""
    if not reading.kind.stack:
        return []
    chosen = choices(reading)
    edits: list[Edit] = []
    extent = chosen.extent
    if extent is not None and _automatic(reading, "short_axis/extent"):
        base, apex = list(extent.base), list(extent.apex)
        for frame in imported.frames:
            there = _slices_with(imported, Structure.LV_ENDO, frame)
            if there:
                downwards = extent.base[frame] <= extent.apex[frame]
                base[frame], apex[frame] = (min(there), max(there)) if downwards else (max(there), min(there))
        edits += (
            [SetExtent(Extent(tuple(base), tuple(apex)))]
            if (tuple(base), tuple(apex)) != (extent.base, extent.apex)
            else []
        )
    if chosen.rv_base is not None and extent is not None and _automatic(reading, "short_axis/rv_base"):
        right = list(chosen.rv_base)
        for frame in imported.frames:
            there = _slices_with(imported, Structure.RV, frame)
            if there:
                right[frame] = min(there) if extent.base[frame] <= extent.apex[frame] else max(there)
        edits += [SetRvBase(tuple(right))] if tuple(right) != chosen.rv_base else []
    return edits


def _automatic(reading: Reading, part: str) -> bool:
    by = reading.authors.get(part, "")
    return not is_person(by) or model_author(by) is not None


def _slices_with(imported: ImportedContours, structure: Structure, frame: int) -> list[int]:
    return [number for of, number, at in imported.contours if of is structure and at == frame]


def _events(imported: ImportedContours, after: Reading) -> CardiacEvents | None:
    """ED and ES by the curve of the cavity, of a few frames at the largest and the smallest."""
    parts = after.slices if after.kind.stack else (after,)
    endo = [track for reading in parts if (track := reading.tracks.get(Structure.LV_ENDO)) is not None]
    there = sorted({frame for track in endo for frame, contour in enumerate(track.contours) if contour is not None})
    if len(there) >= _MIN_CURVE or after.facts.stills:
        return volume_events(after)
    if len(there) < 2 or Structure.LV_ENDO not in imported.structures:
        return None
    if after.kind.stack:
        size = [
            sum(single_contour.area_px2 for track in endo if (single_contour := track.contours[frame]))
            for frame in there
        ]
    else:
        size = cavity(after)[there].tolist()
    ed, es = there[int(np.argmax(size))], there[int(np.argmin(size))]
    return CardiacEvents((Beat(ed, es),), Origin.MODEL) if ed != es else None
