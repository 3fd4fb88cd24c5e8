"""The volume curve of the timeline: the ECG above it, marks of ED, ES and valve events, beats, the play head."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.recording import Trace
from kinecor.ui.curves.event_flags import Key, Mark
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr
from kinecor.ui.style.plot_host import PlotHost, TimePlot
from kinecor.ui.style.plot_parts import EDGE, LEFT_PX, Dot, Line, PlotMark

STYLES: Final[dict[Mark, Qt.PenStyle]] = {
    "ed": Qt.PenStyle.SolidLine,
    "es": Qt.PenStyle.DashLine,
    "avc": Qt.PenStyle.DotLine,
    "mvo": Qt.PenStyle.DashDotLine,
}
VALVES: Final = ("avc", "mvo")
"""Their plates are outlined, and stand below those of ED and ES."""
ECG_COLOUR: Final = "#6fbf8f"
_RIGHT_PX, _PLATES_PX = 12, 20
_NAMES_PX: Final = (40, 130)  # least and greatest width of the names at the ends
_ECG_PX, _MIN_WITH_ECG_PX = 24, 120
_CHECK_SHARE: Final = 0.03  # height of the marks of checks above the axis


@lru_cache(maxsize=32)
def _names_px(names: tuple[str, ...]) -> int:
    """Width of the names of curves with the gap before them."""
    metrics = QFontMetrics(theme.font(11, bold=True))
    low, high = _NAMES_PX
    return min(max(low, *(metrics.horizontalAdvance(name) + 6 for name in names)), high)


@dataclass(frozen=True, slots=True)
class Dots:
    """Frames (0-based) to point out, with a colour (#rrggbb) each."""

    frames: tuple[int, ...] = ()
    colours: tuple[str, ...] = ()


class VolumePlot(PlotHost):
    """Curves of one time axis. A click or drag goes to a time; the mark of an event is dragged.

    Signals:
        scrubbed(float): a time in s was clicked.
        flag_dragged(tuple, float, bool): the mark of (beat, mark) is at a time in s; True where it was let go.
        span_changed(): another span of time is shown.
    """

    scrubbed = Signal(float)
    flag_dragged = Signal(object, float, bool)
    span_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.times_s: FloatArray = np.zeros(0)
        self.lines: tuple[Line, ...] = ()
        """The first is that of the value at the play head."""
        self.flags: dict[Key, int] = {}
        """The frame (0-based) of every event."""
        self.beats: tuple[tuple[int, int], ...] = ()
        """First frame of each beat, and of what follows it."""
        self.corrected, self.checked = Dots(), Dots()
        """Frames with dots on the first curve, and frames with a triangle above the axis."""
        self.ecg: Trace | None = None
        self.unit, self.highest = "", 1.0
        self.frame = 0
        self.awaited = False
        self.setAccessibleName(tr("Volume curve"))

    def spoken_value(self) -> str:
        """The value at the play head, and the first curve at each mark."""
        if self.empty_words:
            return self.empty_words
        values = self.lines[0].values if self.lines else np.zeros(0)
        marks = [
            f"{self.flag_words(key)}: {values[frame]:.0f} {self.unit}"
            for key, frame in self.flags.items()
            if frame < len(values) and np.isfinite(values[frame])
        ]
        return "; ".join(filter(None, (self.value_words, *marks)))

    # What is shown

    def fill(self, graph: TimePlot) -> None:
        """Show all of it."""
        graph.scrubbed.connect(self.scrubbed)
        graph.mark_dragged.connect(self.flag_dragged)
        graph.span_changed.connect(self.span_changed)
        self.redraw()
        self.show_flags(self.flags, self.beats)
        self.show_frame(self.frame)

    def redraw(self) -> None:
        """Draw the curves again where they changed, with axes, ECG, names and dots."""
        graph = self.graph
        if graph is None:
            return
        graph.show_axes(
            0.0,
            self.highest,
            "" if self.empty_words else self.unit,
            top_px=_PLATES_PX + (_ECG_PX if self._ecg_shown else 0),
            right_px=self._right_px,
        )
        graph.show_span(self._last_s)
        # While another recording takes over, curves of other views may be of its frames already.
        drawn = tuple(line for line in self.lines if len(line.values) == len(self.times_s) > 0)
        graph.show_lines(self.times_s, drawn)
        graph.show_names(drawn)
        graph.show_message(self.empty_words, theme.QUIET)
        self._show_ecg(graph)
        self.show_dots()
        self.show_frame(self.frame)

    def show_dots(self) -> None:
        """Point out corrected frames on the first curve, and those that checks name above the axis."""
        if self.graph is None or not len(self.times_s):
            return
        first = self.lines[0].values if self.lines else np.zeros(0)
        if len(first) != len(self.times_s):
            return
        on_curve, below = zip(self.corrected.frames, self.corrected.colours, strict=True), _CHECK_SHARE * self.highest
        self.graph.show_dots(
            [
                *(Dot(self._time_of(frame), float(first[frame]), colour) for frame, colour in on_curve),
                *(
                    Dot(self._time_of(frame), below, colour, "t1")
                    for frame, colour in zip(self.checked.frames, self.checked.colours, strict=True)
                ),
            ]
        )

    def show_flags(self, flags: Mapping[Key, int], beats: Sequence[tuple[int, int]] = ()) -> None:
        """Put the marks at these frames, and shade every second beat."""
        same = tuple(beats) == self.beats
        self.flags, self.beats = dict(flags), tuple(beats)
        if self.graph is None or not len(self.times_s):
            return
        self.graph.show_marks(
            [
                PlotMark(key, self._time_of(frame), self.flag_words(key), STYLES[key[1]], filled=key[1] not in VALVES)
                for key, frame in self.flags.items()
            ]
        )
        if not same or beats:
            self.graph.show_regions([(self._time_of(first), self._time_of(last)) for first, last in self.beats])

    def show_frame(self, frame: int) -> None:
        """Move the play head."""
        self.frame = frame
        if self.graph is not None and len(self.times_s):
            self.graph.show_time(self._time_of(frame), self.value_words)

    def let_go(self) -> None:
        """Stop dragging a mark."""
        if self.graph is not None:
            self.graph.let_go()

    @property
    def dragged(self) -> Key | None:
        """The mark that is being dragged."""
        return None if self.graph is None else self.graph.held

    @property
    def value_words(self) -> str:
        """The value of the first curve at the play head; "" where it is unknown."""
        values = self.lines[0].values if self.lines else ()
        known = self.frame < len(values) and np.isfinite(values[self.frame])
        return f"{values[self.frame]:.0f} {self.unit}" if known else ""

    @property
    def empty_words(self) -> str:
        """What is said in place of a curve where none has a value; "" where one has, or nothing is open."""
        drawn = any(np.isfinite(line.values).any() for line in self.lines)
        if drawn or not len(self.times_s):
            return ""
        return tr("The curve is being computed") if self.awaited else tr("No volume curve")

    def show_awaited(self, awaited: bool) -> None:
        """Whether the models are still at work on what the curve is drawn from."""
        if awaited is not self.awaited:
            self.awaited = awaited
            if self.graph is not None:
                self.graph.show_message(self.empty_words, theme.QUIET)

    def flag_words(self, key: Key) -> str:
        """What stands on a plate: the mark and its frame, from 1."""
        return f"{key[1].upper()} {self.flags[key] + 1}"

    # Where things are; known before the plot is, since what stands below it is as wide

    @property
    def span_s(self) -> tuple[float, float]:
        """First and last time at the edges of the plot."""
        if self.graph is not None:
            first_s, last_s = self.graph.box.viewRange()[0]
            return first_s, last_s
        return -EDGE * self._last_s, (1 + EDGE) * self._last_s

    def x_of(self, time_s: float) -> float:
        """The widget x of a time."""
        first_s, last_s = self.span_s
        return LEFT_PX + self._room_px * (time_s - first_s) / (last_s - first_s)

    def time_at(self, x: float) -> float:
        """The time in s at a widget x."""
        first_s, last_s = self.span_s
        return first_s + (last_s - first_s) * (x - LEFT_PX) / self._room_px

    @property
    def _room_px(self) -> float:
        return max(self.width() - LEFT_PX - self._right_px, 1.0)

    @property
    def _right_px(self) -> float:
        labels = tuple(line.label for line in self.lines)
        return _names_px(labels) if any(labels) else _RIGHT_PX

    @property
    def _last_s(self) -> float:
        return float(self.times_s[-1]) if len(self.times_s) > 1 else 1.0

    def _time_of(self, frame: int) -> float:
        return float(self.times_s[min(frame, len(self.times_s) - 1)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The ECG needs some height."""
        super().resizeEvent(event)
        if self.ecg is not None:
            self.redraw()

    @property
    def _ecg_shown(self) -> bool:
        return self.ecg is not None and self.height() >= _MIN_WITH_ECG_PX

    def _show_ecg(self, graph: TimePlot) -> None:
        times_s, shares = np.zeros(0), np.zeros(0)
        if self.ecg is not None and self._ecg_shown and len(self.times_s):
            first_s, last_s = -EDGE * self._last_s, (1 + EDGE) * self._last_s
            shown = (self.ecg.times_s >= first_s) & (self.ecg.times_s <= last_s)
            if shown.sum() > 1:
                times_s, values = self.ecg.times_s[shown], self.ecg.values[shown]
                low, high = np.percentile(values, (0.5, 99.8))
                shares = (np.clip(values, low, high) - low) / max(high - low, 1e-12)
        graph.show_trace(times_s, shares, _ECG_PX - 6, ECG_COLOUR, tr("ECG"))


def top_of(values: Sequence[FloatArray], headroom: float) -> float:
    """The highest value to show, so that all curves fit with some room above them."""
    most = max((float(np.nanmax(value, initial=0.0)) for value in values), default=0.0)
    return headroom * most if most > 0 else headroom
