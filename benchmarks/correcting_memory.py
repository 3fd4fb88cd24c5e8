"""Memory over studies opened, corrected and closed in one window: `python benchmarks/correcting_memory.py [N]`.

Each study is a small loop of its own, with three contours. One is dragged on two frames and propagated, undone,
redone; then the next study is opened. Off screen; resident memory after 20 studies and after all.
"""

import os
import sys
import tempfile

os.environ["QT_QPA_PLATFORM"] = "offscreen"

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

FRAMES, ROWS, COLUMNS, WARM = 16, 708, 1016, 20
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


def main() -> None:
    os.environ["KINECOR_DATA_DIR"] = tempfile.mkdtemp(prefix="kinecor-bench-")
    application()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    window = MainWindow(Settings(reader="bench"))
    window.analysing.consider = lambda: None
    window.show()
    early = 0.0
    for number in range(count):
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
        window.workspace.undo()
        window.workspace.redo()
        QApplication.processEvents()
        # A running program deletes what was left for later between two events; processEvents() does not.
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if number + 1 in (WARM, count) or (number + 1) % 50 == 0:
            now = resident_mb()
            early = early or now
            print(f"after {number + 1:3d} studies {now:6.0f} MB, {now - early:+.0f} MB", flush=True)
    window.close()


if __name__ == "__main__":
    main()
