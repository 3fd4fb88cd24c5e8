"""The volume curve on the report: axes with units, the line, ED and ES marks, all as vectors."""

import math
from collections.abc import Sequence

import numpy as np
from reportlab.lib.colors import HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.events import CardiacEvents
from kinecor.io.report.picture import Box
from kinecor.io.report.typeset import BOLD, PLAIN

_INK, _GRID, _LINE = HexColor("#333333"), HexColor("#dddddd"), HexColor("#1f5f8b")
_RIGHT = HexColor("#8a5a00")
_ED, _ES, _AVC = HexColor("#b3261e"), HexColor("#3a6b1f"), HexColor("#6a2c91")
_TEXT_PT = 6.5


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) from `low` or above to `high` or below, `about` so many."""
    if not high > low:
        return [low]
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(one * step, 10) for one in range(first, last + 1)]


def draw_curve(
    canvas: Canvas,
    box: Box,
    time_s: FloatArray,
    volume: FloatArray,
    unit: str,
    events: CardiacEvents | None,
    right: FloatArray | None = None,
    closures: Sequence[int] = (),
) -> None:
    """Draw `volume` (t,) over `time_s` (t,) into `box`; NaN breaks the line; nothing but NaN prints a sentence.

    The volume axis starts at 0, so that a stroke looks as large as it is. `right` (t,) is the right ventricle's volume
    in the same unit, a thinner line of its own colour; `closures` are frames of aortic valve closure.
    """
    canvas.saveState()
    canvas.setFont(BOLD, 7.5)
    canvas.setFillColor(_INK)
    name = "LV volume, % of the largest" if "%" in unit else f"LV volume, {unit}"
    canvas.drawString(box.x, box.y + box.height - 8, name)
    both = [volume]
    if right is not None and np.isfinite(right).any():
        both.append(right)
        canvas.setFillColor(_RIGHT)
        after = box.x + stringWidth(name, BOLD, 7.5) + 8
        canvas.drawString(after, box.y + box.height - 8, f"RV, {unit}" if "%" not in unit else "RV")
        canvas.setFillColor(_INK)
    plot = Box(box.x + 26, box.y + 24, box.width - 32, box.height - 46)
    found = np.isfinite(volume)
    if not found.any():
        canvas.setFont(PLAIN, 8)
        canvas.drawString(plot.x, plot.y + plot.height / 2, "No volume curve: the cavity was outlined in no frame.")
        canvas.restoreState()
        return
    top = float(np.nanmax(both)) * 1.08 or 1.0
    # A single frame has no duration; any will do to place its dot.
    end_s = float(time_s[-1]) or 1.0

    def x(second: float) -> float:
        return plot.x + plot.width * second / end_s

    def y(value: float) -> float:
        return plot.y + plot.height * value / top

    _draw_axes(canvas, plot, end_s, top)
    if events:
        draw_events(canvas, plot, [x(float(one)) for one in time_s], events, closures)
    canvas.setLineJoin(1)
    styles = ((_LINE, 1.2), (_RIGHT, 0.8))
    for values, (colour, width) in reversed(list(zip(both, styles, strict=False))):
        canvas.setStrokeColor(colour)
        canvas.setFillColor(colour)
        canvas.setLineWidth(width)
        for run in runs(np.isfinite(values)):
            _draw_run(canvas, [(x(float(time_s[frame])), y(float(values[frame]))) for frame in run])
    canvas.restoreState()


def _draw_run(canvas: Canvas, points: list[tuple[float, float]]) -> None:
    """A line through points of the page; a dot where there is one alone."""
    if len(points) == 1:
        canvas.circle(*points[0], 1, stroke=0, fill=1)
        return
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    canvas.drawPath(path)


def runs(found: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[list[int]]:
    """Stretches of frames without a gap."""
    runs: list[list[int]] = []
    for frame in np.flatnonzero(found).tolist():
        if runs and runs[-1][-1] == frame - 1:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return runs


def _draw_axes(canvas: Canvas, plot: Box, end_s: float, top: float) -> None:
    canvas.setFont(PLAIN, _TEXT_PT)
    canvas.setLineWidth(0.4)
    for value in ticks(0, top, 4):
        height = plot.y + plot.height * value / top
        canvas.setStrokeColor(_GRID)
        canvas.line(plot.x, height, plot.x + plot.width, height)
        canvas.drawRightString(plot.x - 3, height - 2.2, f"{value:g}")
    factor, unit = (1000.0, "ms") if end_s <= 2 else (1.0, "s")
    for value in ticks(0, end_s * factor, 6):
        place = plot.x + plot.width * value / factor / end_s
        canvas.setStrokeColor(_INK)
        canvas.line(place, plot.y, place, plot.y - 2.5)
        canvas.drawCentredString(place, plot.y - 9.5, f"{value:g}")
    canvas.drawCentredString(plot.x + plot.width / 2, plot.y - 19, f"time, {unit}")
    canvas.setStrokeColor(_INK)
    canvas.setLineWidth(0.6)
    canvas.line(plot.x, plot.y, plot.x + plot.width, plot.y)
    canvas.line(plot.x, plot.y, plot.x, plot.y + plot.height)


def draw_events(
    canvas: Canvas, plot: Box, places: list[float], events: CardiacEvents, closures: Sequence[int] = ()
) -> None:
    """A line per ED, ES and aortic valve closure, each with its frame above.

    A label that would overlap the one before stands lower, beside its line; without room there it is left out.
    """
    marks = sorted((frame, name) for beat in events.beats for frame, name in ((beat.ed, "ED"), (beat.es, "ES")))
    marks = sorted([*marks, *((frame, "AVC") for frame in closures)])
    colours = {"ED": _ED, "ES": _ES, "AVC": _AVC}
    free_from = free_below = -math.inf
    for frame, name in marks:
        canvas.setStrokeColor(colours[name])
        canvas.setFillColor(colours[name])
        canvas.setLineWidth(0.8)
        canvas.setDash(3, 2)
        canvas.line(places[frame], plot.y, places[frame], plot.y + plot.height)
        canvas.setDash()
        label = f"{name} {frame}"
        width = stringWidth(label, BOLD, _TEXT_PT)
        if places[frame] - width / 2 >= free_from:
            canvas.setFont(BOLD, _TEXT_PT)
            canvas.drawCentredString(places[frame], plot.y + plot.height + 3, label)
            free_from = places[frame] + width / 2 + 3
        elif places[frame] >= free_below:
            canvas.setFont(BOLD, _TEXT_PT)
            canvas.drawString(places[frame] + 2, plot.y + plot.height - _TEXT_PT, label)
            free_below = places[frame] + 2 + width + 3
