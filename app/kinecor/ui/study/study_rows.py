"""The rows of the study list: recordings by patient, study and kind, with view, series, length, state, open checks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from kinecor.core.checks.assessment import Assessment
from kinecor.core.checks.findings import Severity
from kinecor.core.study.conclusions import SignState
from kinecor.core.table.measures import EXPLORATORY, Status
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.kind import UNKNOWN_VIEW, kind_of
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording, Stack
from kinecor.core.values.series import Group
from kinecor.session.store import study_file
from kinecor.ui.study.patient_bar import modality_of, name_of
from kinecor.ui.style.elided import BREAKS
from kinecor.ui.style.language import numbered, tr, translated
from kinecor.ui.style.theme import shrunk, to_qimage
from kinecor.ui.workspace.captions import date_words
from kinecor.ui.workspace.corrections import contours_corrected
from kinecor.ui.workspace.workspace import Workspace

THUMBNAIL_PX = 104


class State(StrEnum):
    """How far a recording has been read."""

    NEW = "not analysed"
    UNKNOWN = "view unknown"
    AUTOMATIC = "automatic"
    EDITED = "edited"
    PARTLY = "partly accepted"
    ACCEPTED = "accepted"


def state_of(reading: Reading | None, assessment: Assessment, over_views: frozenset[str] = frozenset()) -> State:
    """By its contours and the values that rest on them, but for exploratory ones: accepted where each of these is.

    Without contours it is edited where a reader measured with callipers.

    Args:
        reading: of the recording; None where it was never opened.
        assessment: its values and checks.
        over_views: codes of values that were accepted as those of the whole study.

    """
    if reading is None or not (reading.tracks or any(slice_reading.tracks for slice_reading in reading.slices)):
        if reading is not None and reading.callipers:
            return State.EDITED
        judged = reading is not None and reading.view is not None and not reading.view_confirmed
        return State.UNKNOWN if judged and reading is not None and not reading.view_known else State.NEW
    rows = [row for row in assessment.measurements if row.structures and row.quantity is not None]
    given = {Status.ACCEPTED if row.code in over_views else row.status for row in rows if row.code not in EXPLORATORY}
    if given == {Status.ACCEPTED}:
        return State.ACCEPTED
    if Status.ACCEPTED in given:
        return State.PARTLY
    return State.EDITED if Status.EDITED in given or contours_corrected(reading) else State.AUTOMATIC


def view_label(recording: Recording, reading: Reading | None) -> str:
    """The view as the reader calls it, with the stage of a stress study; the file's name where neither is known."""
    series = recording.source.series.known
    if series is not None and not series.measured:
        return translated(series.name.capitalised())
    if isinstance(recording, Stack):
        return tr("Short axis")
    stage, number = recording.source.stage if reading is None else reading.facts.stage, recording.source.view_number
    label = reading.view.label if reading and reading.view else recording.view or UNKNOWN_VIEW
    if label == UNKNOWN_VIEW:
        of_stage = "" if stage is None else f"{translated(stage.words)} {number or ''}".rstrip()
        return of_stage or Path(recording.source.path).stem
    kind = (
        reading.kind
        if reading
        else kind_of(stack=False, stack_slice=False, modality=recording.source.modality, view=label)
    )
    return kind.view_name(label) if stage is None else f"{kind.view_name(label)} {translated(stage.words)}"


def row_words(recording: Recording, reading: Reading | None) -> tuple[str, str]:
    """What the list says of a recording: its view, and below it its length, in a stress study after stage and number.

    The stage stands before the length, not after the view: there is no room for both in a narrow list.
    """
    view, length = view_label(recording, reading), length_of(recording)
    stage, number = recording.source.stage if reading is None else reading.facts.stage, recording.source.view_number
    after = "" if stage is None else f" {translated(stage.words)}"
    if not after or not view.endswith(after):
        return view, length
    return view.removesuffix(after), f"{after.strip()} {number or ''}".rstrip() + f", {length}"


