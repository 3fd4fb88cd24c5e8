"""Which recordings and beats the values rest on, with check boxes to leave some out."""

from pathlib import Path
from typing import Final

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from kinecor.core.table.measures import BY_CODE, format_fixed, unit_name
from kinecor.core.table.over_views import OF_A_BEAT, BeatRow, beat_rows, spread
from kinecor.core.values.choices import BeatChoices
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import Sources, counting
from kinecor.core.volumes.segments import SIDES
from kinecor.session.edits import ChooseBeats, SetSources
from kinecor.ui.results.rows import DASH
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr
from kinecor.ui.style.layouts import remove_widgets
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.workspace import Workspace

_RESULTS: Final = {"LV": "Biplane volumes", "LA": "LA volume", "GLS": "GLS"}


class SourcesView(QWidget):
    """Recordings behind results over views, and the beats of the loop on screen; each can be left out."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.used = _words()
        self.recordings: dict[str, QCheckBox] = {}
        """By id of the recording."""
        self.views: dict[str, QComboBox] = {}
        """The choice of one recording alone, by view; of views with several."""
        self.beats: dict[int, QCheckBox] = {}
        """By number of the beat."""
        self.index_beat = QCheckBox(tr("Index beat alone"))
        self.index_beat.setToolTip(tr("The beat that follows two beats of like length, for atrial fibrillation."))
        self.index_beat.clicked.connect(lambda _: self._choose_beats())
        self.mean = _words()
        self._boxes, self._beats = QVBoxLayout(), QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 2, 12, 8)
        column.setSpacing(4)
        column.addWidget(self.used)
        column.addLayout(self._boxes)
        column.addLayout(self._beats)
        column.addWidget(self.index_beat)
        column.addWidget(self.mean)
        follow(workspace, self.refresh, Topic.CHECKS, Topic.STUDY)

    @property
    def wanted(self) -> bool:
        """Whether there is anything to choose."""
        return len(self._loops()) > 1 or len(self._rows()) > 1

    def showEvent(self, event: QShowEvent) -> None:
        """It is computed while it is in sight only."""
        super().showEvent(event)
        self.refresh()

    def refresh(self) -> None:
        """Show what is in force."""
        if self.isVisible() and self._workspace.study.reading is not None:
            self._show_recordings()
            self._show_beats()

    # Recordings

    def _loops(self) -> dict[str, Reading]:
        """The apical loops of the study that were opened, by id."""
        readings = self._workspace.checks.readings
        return {
            reading.facts.recording_id: reading
            for reading in readings
            if reading.view is not None and reading.view.label in SIDES
        }

    def _show_recordings(self) -> None:
        study, loops = self._workspace.study.reading, self._loops()
        assert study is not None
        lines = []
        entering = self._workspace.checks.sources
        for result, name in _RESULTS.items():
            parts = [
                source.view + (f" (beat {', '.join(str(beat + 1) for beat in source.beats)})" if source.beats else "")
                for source in entering
                if source.result == result
            ]
            if parts:
                lines.append(f"{tr(name)}: {', '.join(parts)}")
        self.used.setText("\n".join(lines) or tr("No result rests on several views."))
        counted = {reading.facts.recording_id for reading in counting(loops.values(), study)}
        if list(self.recordings) != list(loops):
            remove_widgets(self._boxes, [*self.recordings.values(), *self.views.values()])
            self.recordings = {recording: QCheckBox() for recording in loops}
            of_view: dict[str, list[str]] = {}
            for recording, loop in loops.items():
                of_view.setdefault(loop.view.label if loop.view else "", []).append(recording)
            self.views = {view: Choice() for view, several in of_view.items() if len(several) > 1}
            for recording, box in self.recordings.items():
                self._boxes.addWidget(box)
                box.clicked.connect(lambda on, one=recording: self._leave_out(one, not on))
            for view, choice in self.views.items():
                choice.setMinimumContentsLength(8)
                self._boxes.addWidget(choice)
                choice.activated.connect(lambda _, one=view: self._choose(one))
        for recording, box in self.recordings.items():
            out, loop = recording in study.sources.left_out, loops[recording]
            why = "" if recording in counted or out else f"\n{tr('another recording or stage counts')}"
            box.setText(f"{loop.view.label if loop.view else ''}  {self._name(recording)}{why}")
            box.setChecked(not out)
        for view, choice in self.views.items():
            choice.clear()
            choice.addItem(tr("{view}: chosen by rule").format(view=view), "")
            for recording, loop in loops.items():
                if loop.view is not None and loop.view.label == view:
                    choice.addItem(f"{view}: {self._name(recording)}", recording)
            choice.setCurrentIndex(max(choice.findData(study.sources.of(view) or ""), 0))

    def _name(self, recording_id: str) -> str:
        for at in self._workspace.study.members:
            source = self._workspace.opened.recordings[at].source
            if source.recording_id == recording_id:
                return Path(source.path).name
        return ""

    def _leave_out(self, recording: str, out: bool) -> None:
        now = self._sources
        left = tuple(name for name in now.left_out if name != recording) + ((recording,) if out else ())
        self._save(Sources(tuple(values for values in now.chosen if values[1] not in left), left))

    def _choose(self, view: str) -> None:
        now, recording = self._sources, str(self.views[view].currentData())
        chosen = tuple(values for values in now.chosen if values[0] != view) + (
            ((view, recording),) if recording else ()
        )
        self._save(Sources(chosen, tuple(name for name in now.left_out if name != recording)))

    @property
    def _sources(self) -> Sources:
        study = self._workspace.study.reading
        return study.sources if study is not None else Sources()

    def _save(self, sources: Sources) -> None:
        if sources != self._sources:
            self._workspace.study.do(SetSources(sources))
        self.refresh()

    # Beats

    def _rows(self) -> tuple[BeatRow, ...]:
        saved = self._workspace.saved
        return beat_rows(saved) if saved is not None else ()

    def _show_beats(self) -> None:
        rows = self._rows()
        shown = {measurement.code: measurement.quantity for measurement in self._workspace.checks.here.measurements}
        # What a check withholds is not shown beat by beat either.
        columns = [
            (code, name, unit_name(BY_CODE[code].unit))
            for code, name in OF_A_BEAT.items()
            if shown.get(code) is not None
        ]
        if list(self.beats) != [row.number for row in rows]:
            remove_widgets(self._beats, self.beats.values())
            self.beats = {row.number: QCheckBox() for row in rows}
            for box in self.beats.values():
                self._beats.addWidget(box)
                box.clicked.connect(lambda _: self._choose_beats())
        saved = self._workspace.saved
        alone = saved is not None and saved.beats.index_beat
        counted = [row.number for row in rows if row.counted]
        for single_row in rows:
            box = self.beats[single_row.number]
            index = f", {tr('index beat')}" if single_row.index_beat else ""
            values = [f"{code} {_number(getattr(single_row, name))} {unit}" for code, name, unit in columns]
            head = tr("Beat {n}: ED {ed}, ES {es}").format(
                n=single_row.number + 1, ed=single_row.ed + 1, es=single_row.es + 1
            )
            box.setText(f"{head}{index}" + (f"\n{', '.join(values)}" if values else ""))
            box.setChecked(single_row.counted)
            box.setEnabled(not alone and counted != [single_row.number])  # at least one beat is measured
            box.setVisible(len(rows) > 1)
        self.index_beat.setChecked(alone)
        self.index_beat.setVisible(alone or any(row.index_beat for row in rows))
        apart = spread(rows)
        means = [
            f"{code} {format_fixed(quantity.value, 0)} ± {format_fixed(apart[code], 0)} {unit}"
            for code, _, unit in columns
            if code in apart and (quantity := shown[code]) is not None
        ]
        self.mean.setText(
            tr("Mean ± SD of {n} beats: {values}").format(n=len(counted), values=", ".join(means)) if means else ""
        )
        self.mean.setVisible(bool(means))

    def _choose_beats(self) -> None:
        rows, saved = self._rows(), self._workspace.saved
        if saved is None:
            return
        alone = self.index_beat.isChecked()
        excluded = saved.beats.excluded
        if not (alone or saved.beats.index_beat):  # else the boxes show the index beat, not what was left out
            excluded = tuple(row.ed for row in rows if not self.beats[row.number].isChecked())
        beats = BeatChoices(tuple(sorted(excluded)), alone)
        if beats != saved.beats:
            self._workspace.do(ChooseBeats(beats), by=self)
        self.refresh()


def _number(value: float | None) -> str:
    return DASH if value is None else format_fixed(value, 0)


def _words() -> QLabel:
    made = QLabel()
    made.setWordWrap(True)
    return made
