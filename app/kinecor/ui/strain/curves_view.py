"""Strain curves: the whole wall thick, segments thin, each labelled at its peak."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from kinecor.core.strain.drawing import ink_on, is_withheld, peaks, place_labels, short_name
from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.table.measures import with_unit
from kinecor.core.values.geometry import FloatArray
from kinecor.ui.curves.event_flags import Key, frames_of
from kinecor.ui.curves.plotting import nearest_line, scale
from kinecor.ui.curves.volume_plot import STYLES, VALVES
from kinecor.ui.strain.strain_model import SegmentFocus, StrainModel
from kinecor.ui.style import theme
from kinecor.ui.style.language import tr, translated
from kinecor.ui.style.plot_host import PlotHost, TimePlot
from kinecor.ui.style.plot_parts import Line, PlotMark, Tag
from kinecor.ui.workspace.player import Player

_TOP_PX, _RIGHT_PX = 38, 16
_NEAR_PX: Final = 9.0
_TAG_PX: Final = (30.0, 15.0)
_QUIET_ALPHA: Final = 120  # of a curve whose value is withheld
RANGE: Final = {False: (-20.0, 5.0), True: (-2.0, 2.0)}
"""Always shown, in percent and per second, so that curves of two hearts compare directly."""
STEP: Final = {False: 5.0, True: 0.5}


class StrainView(PlotHost):
    """Strain over time, shortening downwards. A click goes to a time; the segment under the mouse is highlighted.

    Signals:
        flag_dragged(object, float, bool): a mark (beat, name), a time in s, whether it was let go.
    """

    flag_dragged = Signal(object, float, bool)

    def __init__(self, model: StrainModel, player: Player, focus: SegmentFocus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._player, self._focus = model, player, focus
        self.rate = False
        """Whether strain rate is shown in place of strain."""
        self.range: tuple[float, float] | None = None
        """Lowest and highest value at the edges; None where it follows from the next curves."""
        self.setMinimumSize(280, 120)
        self.setAccessibleName(tr("Strain curves"))
        model.changed.connect(self._model_changed)
        focus.changed.connect(self.redraw)
        player.frame_changed.connect(lambda _: self._show_frame())
        model.computing_changed.connect(self.redraw)

    def sizeHint(self) -> QSize:
        """Below the volume curve."""
        return QSize(560, 240)

    def set_rate(self, rate: bool) -> None:
        """Show strain rate, or strain."""
        self.rate, self.range = rate, None
        self.redraw()

    def _model_changed(self) -> None:
        if not self._model.previewing:
            self.range = None  # while a contour is dragged the scale is fixed unless a curve would leave it
        self.redraw()

    def values(self) -> tuple[FloatArray, FloatArray] | None:
        """(t,) of the whole wall and (t, segments), in percent or 1/s; None where there is no strain."""
        strain = self._model.strain
        if strain is None:
            return None
        if self.rate:
            return strain.global_rate_per_s, strain.segments_rate_per_s
        return strain.global_percent, strain.segments_percent

    def marks(self) -> dict[Key, int]:
        """The frame (0-based) of every mark: where valve closure is set, it stands for ES."""
        reading = self._model.reading
        frames = frames_of(reading) if reading else {}
        return {(beat, mark): at for (beat, mark), at in frames.items() if mark != "es" or (beat, "avc") not in frames}

    def spoken_value(self) -> str:
        """Strain of the whole wall at the play head and at ES, or why there is none."""
        strain, values = self._model.strain, self.values()
        if strain is None or values is None:
            return self._model.why_now
        unit = "1/s" if self.rate else "%"
        frame = min(self._player.frame, len(values[0]) - 1)
        places = [(tr("frame {number}").format(number=frame + 1), frame)]
        places += [("ES", beat.es) for beat in strain.beats]
        return "; ".join(f"{name}: {values[0][at]:.1f} {unit}" for name, at in places if np.isfinite(values[0][at]))

    # Drawing

    def fill(self, graph: TimePlot) -> None:
        """Show all of it."""
        graph.scrubbed.connect(self._scrub)
        graph.mark_dragged.connect(self.flag_dragged)
        graph.hovered.connect(self._point_at)
        graph.span_changed.connect(self._show_tags)
        self.redraw()

    def redraw(self) -> None:
        """Draw what changed again."""
        graph, strain, values = self.graph, self._model.strain, self.values()
        if graph is None:
            return
        text = self._model.why_now if strain is None or self._model.why else ""
        if strain is None or values is None:
            graph.show_lines(np.zeros(0), ())
            graph.show_marks(())
            graph.show_time(np.nan, "")
            graph.show_tags(())
            graph.show_title("", "")
            graph.show_axes(*RANGE[self.rate], "", top_px=_TOP_PX, right_px=_RIGHT_PX)
            graph.show_message(text, theme.WARNING)
            return
        self.range = scale(np.column_stack(values), STEP[self.rate], self.range or RANGE[self.rate])
        graph.show_axes(*self.range, "1/s" if self.rate else "%", top_px=_TOP_PX, right_px=_RIGHT_PX)
        graph.show_span(float(strain.time_s[-1]) or 1.0)
        title = tr("Strain rate (1/s)") if self.rate else tr("Strain (%)")
        graph.show_title(title + tr(", segments exploratory"), title)
        graph.show_lines(strain.time_s, self._lines(strain, values))
        graph.show_message(text, theme.WARNING)
        times_s = self._model.times_s
        graph.show_marks(
            [
                PlotMark(key, float(times_s[at]), key[1].upper(), STYLES[key[1]], filled=key[1] not in VALVES)
                for key, at in self.marks().items()
            ]
        )
        self._show_tags()
        self._show_frame()

    def _lines(self, strain: WallStrain, values: tuple[FloatArray, FloatArray]) -> list[Line]:
        """The whole wall's curve and those of the segments, in the order of the wall."""
        pointed = self._focus.segment
        withheld = is_withheld(strain, 0)
        whole = QColor(theme.TEXT)
        whole.setAlpha(_QUIET_ALPHA if withheld else 120 if pointed is not None else 255)
        lines = [Line(values[0], whole, 1.6 if withheld else 3.2, dotted=withheld)]
        for segment, curve in enumerate(values[1].T):
            colour, withheld = QColor(theme.SEGMENT_COLOURS[segment]), is_withheld(strain, 1 + segment)
            faint = pointed is not None and segment != pointed
            colour.setAlpha(60 if faint else _QUIET_ALPHA if withheld and segment != pointed else 230)
            dotted = withheld or segment in strain.excluded
            lines.append(Line(curve, colour, 3 if segment == pointed else 1.5, dotted=dotted))
        return lines

    def _show_tags(self) -> None:
        """Name the curves at their peaks, where no name covers another."""
        graph, strain, values = self.graph, self._model.strain, self.values()
        if graph is None or strain is None or values is None:
            return
        order: Sequence[int] = range(1 + len(strain.names))
        if self._focus.segment is not None:
            order = (1 + self._focus.segment, 0)
        order = [number for number in order if number or not is_withheld(strain, 0)]
        every = np.column_stack(values)
        wanted = peaks(every, strain)
        lines = [graph.points_px(strain.time_s, every[:, number]) for number in order]
        spots = place_labels(lines, [wanted[number] for number in order], _TAG_PX)
        names = [strain.code, *(short_name(name) for name in strain.names)]
        colours = [theme.TEXT, *theme.SEGMENT_COLOURS]
        tags = []
        for number, at in zip(order, spots, strict=True):
            if at >= 0:
                colour, withheld = QColor(colours[number]), is_withheld(strain, number)
                ink = colours[number] if withheld else ink_on((colour.red(), colour.green(), colour.blue()))
                ground, edge = (theme.GROUND, colours[number]) if withheld else (colours[number], "")
                value = float(every[at, number])
                line = lines[order.index(number)]
                anchor = (_anchor_x(line[at, 0], line[0, 0], line[-1, 0]), 0.5)
                tags.append(Tag(float(strain.time_s[at]), value, names[number], ink, ground, edge, anchor))
        graph.show_tags(tags)

    def _show_frame(self) -> None:
        """Move the play head, with the strain at its time."""
        graph, strain, values = self.graph, self._model.strain, self.values()
        if graph is None or strain is None or values is None:
            return
        frame, segment = min(self._player.frame, len(strain.time_s) - 1), self._focus.segment
        value = values[0][frame] if segment is None else values[1][frame, segment]
        name = strain.code if segment is None else short_name(strain.names[segment])
        withheld = strain.why is not None or (segment is not None and is_withheld(strain, 1 + segment))
        unit, places = ("/s", 2) if self.rate else ("%", 1)
        known = np.isfinite(value) and not withheld
        text = f"{name} {translated(with_unit(float(value), unit, places))}" if known else ""
        graph.show_time(float(strain.time_s[frame]), text)

    # Mouse

    def _point_at(self, x: float, y: float) -> None:
        """Highlight the segment whose curve is under the mouse."""
        graph, strain, values = self.graph, self._model.strain, self.values()
        line = None
        if graph is not None and strain is not None and values is not None and np.isfinite(x):
            lines = [graph.points_px(strain.time_s, curve) for curve in np.column_stack(values).T]
            line = nearest_line(lines, x, y, _NEAR_PX)
        self._focus.point_at(None if line in (None, 0) else line - 1)

    def _scrub(self, time_s: float) -> None:
        self._player.pause()
        self._player.seek(int(np.abs(self._model.times_s - time_s).argmin()))


def _anchor_x(x_px: float, left_px: float, right_px: float) -> float:
    """Which share of a name's width is at its place, so that none of it is beyond an end of the curve."""
    half = _TAG_PX[0] / 2
    return 0.0 if x_px < left_px + half else 1.0 if x_px > right_px - half else 0.5
