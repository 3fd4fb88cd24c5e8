"""Time from a mouse move that pulls a contour to its redrawing, and to that of curve and values.

`python benchmarks/edit_redraw.py [--tiles 4] [FRAMES ...]`: off screen, 1440 x 900, a colour loop of 1016 x 708 with
three contours of 96 points on every frame; with --tiles as many such loops side by side, of which one is pulled.
"contour" holds the bent contours of the frame and those around it, and painting the picture; the mouse waits for no
more. "values" holds the volume curve and every number, and painting these: they follow the mouse at intervals, the
curve and the numbers in turn (`ui/workspace/later.py`), so that the longest wait is that for a contour and one of the
two. Processor time is measured, too: a busy machine lengthens the other.
"""

import argparse
import gc
import math
import os
import statistics
import tempfile
import time

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import SetEvents, SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from kinecor.ui.style.plot_host import load_plots
from kinecor.ui.tiles.layouts import Layout

ROWS, COLUMNS, POINTS, MOVES = 708, 1016, 96, 120
NONE, ALT, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier


def loop(frames: int, number: int = 0) -> CineSequence:
    pixels = np.random.default_rng(1).integers(0, 160, (1, ROWS, COLUMNS, 3)).astype(np.uint8)
    shown = np.broadcast_to(pixels, (min(frames, 8), ROWS, COLUMNS, 3))

    class Repeated(ArrayFrames):
        shape = (frames, ROWS, COLUMNS, 3)

        def __len__(self) -> int:
            return frames

        def __getitem__(self, frame: int) -> np.ndarray:
            return super().__getitem__(frame % len(shown))

    source = Source("clip.dcm", f"bench-{frames}-{number}", "bench", "US")
    times_s = np.arange(frames) / 50
    return CineSequence(Repeated(np.array(shown)), times_s, "FrameTime", Calibration(0.2, 0.2, "bench"), source)


def track(structure: Structure, cine: CineSequence, radius: float, y: float) -> ContourTrack:
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), POINTS)
    beat = 1 - 0.2 * np.sin(np.pi * cine.times_s) ** 2
    contours = [
        Contour(np.stack([500 + 0.6 * radius * b * np.cos(angle), y + radius * b * np.sin(angle)], axis=1))
        for b in beat
    ]
    n = len(cine)
    return ContourTrack(structure, tuple(contours), (Origin.MODEL,) * n, np.full(n, 0.9))


def mouse(window: MainWindow, kind: QEvent.Type, at: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
    view = window.image
    spot = QPointF(*view.viewport.to_widget(*at))
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(view, QMouseEvent(kind, spot, view.mapToGlobal(spot), left, left, modifiers))


def painted() -> None:
    """Paint what is due, and nothing else."""
    QApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest)


def measure(window: MainWindow, modifiers: Qt.KeyboardModifier) -> dict[str, list[tuple[float, float]]]:
    """(wall, processor) milliseconds by what was waited for, one of each a move."""
    x, y = (
        window.workspace.reading.tracks[Structure.LV_ENDO]
        .contours[window.player.frame]
        .outline(closed=False)
        .place(0.3)
    )
    mouse(window, QEvent.Type.MouseButtonPress, (x, y), modifiers)
    took: dict[str, list[tuple[float, float]]] = {"contour": [], "curve": [], "numbers": []}
    page = window.reading
    for move in range(MOVES):
        at = (x - 30 * math.sin(move / 10), y + 10 * math.sin(move / 7))
        for name, step in (
            ("contour", lambda at=at: mouse(window, QEvent.Type.MouseMove, at, modifiers)),
            ("curve", page.curve.later.pass_on),
            ("numbers", page.results.later.pass_on),
        ):
            began = time.perf_counter(), time.process_time()
            step()
            painted()
            took[name].append((1000 * (time.perf_counter() - began[0]), 1000 * (time.process_time() - began[1])))
    mouse(window, QEvent.Type.MouseButtonRelease, (x, y), modifiers)
    QApplication.processEvents()
    return {name: each[5:] for name, each in took.items()}


def words(took_ms: list[float]) -> str:
    ordered = sorted(took_ms)
    return f"{statistics.median(ordered):5.1f} / {ordered[int(0.95 * len(ordered))]:5.1f}"


def main() -> None:
    os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")
    application()
    parser = argparse.ArgumentParser()
    parser.add_argument("frames", nargs="*", type=int, default=[30, 100, 300])
    parser.add_argument("--tiles", type=int, choices=(1, 2, 4), default=1)
    given = parser.parse_args()
    gc.freeze()  # as the program does with what it imported (`ui/app/quick_start.py`)
    for frames in given.frames:
        cines = tuple(loop(frames, number) for number in range(given.tiles))
        window = MainWindow(Settings(reader="bench"))
        window.analysing.consider = window.analysing.consider_study = lambda: None
        window.show()
        window.workspace.open(cines)
        window.player.pause()
        for cine in cines:
            tracks = (
                track(Structure.LV_ENDO, cine, 180, 300),
                track(Structure.LV_EPI, cine, 215, 300),
                track(Structure.LA, cine, 90, 560),
            )
            events = SetEvents(CardiacEvents((Beat(0, 13),), Origin.MODEL))
            edit = Several("bench", (*(SetTrack(one) for one in tracks), events))
            window.workspace.do(edit, actor="model:bench@1", recording=cine)
        if given.tiles > 1:
            window.reading.board.set_layout(Layout(given.tiles))
        window.player.seek(10)
        load_plots()
        window.reading.make_plots()
        while window.busy:  # numbers that were never checked are not shown, nor computed while a contour is dragged
            QApplication.processEvents()
        for name, modifiers in (("around", NONE), ("this frame", ALT), ("whole loop", SHIFT)):
            for what, took in measure(window, modifiers).items():
                wall_ms, own_ms = zip(*took, strict=True)
                print(f"{frames:4d} frames, {name:11s} {what:8s} p50 / p95 {words([*wall_ms])} ms", end="")
                print(f"   of the processor {words([*own_ms])} ms", flush=True)
        window.close()
        window.deleteLater()
        QApplication.processEvents()


if __name__ == "__main__":
    main()
