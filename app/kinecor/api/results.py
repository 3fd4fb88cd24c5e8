"""What was concluded about a study: values, contours, curves, strain; and edits, from which new results follow.

Every result is immutable, can be pickled, and may be used from several threads.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kinecor.analysis.analyse import propose
from kinecor.analysis.propagation import images_of, propagation, with_followers
from kinecor.api.opened import Recording, Refused, SetAside, Study
from kinecor.api.values import Finding, Strain, Value, dataframe, finding_of, picked, strain_of, value_of
from kinecor.core.checks.assessment import Assessment, assess, assessed_study
from kinecor.core.table.measures import HEADLINES
from kinecor.core.tracking.propagation import propagates
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import KinecorError, error_message, no_tick
from kinecor.core.values.events import Beat as CoreBeat
from kinecor.core.values.events import CardiacEvents
from kinecor.core.values.geometry import Contour, FloatArray, frozen_array
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.core.values.reading import Reading, gives_study_values, is_person, model_author
from kinecor.core.values.study import StudyReading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.segments import SIDES
from kinecor.io.export.result import measurement_entry
from kinecor.io.export.run_tables import by_preference
from kinecor.io.export.schema import MethodEntry
from kinecor.io.export.tables import curve_columns
from kinecor.io.export.tidy import Cell, Subject, tidy_rows
from kinecor.io.export.tidy import Origin as RowOrigin
from kinecor.io.write.labels import label_frame
from kinecor.session.edits import Edit, OnSlice, SetCalibration, SetContours, SetEvents

if TYPE_CHECKING:
    import pandas

Name = Literal["lv_endo", "lv_epi", "la", "rv"]


class Beat(NamedTuple):
    """The frames of end-diastole and end-systole of one beat, from 0."""

    ed: int
    es: int


class Step(NamedTuple):
    """One edit of a recording and who made it: a model, or a person; None for an edit that stays in its file."""

    edit: Edit | None
    by: str


@dataclass(frozen=True, eq=False, repr=False)
class RecordingResult:
    """What was concluded about one recording.

    Made by `kinecor.analyse`; `with_contour`, `with_events` and `propagate` give the next one, whose values follow.

    Attributes:
        recording: as it was opened.
        error: why it could not be analysed, in one sentence; "" where it was.

    """

    recording: Recording
    error: str = ""
    _reading: Reading | None = None
    _others: tuple[Reading, ...] = ()
    _steps: tuple[Step, ...] = ()
    _stored: int = 0
    """How many of its steps are in the file that it was loaded from."""
    _why: str = ""
    _method: MethodEntry | None = None
    """How it was analysed; None where it was not, or was loaded from a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return RecordingResult, tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        told = self.error or self._why or ", ".join(str(self.get(code)) for code in HEADLINES if self.get(code))
        return f"<RecordingResult {self.recording.id}: {told or 'nothing measured'}>"

    @property
    def id(self) -> str:
        """The recording's."""
        return self.recording.id

    @property
    def view(self) -> str:
        """The view in force, by the header, a model or a person: "A4C", "SAX", ...; "" where none is known."""
        return self._reading.view.label if self._reading and self._reading.view else self.recording.view

    @property
    def view_confidence(self) -> float | None:
        """How sure the model is that named it, 0 to 1; None where no model did."""
        return self._reading.view.confidence if self._reading and self._reading.view else None

    @property
    def stack(self) -> bool:
        """Whether it is a stack of short-axis slices."""
        return self.recording.positions_mm is not None

    @property
    def spacing_mm(self) -> tuple[float, float] | None:
        """The scale in force: millimetres between rows, and between columns; None without one."""
        scale = self._reading.calibration if self._reading else None
        return (scale.row_mm, scale.col_mm) if scale else None

    @property
    def why_not_measured(self) -> str:
        """Why nothing is measured, in one sentence; "" where something is, or where it failed (`error`)."""
        if self._reading is None:
            return self._why
        return str(self._reading.withheld or "")

    # Values

    @property
    def _assessment(self) -> Assessment | None:
        return None if self._reading is None else assess(self._reading, self._others)

    @property
    def values(self) -> Mapping[str, Value]:
        """All measurements by code, with trust as the checks leave it; in the order of the table."""
        assessment, view = self._assessment, self.view
        rows = () if assessment is None else assessment.measurements
        return MappingProxyType(
            {row.code: value_of(row, assessment, self.id, view) for row in rows if assessment is not None}
        )

    def __getitem__(self, code: str) -> Value:
        """One measurement.

        Raises:
            MissingValueError: it has none of that code.

        """
        return picked(self.values, code)

    def get(self, code: str) -> Value | None:
        """One measurement, or None.

        Args:
            code: of the measurement, e.g. "EDV".

        """
        return self.values.get(code)

    @property
    def trust(self) -> Literal["ok", "check", "withheld"] | None:
        """Of the first of EF, EDV, ESV, GLS ... that is listed; None where none is."""
        values = self.values
        return next((values[code].trust for code in HEADLINES if code in values), None)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks found, most serious first."""
        assessment = self._assessment
        return () if assessment is None else tuple(map(finding_of, assessment.findings))

    # What was drawn

    @property
    def structures(self) -> tuple[str, ...]:
        """Structures that are contoured on some frame: of "lv_endo", "lv_epi", "la", "rv"."""
        if self._reading is None:
            return ()
        parts = self._reading.slices or (self._reading,)
        there = {name for part in parts for name, track in part.tracks.items() if any(track.contours)}
        return tuple(structure.value for structure in Structure if structure in there)

    def contour(self, name: Name, frame: int, slice: int = 0) -> FloatArray | None:  # noqa: A002
        """The contour of a structure on one frame.

        Args:
            name: "lv_endo", "lv_epi", "la" or "rv".
            frame: from 0.
            slice: of a stack, from 0.

        Returns:
            (n, 2) points (x, y) = (column, row) in pixels, the centre of the first pixel at (0, 0); read-only. On long
            axes the first and last point are the hinge points of the valve, on short axes the line is closed. None
            where there is no contour.

        Raises:
            Error: there is no such structure.
            IndexError: there is no such frame or slice.

        """
        track = self._track(name, frame, slice)
        contour = track.contours[frame] if track else None
        return None if contour is None else contour.points

    def confidence(self, name: Name, frame: int, slice: int = 0) -> float | None:  # noqa: A002
        """How reliable a contour is, 0 to 1; None where there is none, or a person drew it. As `contour`.

        Args:
            name: of a structure, see `contour`.
            frame: from 0.
            slice: from 0; of a loop 0.

        """
        track = self._track(name, frame, slice)
        if track is None or track.contours[frame] is None or track.origins[frame] is Origin.EDITED:
            return None
        return float(track.confidence[frame])

    def mask(self, frame: int, slice: int = 0) -> NDArray[np.uint8]:  # noqa: A002
        """Labels of one frame.

        Args:
            frame: from 0.
            slice: of a stack, from 0.

        Returns:
            uint8 (rows, columns): 0 background, 1 LV cavity, 2 LV myocardium, 3 left atrium, 4 RV cavity.

        Raises:
            Error: nothing was concluded about the recording.
            IndexError: there is no such frame or slice.

        """
        return label_frame(self._part(frame, slice), frame)

    @property
    def beats(self) -> tuple[Beat, ...]:
        """ED and ES of each beat; empty where none was found."""
        events = self._reading.events if self._reading else None
        return tuple(Beat(beat.ed, beat.es) for beat in events.beats) if events else ()

    @property
    def events(self) -> Mapping[str, tuple[int, ...]]:
        """Frames, from 0, of "ed", "es", "avc" (aortic valve closure) and "mvo" (mitral valve opening), as marked."""
        reading = self._reading
        return MappingProxyType(
            {
                "ed": tuple(beat.ed for beat in self.beats),
                "es": tuple(beat.es for beat in self.beats),
                "avc": reading.valve_closures if reading else (),
                "mvo": reading.valve_openings if reading else (),
            }
        )

    @property
    def curves(self) -> Mapping[str, FloatArray]:
        """Curves over the frames, by a name with its unit, each (frames,); NaN where there is no contour.

        "frame" (from 0), "time_s", "lv_area_mm2", "lv_volume_ml", "la_volume_ml", "rv_volume_ml",
        "longitudinal_strain_percent", ..., as far as the recording has them; without a scale "lv_area_px2" and
        "lv_volume_relative_percent".
        """
        if self._reading is None:
            return MappingProxyType({})
        columns = curve_columns(self._reading)
        return MappingProxyType({name: frozen_array([*values]) for name, values in columns.items()})

    @property
    def strain(self) -> Strain | None:
        """Strain of the wall; None where it could not be computed: `why_no_strain` says why."""
        return None if self._reading is None else strain_of(self._reading)[0]

    @property
    def why_no_strain(self) -> str:
        """Why there is no strain, or its global value is withheld, in one sentence; "" where there is one."""
        return self.error or self._why if self._reading is None else strain_of(self._reading)[1]

    @property
    def readers(self) -> tuple[str, ...]:
        """Persons who edited it, each once."""
        return tuple(dict.fromkeys(step.by for step in self._steps if model_author(step.by) is None))

    @property
    def models(self) -> tuple[str, ...]:
        """Networks that its steps were made by, as "name@version", each once."""
        model_authors = (model_author(step.by) for step in self._steps)
        return tuple(dict.fromkeys(str(model_author) for model_author in model_authors if model_author is not None))

    # Edits

    def with_contour(
        self,
        name: Name,
        frame: int,
        points: ArrayLike | None,
        *,
        author: str,
        slice: int = 0,  # noqa: A002
    ) -> "RecordingResult":
        """The result with one contour as a person drew it, as the window makes it; values follow.

        Where the other frames follow drawn ones already (after `propagate`), they follow this one, too.

        Args:
            name: "lv_endo", "lv_epi", "la" or "rv".
            frame: from 0.
            points: (n, 2) with n >= 3, as `contour` gives them; None removes the contour.
            author: the person's name.
            slice: of a stack, from 0.

        Raises:
            Error: the points are none of a contour, the author is nobody, or the recording has no such structure.
            IndexError: there is no such frame or slice.

        """
        part = self._part(frame, slice)
        structure = self._structure(name)
        if structure not in part.kind.structures:
            names = verbatim(", ".join(structure.value for structure in part.kind.structures) or "none")
            raise KinecorError(
                message(
                    "{structure} is not traced on a recording of the kind {kind}: expected one of {names}",
                    structure=verbatim(name),
                    kind=part.kind.name,
                    names=names,
                )
            )
        try:
            contour = None if points is None else Contour(np.asarray(points, np.float64))
        except (ValueError, TypeError) as error:
            raise KinecorError(message("a contour was expected: {reason}", reason=error_message(error))) from error
        edit: Edit = SetContours(structure, frame, (contour,))
        _check_author(author)
        edit = with_followers(edit, part, author, images_of(self.recording._core, slice))
        return self._then(OnSlice(slice, edit) if self.stack else edit, author)

    def with_events(self, beats: Sequence[tuple[int, int]], *, author: str) -> "RecordingResult":
        """The result with ED and ES as a person marks them; values follow.

        Args:
            beats: (ED, ES) of each beat in order, frames from 0.
            author: the person's name.

        Raises:
            Error: beats out of order or beyond the recording, or the author is nobody.

        """
        _check_author(author)
        try:
            events = CardiacEvents(tuple(CoreBeat(int(ed), int(es)) for ed, es in beats), Origin.EDITED)
        except ValueError as error:
            raise KinecorError(error_message(error)) from error
        return self._then(SetEvents(events), author)

    def with_spacing(self, row_mm: float, column_mm: float, *, author: str) -> "RecordingResult":
        """The result with a scale as a person states it; values follow.

        Args:
            row_mm: millimetres between rows, 0.001 to 20.
            column_mm: between columns.
            author: the person's name.

        Raises:
            Error: a spacing out of range, or the author is nobody.

        """
        _check_author(author)
        try:
            scale = Calibration(row_mm, column_mm, message("entered by {reader}", reader=verbatim(author)))
        except ValueError as error:
            raise KinecorError(error_message(error)) from error
        edit: Edit = SetCalibration(scale)
        count = self.recording.slices
        if not self.stack:
            return self._then(edit, author)
        result = self
        for number in range(count):
            result = result._then(OnSlice(number, edit), author)
        return result._then(edit, author)

    def propagate(
        self,
        *,
        author: str = "",
        device: Literal["auto", "cpu", "cuda"] = "auto",
        progress: Callable[[int, int], None] | None = None,
    ) -> "RecordingResult":
        """The result with all frames following those that a person drew; drawn frames stay. As R in the window.

        Args:
            author: the person's name; whoever drew last where it is "".
            device: where the models run.
            progress: called as progress(frames done, frames); raises `Cancelled` to end the work.

        Raises:
            Error: no contour was drawn, or all follow already.
            Cancelled: by `progress`.

        """
        reading, tick = self._read(), progress or no_tick
        by = author or next((step.by for step in reversed(self._steps) if is_person(step.by)), "")
        if propagates(reading):
            proposal = propose(self.recording._core, reading, tick, device=device)
            return self._then(proposal.edit, proposal.by)
        result = self
        for number, part in enumerate(reading.slices or (reading,)):
            edit = propagation(part, images_of(self.recording._core, number), tick)
            if edit is not None:
                _check_author(by)
                result = result._then(OnSlice(number, edit) if self.stack else edit, by)
        if result is self:
            raise KinecorError(message("There is nothing to propagate: correct a contour on one frame first."))
        return result

    # Rows

    def rows(self) -> Iterator[dict[str, Cell]]:
        """Its values as rows of the table that `to_dataframe` has; the study's columns are empty but for its id."""
        return self._rows(Subject(self.recording.study_id))

    def to_dataframe(self) -> "pandas.DataFrame":
        """Its values, one a row.

        Raises:
            Error: pandas is not installed.

        """
        return dataframe(self.rows())

    def _rows(self, subject: Subject) -> Iterator[dict[str, Cell]]:
        assessment = self._assessment
        if assessment is None or self._reading is None:
            return iter(())
        parts = self._reading.slices or (self._reading,)
        edited = sum(
            contour is not None and origin is Origin.EDITED
            for part in parts
            for track in part.tracks.values()
            for contour, origin in zip(track.contours, track.origins, strict=True)
        )
        origin = RowOrigin(self.id, self.view, edited, self.readers)
        return tidy_rows(
            subject, origin, [measurement_entry(measurement, assessment) for measurement in assessment.measurements]
        )

    # Within the package

    def _read(self) -> Reading:
        if self._reading is None:
            why = self.error or self._why or "it was not analysed"
            raise KinecorError(
                message(
                    "nothing was concluded about {recording}: {reason}",
                    recording=verbatim(self.id),
                    reason=verbatim(why),
                )
            )
        return self._reading

    def _part(self, frame: int, number: int) -> Reading:
        reading = self._read()
        if not 0 <= number < self.recording.slices or not 0 <= frame < self.recording.frames:
            raise IndexError(
                f"frame {frame} of slice {number}: there are {self.recording.frames} frames and "
                f"{self.recording.slices} slices, from 0"
            )
        return reading.slices[number] if reading.slices else reading

    def _structure(self, name: str) -> Structure:
        try:
            return Structure(name)
        except ValueError:
            raise KinecorError(
                message(
                    "structure: expected one of {names}, got {given}",
                    names=joined_by(", ", [structure.value for structure in Structure]),
                    given=verbatim(name),
                )
            ) from None

    def _track(self, name: str, frame: int, number: int) -> ContourTrack | None:
        return self._part(frame, number).tracks.get(self._structure(name))

    def _then(self, edit: Edit, by: str) -> "RecordingResult":
        try:
            reading = edit.apply(self._read(), by)
        except ValueError as error:
            raise KinecorError(error_message(error)) from error
        return replace(self, _reading=reading, _steps=(*self._steps, Step(edit, by)))

    @property
    def _apical(self) -> Reading | None:
        """Its Reading where its study is measured on it."""
        return self._reading if self._reading is not None and self.view in SIDES else None

    @property
    def _of_study(self) -> Reading | None:
        """Its Reading where values of the study may come from it: of an apical view, or with callipers."""
        return self._apical or (self._reading if self._reading and gives_study_values(self._reading) else None)


