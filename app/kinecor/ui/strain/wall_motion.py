"""Wall motion scored by the reader, on a bull's-eye next to the strain; nothing is filled in by the program."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolTip, QVBoxLayout, QWidget

from kinecor.core.strain.drawing import SIDES_OF_EYE, ink_on, sector, shade
from kinecor.core.values.recording import stage_words
from kinecor.core.values.wall_motion import MODELS, SCORES, WallMotion
from kinecor.session.edits import SetWallMotion
from kinecor.ui.strain.bullseye_view import name_of, sector_path, segment_under
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.spoken import Spoken, announce
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.workspace import Workspace

_SIDE_PX, _TOP_PX = 38, 19  # room for the words around
_KEYS: Final = {
    Qt.Key.Key_1: 1,
    Qt.Key.Key_2: 2,
    Qt.Key.Key_3: 3,
    Qt.Key.Key_4: 4,
    Qt.Key.Key_0: None,
    Qt.Key.Key_Delete: None,
}
_STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -6, Qt.Key.Key_Down: 6}


def score_words(motion: WallMotion, segment: int) -> str:
    """A segment's number, name and score in words."""
    score = motion.scores[segment - 1]
    texts = [tr("not scored") if score is None else f"{score}, {translated(SCORES[score])}"]
    texts += [tr("aneurysm")] if segment in motion.aneurysms else []
    return f"{segment}: {name_of(segment, len(motion.scores))}\n{', '.join(texts)}"


