"""Hours at the window, by script: `python -m tests.fuzz.soak --seconds 300`, or 7200 for two hours.

In one window, off screen, recordings of several formats are opened in turn, played, corrected by mouse, undone and
redone, shown in every mode, and closed by opening the next. Compressed ones decode in processes of their own. Saved
studies are removed after each round, so that each is new. After WARM rounds, resident memory may grow by LIMIT_MB, and
there are as many threads, open files and decoders as before. Exit status 1 where that does not hold. Each round is
a line of JSON on the standard error output, so that a run that was ended early still says what it held.
"""

import argparse
import gc
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

WARM, LIMIT_MB, STEP_S = 2, 50.0, 0.1


@dataclass(frozen=True)
class State:
    """What the process holds, after a round.

    Attributes:
        resident_mb: memory of this process.
        threads: of this process, as the system counts them, but Qt's pool: that has one a core at most, started when
            a picture needs it.
        files: open file handles.
        decoders: processes that decode.

    """

    resident_mb: float
    threads: int
    files: int
    decoders: int


def state() -> State:
    """What this process holds now; of Linux."""
    from kinecor.io.files import isolated

    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    decoders = isolated.isolate().processes
    return State(
        pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
        sum((one / "comm").read_text() != "Thread (pooled)\n" for one in Path("/proc/self/task").iterdir()),
        len(list(Path("/proc/self/fd").iterdir())),
        len(decoders),
    )


def recordings(folder: Path) -> list[Path]:
    """Loops of 128 x 96 and 480 x 360 pixels, grey and in colour, compressed and not."""
    import numpy as np

    from tests.io import make_dicom as make

    out = []
    for number, (syntax, colour, scale) in enumerate(
        (
            (make.EXPLICIT, False, 1),
            (make.JPEG_BASELINE, False, 1),
            (make.JPEG_BASELINE, True, 4),
            (make.RLE, False, 1),
            (make.JPEG_2000, True, 1),
        )
    ):
        loop = np.random.default_rng(number).integers(0, 120, (12, 96 * scale, 128 * scale)).astype(np.uint8)
        if colour:  # grey in three channels: coloured noise is taken for colour Doppler, which is only shown
            loop = np.repeat(loop[..., None], 3, axis=-1)
        file = folder / f"study{number}" / "clip.dcm"
        file.parent.mkdir()
        out.append(
            make.write_loop(file, loop, syntax=syntax, photometric="YBR_FULL_422" if colour and scale > 1 else None)
        )
    return out


def soak(
    seconds: float, each: int = 1, rest_s: float = 0.0, report: Callable[[State], object] = lambda _: None
) -> list[State]:
    """Work at the window for so long, WARM + 1 rounds at least; what is held after each round.

    Args:
        seconds: how long; the last round is finished.
        each: 2 opens every second of the recordings, 1 all.
        rest_s: nothing is done for so long after each recording, which leaves the processor to others.
        report: called with the state after each round.

    """
    from PySide6.QtCore import QEvent, QEventLoop

    from kinecor.core.values.track import Structure
    from kinecor.io.files import isolated
    from kinecor.ui.app.application import application
    from kinecor.ui.app.main_window import MainWindow
    from kinecor.ui.app.modes import Mode
    from kinecor.ui.app.settings import Settings
    from tests.ui.conftest import beating
    from tests.ui.mouse import send

    app = application()
    out: list[State] = []
    with tempfile.TemporaryDirectory(prefix="kinecor-soak-", ignore_cleanup_errors=True) as named:
        folder = Path(named)
        files = recordings(folder)[::each]
        data = folder / "data"
        os.environ["KINECOR_DATA_DIR"] = str(data)
        isolated.isolate()
        window = MainWindow(Settings(reader="soak"), beating)
        window.resize(1200, 800)
        window.show()

        def work(for_s: float = 0.0) -> None:
            until = time.monotonic() + for_s
            while window.busy or time.monotonic() < until:
                app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 10)

        def drag(frame: int) -> None:
            window.player.seek(frame)
            work()
            x, y = window.workspace.reading.tracks[Structure.LV_ENDO].contours[frame].outline(closed=False).place(0.3)
            send(window.image, QEvent.Type.MouseButtonPress, (x, y))
            send(window.image, QEvent.Type.MouseMove, (x - 2, y))
            send(window.image, QEvent.Type.MouseMove, (x - 4, y))
            send(window.image, QEvent.Type.MouseButtonRelease, (x - 4, y))
            work()

        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until or len(out) < WARM + 1:
                for file in files:
                    window.opening.open_paths([str(file)])
                    work(STEP_S)
                    for mode in (Mode.REVIEW, Mode.STRAIN, Mode.REPORT, Mode.MEASURE):
                        window.show_mode(mode)
                        work(STEP_S)
                    window.player.pause()
                    for frame in (2, 7):
                        drag(frame)
                    for name in ("undo", "undo", "redo"):
                        window.actions_by_name[name].trigger()
                    work()
                    assert not window.banner.messages, window.banner.messages
                    work(rest_s)
                window.workspace.close()
                # A file of the worklist may just be taking the place of the one before.
                shutil.rmtree(data, ignore_errors=True)
                out.append(state())
                report(out[-1])
        finally:
            window.close()
            window.deleteLater()
            app.processEvents()
            isolated.end()
    return out


def faults(held: list[State]) -> list[str]:
    """What grew from the end of the warm-up to the end, by more than it may."""
    first, last = held[WARM - 1], held[-1]
    # A pool of Python starts a worker where none is idle: on a loaded machine its last ones come after the warm-up.
    may_grow = {"resident_mb": LIMIT_MB, "threads": 2, "files": 0, "decoders": 0}
    return [name for name, more in may_grow.items() if getattr(last, name) - getattr(first, name) > more]


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--rest", type=float, default=0.0, metavar="S", help="do nothing for S after each recording")
    parser.add_argument("--each", type=int, default=1, metavar="N", help="open every Nth of the recordings")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()

    def say(held: State) -> None:
        print(json.dumps({"at_s": round(time.monotonic() - began)} | asdict(held)), file=sys.stderr, flush=True)

    held = soak(chosen.seconds, chosen.each, chosen.rest, say)
    found = faults(held)
    names = {
        "rounds": len(held),
        "after_warm_up": asdict(held[WARM - 1]),
        "in_the_middle": asdict(held[len(held) // 2]),
        "at_the_end": asdict(held[-1]),
    }
    print(json.dumps(names | {"most_mb": max(one.resident_mb for one in held), "grown": found}))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