def _check_author(author: str) -> None:
    if not is_person(author):
        raise KinecorError(message("author: expected the name of a person, got '{given}'", given=verbatim(author)))


@dataclass(frozen=True, eq=False, repr=False)
class Result:
    """What was concluded about the recordings of one study, or of several.

    Attributes:
        study: as it was opened.
        recordings: what was concluded about each that is measured, in order.

    """

    study: Study
    recordings: tuple[RecordingResult, ...]
    _concluded: Mapping[str, StudyReading] = field(default_factory=dict)
    _file: "tuple[str, str] | None" = None
    """Of a result that was loaded: path and last digest of its file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Result, (self.study, self.recordings, dict(self._concluded), self._file)

    def __repr__(self) -> str:
        return f"<Result of {len(self.recordings)} recordings, {len(self.study_ids)} studies>"

    @property
    def study_ids(self) -> tuple[str, ...]:
        """The studies, in order."""
        return tuple(self._concluded)

    @property
    def studies(self) -> "tuple[Result, ...]":
        """The result of each study by itself."""
        if len(self._concluded) == 1:
            return (self,)
        parts = {ids: study for study in self.study.studies for ids in study.study_ids}
        return tuple(
            Result(
                parts[study],
                tuple(recording for recording in self.recordings if recording.recording.study_id == study),
                {study: concluded},
            )
            for study, concluded in self._concluded.items()
        )

    @property
    def values(self) -> Mapping[str, Value]:
        """Values of the study: over its views where there are several, else of the recording that shows them best.

        Of recordings, those of a stack come first, then of A4C, A2C, A3C; a withheld value gives way to one that is
        not. `Value.recording` says which it is of.

        Raises:
            Error: there are several studies.

        """
        assessment = self._assessment
        values = {measurement.code: value_of(measurement, assessment) for measurement in assessment.measurements}
        for recording in by_preference(self.recordings):
            for code, value in recording.values.items():
                if code not in values or (values[code].value is None and value.value is not None):
                    values[code] = value
        return MappingProxyType(values)

    def __getitem__(self, code: str) -> Value:
        """One of the `values`, e.g. `result["EF"]`.

        Raises:
            MissingValueError: there is none of that code.
            Error: there are several studies.

        """
        return picked(self.values, code)

    def get(self, code: str) -> Value | None:
        """One of the `values`, or None.

        Args:
            code: of the measurement, e.g. "EF".

        """
        return self.values.get(code)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the checks found between the recordings of the study, most serious first.

        Raises:
            Error: there are several studies.

        """
        return tuple(map(finding_of, self._assessment.findings))

    @property
    def failed(self) -> tuple[RecordingResult, ...]:
        """Recordings that could not be analysed; `error` says why."""
        return tuple(recording for recording in self.recordings if recording.error)

    @property
    def refused(self) -> tuple[Refused, ...]:
        """Files that could not be opened."""
        return self.study.refused

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """What is there and never measured."""
        return self.study.set_aside

    def recording(self, recording_id: str) -> RecordingResult:
        """The result of one recording.

        Args:
            recording_id: `Recording.id`.

        Raises:
            Error: there is none of that id.

        """
        result = next((recording for recording in self.recordings if recording.id == recording_id), None)
        if result is None:
            raise KinecorError(message("no recording {recording} was analysed here", recording=verbatim(recording_id)))
        return result

    def with_recording(self, changed: RecordingResult) -> "Result":
        """The result with one recording replaced, such as by an edited one; values of its study follow.

        Args:
            changed: result of a recording that this result has, told by its id.

        Raises:
            Error: it has no such recording.

        """
        self.recording(changed.id)
        recordings = tuple(changed if recording.id == changed.id else recording for recording in self.recordings)
        return replace(self, recordings=in_studies(recordings))

    def rows(self) -> Iterator[dict[str, Cell]]:
        """All values as rows, as `to_dataframe` has them: cells by column, None where there is nothing."""
        for part in self.studies:
            (study, concluded), *_ = part._concluded.items()
            sources = [recording.recording for recording in part.recordings]
            subject = Subject(
                study,
                next((source.patient_id for source in sources if source.patient_id), ""),
                next((source.site for source in sources if source.site), ""),
                next((source.equipment for source in sources if source.equipment), ""),
                concluded.demographics.sex,
                None if concluded.age_years is None else round(concluded.age_years, 1),
            )
            assessment = part._assessment
            entries = [measurement_entry(measurement, assessment) for measurement in assessment.measurements]
            yield from tidy_rows(subject, RowOrigin(), entries)
            for recording in part.recordings:
                yield from recording._rows(subject)

    def to_dataframe(self) -> "pandas.DataFrame":
        """One row a value of each study and recording: unit, interval, trust, grade, method, edits, readers.

        The columns are described by `kinecor cohort` (dictionary.csv), whose values.csv is the same table.

        Raises:
            Error: pandas is not installed.

        """
        return dataframe(self.rows())

    @property
    def _assessment(self) -> Assessment:
        """Of the only study: what is measured over its views, as in result.json."""
        if len(self._concluded) != 1:
            raise KinecorError(
                message("expected one study, there are {count}: take each from `studies`", count=len(self._concluded))
            )
        (concluded,) = self._concluded.values()
        return assessed_study(
            [recording._of_study for recording in self.recordings if recording._of_study is not None], concluded
        )


def in_studies(recordings: Sequence[RecordingResult]) -> tuple[RecordingResult, ...]:
    """Results of recordings, each with the other views of its study, which may contradict it.

    Args:
        recordings: of any number of studies, in any order, which is kept.

    """
    results = []
    for recording in recordings:
        others = tuple(
            other._apical
            for other in recordings
            if other is not recording
            and other.recording.study_id == recording.recording.study_id
            and other._apical is not None
        )
        compared = recording._apical is not None or recording.stack
        results.append(replace(recording, _others=others if compared else ()))
    return tuple(results)
