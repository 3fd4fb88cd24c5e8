"""The mouse on the image, in image pixels."""

import math

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.ui.workspace.later import Later

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def send(widget, kind, at_px, modifiers=NONE, *, button=LEFT, held=None):
    """One mouse event at an image point (x, y) of an ImageView; `held` is what is down after it."""
    at = QPointF(*widget.viewport.to_widget(*at_px))
    if held is None:
        held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else LEFT
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else button
    event = QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, modifiers)
    QApplication.sendEvent(widget, event)


def send_at(widget, kind, x, y):
    """One event of the left button at a place of any widget, in its pixels."""
    at, released = QPointF(x, y), kind is QEvent.Type.MouseButtonRelease
    button = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else LEFT
    held = Qt.MouseButton.NoButton if released else LEFT
    QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), button, held, NONE))


def pull_flag(curve, key, time_s, *, done=True):
    """Drag the flag of (beat, mark) of a CurveView to a time in s, and let go of it there."""
    pull_mark(curve.plot.graph, key, time_s, done=done)


def pull_mark(graph, key, time_s, *, done=True):
    """Drag a mark of a TimePlot by its plate to a time in s, and let go of it there."""
    area, x = graph.viewport(), graph.x_of(time_s)
    if graph.held != key:
        centre = plate_box(graph, key).center()
        send_at(area, QEvent.Type.MouseButtonPress, centre.x(), centre.y())
    send_at(area, QEvent.Type.MouseMove, x, 40)
    if done:
        send_at(area, QEvent.Type.MouseButtonRelease, x, 40)


def plate_box(graph, key):
    """Where the plate of a mark is, in pixels of its plot, which knows that when it is painted."""
    graph.grab()
    plate = graph.marks[key].plate
    return plate.mapRectToScene(plate.boundingRect())


def press(widget, at_px):
    send(widget, QEvent.Type.MouseButtonPress, at_px)


def move(widget, at_px, modifiers=NONE):
    send(widget, QEvent.Type.MouseMove, at_px, modifiers)


def hover(widget, at_px):
    """Move with no button held, as a mouse does between two clicks."""
    send(widget, QEvent.Type.MouseMove, at_px, held=Qt.MouseButton.NoButton)


def release(widget, at_px, modifiers=NONE):
    send(widget, QEvent.Type.MouseButtonRelease, at_px, modifiers)


def drag(widget, from_px, to_px, modifiers=NONE):
    press(widget, from_px)
    for share in (0.25, 0.5, 0.75, 1.0):
        move(widget, tuple(math.fsum((a, share * (b - a))) for a, b in zip(from_px, to_px, strict=True)), modifiers)
    release(widget, to_px, modifiers)


def followed(window):
    """Curve and numbers have followed what is dragged: at once, where they would take a few milliseconds."""
    for one in window.findChildren(Later):
        one.pass_on()
