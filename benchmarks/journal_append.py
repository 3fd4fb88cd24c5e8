"""How long one committed edit takes: 10 contours of 96 points, applied, encoded and waited for on the disk.

Run as `python benchmarks/journal_append.py [FOLDER]`; FOLDER is on the disk to be measured (default: here).
Prints the median and the 95th percentile of `do`, of `undo`, of a whole analysis (3 structures x 300 frames), and
how long such a file takes to open again.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.codec import decode, encode
from kinecor.session.edits import SetContours, SetTrack, Several
from kinecor.session.journal import Journal
from kinecor.session.store import Store

FRAMES, POINTS, EDITED, EDITS, R = 300, 96, 10, 500, "1.2.3"


def outline(seed: int) -> Contour:
    angle = np.linspace(0.1, 2 * np.pi - 0.1, POINTS)
    radius_px = 40 + np.random.default_rng(seed).normal(size=POINTS)
    return Contour(np.stack([160 + radius_px * np.cos(angle), 120 + radius_px * np.sin(angle)], axis=1))


def track(structure: Structure) -> ContourTrack:
    contours = tuple(outline(frame) for frame in range(FRAMES))
    return ContourTrack(structure, contours, (Origin.MODEL,) * FRAMES, np.full(FRAMES, 0.9))


def timed(what: str, times: int, act: Callable[[], object]) -> None:
    taken_ms = []
    for _ in range(times):
        started = time.perf_counter()
        act()
        taken_ms.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(taken_ms, [50, 95])
    print(f"{what:42} p50 {p50:7.2f} ms   p95 {p95:7.2f} ms   ({times} times)")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path.cwd()
    first = Reading(Facts(R, 240, 320, np.arange(FRAMES, dtype=np.float64) * 0.033, "FrameTime"))
    analysis = Several("analysis", tuple(SetTrack(track(one)) for one in list(Structure)[:3]))
    edits = iter([SetContours(Structure.LV_ENDO, 5, tuple(map(outline, range(n, n + EDITED)))) for n in range(EDITS)])
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        path = Path(scratch) / "study.kinecor"
        with Store.open(path) as store:
            journal = Journal(store)
            journal.open(first)
            timed(f"do: a whole analysis, {FRAMES} frames", 10, lambda: journal.do(R, analysis, "model:m@1+x"))
            timed(f"do: {EDITED} contours of {POINTS} points", EDITS, lambda: journal.do(R, next(edits), "Anna"))
            timed("undo", EDITS, lambda: journal.undo(R, "Anna"))
        print(f"{'the file':42} {path.stat().st_size / 1e6:.1f} MB")

        def again() -> None:
            with Store.open(path) as store:
                Journal(store).open(first)

        def verify() -> None:
            with Store.open(path) as store:
                assert store.verify() is None

        timed(f"open again, {2 * EDITS + 10} entries", 5, again)
        timed("open and verify", 5, verify)
    payload = encode(analysis)
    print(f"{'an analysis as bytes':42} {len(payload[1]) / 1e6:.2f} MB")
    timed("encode an analysis", 20, lambda: encode(analysis))
    timed("decode an analysis", 20, lambda: decode(*payload))


if __name__ == "__main__":
    main()
