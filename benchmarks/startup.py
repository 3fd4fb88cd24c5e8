"""Times from typing a command to its answer, each in a fresh process: version, start page, window with a clip, ...

Run as `python benchmarks/startup.py [--repeat 5] [--only WORDS]`; needs neither data nor a screen. "window up" ends
when the first frame of a clip has been drawn; torch and pyqtgraph must not have been loaded by then (the inference
engine is, on a worker, for the analysis that follows). As in an installed program, modules are compiled before they are
timed, whatever the environment says about bytecode. Time of the processor, which other programs change less, stands
next to that on the wall.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

WINDOW = """
import sys, time
from kinecor.io.open.find import sample_path
from kinecor.ui.app.quick_start import quick_imports
with quick_imports():
    from kinecor.ui.app import settings
    from kinecor.ui.app.application import application
    from kinecor.ui.app.main_window import MainWindow
app = application()
window = MainWindow(settings.load())
window.resize(1440, 900)
window.show()
window.opening.open_paths([str(sample_path())])
limit_s = time.monotonic() + 60
while window.workspace.recording is None and time.monotonic() < limit_s:
    app.processEvents()
assert window.workspace.recording is not None, "the demo did not open"
window.grab()
for late in ("torch", "pyqtgraph"):
    assert late not in sys.modules, f"{late} was loaded before the first frame"
window.close()
"""

START_PAGE = """
from kinecor.ui.app.quick_start import quick_imports
with quick_imports():
    from kinecor.ui.app import settings
    from kinecor.ui.app.application import application
    from kinecor.ui.app.main_window import MainWindow
app = application()
window = MainWindow(settings.load())
window.show()
app.processEvents()
window.grab()
window.close()
"""


IMPORTS = """
from kinecor.ui.app.quick_start import quick_imports
with quick_imports():
    import kinecor.ui.app.application
"""


def seconds(line: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds on the wall and of the processor."""
    start_s, used_s = time.perf_counter(), _used_s()
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(line)} ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - start_s, _used_s() - used_s


def _used_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="", help="measure the lines that contain these words")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "KINECOR_DATA_DIR": folder,
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": f"{folder}/compiled",
        }
        kinecor = [sys.executable, "-m", "kinecor"]
        lines = {
            "kinecor --version": [*kinecor, "--version"],
            "kinecor doctor": [*kinecor, "doctor"],
            "imports of the window": [sys.executable, "-c", IMPORTS],
            "start page up (with closing)": [sys.executable, "-c", START_PAGE],
            "window up, first frame drawn (with closing)": [sys.executable, "-c", WINDOW],
            "kinecor analyse sample (30 frames)": [*kinecor, "analyse", "sample", "--out", f"{folder}/out"],
            "kinecor analyse sample --masks --pdf --csv": [
                *(*kinecor, "analyse", "sample", "--out", f"{folder}/out", "--masks", "--pdf", "--csv")
            ],
        }
        for name, line in lines.items():
            if chosen.only not in name:
                continue
            seconds(line, environment)  # the first reads the files from the disk, and compiles them
            wall, used = zip(*(seconds(line, environment) for _ in range(chosen.repeat)), strict=True)
            print(
                f"{name:<45} median {statistics.median(wall):6.3f} s, least {min(wall):6.3f} s; "
                f"processor {statistics.median(used):6.3f} s, least {min(used):6.3f} s"
            )


if __name__ == "__main__":
    main()
