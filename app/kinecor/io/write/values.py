"""What a structured report writes: each value that is shown, with the frames and outlines it rests on.

Withheld values are not written. A value that an open check marks comes with the check's sentence.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kinecor.core.checks.assessment import Assessment, assess, assessed_study
from kinecor.core.checks.findings import State
from kinecor.core.norms.classes import imprecise_words
from kinecor.core.table.measures import (
    BY_CODE,
    FUNCTION_CODES,
    Group,
    Measurement,
    Status,
    decimals_of,
    format_fixed,
    read_from,
)
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import message
from kinecor.core.values.reading import HEADER, Reading, is_person, model_author, short_author
from kinecor.core.values.recording import CineSequence, Instance, Recording, Stack
from kinecor.core.values.study import StudyReading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import SIDES
from kinecor.io.write.derived import check_identified


@dataclass(frozen=True, eq=False)
class Read:
    """A recording and what was concluded about it."""

    recording: Recording
    reading: Reading


@dataclass(frozen=True, eq=False)
class Reported:
    """One value of a report.

    Attributes:
        row: the measurement; it has a value.
        view: label of the view it was measured in; "" where it is of the study as a whole.
        images: the frames it rests on; the whole objects (`frame` 0) where it rests on no frame in particular.
        outlines: the contours it rests on, each with the frame it is drawn in and what it encloses.
        remarks: sentences of the checks on it, open ones first.
        doubtful: whether an open check marks it.
        by: the reader who accepted or entered it; "" where nobody did.

    """

    row: Measurement
    view: str
    images: tuple[Instance, ...]
    outlines: tuple[tuple[Instance, Structure, Contour], ...]
    remarks: tuple[str, ...]
    doubtful: bool
    by: str

    @property
    def number(self) -> str:
        """The value as it is shown, with "." and "-"."""
        assert self.row.quantity is not None
        return format_fixed(self.row.quantity.value, decimals_of(self.row.code, self.row.unit))

    @property
    def value(self) -> float:
        """The value as computed."""
        assert self.row.quantity is not None
        return self.row.quantity.value

    @property
    def sentences(self) -> str:
        """Method, interval, remark and checks, as one text."""
        row = self.row
        parts: list[str] = [row.method]
        if row.interval is not None:
            decimals = decimals_of(row.code, row.unit)
            low, high = (format_fixed(each, decimals) for each in (row.interval.low, row.interval.high))
            parts.append(f"95 % interval {low} to {high} {row.unit}")
        if row.code in BY_CODE and BY_CODE[row.code].exploratory:
            parts.append("exploratory: not endorsed for routine use (ASE/EACVI 2025)")
        if row.note:
            parts.append(row.note)
        return (
            ". ".join(name.rstrip(".") for name in (*parts, *(f"Check: {remark}" for remark in self.remarks)) if name)
            + "."
        )


def values_to_report(read: Sequence[Read], study: StudyReading | None = None) -> list[Reported]:
    """The values of a study: those of each recording in order, then those of the study as a whole.

    Args:
        read: the recordings and what was concluded.
        study: what was concluded about the study as a whole, or None.

    Raises:
        UnidentifiedError: a recording has no UIDs.

    """
    check_identified(
        (cine for interpreted in read for cine in interpreted.recording.cines), message("structured report")
    )
    reported_values: list[Reported] = []
    apical = [
        interpreted
        for interpreted in read
        if interpreted.reading.view is not None and interpreted.reading.view.label in SIDES
    ]
    for single_interpreted in read:
        others = (
            [other.reading for other in apical if other is not single_interpreted]
            if single_interpreted in apical
            else []
        )
        reported_values += _of_recording(single_interpreted, assess(single_interpreted.reading, others))
    if len(apical) > 1 or any(one.reading.callipers for one in read):
        reported_values += _of_study(
            apical or read, assessed_study([interpreted.reading for interpreted in read], study), reported_values, study
        )
    return reported_values


def _of_recording(read: Read, assessment: Assessment) -> Iterator[Reported]:
    reading = read.reading
    view = reading.view.label if reading.view else ""
    for row in assessment.measurements:
        if row.quantity is None:
            continue
        images = tuple(_images(read.recording, reading, row.frames)) or _objects(read.recording)
        outlines = tuple(_outlines(read.recording, reading, row))
        yield _reported(row, view, images, outlines, assessment, _reader(reading, row))


def _of_study(
    read: Sequence[Read], assessment: Assessment, single: Sequence[Reported], study: StudyReading | None
) -> Iterator[Reported]:
    for row in assessment.measurements:
        if row.quantity is None:
            continue
        parts = [
            reported_value
            for reported_value in single
            if reported_value.row.code == row.code and reported_value.view in SIDES
        ]
        if BY_CODE[row.code].group is Group.DOPPLER:
            parts = [one for one in single if read_from(one.row.code) <= read_from(row.code)]
        elif row.code != "GLS":
            parts = [reported_value for reported_value in parts if reported_value.view in ("A4C", "A2C")]
            if len({reported_value.view for reported_value in parts}) < len(parts):
                parts = []  # several clips of a view: which of them counts is the table's choice
        images = tuple(dict.fromkeys(image for reported_value in parts for image in reported_value.images))
        images = images or tuple(image for interpreted in read for image in _objects(interpreted.recording))
        decided = study is not None and row.status in (Status.ACCEPTED, Status.EDITED) and row.code in study.decisions
        yield _reported(row, "", images, (), assessment, study.decisions[row.code].by if study and decided else "")


def _reported(
    row: Measurement,
    view: str,
    images: tuple[Instance, ...],
    outlines: tuple[tuple[Instance, Structure, Contour], ...],
    assessment: Assessment,
    by: str,
) -> Reported:
    concerning = sorted(assessment.concerning(row.code), key=lambda finding: finding.state is not State.OPEN)
    remarks = tuple(
        finding.message
        if finding.state is State.OPEN
        else f"{finding.message} (acknowledged by {finding.acknowledged_by}: {finding.why or 'no reason given'})"
        for finding in concerning
    )
    if assessment.imprecise(row.code) and row.interval is not None:
        remarks = (*remarks, imprecise_words(row))
    return Reported(row, view, images, outlines, remarks, assessment.muted(row.code), by)


def _reader(reading: Reading, row: Measurement) -> str:
    """Who accepted or entered a value; who drew the contours of an edited one; "" for none."""
    if row.code in reading.decisions and row.status in (Status.ACCEPTED, Status.EDITED):
        return reading.decisions[row.code].by
    return ", ".join(name for name in row.by if name in persons([reading])) if row.status is Status.EDITED else ""


def persons(readings: Iterable[Reading]) -> tuple[str, ...]:
    """Everyone who contributed to readings, each once.

    Args:
        readings: of recordings, with those of their slices.

    """
    names: dict[str, None] = {}
    for reading in readings:
        for author in (*reading.authors.values(), *(decision.by for decision in reading.decisions.values())):
            if is_person(author) and author not in (HEADER, "user"):
                names[author] = None
        names |= dict.fromkeys(persons(reading.slices))
    return tuple(names)


def models(readings: Iterable[Reading]) -> tuple[tuple[str, str], ...]:
    """The models that contributed to readings, as (name@version, beginning of the digest of its weights).

    Args:
        readings: of recordings, with those of their slices.

    """
    found: dict[str, str] = {}
    for reading in readings:
        for author in reading.authors.values():
            model = model_author(author)
            if model is not None:
                found[short_author(author)] = model.digest
        found |= dict(models(reading.slices))
    return tuple(sorted(found.items()))


def _images(recording: Recording, reading: Reading, frames: Sequence[int]) -> Iterator[Instance]:
    """The frames of a loop; of a stack, those of the slices that are contoured in that phase.

    Values of several phases of a stack, such as EF, are computed from those of one; they refer to it as a whole.
    """
    if isinstance(recording, Stack) and len(frames) > 1:
        return
    if isinstance(recording, Stack):
        for cine, slice_reading in zip(recording.slices, reading.slices, strict=True):
            for phase in frames:
                if any(track.contours[phase] is not None for track in slice_reading.tracks.values()):
                    yield cine.instances[phase]
    else:
        yield from (recording.instances[frame] for frame in frames)


def _objects(recording: Recording) -> tuple[Instance, ...]:
    """The recording as a whole: its first object, without a frame."""
    first = recording.cines[0].instances[0]
    return (Instance(first.path, first.sop_class, first.sop_instance, first.series, first.study),)


def _outlines(
    recording: Recording, reading: Reading, row: Measurement
) -> Iterator[tuple[Instance, Structure, Contour]]:
    """The contours that volumes and areas rest on; those of strain are too many to be of use."""
    if not isinstance(recording, CineSequence) or row.code not in FUNCTION_CODES:
        return
    for frame in row.frames:
        for structure in row.structures:
            track = reading.tracks.get(structure)
            contour = track.contours[frame] if track else None
            if contour is not None:
                yield recording.instances[frame], structure, contour
