"""Pictures of correcting the sample clip by tool: `python benchmarks/correcting_pictures.py FOLDER [WIDTHxHEIGHT]`.

The sample's contours are first damaged by script as automatic ones go wrong (a lateral wall 8 mm inwards, more or less
through the beat), so that there is something to correct; what they were before is the truth of the table that is
printed. Then the window is operated by mouse and key events, as a reader would; every step is saved as NN-name.png, and
all of them next to each other as sequence.png. With QT_QPA_PLATFORM=xcb under Xvfb it is drawn as on a screen.
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
from kinecor.core.values.geometry import Contour, FloatArray
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.session.edits import SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from kinecor_lab.common.metrics import dice, filled
from kinecor_lab.tasks.listener.damage import damaged

ENDO = Structure.LV_ENDO
_MM, _SEED = 1.1, 4
"""A pixel of the sample, which states no scale, and the seed of its damage."""
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN, ALT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier
_COLUMNS, _THUMB_PX = 3, 520


class Recorder:
    """A window on the sample clip, and the pictures taken of it."""

    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.folder, self.taken = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.window = MainWindow(Settings(reader="Reader 1"))
        self.window.resize(width, height)
        self.window.show()
        self.window.opening.open_sample()
        self.wait()
        self.window.player.pause()
        self.image = self.window.image
        self.truth = self.window.workspace.reading.tracks[ENDO]
        self.table: list[tuple[str, float, float]] = []

    def damage(self) -> None:
        """Replace the endocardium's contours by wrong ones, as if the analysis had given them."""
        reading = self.window.workspace.reading
        whole, es = _even(reading.tracks[ENDO]), reading.events.beats[0].es
        wrong = damaged({ENDO: whole}, "lateral wall off", _SEED, len(whole), _MM, es, closed=False)
        edit = Several("contours damaged by script", tuple(SetTrack(one) for one in wrong.values()))
        self.window.workspace.do(edit, actor="model:damaged@1")
        self.wait()

    def count(self, name: str) -> None:
        """A row of the table: Dice with the contours before the damage, over all frames."""
        each = self.overlaps()
        self.table.append((name, min(each), float(np.mean(each))))

    def worst(self) -> int:
        """The frame of the least overlap."""
        return int(np.argmin(self.overlaps()))

    def overlaps(self) -> list[float]:
        """Dice with the contours before the damage, of each frame."""
        track, shape = self.window.workspace.reading.tracks[ENDO], self.window.workspace.cine.frames.shape[1:3]
        return [
            dice(filled(one.points, shape), filled(true.points, shape))
            for one, true in zip(track.contours, self.truth.contours, strict=True)
            if one is not None and true is not None
        ]

    def off(self) -> tuple[float, FloatArray]:
        """Where along it the endocardium on screen is farthest from the truth, and the place it is to be dragged to."""
        true = self.truth.contours[self.window.player.frame].outline(closed=False)
        places = np.linspace(0, 1, 97)
        gaps = [true.nearest(tuple(self.place(float(one)))) for one in places]
        worst = int(np.argmax([gap for _, gap in gaps]))
        return float(places[worst]), true.place(gaps[worst][0])

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
    """The wall that is wrong is pulled to where it is."""
    along, target = r.off()
    r.hover(r.place(along))
    r.take("select-handles")
    r.drag(steps(r.place(along), target), "select-drag", ALT)
    r.take("offered")
    r.count("one drag on one frame")


def wheel(r: Recorder) -> None:
    """The wheel sets how far along the wall a drag is felt; Escape lets go."""
    start, target = r.place(0.3), r.inwards(0.3, 10)
    path = steps(start, target)
    r.mouse(QEvent.Type.MouseButtonPress, start, ALT)
    for at in path:
        r.mouse(QEvent.Type.MouseMove, at, ALT)
    r.wheel(path[-1], 5)
    r.take("wheel-wider")
    r.wheel(path[-1], -5)
    r.key(r.image, Qt.Key.Key_Escape)
    r.mouse(QEvent.Type.MouseButtonRelease, path[-1], ALT)
    r.take("escape-lets-go")


def propagate(r: Recorder) -> None:
    other = r.window.player.frame + 6
    r.window.player.seek(other)
    r.take("another-frame-before")
    r.window.player.seek(other - 6)
    r.act("propagate")
    r.take("propagated")
    r.count("and Propagate")
    r.window.player.seek(other)
    r.take("another-frame-after")
    r.window.player.seek(r.worst())
    along, target = r.off()
    r.drag(steps(r.place(along), target), "second-frame", ALT)
    r.count("a drag on the worst frame, which the others follow")


def grips(r: Recorder) -> None:
    r.take("others-followed")
    apex = r.line()[apex_of(r.window.workspace.reading.tracks[ENDO].contours[r.window.player.frame])]
    r.drag(steps(apex, apex + np.array([0.0, -8.0])), "apex-grip", ALT)
    r.act("undo")
    hinge = r.line()[0]
    r.drag(steps(hinge, hinge + np.array([-6.0, 4.0])), "annulus-grip", ALT)
    r.act("undo")


def push(r: Recorder) -> None:
    r.act("tool_push")
    radius = r.window.toolbox.radius_px(r.window.workspace.reading)
    start = r.inwards(0.3, radius + 3)
    r.hover(start)
    r.drag(steps(start, r.inwards(0.3, radius - 8)), "push")
    r.act("undo")


def redraw(r: Recorder) -> None:
    r.act("tool_redraw")
    path = [r.inwards(along, 9 * np.sin(np.pi * (along - 0.55) / 0.25)) for along in np.linspace(0.55, 0.8, 14)]
    r.drag(path, "redraw")
    r.take("redrawn")
    r.act("undo")


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


def _even(track: ContourTrack) -> ContourTrack:
    """96 points a contour, which the damage counts on."""
    lines = [one and Contour(one.outline(closed=False).resampled(96).points) for one in track.contours]
    return ContourTrack(track.structure, tuple(lines), track.origins, track.confidence)


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
    recorder.damage()
    recorder.take("automatic")
    recorder.count("as analysed (damaged)")
    for scene in SCENES:
        scene(recorder)
    sheet(folder)
    print(f"{recorder.taken} pictures in {folder}")
    print("LV Dice with the contours before the damage: least and mean over the frames")
    for name, least, mean in recorder.table:
        print(f"{name:52s} {least:.3f}  {mean:.3f}")
    recorder.window.close()


if __name__ == "__main__":
    main()
