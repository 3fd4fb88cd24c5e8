"""Pictures of correcting the demo clip, tool by tool: `python benchmarks/correcting_pictures.py FOLDER [WIDTHxHEIGHT]`.

The window is operated by mouse and key events, as a reader would; every step is saved as NN-name.png, and all of them
next to each other as sequence.png. With QT_QPA_PLATFORM=xcb under Xvfb it is drawn as on a screen.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from kinecor.core.outlines.drag import apex_of
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.track import Structure
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings

ENDO = Structure.LV_ENDO
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
_COLUMNS, _THUMB_PX = 3, 520


class Recorder:
    """A window on the demo clip, and the pictures taken of it."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.folder, self.taken = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.window = MainWindow(Settings(reader="Reader 1"))
        self.window.resize(width, height)
        self.window.show()
        self.window.open_demo()
        self.wait()
        self.window.player.pause()
        self.image = self.window.image

    def wait(self) -> None:
        """Until all work is done and drawn."""
        began = time.monotonic()
        while time.monotonic() - began < 300:
            QApplication.processEvents()
            time.sleep(0.01)
            if not self.window.busy and time.monotonic() - began > 0.3:
                return

    def take(self, name: str) -> None:
        """Save what the window shows."""
        for _ in range(5):
            QApplication.processEvents()
        self.window.grab().save(str(self.folder / f"{self.taken:02d}-{name}.png"))
        self.taken += 1

    def line(self) -> FloatArray:
        """The endocardium on screen, (n, 2)."""
        return self.window.workspace.reading.tracks[ENDO].contours[self.window.player.frame].points

    def place(self, along: float) -> FloatArray:
        """A place of the endocardium on screen, (x, y) in image pixels."""
        contour = self.window.workspace.reading.tracks[ENDO].contours[self.window.player.frame]
        return contour.outline(closed=False).place(along)

    def inwards(self, along: float, by_px: float) -> FloatArray:
        """The place so far inside the endocardium."""
        at, middle = self.place(along), self.line().mean(axis=0)
        return at + by_px * (middle - at) / np.hypot(*(middle - at))

    def mouse(self, kind: QEvent.Type, at_px: FloatArray, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        at = QPointF(*self.image.viewport.to_widget(*at_px))
        button = NONE if kind is QEvent.Type.MouseMove else LEFT
        held = NONE if kind is QEvent.Type.MouseButtonRelease else LEFT
        event = QMouseEvent(kind, at, QPointF(self.image.mapToGlobal(at.toPoint())), button, held, modifiers)
        QApplication.sendEvent(self.image, event)
        QApplication.processEvents()

    def hover(self, at_px: FloatArray) -> None:
        at = QPointF(*self.image.viewport.to_widget(*at_px))
        QApplication.sendEvent(self.image, QEnterEvent(at, at, QPointF(self.image.mapToGlobal(at.toPoint()))))
        event = QMouseEvent(QEvent.Type.MouseMove, at, QPointF(self.image.mapToGlobal(at.toPoint())), NONE, NONE, PLAIN)
        QApplication.sendEvent(self.image, event)

    def wheel(self, at_px: FloatArray, steps: int) -> None:
        at = QPointF(*self.image.viewport.to_widget(*at_px))
        turned = QPoint(0, 120 * steps)
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(
            at, QPointF(self.image.mapToGlobal(at.toPoint())), QPoint(), turned, LEFT, PLAIN, phase, False
        )
        QApplication.sendEvent(self.image, event)

    def drag(self, path: list[FloatArray], name: str = "", modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        """Press at the first place, go along the others, take a picture, and let go."""
        self.mouse(QEvent.Type.MouseButtonPress, path[0], modifiers)
        for at in path[1:]:
            self.mouse(QEvent.Type.MouseMove, at, modifiers)
        if name:
            self.take(name)
        self.mouse(QEvent.Type.MouseButtonRelease, path[-1], modifiers)
        self.wait()

    def key(self, widget: QWidget, key: Qt.Key) -> None:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, key, PLAIN))

    def act(self, name: str) -> None:
        """What a key or menu does."""
        self.window.actions_by_name[name].trigger()
        self.wait()

    def click(self, at_px: FloatArray) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, at_px)
        self.mouse(QEvent.Type.MouseButtonRelease, at_px)


def steps(start: FloatArray, stop: FloatArray, count: int = 6) -> list[FloatArray]:
    return [start + share * (stop - start) for share in np.linspace(0, 1, count)]


