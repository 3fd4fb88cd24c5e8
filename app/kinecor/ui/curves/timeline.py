"""The timeline below the images: how the loop plays, where it stands, and which of its frames are doubtful."""

from collections.abc import Callable
from operator import is_
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QColor, QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from kinecor.core.checks.findings import Severity
from kinecor.core.cycle.cycle import closure_by_beat
from kinecor.core.cycle.filling import opening_by_beat
from kinecor.core.values.events import marks
from kinecor.core.values.kind import APICAL_LOOP, UNKNOWN_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence
from kinecor.core.volumes.loop_volumes import closing_ed, curve_in_phase, curves, frames_in_phase
from kinecor.ui.curves.confidence import Doubt, Strip, doubts_shown, settled
from kinecor.ui.curves.curve_view import CurveView, OtherView
from kinecor.ui.style import theme
from kinecor.ui.style.choice import Choice
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.marks import mark_pixmap
from kinecor.ui.style.spoken import Spoken
from kinecor.ui.style.theme import icon
from kinecor.ui.workspace.changes import Change, Topic, follow
from kinecor.ui.workspace.player import SPEEDS, Player
from kinecor.ui.workspace.workspace import Workspace

MARK_PX: Final = 14
ROOMY_PX: Final = 680
"""Width of the row from which the doubtful frames are said in full."""


def frame_words(reading: Reading, frame: int) -> str:
    """A frame, its time, and the events at it: "Frame 18/47 · 340 ms · ES"; a phase of a gated cycle, else an image."""
    facts = reading.facts
    names = [mark.upper() for _, mark, at in marks(reading.events) if at == frame]
    names += ["ED"] if not reading.kind.gated and frame == closing_ed(reading) else []
    names += ["AVC"] if frame in closure_by_beat(reading).values() else []
    names += ["MVO"] if frame in opening_by_beat(reading).values() else []
    only_shown = facts.series.view_only
    what = tr("Image") if only_shown else tr("Phase") if reading.kind.gated else tr("Frame")
    # Of what is only shown, assumed times are there to play it by; they say nothing of the images.
    time = "" if only_shown and facts.times_origin == "assumed" else f"{1000 * facts.times_s[frame]:.0f} ms"
    return " · ".join(filter(None, [f"{what} {frame + 1}/{facts.frames}", time, *dict.fromkeys(names)]))


_SIDE_PX, _GAP_PX = 8, 6


def _least_px(widget: QWidget) -> int:
    return max(widget.minimumSizeHint().width(), widget.minimumWidth())


class _Words(Spoken, QWidget):
    """A line of text that changes with every frame: unlike a label it has the row laid out only when it grows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._short, self.shortened = "", "", False
        self.whole_px, self._short_px = 0, 0

    ROLE = QAccessible.Role.StaticText

    def spoken_name(self) -> str:
        """The words, whole."""
        return self._words

    def text(self) -> str:
        """The words, whole."""
        return self._words

    def setText(self, words: str, short: str) -> None:
        """Show other words, or those that stand for them where there is no room."""
        if words != self._words:
            self._words, self._short = words, short
            self.setAccessibleName(words)
            self.whole_px = max(self.whole_px, self.fontMetrics().horizontalAdvance(words) + 4)
            self._short_px = max(self._short_px, self.fontMetrics().horizontalAdvance(short) + 4)
            self.shorten(self.shortened)
            self.update()

    def shorten(self, short: bool) -> None:
        """Show the short words, or the whole ones."""
        wide = self._short_px if short else self.whole_px
        if short is not self.shortened or wide != self.minimumWidth():
            self.shortened = short
            self.setMinimumWidth(wide)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, from the left."""
        painter = QPainter(self)
        painter.setPen(QColor(theme.TEXT))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, self._short if self.shortened else self._words)


def beat_span(reading: Reading, frame: int) -> tuple[int, int] | None:
    """First and last frame of the beat that a frame is in: from its ED to before the next; None without beats.

    A gated cycle is one beat already. After the last ED the loop goes to the ED that closes the beat, or to its end.
    """
    beats = () if reading.events is None or reading.kind.gated else reading.events.beats
    starts = [beat.ed for beat in beats]
    if not starts:
        return None
    closing = closing_ed(reading)
    ends = [*(start - 1 for start in starts[1:]), reading.facts.frames - 1 if closing is None else closing - 1]
    spans = [(start, end) for start, end in zip(starts, ends, strict=True) if end > start]
    return next((span for span in reversed(spans) if span[0] <= frame), spans[0] if spans else None)


