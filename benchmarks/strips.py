"""What the strips below the volume curve cost while four tiles play: `python benchmarks/strips.py`.

Two strips follow every frame: the doubtful frames of each view (four rows of 60 cells, a box round those of the frame
on screen) and the curve of ED and ES by AI (a cursor). Processor time of the thread from the change of the frame to
everything painted, and of what draws all of a strip again, as a wheel on the curve does.

    --frames N     frames shown in each way (default: 300)
    --repeats N    both strips in turn, so many times (default: 5); medians of the repeats with their range
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget

from kinecor.core.values.reading import PhaseCurve
from kinecor.ui.app.application import application
from kinecor.ui.curves.confidence import ConfidenceStrip, Doubt, Strip, strips_px
from kinecor.ui.curves.phase_events import HEIGHT_PX, PhaseStrip
from kinecor.ui.style.plot_host import load_plots

FRAMES, VIEWS, WIDE_PX, LEFT_PX, LAST_S = 60, ("A4C", "A2C", "A3C", "PLAX"), 900, 52, 1.0
TIMES_S = np.arange(FRAMES) / FRAMES * LAST_S
BUDGET_MS = 1000 / 60
"""Of an update of four tiles, all that is painted in it."""
Step = Callable[[int], None]


def x_px(time_s: float) -> float:
    """The widget x of a time."""
    return LEFT_PX + (WIDE_PX - LEFT_PX) * (0.01 + 0.98 * time_s / LAST_S)


def cells() -> np.ndarray:
    """(views, frames) of Doubt, a fifth of them doubtful or next to one."""
    rng = np.random.default_rng(3)
    return rng.choice([Doubt.SURE, Doubt.NEAR, Doubt.DOUBTFUL], (len(VIEWS), FRAMES), p=[0.8, 0.1, 0.1]).astype(np.int8)


def curve() -> np.ndarray:
    """(frames,) a beat between 0 and 1."""
    return 0.5 + 0.45 * np.cos(2 * np.pi * TIMES_S)


def cells_strip() -> tuple[QWidget, Step, Step]:
    """The strip of cells."""
    strip = ConfidenceStrip(x_px)
    strip.resize(WIDE_PX, strips_px(len(VIEWS)))
    strip.show_strips([Strip(name, row) for name, row in zip(VIEWS, cells(), strict=True)], TIMES_S)
    return strip, strip.show_frame, lambda _: strip.redraw()


def curve_strip() -> tuple[QWidget, Step, Step]:
    """The strip of ED and ES by AI."""
    strip = PhaseStrip(x_px, lambda x: x)
    strip._curve, strip._times_s = PhaseCurve(curve(), (), (), "bench"), tuple(TIMES_S.tolist())
    strip.resize(WIDE_PX, HEIGHT_PX)
    strip.show()
    return strip, strip.show_frame, lambda _: strip.redraw()


def cost_ms(app: QApplication, step: Step, count: int) -> list[float]:
    """Processor time of each step until all is painted."""
    found = []
    for number in range(count):
        start = time.thread_time()
        step(number % FRAMES)
        app.processEvents()
        found.append(1000 * (time.thread_time() - start))
    return found


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    app = application()
    load_plots()
    ways = {"doubtful frames": cells_strip, "ED, ES by AI": curve_strip}
    frames: dict[str, list[float]] = {way: [] for way in ways}
    late: dict[str, list[float]] = {way: [] for way in ways}
    whole: dict[str, list[float]] = {way: [] for way in ways}
    made: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(options.repeats):
        for way, make in ways.items():
            start = time.thread_time()
            widget, step, redraw = make()
            app.processEvents()
            made[way].append(1000 * (time.thread_time() - start))
            cost_ms(app, step, FRAMES)  # caches are filled
            each = sorted(cost_ms(app, step, options.frames))
            frames[way].append(statistics.median(each))
            late[way].append(each[int(0.95 * len(each))])
            whole[way].append(statistics.median(cost_ms(app, redraw, 60)))
            widget.close()
            widget.deleteLater()
    print(f"{options.repeats} repeats of {options.frames} frames; ms of the processor, median (range)")
    print(f"budget of an update of four tiles with all below them: {BUDGET_MS:.1f} ms\n")
    print(f"{'strip':16} {'a frame':20} {'p95':>6} {'all of it':20} {'made':>6}")
    for way in ways:
        print(
            f"{way:16} {_spread(frames[way]):20} {statistics.median(late[way]):6.2f} "
            f"{_spread(whole[way]):20} {statistics.median(made[way]):6.1f}"
        )


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


if __name__ == "__main__":
    main()
