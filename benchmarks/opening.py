"""Seconds from opening a study to its results on screen, by stages: `python benchmarks/opening.py FOLDER [--repeat 1]`.

FOLDER holds the files of one study, e.g. three apical views or a short-axis stack; `kinecor phantom` makes such. Each
time is measured in a fresh process with an empty folder for readings, from the call that opens the study: first frame
drawn, contours of the first recording, the value of the headline (biplane EF, or LV EF of a stack) from a part of the
frames and from all, GLS over views, and all done. Processor time of the whole process, which other programs change
less, stands next to the time on the wall. The loop is stopped at its first frame: what playing costs is measured by
tiles.py. Modules are compiled before, as in an installed program.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time

from compiled import as_installed

STAGES = ("first frame", "first contours", "EF, provisional", "EF", "GLS", "all done")
LIMIT_S = 900.0


def measured(folder: str) -> dict[str, tuple[float, float]]:
    """(seconds on the wall, of the processor) by stage, in this process."""
    from PySide6.QtCore import QEventLoop, QTimer

    from kinecor.ui.app.quick_start import quick_imports

    with quick_imports():  # as the program does
        from kinecor.core.values.reading import has_contour
        from kinecor.core.values.track import Structure
        from kinecor.ui.app.application import application
        from kinecor.ui.app.main_window import MainWindow
        from kinecor.ui.app.settings import Settings
        from kinecor.ui.workspace.changes import Topic, follow

    app = application()
    window = MainWindow(Settings(reader="bench"))
    window.resize(1440, 900)
    window.show()
    app.processEvents()
    began, used = time.perf_counter(), time.process_time()
    found: dict[str, tuple[float, float]] = {}

    def note(stage: str) -> None:
        found.setdefault(stage, (time.perf_counter() - began, time.process_time() - used))

    values: dict[str, float] = {}

    def note_value(code: str) -> None:
        """The stage of a value is the time at which it changed last: GLS of one view becomes that of three."""
        checks = window.workspace.checks
        rows = checks.here.measurements if window.workspace.stack is not None else checks.study.measurements
        now = next((row.quantity.value for row in rows if row.code == code and row.quantity is not None), None)
        if now is None or now == values.get(code):
            return
        values[code] = now
        space = window.workspace
        saved = [space.opened.known_reading(one, provisional=False) for one in space.opened.recordings]
        done = any(one is not None and (one.tracks or has_contour(one, Structure.LV_ENDO)) for one in saved)
        stage = code if done else f"{code}, provisional"
        found.pop(stage, None)
        note(stage)

    def look() -> None:
        if window.workspace.reading is None:
            return
        if window.image.pixels is not None or window.grid.decoder.images(0) is not None:
            note("first frame")
            window.player.pause()
        reading = window.workspace.reading
        stack = reading.kind.stack
        if has_contour(reading, Structure.LV_ENDO) if stack else Structure.LV_ENDO in reading.tracks:
            note("first contours")
            for code in ("EF", "GLS"):
                note_value(code)

    follow(window.workspace, look, Topic.CHECKS)
    window.opening.open_paths([folder])
    # Asked twenty times a second: asking without a pause would itself use one of two cores.
    waiting, asking = QEventLoop(), QTimer(interval=50)

    def ask() -> None:
        if "first frame" not in found:
            look()
        if window.workspace.recording is not None and not window.busy:
            note("all done")
            waiting.quit()

    asking.timeout.connect(ask)
    asking.start()
    QTimer.singleShot(int(1000 * LIMIT_S), waiting.quit)
    waiting.exec()
    asking.stop()
    window.close()
    app.processEvents()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="measure in this process, and print the times as JSON")
    chosen = parser.parse_args()
    if chosen.once:
        print(json.dumps(measured(chosen.folder)))
        return
    runs, compiled = [], as_installed()
    for _ in range(chosen.repeat):
        with tempfile.TemporaryDirectory() as folder:
            environment = compiled | {"KINECOR_DATA_DIR": folder}
            line = [sys.executable, __file__, chosen.folder, "--once"]
            done = subprocess.run(line, env=environment, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
    for stage in STAGES:
        times = [one[stage] for one in runs if stage in one]
        if times:
            wall, used = (statistics.median(values) for values in zip(*times, strict=True))
            print(f"{stage:<16} {wall:7.2f} s on the wall, {used:7.2f} s of the processor, n {len(times)}")


if __name__ == "__main__":
    main()
