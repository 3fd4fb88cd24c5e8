"""The slices of a study's short-axis stack as lines on its long axes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from kinecor.core.outlines.cross_reference import Line, crossing
from kinecor.core.outlines.insertion import HeartView
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading, choices
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.values.track import Origin
from kinecor.core.volumes.long_axis import base_check, outlined_from_stack
from kinecor.session.edits import Edit, SetEvents, SetTrack, Several
from kinecor.ui.style import on_image as theme
from kinecor.ui.style.language import tr
from kinecor.ui.tiles.overlays import draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.related import of_one_study, stack_of
from kinecor.ui.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SliceLine:
    """Where a slice (0-based) cuts the image, and its mark at the phase: "base", "apex" or ""."""

    number: int
    line: Line
    mark: str


def lines_on(cine: CineSequence, stack: Stack, whole: Reading, phase: int) -> list[SliceLine]:
    """Where the slices of a stack cut a loop, with base and apex at a phase (0-based) of the stack."""
    if cine.plane is None or cine.calibration is None:
        return []
    extent = choices(whole).extent
    phase = min(phase, stack.phases - 1)
    slice_lines = []
    for number, single_slice in enumerate(stack.slices):
        line = None
        if single_slice.plane is not None:
            line = crossing(cine.plane, cine.calibration, cine.rows, cine.columns, single_slice.plane)
        if line is not None:
            base = extent is not None and extent.base[phase] == number
            apex = extent is not None and extent.apex[phase] == number
            slice_lines.append(SliceLine(number, line, "base" if base else "apex" if apex else ""))
    return slice_lines


MIN_MM, ROOM = 130.0, 1.35
"""Side of the region of a long axis: at least this, and this many times the length of the stack."""


def heart_on(cine: CineSequence, stack: Stack, heart: HeartView | None) -> HeartView | None:
    """The region of a long axis around the ventricle that the stack's slices cover; None where places are not known.

    Args:
        cine: the long axis.
        stack: that crosses it.
        heart: the region of its slices around the contours, or None before there are any: then their middle.

    """
    if cine.plane is None or cine.calibration is None:
        return None
    ends = []
    for single_cine in (stack.slices[0], stack.slices[-1]):
        if single_cine.plane is None or single_cine.calibration is None:
            return None
        x, y = (heart.x, heart.y) if heart else ((single_cine.columns - 1) / 2, (single_cine.rows - 1) / 2)
        place = single_cine.plane.in_patient(
            np.array([[x * single_cine.calibration.col_mm, y * single_cine.calibration.row_mm]])
        )
        ends.append(cine.plane.seen(place - cine.plane.origin_mm)[0])
    middle, length_mm = (ends[0] + ends[1]) / 2, float(np.hypot(*(ends[1] - ends[0])))
    side_px = max(ROOM * length_mm, MIN_MM) / cine.calibration.col_mm
    return HeartView(float(middle[0]) / cine.calibration.col_mm, float(middle[1]) / cine.calibration.row_mm, side_px)


def trace_edit(workspace: Workspace) -> Edit | None:
    """The LV contour, ED and ES of the current long axis from its study's stack; None where there is no such stack."""
    stack, loop = stack_of(workspace), workspace.saved
    if stack is None or loop is None:
        return None
    whole = workspace.opened.saved_reading(stack)
    track = outlined_from_stack(whole, loop)
    if track is None:
        return None
    edits: list[Edit] = [SetTrack(track)]
    if whole.events and whole.events.beats:
        share = (loop.facts.frames - 1) / max(whole.facts.frames - 1, 1)
        ed, es = (round(frame * share) for frame in (whole.events.beats[0].ed, whole.events.beats[0].es))
        if ed != es:
            edits.append(SetEvents(CardiacEvents((Beat(ed, es),), Origin.EDITED)))
    return Several(message("traced from the short-axis contours"), tuple(edits))


def base_words(workspace: Workspace, phase: int) -> str:
    """The base slice seen on the study's long axes at a phase of the current stack; "" where it is not known."""
    stack, whole = workspace.stack, workspace.reading
    if stack is None or whole is None:
        return ""
    found = []
    for loop in workspace.opened.recordings:
        if loop.source.series.view_only:
            continue
        if isinstance(loop, CineSequence) and loop.plane is not None and of_one_study(stack, loop):
            frame = round(phase / max(stack.phases - 1, 1) * (len(loop) - 1))
            reading = workspace.opened.saved_reading(loop)
            check = base_check(whole, reading, frame)
            if check is not None:
                name = reading.kind.view_name(loop.view) if loop.view else Path(loop.source.path).stem
                found.append(tr("{slice} on {view}").format(slice=check.expected + 1, view=name))
    return tr("base expected: slice {places}").format(places=", ".join(found)) if found else ""


