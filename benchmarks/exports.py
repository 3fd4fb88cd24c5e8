"""Times of what leaves the program: `python benchmarks/exports.py [RUNS]`; a loop of 100 frames, simulated.

Prints the median and the range of processor time and of wall time over RUNS runs (10), after one that is not counted.
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.export.pictures import write_film
from kinecor.io.open.recordings import open_path
from kinecor.io.write.capture import write_loop
from kinecor.io.write.dataset import About
from kinecor.io.write.derived import save_derived
from kinecor.io.write.echo_report import echo_report
from kinecor.io.write.segmentation import write_segmentation
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from kinecor.io.write.values import Read
from tests.readings import BY, ellipse

FRAMES, ROWS, COLUMNS = 100, 600, 800


def loop(folder: Path) -> Read:
    """100 frames of 800 x 600 with three contours in each."""
    frames = np.random.default_rng(1).integers(0, 160, (FRAMES, ROWS, COLUMNS), dtype=np.uint8)
    times_s = np.arange(FRAMES) * 0.01
    clip = UltrasoundLoop(frames, times_s, (0.3, 0.3), (0, 0, COLUMNS, ROWS), "A4C", 60.0)
    write_ultrasound(folder / "clip.dcm", clip, About("Benchmark", "exports", "Benchmark"))
    (recording,) = open_path(folder / "clip.dcm").recordings
    size = 1 - 0.125 * (1 - np.cos(2 * np.pi * np.arange(FRAMES) / FRAMES))
    shapes = {Structure.LV_ENDO: (90, 150, 250), Structure.LV_EPI: (120, 180, 250), Structure.LA: (80, 60, 460)}
    tracks = {
        one: ContourTrack(
            one,
            tuple(ellipse(400, y, a * part, b * part) for part in size),
            (Origin.MODEL,) * FRAMES,
            np.full(FRAMES, 0.9),
        )
        for one, (a, b, y) in shapes.items()
    }
    authors = {f"tracks/{one}": BY for one in tracks} | {"events": BY}
    events = CardiacEvents((Beat(0, FRAMES // 2),), Origin.MODEL)
    reading = first_reading(recording).with_(tracks=tracks, events=events, authors=authors)
    return Read(recording, reading.with_(view=View("A4C", None, "header")))


def timed(what: str, work: Callable[[], object], runs: int) -> None:
    """Print how long `work` takes."""
    work()
    used: list[tuple[float, float]] = []
    for _ in range(runs):
        begun, wall = time.process_time(), time.perf_counter()
        work()
        used.append((time.process_time() - begun, time.perf_counter() - wall))
    for name, values in zip(("processor", "wall"), zip(*used, strict=True), strict=True):
        low, mid, high = min(values), statistics.median(values), max(values)
        print(f"{what:28} {name:9} {mid:6.3f} s ({low:.3f} to {high:.3f})")


def main(runs: int) -> None:
    """Time each output."""
    at = datetime.now().astimezone()
    with TemporaryDirectory() as name:
        folder = Path(name)
        read = loop(folder)
        timed("structured report", lambda: save_derived(echo_report([read], at), folder / "sr.dcm"), runs)
        timed("segmentation", lambda: write_segmentation(folder / "seg.dcm", read, at), runs)
        timed("MP4, 100 frames", lambda: write_film(folder / "film.mp4", read.recording, read.reading), runs)
        timed("secondary capture loop", lambda: write_loop(folder / "loop.dcm", read, at), runs)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
