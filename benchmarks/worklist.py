"""The worklist of the start page: `python benchmarks/worklist.py [STUDIES] [CLIPS]`.

Each study is a folder of CLIPS small clips of one patient in a watched folder, every second with a saved file. Measured
are the time from making the start page until the saved list is on screen, the time that a worker takes to look through
the folders for the first time and again, and the time of a step of scrolling at 1366 x 768 until it is painted.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

ENTRIES = 4


def write_studies(root: Path, studies: int, clips: int) -> None:
    """The folders: one clip written for each study, the others are links to it."""
    import numpy as np
    import pydicom

    from kinecor.io.write.dataset import About
    from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
    from kinecor.session.store import Store, study_file

    base = root.parent / "base.dcm"
    loop = UltrasoundLoop(np.zeros((4, 32, 32), np.uint8), np.arange(4) * 0.1, (1.0, 1.0), (0, 0, 32, 32), "A4C")
    write_ultrasound(base, loop, About("Bench", "clip", "Bench", heart="one"), 1)
    header = pydicom.dcmread(base)
    for number in range(studies):
        folder = root / f"study {number:04d}"
        folder.mkdir(parents=True)
        header.PatientName, header.PatientID = f"Patient^{number:04d}", f"{number}"
        header.StudyInstanceUID, header.StudyDate = f"1.2.3.{number}", f"2026{1 + number % 12:02d}01"
        header.save_as(folder / "000.dcm")
        for clip in range(1, clips):
            os.link(folder / "000.dcm", folder / f"{clip:03d}.dcm")
        if number % 2:
            with Store.open(study_file(f"1.2.3.{number}")) as store:
                for _ in range(ENTRIES):
                    store.append("model:bench@1", "1", "set-notes/1", b'{"text":"' + b"x" * 50_000 + b'"}')


def main() -> None:
    """Write, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="?", type=int, default=200)
    parser.add_argument("clips", nargs="?", type=int, default=60)
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["KINECOR_DATA_DIR"] = str(Path(temporary) / "home")
        os.environ["KINECOR_AUDIT_KEY"] = str(Path(temporary) / "home" / "audit.key")
        root = Path(temporary) / "watched"
        write_studies(root, chosen.studies, chosen.clips)

        from kinecor.ui.app.application import application
        from kinecor.ui.app.settings import today
        from kinecor.ui.worklist import studies
        from kinecor.ui.worklist.view import WorklistView

        app = application()
        began = time.perf_counter()
        found = studies.look_through([str(root)], (), today(), lambda _done, _total: None)
        first_s = time.perf_counter() - began
        began = time.perf_counter()
        again = studies.look_through([str(root)], found, today(), lambda _done, _total: None)
        again_s = time.perf_counter() - began
        if again != found:
            raise SystemExit("looking again found something else")
        studies.save(found)
        shown_s, used_s = [], []
        for _ in range(5):
            began, used = time.perf_counter(), time.thread_time()
            view = WorklistView()
            view.resize(1318, 600)
            view.show_studies(studies.lasting(studies.load(), today(), 90))
            view.show()
            app.processEvents()
            view.grab()
            shown_s.append(time.perf_counter() - began)
            used_s.append(time.thread_time() - used)
        steps_ms, used_ms, bar = [], [], view.table.verticalScrollBar()
        for value in range(bar.minimum(), bar.maximum()):
            began, used = time.perf_counter(), time.thread_time()
            bar.setValue(value)
            app.processEvents()
            steps_ms.append(1000 * (time.perf_counter() - began))
            used_ms.append(1000 * (time.thread_time() - used))
        print(f"{len(found)} studies of {chosen.clips} clips")
        print(
            f"saved list on screen after {statistics.median(shown_s):.3f} s ({min(shown_s):.3f} to {max(shown_s):.3f})",
            end="",
        )
        print(f", {statistics.median(used_s):.3f} s of the processor; n = {len(shown_s)}")
        print(f"looked through on a worker: {first_s:.2f} s the first time, {again_s:.2f} s again")
        ordered = sorted(steps_ms)
        p95 = ordered[int(0.95 * (len(ordered) - 1))]
        print(f"a step of scrolling: median {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms, ", end="")
        print(f"{statistics.median(used_ms):.1f} ms of the processor; n = {len(ordered)}")


if __name__ == "__main__":
    main()