def length_of(recording: Recording) -> str:
    """Frames and rate of a loop, slices and phases of a stack; of what is only shown, slices and images."""
    if recording.source.series.view_only:
        many = [len(recording.cines), len(recording.times_s)] if isinstance(recording, Stack) else [len(recording)]
        counts = [count for count in many if count > 1] or [1]
        return tr("1 image") if counts == [1] else tr("{n} images").format(n=" × ".join(map(str, counts)))
    if isinstance(recording, Stack):
        return f"{len(recording.slices)} × {recording.phases}"
    if len(recording) == 1:
        return tr("still")
    of_mri = recording.source.modality == "MR"
    frames = (tr("{n} phases") if of_mri else tr("{n} frames")).format(n=len(recording))
    return f"{frames}, {numbered(recording.times_s[-1], '.1f')} s"


def _alike(names: Sequence[str]) -> int:
    """How many letters all names begin with, up to the end of a word; 0 of a single name."""
    if len(set(names)) < 2:
        return 0
    shared = list(takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False)))
    return max((at + 1 for at, (letter, *_) in enumerate(shared) if letter in BREAKS), default=0)


def group_of(recording: Recording) -> Group | None:
    """The part of a study that a recording is listed in; None where its kind was not decided."""
    kind = recording.source.series.known
    return None if kind is None else kind.group


def _number_of(recordings: int) -> str:
    return tr("1 recording") if recordings == 1 else tr("{n} recordings").format(n=recordings)