_ALONG = (0.06, 0.3, 0.5, 0.7, 0.94)  # of a line, from its left end: where the number of a named slice may stand
_TOP_PX = 30  # of a tile, for its header


def draw_lines(
    painter: QPainter,
    lines: list[SliceLine],
    viewport: Viewport,
    selected: int | None = None,
    occupied: Sequence[QRectF] = (),
) -> None:
    """Thin lines with their slice numbers, as far as these fit; base, apex and the selected slice in colour.

    Args:
        painter: of the tile.
        lines: of the slices.
        viewport: of the tile.
        selected: the selected slice (0-based).
        occupied: where no number may stand, in px of the tile.

    """
    order = sorted(lines, key=lambda line: (line.number != selected, not line.mark))
    for slice_line in reversed(order):
        chosen = slice_line.number == selected
        colour = QColor(theme.ACCENT if slice_line.mark or chosen else theme.QUIET)
        colour.setAlpha(230 if slice_line.mark or chosen else 110)
        painter.setPen(QPen(colour, 2.0 if chosen else 1.4 if slice_line.mark else 1.0, Qt.PenStyle.SolidLine))
        painter.drawLine(*_ends(slice_line, viewport))
    taken = list(occupied)
    for slice_line in order:
        seen = _seen(*_ends(slice_line, viewport), viewport)
        if seen is None:
            continue
        named = bool(slice_line.mark) or slice_line.number == selected
        painter.setFont(theme.font(11, bold=named))
        marked = {"base": tr("base {number}"), "apex": tr("apex {number}")}.get(slice_line.mark, "{number}")
        text = marked.format(number=slice_line.number + 1)
        wide, high = painter.fontMetrics().horizontalAdvance(text), painter.fontMetrics().height()
        left, right = sorted(seen, key=lambda end: end.x())
        for share in _ALONG if named else _ALONG[:1]:
            position = left + (right - left) * share
            position.setX(min(max(position.x(), 4.0), viewport.width - wide - 4))
            position.setY(min(max(position.y(), _TOP_PX + high), viewport.height - 6))
            box = QRectF(position.x() - 3, position.y() - high, wide + 6, high + 3)
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                draw_text(painter, position, text, theme.ACCENT if named else theme.TEXT)
                break


def _ends(slice_line: SliceLine, viewport: Viewport) -> tuple[QPointF, QPointF]:
    line = slice_line.line
    return QPointF(*viewport.to_widget(line.x0, line.y0)), QPointF(*viewport.to_widget(line.x1, line.y1))


def _seen(start: QPointF, end: QPointF, viewport: Viewport) -> tuple[QPointF, QPointF] | None:
    """The part of a line that is in the widget; None where none is."""
    along = end - start
    low, high = 0.0, 1.0
    for at, step, size in ((start.x(), along.x(), viewport.width), (start.y(), along.y(), viewport.height)):
        if abs(step) < 1e-6:
            if not 0 <= at <= size:
                return None
            continue
        first, last = sorted((-at / step, (size - at) / step))
        low, high = max(low, first), min(high, last)
    return (start + along * low, start + along * high) if low < high else None


def line_at(lines: list[SliceLine], viewport: Viewport, at: QPointF, within_px: float) -> SliceLine | None:
    """The line nearest to a position of the widget; None where none is as near as `within_px`."""
    near = [(distance_px(at, *_ends(slice_line, viewport)), slice_line.number, slice_line) for slice_line in lines]
    nearest = min(near, default=None, key=lambda candidate: candidate[:2])
    return nearest[2] if nearest is not None and nearest[0] <= within_px else None


def distance_px(at: QPointF, start: QPointF, end: QPointF) -> float:
    """From a position to a stretch of a line."""
    along, away = end - start, at - start
    length = max(along.x() ** 2 + along.y() ** 2, 1e-9)
    share = min(max((along.x() * away.x() + along.y() * away.y()) / length, 0.0), 1.0)
    return QLineF(at, start + along * share).length()
