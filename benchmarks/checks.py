"""Time of the checks after an edit of one contour: `python benchmarks/checks.py PATH ...`.

Each recording is opened and analysed once, but for prepared cases of `kinecor evaluate trust` (folders with a
case.json), which hold what was concluded. Then the LV contour at ED of a loop, or of the middle slice of a stack, is
moved a little, as the end of a drag does, and the measurements are taken without and with the checks. `opening` is the
checks of the study as it is first shown, when nothing of its slices is remembered yet; `first` the first edit after it.
Processor time: other load on the machine does not count.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from kinecor.analysis.analyse import propose
from kinecor.core.checks.assessment import assess
from kinecor.core.table.table import measurements
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.track import Structure
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import Edit, OnSlice, SetContours
from kinecor_lab.tasks.trust.prepared import load

TIMES = 30


def moved(reading: Reading, by_px: float) -> Edit:
    number = len(reading.slices) // 2
    one = reading.slices[number] if reading.slices else reading
    ed = reading.events.beats[0].ed
    contour = Contour(one.tracks[Structure.LV_ENDO].contours[ed].points + by_px)
    edit = SetContours(Structure.LV_ENDO, ed, (contour,))
    return OnSlice(number, edit) if reading.slices else edit


def readings(path: Path) -> Iterator[tuple[str, Reading]]:
    if (path / "case.json").exists():
        yield from ((case.name, case.reading) for case in load([path]) if case.reading is not None)
        return
    for recording in open_path(path).recordings:
        reading = first_reading_of(recording)
        proposal = propose(recording, reading)
        yield str(recording.source.path), proposal.edit.apply(reading, proposal.by)


def main() -> None:
    for path in map(Path, sys.argv[1:]):
        for name, reading in readings(path):
            if not reading.events or not reading.events.beats:
                continue
            measurements(reading)
            began_s = time.thread_time()
            assess(reading)
            opening_ms = 1000 * (time.thread_time() - began_s)
            bare_ms, checks_ms = [], []
            for number in range(TIMES):
                after = moved(reading, 0.01 * (number + 1)).apply(reading, "bench")
                began_s = time.thread_time()
                measurements(after)
                between_s = time.thread_time()
                assess(after)
                bare_ms.append(1000 * (between_s - began_s))
                checks_ms.append(1000 * (time.thread_time() - between_s))
            print(
                f"{name}: {reading.kind.name}, {reading.facts.frames} frames, "
                f"{len(reading.slices)} slices: values {statistics.median(bare_ms):.1f} ms, "
                f"checks {statistics.median(checks_ms):.1f} ms, p95 {sorted(checks_ms)[int(0.95 * TIMES)]:.1f}, "
                f"first {checks_ms[0]:.1f}, opening {opening_ms:.1f} ms"
            )


if __name__ == "__main__":
    main()