def select(r: Recorder) -> None:
    """A wall pulled inwards, as an automatic contour that is wrong; then pulled back, with the wheel."""
    r.hover(r.place(0.7))
    r.take("select-handles")
    r.drag(steps(r.place(0.7), r.inwards(0.7, 14)), "select-drag", ALT)
    r.take("offered")


def wheel(r: Recorder) -> None:
    start = r.place(0.3)
    path = steps(start, r.inwards(0.3, 10))
    r.mouse(QEvent.Type.MouseButtonPress, start, ALT)
    for at in path:
        r.mouse(QEvent.Type.MouseMove, at, ALT)
    r.wheel(path[-1], 5)
    r.take("wheel-wider")
    r.key(r.image, Qt.Key.Key_Escape)
    r.mouse(QEvent.Type.MouseButtonRelease, path[-1], ALT)
    r.take("escape-lets-go")


def propagate(r: Recorder) -> None:
    r.act("propagate")
    r.take("propagated")
    r.window.player.seek(r.window.player.frame + 6)
    r.take("propagated-other-frame")


def grips(r: Recorder) -> None:
    apex = r.line()[apex_of(r.window.workspace.reading.tracks[ENDO].contours[r.window.player.frame])]
    r.drag(steps(apex, apex + np.array([0.0, 10.0])), "apex-grip", ALT)
    hinge = r.line()[0]
    r.drag(steps(hinge, hinge + np.array([-4.0, -8.0])), "annulus-grip", ALT)


def push(r: Recorder) -> None:
    r.act("tool_push")
    radius = r.window.toolbox.radius_px(r.window.workspace.reading)
    start = r.inwards(0.3, radius + 3)
    r.hover(start)
    r.drag(steps(start, r.inwards(0.3, radius - 8)), "push")


def redraw(r: Recorder) -> None:
    r.act("tool_redraw")
    path = [r.inwards(along, 9 * np.sin(np.pi * (along - 0.55) / 0.25)) for along in np.linspace(0.55, 0.8, 14)]
    r.drag(path, "redraw")


def trace(r: Recorder) -> None:
    r.act("tool_trace")
    below = r.window.workspace.reading.tracks[ENDO].automatic[r.window.player.frame]
    points, apex = below.points, below.points[apex_of(below)]
    for number, at in enumerate((points[0], points[-1], apex)):
        r.click(at)
        if number == 1:
            r.take("trace-two-clicks")
    r.wait()
    r.take("trace-snapped")
    r.act("tool_select")


def refused(r: Recorder) -> None:
    """What may not be: a contour that would leave the image."""
    r.drag(steps(r.place(0.5), np.array([-60.0, -60.0])), "", ALT)
    r.take("refused")


def compare(r: Recorder) -> None:
    for name in ("smooth", "automatic", "neighbours"):
        r.act(name)
    r.take("compare")
    for name in ("automatic", "neighbours"):
        r.act(name)
    r.act("undo")
    r.take("undone")


SCENES: tuple[Callable[[Recorder], None], ...] = (
    select, wheel, propagate, grips, push, redraw, trace, refused, compare,
)  # fmt: skip


def sheet(folder: Path) -> None:
    """All pictures next to each other."""
    images = [QImage(str(one)) for one in sorted(folder.glob("[0-9][0-9]-*.png"))]
    high = round(_THUMB_PX * images[0].height() / images[0].width())
    rows = -(-len(images) // _COLUMNS)
    whole = QImage(_COLUMNS * _THUMB_PX, rows * high, QImage.Format.Format_RGB32)
    whole.fill(0)
    painter = QPainter(whole)
    for number, one in enumerate(images):
        row, column = divmod(number, _COLUMNS)
        scaled = one.scaledToWidth(_THUMB_PX, Qt.TransformationMode.SmoothTransformation)
        painter.drawImage(column * _THUMB_PX, row * high, scaled)
    painter.end()
    whole.save(str(folder / "sequence.png"))


def main() -> None:
    os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-pictures-")
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("out/correcting-pictures")
    width, height = map(int, (sys.argv[2] if len(sys.argv) > 2 else "1366x768").split("x"))
    application()
    recorder = Recorder(folder, width, height)
    es = recorder.window.workspace.reading.events.beats[0].es
    recorder.window.player.seek(es)
    recorder.take("automatic")
    for scene in SCENES:
        scene(recorder)
    sheet(folder)
    print(f"{recorder.taken} pictures in {folder}")
    recorder.window.close()


if __name__ == "__main__":
    main()
