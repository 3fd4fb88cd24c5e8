"""Joining two stills by hand: which one is at end-diastole, which one at end-systole, and of which view."""

from PySide6.QtWidgets import QFormLayout, QWidget

from kinecor.core.values.kind import APICAL_VIEWS
from kinecor.core.values.recording import CineSequence
from kinecor.core.values.stills import mismatch
from kinecor.ui.study.sign_form import Form
from kinecor.ui.study.study_rows import view_label
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr
from kinecor.ui.workspace.workspace import Workspace


def stills_of(workspace: Workspace) -> tuple[int, ...]:
    """Indices of the stills of the study on screen."""
    recordings = workspace.opened.recordings
    found = [at for at in workspace.study.members if isinstance(recordings[at], CineSequence)]
    return tuple(at for at in found if len(recordings[at].cines[0]) == 1)


class JoinForm(Form):
    """Two stills of the study, and the view that both show; says why two do not belong together."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(tr("Join two stills"), tr("Join"), parent)
        self._workspace = workspace
        self.add_words(tr("The two become one recording with end-diastole and end-systole; Ctrl+Z takes them apart."))
        self.ed, self.es, self.view = Choice(), Choice(), Choice()
        stills = stills_of(workspace)
        for at in stills:
            recording = workspace.opened.recordings[at]
            name = f"{view_label(recording, None)}  ·  {recording.source.path.rsplit('/', 1)[-1]}"
            for choice in (self.ed, self.es):
                choice.addItem(name, at)
        here = self.ed.findData(workspace.index)
        self.ed.setCurrentIndex(max(here, 0))
        self.es.setCurrentIndex(next((index for index in range(len(stills)) if index != self.ed.currentIndex()), -1))
        self.view.addItem(tr("as in the files"), "")
        for view in APICAL_VIEWS:
            self.view.addItem(view, view)
        rows = QFormLayout()
        for text, choice in ((tr("End-diastole"), self.ed), (tr("End-systole"), self.es), (tr("View"), self.view)):
            rows.addRow(text, choice)
            choice.currentIndexChanged.connect(lambda _: self._judge())
        self.column.addLayout(rows)
        self.problem = self.add_words("", theme.BAD)
        self._judge()

    def _judge(self) -> None:
        """Say why these two cannot be joined."""
        pair = [
            self._workspace.opened.recordings[at]
            for at in (self.ed.currentData(), self.es.currentData())
            if at is not None
        ]
        why: str | None = tr("Two stills of one study are needed.")
        if len(pair) == 2 and isinstance(pair[0], CineSequence) and isinstance(pair[1], CineSequence):
            why = tr("Choose two different stills.") if pair[0] is pair[1] else mismatch(pair[0], pair[1])
        self.problem.setText(why or "")
        self.problem.setVisible(bool(why))
        self.done_button.setEnabled(not why)

    def carry_out(self) -> None:
        """Join them; a refusal is shown above the images."""
        self._workspace.study.join_stills(self.ed.currentData(), self.es.currentData(), self.view.currentData())
        self.accept()
