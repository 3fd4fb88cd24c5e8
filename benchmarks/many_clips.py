"""A study of many clips in the window: `python benchmarks/many_clips.py [CLIPS] [--only PART ...] [--stacks FILE]`.

The clips are simulated from seeds, small, as views of one heart in turn, and make one study. Each part is measured in a
separate process:

analyse: all clips are analysed in the window. Stretches of the event loop, and the total time against
`kinecor analyse` with one process; both end when results and checks of all clips are there.
edit: a contour of a saved study is dragged and let go, of FEW clips and of all; what the window's own thread uses of
the processor for it, until the checks are there again, and how often parts of a recording are derived.
release: with four clips on screen, what a release of the mouse executes of our code until the new picture is painted,
counted on the window's thread, and the time of a move of the mouse.

A stretch is for how long the event loop answers nothing: on the wall, on the wall less the time in which other programs
had the processor (Linux), and of the processor. FOLDER keeps clips and readings for further runs. With --stacks FILE,
what all threads were doing LONG_MS into a stretch is written there, with the lengths of the stretch behind it; Python's
faulthandler, which does so without waiting for the interpreter, may end the process now and then.
"""

import argparse
import faulthandler
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from compiled import as_installed

VIEWS = ("A4C", "A2C", "A3C")
FEW, TILES, MOVES, LIMIT_S = 10, 4, 120, 3600.0
LONG_MS, BEAT_MS = 50.0, 5
PARTS = ("analyse", "edit", "release")
KINDS = {"on the wall": "wall", "less what other programs took": "own", "of the processor": "used"}


