"""Time until strain has followed a corrected contour: `python benchmarks/strain_redraw.py`.

Off screen, 1440 x 900, a colour loop of 1016 x 708 with the wall's contours of 96 points and motion on every frame,
strain on screen. From a mouse move that pulls a contour to the window redrawn; from letting it go to strain curves,
segments, bull's-eye and every number redrawn; from frame to frame while the points move on the loop; and from one mode
to another.
"""

import math
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from benchmarks.edit_redraw import COLUMNS, ROWS, loop, track
from PySide6.QtWidgets import QApplication

from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import View
from kinecor.core.values.track import Motion, Origin, Structure
from kinecor.session.edits import SetEvents, SetMotion, SetTrack, SetView, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.settings import Settings
from kinecor.ui.style.plot_host import load_plots
from tests.ui.mouse import move, press, release

MOVES, RELEASES, SWITCHES = 30, 10, 12
STEP_PX = 8.0


def motion(frames: int) -> Motion:
    """How the benchmark's heart moves: everything towards (500, 300) and back."""
    beat = 1 - 0.2 * np.sin(np.pi * np.arange(frames) / 50) ** 2
    y, x = np.mgrid[0:ROWS:STEP_PX, 0:COLUMNS:STEP_PX]
    away = np.stack([x - 500.0, y - 300.0], axis=-1)
    moved = (beat[1:] / beat[:-1] - 1)[:, None, None, None] * away
    return Motion((0.0, 0.0), (STEP_PX, STEP_PX), moved.astype(np.float32), np.full(moved.shape[:3], 0.2))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Time on the clock and of this thread on a processor, ms: on a busy machine the second is more reliable."""
    began_s, busy_s = time.perf_counter(), time.thread_time()
    work()
    QApplication.processEvents()
    return 1000 * (time.perf_counter() - began_s), 1000 * (time.thread_time() - busy_s)


def settle(window: MainWindow) -> None:
    """Wait until nothing is on the way."""
    while window.reading.strain.busy:
        QApplication.processEvents()


def follow(window: MainWindow, spot: tuple[float, float]) -> None:
    """Pull, and wait until the strain of that is shown."""
    move(window.image, spot)
    settle(window)


def report(what: str, took_ms: list[tuple[float, float]]) -> None:
    clock, busy = (sorted(one) for one in zip(*took_ms, strict=True))
    p95 = clock[int(0.95 * len(clock))]
    middle = statistics.median(clock)
    print(f"{what:34s} p50 {middle:6.1f} ms   p95 {p95:6.1f} ms   busy {statistics.median(busy):6.1f} ms", flush=True)


def measure(window: MainWindow, frames: int) -> None:
    reading = window.workspace.reading
    report(
        f"{frames} frames: next frame", [timed(lambda: window.player.seek(window.player.frame + 1)) for _ in range(60)]
    )
    window.player.seek(10)
    x, y = reading.tracks[Structure.LV_ENDO].contours[10].outline(closed=False).place(0.3)
    pulls, followed, releases = [], [], []
    for _ in range(RELEASES):
        settle(window)
        press(window.image, (x, y))
        spots = [(x - 8 - one, y + math.sin(one)) for one in range(MOVES // RELEASES)]
        pulls += [timed(lambda spot=spot: move(window.image, spot)) for spot in spots]
        settle(window)
        followed.append(timed(lambda: follow(window, (x - 8, y))))
        releases.append(timed(lambda: release(window.image, (x - 8, y))))
        window.workspace.history.undo()
        QApplication.processEvents()
    report(f"{frames} frames: pull", pulls)
    if window.reading.strain.watched:
        report(f"{frames} frames: strain after a pull", followed)
    report(f"{frames} frames: let go", releases)
    moved = [reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: one}) for one in _changed(reading)]
    report(f"{frames} frames: strain alone", [timed(lambda one=one: wall_strain(one)) for one in moved])


def switches(window: MainWindow, frames: int) -> None:
    """From choosing a mode to the window drawn in it; the pages of the report follow from a worker."""
    for mode in Mode:
        took = []
        for _ in range(SWITCHES):
            window.show_mode(Mode.REVIEW if mode is Mode.MEASURE else Mode.MEASURE)
            window.grab()
            took.append(timed(lambda mode=mode: (window.show_mode(mode), window.repaint())))
        report(f"{frames} frames: to mode {mode}", took)


def _changed(reading: object) -> list[object]:
    """The endocardium with contours 6 to 14 drawn again, ten times."""
    endo = reading.tracks[Structure.LV_ENDO]
    return [
        endo.replaced(
            6, tuple(type(one)(one.points * (1 + 1e-4 * turn)) for one in endo.contours[6:15]), (Origin.EDITED,) * 9
        )
        for turn in range(1, 11)
    ]


def main() -> None:
    application()
    for frames in (50, 100):
        cine = loop(frames)
        window = MainWindow(Settings(reader="bench"))
        window.analysing.consider = lambda: None
        window.resize(1440, 900)
        window.show()
        window.workspace.open((cine,))
        window.player.pause()
        tracks = (track(Structure.LV_ENDO, cine, 180, 300), track(Structure.LV_EPI, cine, 215, 300))
        events = SetEvents(CardiacEvents((Beat(0, 25),), Origin.MODEL))
        edits = (
            *(SetTrack(one) for one in tracks),
            events,
            SetMotion(motion(frames)),
            SetView(View("A4C", 1.0, "bench")),
        )
        window.workspace.do(Several("bench", edits))
        load_plots()
        window.reading.make_plots()
        QApplication.processEvents()
        print(f"{frames} frames, strain put away")
        measure(window, frames)
        window.actions_by_name["strain"].trigger()
        QApplication.processEvents()
        print(f"{frames} frames, strain on screen")
        measure(window, frames)
        switches(window, frames)
        window.close()
        window.deleteLater()
        QApplication.processEvents()


if __name__ == "__main__":
    main()
