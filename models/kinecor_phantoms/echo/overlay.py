"""What is burned into the image: text, depth ticks, grey bar, the ECG with its marker."""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.echo import ecg, font
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.screen import Screen

Grey = NDArray[np.uint8]
ECG_SHARE = 0.13
"""Of the image's height that the trace takes at its foot."""
_SWEEP_S = 3.0
_MIN_ROWS = 96  # below this letters would cover the heart


class Overlay:
    """Graphics for the frames of one clip; drawn over what is there, and nowhere else."""

    def __init__(
        self,
        screen: Screen,
        probe: Probe,
        look: Look,
        times_s: NDArray[np.floating],
        heartbeat: Callable[[float], float] | None,
        rng: Generator,
    ) -> None:
        self._layer: Grey = np.zeros((screen.rows, screen.columns), np.uint8)
        self._times = np.asarray(times_s, np.float64)
        self._level = int(rng.integers(110, 256))
        scale = max(1, round(screen.rows / 300))
        if look.ticks:
            self._draw_ticks(screen, scale, along_edge=bool(rng.random() < 0.5))
        if look.bar:
            self._draw_bar(screen)
        if look.text and screen.rows >= _MIN_ROWS:
            self._draw_text(screen, probe, scale, rng)
        # Rows of the trace by column, one for each time that it runs across.
        self._traces: list[NDArray[np.int_]] = []
        if look.ecg and heartbeat is not None and self._times.size:
            self._sweeps = bool(rng.random() < 0.4)
            self._top, self._bottom = round(screen.rows * (1 - ECG_SHARE)), screen.rows - 1
            self._left, self._right = round(0.04 * screen.columns), round(rng.uniform(0.6, 0.96) * screen.columns)
            self._shown_s = min(max(float(np.ptp(self._times)), 0.5), _SWEEP_S)
            shown = np.linspace(0, self._shown_s, self._right - self._left, endpoint=False)
            for run in range(int(float(np.ptp(self._times)) / self._shown_s) + 1):
                start_s = float(self._times[0]) + run * self._shown_s
                phase = np.array([heartbeat(start_s + moment) for moment in shown.tolist()])
                self._traces.append(ecg.trace_rows(phase, self._top, self._bottom))

    def draw(self, picture: Grey, frame: int) -> None:
        """Draw onto an image (rows, columns), in place."""
        np.copyto(picture, self._layer, where=self._layer > 0)
        if not self._traces:
            return
        gone = float(self._times[frame] - self._times[0]) / self._shown_s
        run = min(int(gone), len(self._traces) - 1)
        trace = self._traces[run].copy()
        now = int((gone - run) * len(trace))
        drawn = np.ones(len(trace), bool)
        if self._sweeps:
            # Ahead of the gap stands what was written the last time.
            trace[now:] = self._traces[max(run - 1, 0)][now:]
            drawn[now : now + max(3, len(trace) // 20)] = False
        for column in np.flatnonzero(drawn).tolist():
            low, high = sorted((int(trace[max(column - 1, 0)]), int(trace[column])))
            picture[low : high + 1, self._left + column] = self._level
        if not self._sweeps:
            picture[self._top : self._bottom, self._left + min(now, len(trace) - 1)] = 255

    def _put(self, dots: NDArray[np.bool_], row: int, column: int, level: int) -> None:
        row, column = max(row, 0), max(column, 0)
        place = self._layer[row : row + dots.shape[0], column : column + dots.shape[1]]
        place[dots[: place.shape[0], : place.shape[1]]] = level

    def _draw_ticks(self, screen: Screen, scale: int, *, along_edge: bool) -> None:
        half = math.radians(screen.sector_deg) / 2
        for depth in range(0, int(screen.depth_mm) + 1, 10):
            long = depth % 50 == 0
            if along_edge:
                point = np.array([[depth * math.sin(half), depth * math.cos(half)]])
                x, y = screen.to_px(point)[0] + (3 * scale, 0)
            else:
                x, y = screen.region[2] + 2.0 * scale, screen.apex_px[1] + depth / screen.mm_per_px
            row, column = round(y), min(round(x), screen.columns - 3 * scale - 1)
            self._put(np.ones((scale, (3 if long else 1) * scale), bool), row, column, self._level)

    def _draw_bar(self, screen: Screen) -> None:
        high, wide = screen.rows // 3, max(3, screen.columns // 36)
        ramp = np.linspace(255, 1, high).astype(np.uint8)
        right = screen.columns - 2
        self._layer[4 : 4 + high, right - wide : right] = ramp[:, None]

    def _draw_text(self, screen: Screen, probe: Probe, scale: int, rng: Generator) -> None:
        lines = [
            f"{probe.frames_per_s:.0f} HZ",
            f"{probe.depth_mm / 10:.1f} CM",
            f"MI {rng.uniform(0.6, 1.6):.1f}",
            f"{rng.integers(20, 80)}%",
            f"C {rng.integers(40, 70)}",
            "GEN",
            f"TIS {rng.uniform(0.3, 1.9):.1f}",
            "SIMULATED",
        ]
        rng.shuffle(lines)
        for number, line in enumerate(lines[: int(rng.integers(2, 7))]):
            self._put(font.write_text(line, scale), 3 + number * 7 * scale, 3, self._level)
        if rng.random() < 0.5:
            mark = font.write_text("V" if rng.random() < 0.5 else "P", 2 * scale)
            self._put(mark, round(screen.apex_px[1]), round(screen.apex_px[0] + 9 * scale), self._level)
