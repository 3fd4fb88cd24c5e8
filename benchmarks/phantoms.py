"""Time to simulate recordings, and rates of the training streams: `python benchmarks/phantoms.py`.

Best of three passes, wall clock and processor time of all threads together; on a busy machine the second says more.
A stream's rate is that of one process without threads.
"""

import itertools
import os
import platform
import time
from collections.abc import Callable

# As `kinecor phantom` sets it, before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from kinecor_phantoms.echo.record import record_echo
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.mri.stream import stream

PASSES = 3
CLIPS = 4


def best(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall clock and of processor time, the least of each."""
    walls, processors = [], []
    for _ in range(PASSES):
        wall, processor = time.perf_counter(), time.process_time()
        what()
        walls.append(time.perf_counter() - wall)
        processors.append(time.process_time() - processor)
    return min(walls), min(processors)


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; best of {PASSES}")
    print(f"{'':52}{'wall s':>8}{'processor s':>13}")
    heart = draw("normal", 0)
    still = draw("normal", 0, still=True)
    rows: list[tuple[str, Callable[[], object]]] = [
        ("echo clip A4C, 60 frames, 256 x 256, with truth", lambda: record_echo(heart, "A4C", 0)),
        ("echo clip PSAX mid, 60 frames, 256 x 256", lambda: record_echo(heart, "PSAX mid", 0)),
        (
            "MRI study, 10 slices x 25 phases, with truth",
            lambda: record_mri(still, np.random.default_rng(0), Scan(slices=10, long_axes=False)),
        ),
        (
            "the same and three long axes",
            lambda: record_mri(still, np.random.default_rng(0), Scan(slices=10)),
        ),
    ]
    for name, what in rows:
        wall_s, processor_s = best(what)
        print(f"{name:52}{wall_s:8.2f}{processor_s:13.2f}", flush=True)
    echo, mri = echo_clips(0), stream(0)
    for name, clips, frames in (("echo, 20 frames of 128 x 128", echo, 20), ("MRI, 20 phases of 128 x 128", mri, 20)):
        wall_s, processor_s = best(lambda clips=clips: list(itertools.islice(clips, CLIPS)))
        rates = f"{CLIPS * frames / wall_s:.0f} frames/s wall, {CLIPS * frames / processor_s:.0f} by processor time"
        print(f"stream of {name}: {rates}", flush=True)


if __name__ == "__main__":
    main()
