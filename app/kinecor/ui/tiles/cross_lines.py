"""The slices of a study's short-axis stack as lines on its long axes."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from kinecor.core.outlines.cross_reference import Line, crossing
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import choices
from kinecor.core.values.recording import CineSequence
from kinecor.core.values.track import Origin
from kinecor.core.volumes.long_axis import base_check, outlined_from_stack
from kinecor.session.edits import Edit, SetEvents, SetTrack, Several
from kinecor.ui.style import theme
from kinecor.ui.tiles.overlays import draw_text
from kinecor.ui.tiles.viewport import Viewport
from kinecor.ui.workspace.workspace import Workspace, of_one_study, stack_of


@dataclass(frozen=True, slots=True)
class SliceLine:
    """Where a slice (0-based) cuts the image, and its mark at the phase: "base", "apex" or ""."""

    number: int
    line: Line
    mark: str


def slice_lines(workspace: Workspace, frame: int) -> list[SliceLine]:
    """The lines on the current loop at a frame (0-based); none for a stack, or where positions are not known.

    Base and apex are those of the phase at the same fraction of the cycle.
    """
    cine, stack = workspace.cine, stack_of(workspace)
    if cine is None or stack is None or cine.plane is None or cine.calibration is None:
        return []
    extent = choices(workspace.saved_reading(stack)).extent
    phase = min(round(frame / max(len(cine) - 1, 1) * (stack.phases - 1)), stack.phases - 1)
    found = []
    for number, one in enumerate(stack.slices):
        line = None
        if one.plane is not None:
            line = crossing(cine.plane, cine.calibration, cine.rows, cine.columns, one.plane)
        if line is not None:
            base = extent is not None and extent.base[phase] == number
            apex = extent is not None and extent.apex[phase] == number
            found.append(SliceLine(number, line, "base" if base else "apex" if apex else ""))
    return found


def trace_edit(workspace: Workspace) -> Edit | None:
    """The LV contour, ED and ES of the current long axis from its study's stack; None where there is no such stack."""
    stack, loop = stack_of(workspace), workspace.saved
    if stack is None or loop is None:
        return None
    whole = workspace.saved_reading(stack)
    track = outlined_from_stack(whole, loop)
    if track is None:
        return None
    edits: list[Edit] = [SetTrack(track)]
    if whole.events and whole.events.beats:
        share = (loop.facts.frames - 1) / max(whole.facts.frames - 1, 1)
        ed, es = (round(frame * share) for frame in (whole.events.beats[0].ed, whole.events.beats[0].es))
        if ed != es:
            edits.append(SetEvents(CardiacEvents((Beat(ed, es),), Origin.EDITED)))
    return Several("traced from the short-axis contours", tuple(edits))


def base_words(workspace: Workspace, phase: int) -> str:
    """The base slice seen on the study's long axes at a phase of the current stack; "" where it is not known."""
    stack, whole = workspace.stack, workspace.reading
    if stack is None or whole is None:
        return ""
    found = []
    for loop in workspace.recordings:
        if isinstance(loop, CineSequence) and loop.plane is not None and of_one_study(stack, loop):
            frame = round(phase / max(stack.phases - 1, 1) * (len(loop) - 1))
            reading = workspace.saved_reading(loop)
            check = base_check(whole, reading, frame)
            if check is not None:
                name = reading.kind.view_name(loop.view) if loop.view else Path(loop.source.path).stem
                found.append(f"{check.expected + 1} on {name}")
    return f"base expected: slice {', '.join(found)}" if found else ""


def draw_lines(painter: QPainter, lines: list[SliceLine], viewport: Viewport) -> None:
    """Draw thin lines; base and apex in colour with their slice numbers."""
    painter.setFont(theme.font(11))
    for one in lines:
        colour = QColor(theme.ACCENT if one.mark else theme.QUIET)
        colour.setAlpha(220 if one.mark else 90)
        painter.setPen(QPen(colour, 1.6 if one.mark else 1.0, Qt.PenStyle.SolidLine))
        start = QPointF(*viewport.to_widget(one.line.x0, one.line.y0))
        end = QPointF(*viewport.to_widget(one.line.x1, one.line.y1))
        painter.drawLine(start, end)
        right = start if start.x() >= end.x() else end
        if one.mark:
            words = f"{one.mark}, slice {one.number + 1}"
            wide = painter.fontMetrics().horizontalAdvance(words)
            draw_text(painter, QPointF(right.x() - wide - 8, right.y() - 5), words, theme.ACCENT)
