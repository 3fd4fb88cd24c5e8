"""A recording analysed by two methods, side by side: images that play together, and the values of each.

Nothing of it is saved: the recording's own analysis stays as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from kinecor.core.checks.assessment import assess
from kinecor.core.table.measures import HEADLINES, format_quantity
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.io.write.drawing import caption_of, montage
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.workspace.jobs import Propose
from kinecor.ui.workspace.player import Player

_STRAIN = "GLS"
_VALUES_PX = 130
"""Height of the table of values: the images get the rest."""


@dataclass(frozen=True, eq=False)
class MethodResult:
    """What a method concludes about a recording.

    Attributes:
        title: of the method, in the reader's language.
        reading: with its contours, ED and ES, and motion.
        by: the model that it is by.
        values: that its contours and motion lead to, by code, as a reader is shown them.

    """

    title: str
    reading: Reading
    by: str
    values: Mapping[str, str]


def results_of(
    recording: Recording, reading: Reading, names: Sequence[str], propose: Propose, tick: Tick
) -> tuple[MethodResult, ...]:
    """Analyse a recording by some methods, strain included; changes nothing.

    Args:
        recording: a loop or a stack.
        reading: what is concluded so far.
        names: of the methods.
        propose: the analysis.
        tick: called after each frame; raises Cancelled to end the work.

    Raises:
        KinecorError: a model cannot be used, or a frame cannot be decoded.

    """
    from kinecor.analysis.methods import method_named

    results = []
    for name in names:
        proposal = propose(recording, reading, tick, method=name)
        after = proposal.edit.apply(reading, proposal.by)
        for edit in proposal.rest(tick) if proposal.rest is not None else ():
            after = edit.apply(after, proposal.by)
        results.append(MethodResult(translated(method_named(name).title), after, proposal.by, values_of(after)))
    return tuple(results)


class _DrawnFrame(Spoken, QWidget):
    """A frame of a recording with the contours of one method."""

    def __init__(self, recording: Recording, result: MethodResult) -> None:
        super().__init__()
        self._recording, self._result, self._frame = recording, result, 0
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def spoken_name(self) -> str:
        """The method."""
        return self._result.title

    def spoken_value(self) -> str:
        """View, frame, time, and ED or ES."""
        return translated(caption_of(self._recording, self._result.reading, self._frame))

    def sizeHint(self) -> QSize:
        """Two of them fit on a small screen."""
        return QSize(560, 440)

    def show_frame(self, frame: int) -> None:
        """Draw another frame."""
        self._frame = frame
        try:
            pixels = montage(self._recording, self._result.reading, frame)
        except KinecorError:  # a frame that cannot be decoded stays black
            self._image = None
        else:
            rows, columns = pixels.shape[:2]
            data = np.ascontiguousarray(pixels)
            self._image = QImage(data.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()
        self.update()

    def paintEvent(self, _: QPaintEvent) -> None:
        """The image, as large as it fits."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.black)
        if self._image is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        scale = min(self.width() / self._image.width(), self.height() / self._image.height())
        width, height = self._image.width() * scale, self._image.height() * scale
        painter.drawImage(QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height), self._image)


def values_of(reading: Reading) -> dict[str, str]:
    """The values that a method's contours and motion lead to, by code, as a reader is shown them."""
    by_code = {row.code: row for row in assess(reading).measurements}
    values = {}
    for code in dict.fromkeys((*HEADLINES, _STRAIN)):
        row = by_code.get(code)
        if row is not None and row.quantity is not None:
            values[code] = translated(format_quantity(row.quantity, code))
    return values


def _events_of(reading: Reading) -> str:
    beats = reading.events.beats if reading.events is not None else ()
    return ", ".join(f"{beat.ed + 1} / {beat.es + 1}" for beat in beats)


class MethodsCompared(QDialog):
    """Two methods side by side.

    Args:
        recording: that both analysed.
        results: of the two.
        use: called with the number of the result that is to be the recording's analysis.
        parent: the window.

    """

    def __init__(
        self,
        recording: Recording,
        results: Sequence[MethodResult],
        use: Callable[[int], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Two methods side by side"))
        self.player = Player(self)
        self.frames = [_DrawnFrame(recording, result) for result in results]
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Frame"))
        self.slider.setMaximum(len(recording.times_s) - 1)
        play = QPushButton(tr("Play"))
        play.setObjectName("play-both")
        play.clicked.connect(self.player.toggle)
        self.player.playing_changed.connect(lambda on: play.setText(tr("Pause") if on else tr("Play")))
        self.player.frame_changed.connect(self._show)
        self.slider.valueChanged.connect(self.player.seek)
        self.values = _values_tree(results)
        sides = QHBoxLayout()
        for number, (frame, result) in enumerate(zip(self.frames, results, strict=True)):
            side = QVBoxLayout()
            line = QHBoxLayout()
            title = QLabel(f"{result.title} ({result.by.removeprefix('model:').partition('+')[0]})")
            title.setTextFormat(Qt.TextFormat.PlainText)
            button = QPushButton(tr("Use this"))
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, number=number: self._use(use, number))
            line.addWidget(title, 1)
            line.addWidget(button)
            side.addLayout(line)
            side.addWidget(frame, 1)
            sides.addLayout(side, 1)
        below = QHBoxLayout()
        below.addWidget(play)
        below.addWidget(self.slider, 1)
        self.place = QLabel()
        self.place.setObjectName("compared-frame")
        below.addWidget(self.place)
        column = QVBoxLayout(self)
        column.addLayout(sides, 1)
        column.addLayout(below)
        column.addWidget(self.values)
        self.player.load(recording.times_s)
        self.resize(1180, 680)

    def _show(self, frame: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(frame)
        self.slider.blockSignals(False)
        for drawn_frame in self.frames:
            drawn_frame.show_frame(frame)
        self.place.setText(self.frames[0].spoken_value())

    def _use(self, use: Callable[[int], object], number: int) -> None:
        self.player.pause()
        self.accept()
        use(number)

    def done(self, result: int) -> None:
        """Stop playing."""
        self.player.pause()
        super().done(result)


def _values_tree(results: Sequence[MethodResult]) -> QTreeWidget:
    """A row for each value, a column for each method."""
    tree = QTreeWidget()
    tree.setObjectName("compared-values")
    tree.setAccessibleName(tr("Values"))
    tree.setRootIsDecorated(False)
    tree.setHeaderLabels(["", *(result.title for result in results)])
    tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    both = [result.values for result in results]
    for code in dict.fromkeys(code for values in both for code in values):
        tree.addTopLevelItem(QTreeWidgetItem([code, *(values.get(code, "") for values in both)]))
    tree.addTopLevelItem(QTreeWidgetItem([tr("ED / ES, frame"), *(_events_of(result.reading) for result in results)]))
    tree.setMaximumHeight(_VALUES_PX)
    return tree