def simulate(folder: Path, clips: int, size: int) -> list[Path]:
    """The clips' files, made where they are not there yet."""
    from kinecor.analysis.phantom_make import PhantomRequest, make_echo
    from kinecor.analysis.phantoms import Output, write_echo

    found = []
    for number in range(clips):
        place = folder / f"{number:03d}"
        if not place.exists():
            view = VIEWS[number % len(VIEWS)]
            request = PhantomRequest(seed=number // len(VIEWS), size=(size, size))
            heart = PhantomRequest(seed=0, size=(size, size)).identity("echo")
            write_echo(make_echo(view, request), Output(place, "Many", f"{view} {number}", heart=heart))
        found.append(place)
    return found


def kept_waiting_s() -> float:
    """For how long this thread could have run, but had no processor; 0 on other systems than Linux."""
    try:
        waited = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return int(waited.split()[1]) / 1e9


class Clocks(NamedTuple):
    """Times of this thread, s.

    Attributes:
        wall: on the wall.
        own: less the time in which it could have run, but had no processor.
        used: of the processor.

    """

    wall: float
    own: float
    used: float

    @classmethod
    def now(cls) -> "Clocks":
        """As they stand."""
        wall = time.perf_counter()
        return cls(wall, wall - kept_waiting_s(), time.thread_time())

    def since_ms(self, before: "Clocks") -> "Clocks":
        """What went by, ms."""
        return Clocks(*(1000 * (late - early) for late, early in zip(self, before, strict=True)))


class Stretches:
    """For how long the event loop was busy, in ms.

    A timer fires every BEAT_MS; what lies between two of its beats beyond that is a stretch. With the name of a file in
    KINECOR_STACKS, the stacks of all threads in long ones are written there.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        stacks = os.environ.get("KINECOR_STACKS")
        self._stacks = Path(stacks).open("a", encoding="utf-8") if stacks else None  # noqa: SIM115
        self.wall_ms: list[float] = []
        self.own_ms: list[float] = []
        self.used_ms: list[float] = []
        self._last = Clocks.now()
        self._timer = QTimer(interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = Clocks.now()
        took = now.since_ms(self._last)
        self.wall_ms.append(max(took.wall - BEAT_MS, 0.0))
        self.own_ms.append(max(took.own - BEAT_MS, 0.0))
        self.used_ms.append(took.used)
        self._last = now
        if self._stacks is not None:
            faulthandler.cancel_dump_traceback_later()
            if self.wall_ms[-1] > LONG_MS:
                lengths = self.wall_ms[-1], self.own_ms[-1], self.used_ms[-1]
                self._stacks.write("stretch, ms: {:.0f} wall, {:.0f} own, {:.0f} used\n\n".format(*lengths))
                self._stacks.flush()
            faulthandler.dump_traceback_later(LONG_MS / 1000, file=self._stacks)

    def end(self) -> None:
        """Measure no longer."""
        self._beat()
        self._timer.stop()
        if self._stacks is not None:
            faulthandler.cancel_dump_traceback_later()
            self._stacks.close()


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, 95th percentile, largest, how many are longer than LONG_MS, and their sum in s."""
    ordered = sorted(values) or [0.0]
    return {
        "p50": statistics.median(ordered),
        "p95": ordered[int(0.95 * (len(ordered) - 1))],
        "max": ordered[-1],
        "long": sum(one > LONG_MS for one in ordered),
        "sum_s": sum(ordered) / 1000,
    }


def new_window() -> Any:
    """A shown window, imported as the program does."""
    from kinecor.ui.app.quick_start import quick_imports

    with quick_imports():
        from kinecor.ui.app.application import application
        from kinecor.ui.app.main_window import MainWindow
        from kinecor.ui.app.settings import Settings

    application()
    window = MainWindow(Settings(reader="bench"))
    window.resize(1440, 900)
    window.show()
    return window


def wait(done: Callable[[], bool]) -> None:
    """Let the event loop run until something is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop, asking = QEventLoop(), QTimer(interval=50)
    asking.timeout.connect(lambda: loop.quit() if done() else None)
    asking.start()
    QTimer.singleShot(int(1000 * LIMIT_S), loop.quit)
    loop.exec()
    asking.stop()


def checked(window: Any) -> bool:
    """Whether the checks of the study are those of what is saved."""
    return bool(window.workspace.checks.current)


def opened(folder: Path, clips: int) -> Any:
    """A window on the first clips of a study."""
    window = new_window()
    window.opening.open_paths([str(folder / f"{number:03d}") for number in range(clips)])
    wait(lambda: window.workspace.recording is not None)
    window.player.pause()
    wait(lambda: not window.busy and checked(window))
    return window


def end(window: Any) -> None:
    """Close the window and all that it does."""
    from PySide6.QtWidgets import QApplication

    window.close()
    window.deleteLater()
    QApplication.processEvents()


def analyse(folder: Path, clips: int) -> dict[str, Any]:
    """All clips analysed in a window that has waited for a study, and so has loaded models and filterpy."""
    window = new_window()
    from kinecor.ui.workspace.jobs import load_models, load_strain

    load_models(lambda _done, _total: None)
    load_strain()
    wait(lambda: True)
    stretches, began, used = Stretches(), time.perf_counter(), time.process_time()
    window.opening.open_paths([str(folder / f"{number:03d}") for number in range(clips)])
    wait(lambda: window.workspace.recording is not None)
    window.player.pause()
    window.analysing.consider_study()
    space = window.workspace

    def done() -> bool:
        known = [space.opened.known_reading(one) for one in space.opened.recordings]
        return not window.busy and checked(window) and all(one is not None and one.tracks for one in known)

    wait(done)
    stretches.end()
    took = time.perf_counter() - began, time.process_time() - used
    rows = {row.code: row.quantity.value for row in space.checks.study.measurements if row.quantity is not None}
    found = {
        "total_s": took[0],
        "processor_s": took[1],
        "wall_ms": spread(stretches.wall_ms),
        "own_ms": spread(stretches.own_ms),
        "used_ms": spread(stretches.used_ms),
        "EF": rows.get("EF"),
        "GLS": rows.get("GLS"),
    }
    end(window)
    return found


def command_line(folder: Path, clips: int) -> dict[str, Any]:
    """The same by `kinecor analyse`, less the start of the process, of the models and of filterpy."""
    paths = [str(folder / f"{number:03d}") for number in range(clips)]
    with tempfile.TemporaryDirectory() as out:
        from kinecor.analysis import models
        from kinecor.cli import main as kinecor
        from kinecor.core.tracking.wall_points import load_filter

        load_filter()
        loaded = models.Models()
        for one in (loaded.phases, loaded.apical, loaded.views):
            one()
        began, used = time.perf_counter(), time.process_time()
        status = kinecor(["analyse", *paths, "--out", out, "--quiet", "--jobs", "1"])
        took = time.perf_counter() - began, time.process_time() - used
        if status:
            raise SystemExit(f"kinecor analyse ended with {status}")
    return {"total_s": took[0], "processor_s": took[1]}


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """How often Kalman filters, tables and all checks of a recording are computed, on any thread."""
    from kinecor.core.checks import assessment
    from kinecor.core.strain import short_axis, wall_strain
    from kinecor.core.table import table

    counts: Counter[str] = Counter()
    changed: list[tuple[Any, str, Any]] = []

    def count(module: Any, name: str, what: str) -> None:
        real = getattr(module, name)

        def counting(*given: Any, **named: Any) -> Any:
            counts[what] += 1
            return real(*given, **named)

        changed.append((module, name, real))
        setattr(module, name, counting)

    for module in (wall_strain, short_axis):
        count(module, "wall_points", "wall points")
    count(table, "_measurements", "measurements")
    count(assessment, "_all_findings", "checks")
    try:
        yield counts
    finally:
        for module, name, real in changed:
            setattr(module, name, real)


def mouse(window: Any, kind: Any, at: tuple[float, float]) -> None:
    """An event of the left button at a place of the image, px."""
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    view, left = window.image, Qt.MouseButton.LeftButton
    spot = QPointF(*view.viewport.to_widget(*at))
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(view, QMouseEvent(kind, spot, view.mapToGlobal(spot), left, left, none))


def place_of(window: Any) -> tuple[float, float]:
    """A place on the endocardium on screen."""
    from kinecor.core.values.track import Structure

    contour = window.workspace.reading.tracks[Structure.LV_ENDO].contours[window.player.frame]
    return tuple(contour.outline(closed=False).place(0.3))  # type: ignore[return-value]


def drag(window: Any, moves: int, released: Callable[[], AbstractContextManager[Any]] | None = None) -> list[Clocks]:
    """Pull the contour on screen out and in by turns, and let go; ms of each move until it is painted."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    x, y = place_of(window)
    entries = len(window.workspace.history.entries())
    way = 1 if entries % 2 else -1

    def at(move: int) -> tuple[float, float]:
        return x + way * (3 + math.sin(move / 10)), y + math.sin(move / 7)

    mouse(window, QEvent.Type.MouseButtonPress, (x, y))
    took = []
    for move in range(moves):
        began = Clocks.now()
        mouse(window, QEvent.Type.MouseMove, at(move))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
        took.append(Clocks.now().since_ms(began))
        if moves > 10:
            QApplication.processEvents()
    with released() if released is not None else nullcontext():
        mouse(window, QEvent.Type.MouseButtonRelease, at(moves - 1))
        QCoreApplication.sendPostedEvents(None, QEvent.Type.UpdateRequest.value)
    if len(window.workspace.history.entries()) == entries:
        raise SystemExit("a drag was not saved: nothing was measured")
    return took


def edit(folder: Path, clips: int) -> dict[str, Any]:
    """Contours are edited one after the other; each time the window's thread and the event loop are measured."""
    window = opened(folder, clips)
    used, wall, longest, counts = [], [], [], Counter()
    for number in range(6):
        wait(lambda: not window.busy and checked(window))
        stretches, began, own = Stretches(), time.perf_counter(), time.thread_time()
        if number == 5:
            with counted() as counts:
                drag(window, 3)
                wait(lambda: not window.busy and checked(window))
            stretches.end()
            continue
        drag(window, 3)
        released = time.perf_counter() - began
        wait(lambda: not window.busy and checked(window))
        stretches.end()
        used.append(1000 * (time.thread_time() - own))
        wall.append(1000 * (time.perf_counter() - began))
        longest.append(max([1000 * released, *stretches.wall_ms]))
    found = {
        "used_ms": statistics.median(used),
        "until_checked_ms": statistics.median(wall),
        "longest_ms": statistics.median(longest),
        "derived": dict(counts),
    }
    end(window)
    return found


def release(folder: Path, clips: int) -> dict[str, Any]:
    """Functions and files that a release of the mouse executes until the picture is painted, four clips on screen."""
    from PySide6.QtWidgets import QApplication

    import kinecor
    from kinecor.ui.tiles.layouts import Layout

    root = str(Path(kinecor.__file__).parent) + os.sep
    ran: set[CodeType] = set()
    took_ms: list[float] = []

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(root):
            ran.add(frame.f_code)

    @contextmanager
    def watched() -> Iterator[None]:
        sys.setprofile(seen)
        try:
            yield
        finally:
            sys.setprofile(None)

    @contextmanager
    def timed() -> Iterator[None]:
        began = time.thread_time()
        yield
        took_ms.append(1000 * (time.thread_time() - began))

    window = opened(folder, min(clips, FEW))
    window.reading.board.set_layout(Layout(TILES))
    wait(lambda: not window.busy and checked(window))
    moves = drag(window, MOVES, timed)
    for _ in range(4):
        wait(lambda: not window.busy and checked(window))
        drag(window, 3, timed)
    wait(lambda: not window.busy and checked(window))
    drag(window, 3, watched)
    QApplication.processEvents()
    found = {
        "functions": len(ran),
        "files": len({one.co_filename for one in ran}),
        "named": sorted(f"{one.co_filename.removeprefix(root)}:{one.co_qualname}" for one in ran),
        "release_ms": statistics.median(took_ms),
        "move_wall_ms": spread([one.wall for one in moves[5:]]),
        "move_own_ms": spread([one.own for one in moves[5:]]),
        "move_used_ms": spread([one.used for one in moves[5:]]),
    }
    wait(lambda: not window.busy and checked(window))
    end(window)
    return found


def in_own_process(part: str, folder: Path, clips: int) -> dict[str, Any]:
    """What a part measures."""
    environment = as_installed() | {"KINECOR_DATA_DIR": str(folder / "readings")}
    if part == "command_line":
        environment["KINECOR_DATA_DIR"] = str(folder / "readings-of-command-line")
    line = [sys.executable, __file__, str(clips), "--once", part, "--folder", str(folder)]
    done = subprocess.run(line, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{part} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    measured: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return measured


def words(found: dict[str, float]) -> str:
    return f"p50 {found['p50']:.1f}, p95 {found['p95']:.1f}, longest {found['max']:.0f} ms; {found['long']} over 50 ms"


def main() -> None:
    """Simulate, measure each part, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="?", type=int, default=40)
    parser.add_argument("--size", type=int, default=128, help="rows and columns of a frame")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--folder", type=Path, help="keeps clips and readings")
    parser.add_argument("--stacks", type=Path, help="write there what threads do in long stretches")
    parser.add_argument("--names", action="store_true", help="print the functions of a release, too")
    parser.add_argument("--once", choices=(*PARTS, "command_line"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.stacks is not None:
        os.environ["KINECOR_STACKS"] = str(chosen.stacks.absolute())
    if chosen.once:
        print(json.dumps(globals()[chosen.once](chosen.folder, chosen.clips)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        simulate(folder, chosen.clips, chosen.size)
        if "analyse" in chosen.only or not (folder / "readings").exists():
            for name in ("readings", "readings-of-command-line"):
                subprocess.run(["rm", "-rf", str(folder / name)], check=True)
            found = in_own_process("analyse", folder, chosen.clips)
            print(f"analysing {chosen.clips} clips in the window: {found['total_s']:.1f} s", end="")
            print(f" ({found['processor_s']:.1f} s of the processor); EF {found['EF']}, GLS {found['GLS']}")
            print("  stretches of the event loop:")
            for name, kind in KINDS.items():
                some = found[f"{kind}_ms"]
                print(f"  {name}: {words(some)}; {some['sum_s']:.1f} s in all", flush=True)
            if "analyse" in chosen.only:
                line = in_own_process("command_line", folder, chosen.clips)
                share = found["total_s"] / line["total_s"], found["processor_s"] / line["processor_s"]
                print(f"  command line: {line['total_s']:.1f} s ({line['processor_s']:.1f} s of the processor)")
                print(
                    f"  window / command line: {share[0]:.2f} on the wall, {share[1]:.2f} of the processor", flush=True
                )
        if "edit" in chosen.only:
            for clips in dict.fromkeys((min(FEW, chosen.clips), chosen.clips)):
                found = in_own_process("edit", folder, clips)
                print(f"an edit in a study of {clips}: {found['used_ms']:.0f} ms of the window's thread, ", end="")
                print(f"longest stretch {found['longest_ms']:.0f} ms, checked after {found['until_checked_ms']:.0f} ms")
                print(f"  derived: {found['derived']}", flush=True)
        if "release" in chosen.only:
            found = in_own_process("release", folder, chosen.clips)
            print(f"a release of the mouse: {found['functions']} functions in {found['files']} files", end="")
            print(f" until the picture is painted, {found['release_ms']:.0f} ms of the processor")
            print(f"  a move of the mouse, {TILES} clips on screen:")
            for name, kind in KINDS.items():
                print(f"  {name}: {words(found[f'move_{kind}_ms'])}")
            if chosen.names:
                print(*(f"  {one}" for one in found["named"]), sep="\n")


if __name__ == "__main__":
    main()