class TransportRow(QFrame):
    """First, play, last, speed, one beat or all; the frame on screen; how many frames are doubtful, with a way to them.

    Signals:
        next_wanted(): the next doubtful frame is to be shown.
    """

    next_wanted = Signal()

    def __init__(self, workspace: Workspace, player: Player, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._player = workspace, player
        self.first, self.play, self.last = (QToolButton() for _ in range(3))
        for button, text, hint in (
            (self.first, "|\N{BLACK LEFT-POINTING TRIANGLE}", tr("Go to the beginning")),
            (self.play, tr("Play"), tr("Play or pause  (Space)")),
            (self.last, "\N{BLACK RIGHT-POINTING TRIANGLE}|", tr("Go to the end")),
        ):
            button.setText(text)
            button.setToolTip(hint)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._icons = {playing: icon("pause" if playing else "play") for playing in (False, True)}
        self.speed = Choice()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g} \N{MULTIPLICATION SIGN}", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.setToolTip(tr("Playback speed"))
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.beat = QToolButton()
        self.beat.setText(tr("One beat"))
        self.beat.setCheckable(True)
        self.beat.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.beat.setToolTip(tr("Play the beat on screen again and again  (Shift+Space)"))
        self.where, self.sign, self.doubt = _Words(), QLabel(), QLabel()
        self.sign.setPixmap(mark_pixmap(Severity.CHECK, MARK_PX))
        self.next = QPushButton(tr("Next"))
        self.next.setToolTip(tr("Go to the next doubtful frame or contour  (N)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(_SIDE_PX, 1, _SIDE_PX, 1)
        row.setSpacing(_GAP_PX)
        for widget in (self.first, self.play, self.last, self.speed, self.beat, self.where):
            row.addWidget(widget)
        row.addStretch(1)
        for right in (self.sign, self.doubt, self.next):
            row.addWidget(right)
        self.first.clicked.connect(lambda: self._go(0))
        self.last.clicked.connect(lambda: self._go(self._player.frames - 1))
        self.play.clicked.connect(player.toggle)
        self.next.clicked.connect(self.next_wanted)
        self.speed.currentIndexChanged.connect(lambda index: player.set_speed(SPEEDS[index]))
        self.beat.clicked.connect(self.play_beat)
        player.span_changed.connect(lambda: self.beat.setChecked(player.span is not None))
        player.frame_changed.connect(self.show_frame)
        player.playing_changed.connect(self._show_playing)
        for playing in (True, False):  # as wide with either word, so that nothing next to it moves
            self._show_playing(playing)
            self.play.setMinimumWidth(max(self.play.minimumWidth(), self.play.sizeHint().width()))
        self._doubt_words, self._doubtful = ("", ""), False
        self._only_shown = False
        """Of what is only shown no beat can be played."""
        self.show_doubt(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say the doubtful frames in full where there is room, else their number alone."""
        super().resizeEvent(event)
        self._write_doubt()
        self._make_room()

    def _make_room(self) -> None:
        """Where words would overlap leave out "One beat", which the menu Image has too, then the speed.

        Then the ways to the ends, which are keys as well, and the time of the frame.
        """
        row = [self.play, *((self.sign, self.doubt, self.next) if self._doubtful else ())]
        taken = 2 * _SIDE_PX + sum(_least_px(one) + _GAP_PX for one in row)
        self.where.shorten(taken + self.where.whole_px > self.width())
        taken += _least_px(self.where) + _GAP_PX
        for widgets in ((self.first, self.last), (self.speed,), (self.beat,)):
            taken += sum(_least_px(widget) + _GAP_PX for widget in widgets)
            for widget in widgets:
                widget.setVisible(taken <= self.width() and not (widget is self.beat and self._only_shown))

    def play_beat(self) -> None:
        """Play the beat on screen only; the whole loop where one beat is played already."""
        reading = self._workspace.saved
        span = None if reading is None or self._player.span is not None else beat_span(reading, self._player.frame)
        if reading is not None and span is None and self._player.span is None:
            self._workspace.notices.remark.emit(
                tr("There is no beat to play alone: ED is not marked, or the recording is one cycle.")
            )
        self._player.play_only(span)
        if span is not None:
            self._player.play()

    def show_frame(self, frame: int) -> None:
        """Say which frame is on screen."""
        reading = self._workspace.reading
        if reading is not None:
            if reading.facts.series.view_only is not self._only_shown:
                self._only_shown = not self._only_shown
                self._make_room()
            wide, text = self.where.whole_px, frame_words(reading, min(frame, reading.facts.frames - 1))
            number, *events = [one for one in text.split(" · ") if not one.endswith(" ms")]
            self.where.setText(text, " · ".join((number, *events)))
            if self.where.whole_px != wide:
                self._make_room()

    def show_doubt(self, count: int, *, stack: bool = False) -> None:
        """Say how many frames, or contours of a stack, are doubtful."""
        if stack:
            text = tr("1 doubtful contour") if count == 1 else tr("{n} doubtful contours").format(n=count)
        else:
            text = tr("1 doubtful frame") if count == 1 else tr("{n} doubtful frames").format(n=count)
        self._doubt_words = text, str(count)
        self._write_doubt()
        for widget in (self.sign, self.doubt, self.next):
            widget.setVisible(count > 0)
        self._doubtful = count > 0
        self._make_room()

    def _write_doubt(self) -> None:
        text, number = self._doubt_words
        # A label's own minimum is its whole text, which would widen a window at 200 %.
        self.doubt.setMinimumWidth(self.doubt.fontMetrics().horizontalAdvance(number) + 2)
        self.doubt.setText(text if self.width() >= ROOMY_PX else number)
        self.doubt.setToolTip(text)

    def _go(self, frame: int) -> None:
        self._player.pause()
        self._player.seek(frame)

    def _show_playing(self, playing: bool) -> None:
        found: QIcon = self._icons[playing]
        self.play.setIcon(found)
        self.play.setText(tr("Pause") if playing else tr("Play"))


class Timeline(QWidget):
    """The transport row over the curves, whose strip of confidence it fills.

    Args:
        curves_row: the volume curve with what stands next to it.
        curve: the volume curve.

    Signals:
        slice_wanted(int): a doubtful contour of a stack is to be shown.
    """

    slice_wanted = Signal(int)

    def __init__(
        self,
        workspace: Workspace,
        player: Player,
        curves_row: QWidget,
        curve: CurveView,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._player, self._curve = workspace, player, curve
        self._linked: tuple[int, ...] = ()
        self._shown: tuple[tuple[object, ...], ...] = ()
        """What the widgets show now, see `_parts_of`: of the recording in focus first."""
        self._cells = np.zeros((0, 0), np.int8)
        self.transport: TransportRow = TransportRow(workspace, player)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(curves_row, 1)
        self.transport.next_wanted.connect(self.go_to_next)
        curve.confidence.frame_wanted.connect(self._seek)
        follow(workspace, self._show_change, Topic.READING_DRAWN)
        follow(workspace, self.refresh, Topic.CHECKS, Topic.COMPUTING)

    def show_linked(self, indices: tuple[int, ...]) -> None:
        """Show the curves of these recordings, too: those on screen next to the one in focus, in its phase."""
        if indices != self._linked:
            self._linked = indices
            self.refresh()
        self._curve.expect_strips(max(len(indices), 1) if any(map(self._expects_strip, indices)) else 0)

    def _expects_strip(self, index: int) -> bool:
        """Whether an analysis of a recording will show its doubtful frames below the curve."""
        if not 0 <= index < len(self._workspace.opened.recordings):
            return False
        recording = self._workspace.opened.recordings[index]
        reading = self._workspace.opened.known_reading(recording)
        return (
            isinstance(recording, CineSequence)
            and len(recording) > 1
            and reading is not None
            and reading.kind == APICAL_LOOP
        )

    def refresh(self) -> None:
        """Mark the doubtful frames of the views on screen, and draw the other views' curves."""
        reading = self._workspace.saved
        if reading is None:
            return
        shown = tuple(self._parts_of(index) for index in (self._workspace.index, *self._linked))
        if len(shown) == len(self._shown) and all(map(_same, shown, self._shown)):
            return
        self._shown = shown
        self._cells = doubts_shown(self._workspace, self._workspace.index, reading)
        count = int((self._cells == Doubt.DOUBTFUL).sum())
        self.transport.show_doubt(count, stack=reading.kind.stack)
        self.transport.show_frame(self._player.frame)
        name = self._names()
        others = [self._other(index, reading, name) for index in self._linked if index != self._workspace.index]
        known = [values for values in others if values is not None] if not reading.kind.stack else []
        self._curve.show_other_views(name(reading), tuple(curve for curve, _ in known))
        strips = (
            ()
            if reading.kind.stack
            else (Strip(name(reading), self._cells[0]), *(strip for _, strip in known if strip))
        )
        self._curve.show_strips(strips, reading.facts.times_s)

    def _parts_of(self, index: int) -> tuple[object, ...]:
        """All that is shown of a recording follows from these: as long as they are the same, nothing is drawn again."""
        space = self._workspace
        if not 0 <= index < len(space.opened.recordings):
            return ()
        recording = space.opened.recordings[index]
        reading = space.saved if index == space.index else space.opened.known_reading(recording)
        return reading, space.checks.assessment_of(index).findings, settled(space, index)

    def _names(self) -> Callable[[Reading], str]:
        """What curves are named by: the view; of several stages the stage, with the view where that differs, too."""
        known = [
            self._workspace.opened.known_reading(self._workspace.opened.recordings[at])
            for at in {self._workspace.index, *self._linked}
            if 0 <= at < len(self._workspace.opened.recordings)
        ]
        shown = [reading for reading in known if reading is not None and not reading.kind.stack]
        if len({reading.facts.stage for reading in shown}) < 2:
            return _view
        # A stage whose view is not recognised yet has the name that it will have.
        views = {_view(reading) for reading in shown} - {""}

        def staged(reading: Reading) -> str:
            stage = translated(reading.facts.stage.words) if reading.facts.stage is not None else ""
            return stage if stage and len(views) < 2 else f"{_view(reading)} {stage}".strip()

        return staged

    def _other(
        self, index: int, shown: Reading, name: Callable[[Reading], str]
    ) -> tuple[OtherView, Strip | None] | None:
        """The volume curve and the doubtful frames of another view at the frames of the one in focus.

        Of a stack the curve alone, and only where the long axis in focus has none of its own.
        """
        if not 0 <= index < len(self._workspace.opened.recordings):
            return None
        reading = self._workspace.opened.known_reading(self._workspace.opened.recordings[index])
        if reading is None:
            return None
        volume, own = curves(reading), curves(shown)
        alone = not np.isfinite(own.lv_volume).any()
        if reading.kind.stack:
            if not alone or not np.isfinite(volume.lv_volume).any():
                return None
            in_phase = curve_in_phase(shown, reading, volume.lv_volume)
            return OtherView(tr("SAX"), in_phase, volume.volume_unit), None
        if reading.kind.volumes != "disks" or not reading.tracks:
            return None
        at = frames_in_phase(shown, reading)
        cells = doubts_shown(self._workspace, index, reading)[0][at]
        # Volumes of one unit only: a curve in percent of its largest says nothing next to one in ml.
        same = alone or volume.volume_unit == own.volume_unit
        values = curve_in_phase(shown, reading, volume.lv_volume) if same else np.full(len(at), np.nan)
        return OtherView(name(reading), values, volume.volume_unit), Strip(name(reading), cells)

    def go_to_next(self) -> bool:
        """Show the next doubtful frame, or contour of a stack; after the last comes the first. False where none is."""
        reading = self._workspace.saved
        found = np.argwhere(self._cells.T == Doubt.DOUBTFUL)  # (frame, row), by frame
        if reading is None or not len(found):
            return False
        here = (self._player.frame, self._slice if reading.kind.stack else len(self._cells))
        frame, row = next((one for one in found.tolist() if tuple(one) > here), found[0].tolist())
        self._seek(frame)
        if reading.kind.stack:
            self._slice = row
            self.slice_wanted.emit(row)
        return True

    _slice = -1

    def select(self, number: int) -> None:
        """Another slice (0-based) of a stack was selected."""
        self._slice = number

    def _seek(self, frame: int) -> None:
        self._player.pause()
        self._player.seek(frame)

    def _show_change(self, change: Change) -> None:
        if change.before is None or change.preview:
            self.transport.show_frame(self._player.frame)


def _same(now: tuple[object, ...], before: tuple[object, ...]) -> bool:
    return len(now) == len(before) and all(map(is_, now, before))


def _view(reading: Reading) -> str:
    view = reading.view
    return (
        "" if view is None or view.label == UNKNOWN_VIEW or reading.kind.stack else reading.kind.view_name(view.label)
    )
