"""Memory over studies opened, corrected and closed in one window: `python benchmarks/correcting_memory.py [N]`.

Each study is a small loop of its own, with three contours. One is dragged on two frames and propagated, undone,
redone; then the next study is opened. Off screen; resident memory after 20 studies and then after every 20.

With --out FOLDER, correcting_memory.json is written, a section of docs/validation/correcting.md.
"""

import argparse
import os
import shlex
import sys
import tempfile

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from edit_redraw import mouse, track
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source
from kinecor.core.values.track import Origin, Structure
from kinecor.session.edits import SetEvents, SetTrack, Several
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from kinecor_lab.common.table import Column, Table, add_output, report

FRAMES, ROWS, COLUMNS, EVERY = 16, 708, 1016, 20
ALT = Qt.KeyboardModifier.AltModifier


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def study(number: int) -> CineSequence:
    pixels = np.random.default_rng(number).integers(0, 160, (1, ROWS, COLUMNS)).astype(np.uint8)
    pixels = np.broadcast_to(pixels, (FRAMES, ROWS, COLUMNS))
    source = replace(Source("clip.dcm", "", "bench", "US"), recording_id=f"bench-{number}", study_id=f"study-{number}")
    times_s = np.arange(FRAMES) / 50
    return CineSequence(ArrayFrames(pixels), times_s, "FrameTime", Calibration(0.2, 0.2, "bench"), source)


def corrected(window: MainWindow, frame: int) -> None:
    window.player.seek(frame)
    QApplication.processEvents()
    endo = window.workspace.reading.tracks[Structure.LV_ENDO]
    x, y = endo.contours[frame].outline(closed=False).place(0.3)
    mouse(window, QEvent.Type.MouseButtonPress, (x, y), ALT)
    for step in range(1, 4):
        mouse(window, QEvent.Type.MouseMove, (x - 4 * step, y), ALT)
    mouse(window, QEvent.Type.MouseButtonRelease, (x - 12, y), ALT)


def opened_corrected(window: MainWindow, number: int) -> None:
    """Open a study, which closes the one before it, and correct it."""
    cine = study(number)
    window.workspace.open((cine,))
    window.player.pause()
    shapes = ((Structure.LV_ENDO, 180, 300), (Structure.LV_EPI, 215, 300), (Structure.LA, 90, 560))
    edits = [SetTrack(track(structure, cine, radius, y)) for structure, radius, y in shapes]
    marks = SetEvents(CardiacEvents((Beat(0, 8),), Origin.MODEL))
    window.workspace.do(Several("bench", (*edits, marks)), actor="model:bench@1")
    corrected(window, 4)
    window.actions_by_name["propagate"].trigger()
    while window.propagator.busy:
        QApplication.processEvents()
    corrected(window, 12)
    window.workspace.history.undo()
    window.workspace.history.redo()
    QApplication.processEvents()
    # A running program deletes what was left for later between two events; processEvents() does not.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def table(resident: dict[int, float]) -> Table:
    """Resident memory by how many studies were opened, as a table."""
    early = resident[min(resident)]
    rows = tuple((count, mb, mb - early) for count, mb in resident.items())
    columns = (
        Column("studies", form="d"),
        Column("resident memory", "MB", ".0f"),
        Column("more than at first", "MB", "+.0f"),
    )
    return Table("Resident memory", columns, rows)


def main(argv: Sequence[str]) -> None:
    """Measure, print, and with --out write correcting_memory.json."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=200, help="studies")
    add_output(parser)
    given = parser.parse_args(argv)
    os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")
    application()
    window = MainWindow(Settings(reader="bench"))
    window.analysing.consider = lambda: None
    window.show()
    resident: dict[int, float] = {}
    for number in range(given.count):
        opened_corrected(window, number)
        if (number + 1) % EVERY == 0 or number + 1 == given.count:
            resident[number + 1] = resident_mb()
            print(f"after {number + 1:3d} studies {resident[number + 1]:6.0f} MB", flush=True)
    window.close()
    report(
        "correcting_memory",
        argv,
        "Memory over studies opened, corrected and closed",
        [table(resident)],
        out=given.out,
        command=shlex.join(["python", "benchmarks/correcting_memory.py", str(given.count)]),
        notes=(
            f"One window, off screen. Each study is a loop of {FRAMES} frames of {COLUMNS} x {ROWS} pixels with three "
            "contours: one is dragged on two frames, propagated, undone and redone before the next study is opened. "
            "The first studies fill caches of a fixed size.",
        ),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