def thumbnails(recordings: Iterable[Recording], tick: Tick) -> tuple[NDArray[np.uint8] | None, ...]:
    """A small copy of each recording's first frame, or None where it cannot be decoded; for a worker."""
    made: list[NDArray[np.uint8] | None] = []
    for number, recording in enumerate(recordings):
        tick(number, 0)
        cine = recording.cines[len(recording.cines) // 2]
        try:
            made.append(shrunk(cine.frames[0], 2 * THUMBNAIL_PX))
        except (KinecorError, OSError, ValueError):  # a missing thumbnail does not stop the others
            made.append(None)
    return tuple(made)


@dataclass(frozen=True, slots=True)
class Divider:
    """Stands before the recordings of a study.

    Attributes:
        name: of the patient.
        patient_id: by the header.
        study: modality, day and number of recordings.
        signed: "Signed", "! Changed since signed", or "".

    """

    name: str
    patient_id: str
    study: str
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One recording.

    Attributes:
        index: among the recordings of the workspace.
        view: see `row_words`.
        length: likewise.
        state: None until it is known.
        mark: of its most serious open check.
        words: what its checks say.
        series: number and description of its series; "" where they tell recordings of the study not apart.
        group: the part of the study that it stands in; None where the study has no parts.
        view_only: whether it is only shown, and has no state.
        named_by_kind: whether `view` is the name of the kind of its series.
        alike: letters at the beginning of `view` that all names of the part share, so that they tell nothing.

    """

    index: int
    view: str
    length: str
    state: State | None = None
    mark: Severity | None = None
    words: str = ""
    series: str = ""
    group: tuple[str, Group] | None = None
    view_only: bool = False
    named_by_kind: bool = False
    alike: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Stands before the series of one kind in a study, and folds them.

    Attributes:
        key: study id and group.
        title: in words.
        count: of its recordings or documents.
        folded: whether they are hidden.

    """

    key: tuple[str, Group]
    title: str
    count: int
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    """A document: not a recording, opened by a click.

    Attributes:
        number: among the documents of the workspace.
        title: what it is.
        about: series, date, and who made it.
        group: see Row.
        drawn: whether the images show what it draws.

    """

    number: int
    title: str
    about: str
    group: tuple[str, Group]
    drawn: bool = False


Index = QModelIndex | QPersistentModelIndex
ROW, PICTURE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.DecorationRole


class StudyModel(QAbstractListModel):
    """Dividers and recordings, in the order in which patients and studies were opened."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.rows: list[Divider | Part | Row | Paper] = []
        self.places: dict[int, int] = {}
        """Row by index of the recording."""
        self.folded: dict[tuple[str, Group], bool] = {}
        """Which parts of studies a reader folded or unfolded; documents are folded at first."""
        self._pictures: dict[int, QPixmap] = {}

    @property
    def order(self) -> tuple[int, ...]:
        """Indices of the recordings as listed."""
        return tuple(self.places)

    def load(self) -> None:
        """List the recordings of the workspace."""
        self.beginResetModel()
        self.rows, self.places, self._pictures = [], {}, {}
        groups: dict[tuple[str, str], list[int]] = {}
        for index, recording in enumerate(self._workspace.opened.recordings):
            patient = recording.source.patient
            groups.setdefault((patient.identity, recording.source.study_id), []).append(index)
        patients = list(dict.fromkeys(patient for patient, _ in groups))
        for key in sorted(groups, key=lambda candidate: patients.index(candidate[0])):
            members = groups[key]
            recordings = [self._workspace.opened.recordings[at] for at in members]
            # A capture, or what was derived from the images, does not say what the study is of.
            first = next(
                (recording for recording in recordings if group_of(recording) is not Group.DOCUMENTS), recordings[0]
            )
            day = date_words(first.source.patient.study_date.strip())
            what = [modality_of(first), day, _number_of(len(members))]
            text = "  ·  ".join(name for name in what if name)
            self.rows.append(Divider(name_of(first), first.source.patient.patient_id, text))
            self._add_members(key[1], members)
        self.endResetModel()

    def _add_members(self, study: str, members: list[int]) -> None:
        """The recordings and documents of a study: in parts where there are several."""
        recordings = self._workspace.opened.recordings
        parts: dict[Group | None, list[int]] = {}
        for index in members:
            parts.setdefault(group_of(recordings[index]), []).append(index)
        papers = [
            index for index, document in enumerate(self._workspace.opened.documents) if document.study_id == study
        ]
        order = [group for group in Group if group in parts or (group is Group.DOCUMENTS and papers)]
        divided = len(order) + (None in parts) > 1
        labels = [recordings[index].source.series.label for index in members]
        telling = len(set(labels)) > 1
        for group in (*([None] if None in parts else []), *order):
            inside = parts.get(group, [])
            if group is Group.OTHER_MR:
                inside = sorted(inside, key=lambda index: recordings[index].source.series.number or 0)
            listed = papers if group is Group.DOCUMENTS else []
            key = None if group is None or not divided else (study, group)
            if key is not None:
                title = translated(key[1].heading)
                self.rows.append(Part(key, title, len(inside) + len(listed), self.is_folded(key)))
            alike = _alike([view_label(recordings[index], None) for index in inside])
            for index in inside:
                series = recordings[index].source.series
                label = series.label if telling and series.description else ""
                self.places[index] = len(self.rows)
                texts = row_words(recordings[index], None)
                only, by_kind = series.view_only, not series.measured
                row = Row(index, *texts, series=label, group=key, view_only=only, named_by_kind=by_kind)
                self.rows.append(replace(row, alike=0 if by_kind else alike))
            self.rows += [self._paper(at, key or (study, Group.DOCUMENTS)) for at in listed]

    def _paper(self, number: int, key: tuple[str, Group]) -> Paper:
        document = self._workspace.opened.documents[number]
        kind = document.series.known
        name = translated(kind.name.capitalised()) if kind is not None else document.title
        day = date_words(document.date) if document.date else ""
        return Paper(number, name, ", ".join(filter(None, (document.title, document.series.label, day))), key)

    def show_drawn(self, paths: frozenset[str]) -> None:
        """Say of each document whether the images show what it draws; `paths` are of those."""
        for place, row in enumerate(self.rows):
            if isinstance(row, Paper):
                drawn = self._workspace.opened.documents[row.number].path in paths
                if drawn != row.drawn:
                    self.rows[place] = replace(row, drawn=drawn)
                    model_index = self.index(place)
                    self.dataChanged.emit(model_index, model_index)

    def is_folded(self, key: tuple[str, Group]) -> bool:
        """Whether a part of a study is folded: as a reader left it, documents at first."""
        return self.folded.get(key, key[1] is Group.DOCUMENTS)

    def fold(self, place: int, *, folded: bool) -> None:
        """Fold or unfold the part whose divider is at a row."""
        row = self.rows[place]
        assert isinstance(row, Part)
        self.folded[row.key] = folded
        self.rows[place] = replace(row, folded=folded)
        model_index = self.index(place)
        self.dataChanged.emit(model_index, model_index)

    def hidden(self, place: int) -> bool:
        """Whether a row is in a part that is folded."""
        row = self.rows[place]
        return isinstance(row, Row | Paper) and row.group is not None and self.is_folded(row.group)

    def refresh(self, index: int) -> None:
        """Find out again how far a recording has been read; nothing is created for one that was never opened."""
        recording = self._workspace.opened.recordings[index]
        study = recording.source.study_id
        known = index in self._workspace.study.members or study_file(study).exists()
        reading = self._workspace.opened.known_reading(recording) if known else None
        assessment = self._workspace.checks.assessment_of(index) if reading is not None else Assessment((), ())
        # What was checked last, which may be the Reading before; one that was not checked yet has no values to judge.
        checked = reading and (self._workspace.checks.reading_of(index) or reading)
        opened = tuple(finding for finding in assessment.open if finding.marks)
        place = self.places[index]
        before = self.rows[place]
        assert isinstance(before, Row)
        view, length = row_words(recording, reading)
        after = replace(
            before,
            view=view,
            length=length,
            alike=before.alike if view == before.view else 0,
            state=state_of(checked, assessment, self._over_views(index)),
            mark=opened[0].severity if opened else None,
            words="\n".join(translated(finding.message) for finding in opened),
        )
        if recording.source.series.view_only:
            after = replace(after, state=None)
        if after != before:
            self.rows[place] = after
            model_index = self.index(place)
            self.dataChanged.emit(model_index, model_index)

    def _over_views(self, index: int) -> frozenset[str]:
        """Codes of values that were accepted as those of the study on screen, where a recording belongs to it."""
        if index not in self._workspace.study.members or self._workspace.stack is not None:
            return frozenset()
        rows = self._workspace.checks.study.measurements
        return frozenset(row.code for row in rows if row.status is Status.ACCEPTED)

    def show_signature(self) -> None:
        """Say in the divider of the study on screen whether it is signed."""
        places = [self.places[at] for at in self._workspace.study.members if at in self.places]
        above = [
            index for index, row in enumerate(self.rows) if isinstance(row, Divider) and places and index < places[0]
        ]
        status = self._workspace.signing.status
        if not above or status is None:
            return
        text = {
            SignState.UNSIGNED: "",
            SignState.SIGNED: tr("Signed, addendum open") if status.opened else tr("Signed"),
            SignState.CHANGED: "! " + tr("Changed since signed"),
        }[status.state]
        before = self.rows[above[-1]]
        assert isinstance(before, Divider)
        if before.signed != text:
            self.rows[above[-1]] = replace(before, signed=text)
            model_index = self.index(above[-1])
            self.dataChanged.emit(model_index, model_index)
            self.layoutChanged.emit()

    def show_pictures(self, pictures: dict[int, NDArray[np.uint8]]) -> None:
        """Add thumbnails, by index of the recording."""
        for index, image in pictures.items():
            self._pictures[index] = QPixmap.fromImage(to_qimage(image))
            model_index = self.index(self.places[index])
            self.dataChanged.emit(model_index, model_index)

    # Qt

    def rowCount(self, parent: Index | None = None) -> int:
        """Dividers and recordings."""
        return len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Dividers can be neither opened nor walked over."""
        row = self.rows[index.row()]
        return Qt.ItemFlag.NoItemFlags if isinstance(row, Divider) else Qt.ItemFlag.ItemIsEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row, its thumbnail, its words."""
        row = self.rows[index.row()]
        if role == ROW:
            return row
        if isinstance(row, Divider):
            whole = "\n".join((row.name, row.patient_id, row.study, *filter(None, (row.signed,))))
            return whole if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if isinstance(row, Part | Paper):
            spoken = f"{row.title}, {row.count if isinstance(row, Part) else row.about}"
            if isinstance(row, Paper) and row.drawn:
                spoken += f", {tr('shown on the images')}"
            return spoken if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == PICTURE:
            return self._pictures.get(row.index)
        recording = self._workspace.opened.recordings[row.index]
        series = recording.source.series
        texts = [view for view in (row.view, series.label, row.length, state_words(row.state)) if view]
        if recording.source.burned_in:
            texts.append(tr("words drawn into the images (burned-in annotation)"))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(texts)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(name for name in (Path(recording.source.path).name, ", ".join(texts), row.words) if name)
        return None


def state_words(state: State | None) -> str:
    """The word for a state; "" where it is not known yet."""
    known = {
        State.NEW: tr("Not analysed"),
        State.UNKNOWN: tr("View unknown: choose"),
        State.AUTOMATIC: tr("Automatic"),
        State.EDITED: tr("Edited"),
        State.PARTLY: tr("Partly accepted"),
        State.ACCEPTED: tr("Accepted"),
    }
    return known[state] if state is not None else ""
