"""Time to redraw a stack's page: `python benchmarks/stack_redraw.py`.

Off screen, 1440 x 900, 12 slices of 20 phases of 256 x 256 pixels with three contours of 96 points on each. First from
a mouse move that pulls a contour of the enlarged slice to the whole window redrawn, then from phase to phase of the
grid; last the numbers alone, after a change of one slice.
"""

import os
import tempfile
import time
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")

import sys

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np

from kinecor.core.table.table import measurements
from kinecor.core.values.track import Structure
from kinecor.session.edits import OnSlice, SetEvents, SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from tests import stacks
from tests.ui.mouse import move, press, release

MOVES = 120


def main() -> None:
    app = application()
    recording = stacks.stack()
    truth = stacks.read(recording)
    window = MainWindow(Settings(), lambda *_: None)
    window.resize(1440, 900)
    window.show()
    window.workspace.open((recording,))
    tracks = [OnSlice(i, SetTrack(t)) for i, one in enumerate(truth.slices) for t in one.tracks.values()]
    window.workspace.do(Several("bench", (*tracks, SetEvents(truth.events))))
    window.player.pause()
    window._analysis_delay.stop()
    settle(app, window)

    window.grid.choose(5)
    window.stack.set_enlarged(True)
    window.player.seek(0)
    settle(app, window)
    image = window.stack.image
    points = window.workspace.reading.slices[5].tracks[Structure.LV_ENDO].contours[0].points
    x, y = points[points[:, 0].argmax()]
    press(image, (x, y))
    report(
        "pull a contour", [timed(lambda k=k: (move(image, (x + 2 + 0.05 * k, y)), paint(app))) for k in range(MOVES)]
    )
    release(image, (x + 8, y))
    window.stack.set_enlarged(False)
    for phase in range(20):
        window.player.seek(phase)
        settle(app, window)
    report(
        "next phase of the grid", [timed(lambda k=k: (window.player.seek(k % 20), paint(app))) for k in range(MOVES)]
    )

    reading = window.workspace.reading
    changed = [reading.with_(notes=str(k)) for k in range(MOVES)]
    report("numbers alone", [timed(lambda one=one: measurements(one)) for one in changed])
    window.close()
    app.processEvents()


def paint(app) -> None:
    app.sendPostedEvents()
    app.processEvents()


def settle(app, window) -> None:
    until = time.monotonic() + 20
    while window.stack.busy and time.monotonic() < until:
        app.processEvents()
    app.processEvents()


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def report(what: str, times_ms: list[float]) -> None:
    low, middle, high = np.percentile(times_ms, (10, 50, 95))
    print(f"{what}: median {middle:.1f} ms, 10 % {low:.1f}, 95 % {high:.1f}, worst {max(times_ms):.1f}")


if __name__ == "__main__":
    main()