class ScoreBullseye(Spoken, QWidget):
    """The segments with their scores. A click opens the choice; arrow keys select, 1 to 4 score, 0 clears, A remarks.

    Signals:
        changed(WallMotion): the reader scored.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = WallMotion()
        self.selected: int | None = None
        """Segment, from 1."""
        self.choice = QMenu(self)
        self.setMinimumSize(130, 130)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def spoken_name(self) -> str:
        """What is scored."""
        return tr("Wall motion by segment")

    def spoken_value(self) -> str:
        """The selected segment with its score; without one, all that are scored."""
        if self.selected is not None:
            return score_words(self.found, self.selected).replace("\n", ": ")
        scored = (number for number, score in enumerate(self.found.scores, 1) if score is not None)
        return "; ".join(score_words(self.found, number).replace("\n", ": ") for number in scored)

    def sizeHint(self) -> QSize:
        """As the bull's-eye of strain."""
        return QSize(230, 200)

    def show_scores(self, motion: WallMotion) -> None:
        """Show other scores."""
        self.found = motion
        if self.selected is not None and self.selected > len(motion.scores):
            self.selected = None
        self.update()

    def _circle(self) -> tuple[QPointF, float]:
        radius = max(min(self.width() / 2 - _SIDE_PX, self.height() / 2 - _TOP_PX), 10.0)
        return QPointF(self.width() / 2, self.height() / 2), radius

    def paintEvent(self, event: QPaintEvent) -> None:
        """Each segment with its digit, or a dash."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(11, bold=True))
        centre, radius = self._circle()
        of = len(self.found.scores)
        for number, score in enumerate(self.found.scores, 1):
            place, colour = sector(number, of), shade(np.nan if score is None else score, "score")
            painter.setPen(QPen(QColor(theme.BACKGROUND), 1.2))
            painter.setBrush(QColor(*colour))
            painter.drawPath(sector_path(centre, radius, place))
            painter.setPen(QColor(ink_on(colour)))
            dx, dy = place.middle
            position = centre + QPointF(dx * radius, -dy * radius)
            text = ("–" if score is None else str(score)) + ("A" if number in self.found.aneurysms else "")
            painter.drawText(QRectF(position.x() - 16, position.y() - 8, 32, 16), Qt.AlignmentFlag.AlignCenter, text)
        painter.setFont(theme.font(11))
        painter.setPen(QColor(theme.QUIET))
        for sentence, across, up in SIDES_OF_EYE:
            position = centre + QPointF(across * (radius + 18), -up * (radius + 9))
            painter.drawText(
                QRectF(position.x() - 20, position.y() - 8, 40, 16), Qt.AlignmentFlag.AlignCenter, sentence
            )
        if self.selected is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.ACCENT), 2.4))
            painter.drawPath(sector_path(centre, radius, sector(self.selected, of)))

    def segment_at(self, at: QPointF) -> int | None:
        """The segment (1, ...) at a position, or None."""
        return segment_under(*self._circle(), len(self.found.scores), at)

    def score(self, score: int | None) -> None:
        """Score the selected segment."""
        if self.selected is not None:
            self.changed.emit(self.found.with_score(self.selected, score))

    def remark(self) -> None:
        """Call the selected segment aneurysmal, or no longer."""
        if self.selected is not None:
            on = self.selected not in self.found.aneurysms
            self.changed.emit(self.found.with_aneurysm(self.selected, aneurysm=on))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose a score."""
        self.selected = self.segment_at(event.position())
        self.update()
        announce(self)
        if self.selected is not None:
            self.fill()
            self.choice.popup(event.globalPosition().toPoint())

    def fill(self) -> None:
        """The entries for the selected segment."""
        if self.selected is None:
            return
        now = self.found.scores[self.selected - 1]
        self.choice.clear()
        for score, text in SCORES.items():
            action = self.choice.addAction(f"{score}  {translated(text)}")
            action.setCheckable(True)
            action.setChecked(score == now)
            action.triggered.connect(lambda _=False, score=score: self.score(score))
        self.choice.addAction(tr("Not scored")).triggered.connect(lambda _=False: self.score(None))
        self.choice.addSeparator()
        aneurysm = self.choice.addAction(tr("Aneurysm (remark)"))
        aneurysm.setCheckable(True)
        aneurysm.setChecked(self.selected in self.found.aneurysms)
        aneurysm.triggered.connect(lambda _=False: self.remark())

    def event(self, event: QEvent) -> bool:
        """Tool tips, and keys before the window's shortcuts."""
        if isinstance(event, QHelpEvent):
            segment = self.segment_at(QPointF(event.pos()))
            if segment is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), score_words(self.found, segment), self)
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            key = Qt.Key(event.key())
            if key in _KEYS or key in _STEPS or key == Qt.Key.Key_A:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys select, digits score, A remarks."""
        key, of = Qt.Key(event.key()), len(self.found.scores)
        if key in _STEPS:
            self.selected = 1 if self.selected is None else (self.selected - 1 + _STEPS[key]) % of + 1
            self.update()
            announce(self)
        elif key in _KEYS:
            self.score(_KEYS[key])
        elif key == Qt.Key.Key_A:
            self.remark()
        else:
            super().keyPressEvent(event)


class WallMotionView(QWidget):
    """Scores of the study on screen, with their index."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.bullseye = ScoreBullseye()
        self.words, self.by = QLabel(), QLabel()
        self.words.setStyleSheet("font-weight: 600;")
        self.by.setStyleSheet(f"color: {theme.QUIET}; font-size: 11px;")
        self.model = Choice()
        self.model.setToolTip(tr("Segments of wall motion"))
        self.model.setStyleSheet("padding: 2px 4px; font-size: 12px;")
        for of in MODELS:
            self.model.addItem(tr("{count} segments").format(count=of), of)
        self.rest = QPushButton(tr("Rest normal"))
        self.rest.setToolTip(tr("Score the segments without a score as normal"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words)
        column.addWidget(self.by)
        column.addWidget(self.bullseye, 1)
        row = QHBoxLayout()
        row.addWidget(self.model)
        row.addWidget(self.rest)
        row.addStretch(1)
        column.addLayout(row)
        self.bullseye.changed.connect(self._save)
        self.model.activated.connect(lambda _: self._save(self._shown.of_model(self.model.currentData())))
        self.rest.clicked.connect(self._score_rest)
        follow(workspace, self.refresh, Topic.STUDY, Topic.RECORDING)
        self.refresh()

    @property
    def _shown(self) -> WallMotion:
        return self.bullseye.found

    @property
    def stage(self) -> str:
        """Name of the stage of the recording on screen; "" outside stress studies."""
        reading = self._workspace.reading
        return reading.facts.stage.name if reading is not None and reading.facts.stage is not None else ""

    def refresh(self) -> None:
        """Show the scores of the study, or stage, of the recording on screen."""
        study = self._workspace.study.reading
        motion = study.wall_motion.get(self.stage) if study is not None else None
        # Without a score saved, the number of segments stays as chosen.
        self.bullseye.show_scores(motion or WallMotion((None,) * int(self.model.currentData())))
        self.model.setCurrentIndex(self.model.findData(len(self._shown.scores)))
        what = f"{tr('Wall motion')}, {translated(stage_words(self.stage))}" if self.stage else tr("Wall motion")
        self.words.setText(f"{what}: {translated(self._shown.words)}")
        self.by.setText(
            tr("click a segment; 1 normal to 4 dyskinetic")
            if motion is None
            else tr("scored by {who}").format(who=motion.by)
        )
        self.rest.setEnabled(study is not None and self._shown.scored < len(self._shown.scores))
        self.setEnabled(study is not None)

    def _score_rest(self) -> None:
        motion = self._shown
        for number, score in enumerate(motion.scores, 1):
            if score is None:
                motion = motion.with_score(number, 1)
        self._save(motion)

    def _save(self, motion: WallMotion) -> None:
        if motion.scored or motion.aneurysms or self._shown.scored or self._shown.aneurysms:
            self._workspace.study.do(SetWallMotion(self.stage, motion.scores, motion.aneurysms))
        self.refresh()
