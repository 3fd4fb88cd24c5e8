"""A day's reading by hand: `python benchmarks/reading_day.py [STUDIES] [--out FOLDER]`.

STUDIES normal studies of three views (the demo study, each of another patient) lie in a watched folder. The window runs
at 1366 x 768 under Xvfb; keys and mouse come from xdotool as real events. Each study is opened as the next unread one
(F4), looked at in Measure, accepted, signed. Counted are gestures, the seconds that hands take for them by the
keystroke-level model, and the time from each gesture until the window has nothing left to do: on the clock, and of the
processor (all threads of the program; other programs on the machine make the first longer, not the second). How long a
reader looks is not counted. FOLDER gets the table as docs/generate.py reads it. Needs Xvfb and xdotool.

The model's times, in s: a key 0.28, pointing 1.1, a hand from keys to mouse or back 0.4, a decision before a gesture
1.35 (Card, Moran and Newell 1980, doi 10.1145/358886.358895; key of an average non-secretary typist).
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

KEY_S, POINT_S, HOME_S, DECIDE_S = 0.28, 1.1, 0.4, 1.35
LIMIT_S = 400.0
STILL_S = 0.3
"""That the window has had nothing to do before a gesture counts as over; taken off its time."""


def write_studies(root: Path, count: int) -> None:
    """The demo study, each time of another patient."""
    import pydicom
    from pydicom.uid import generate_uid

    from kinecor.io.open.find import demo_path

    files = sorted(path for path in demo_path().rglob("*") if path.is_file())
    for number in range(count):
        folder = root / f"study {number + 1}"
        folder.mkdir(parents=True)
        study = generate_uid(entropy_srcs=["reading day", str(number)])
        for file in files:
            try:
                header = pydicom.dcmread(file)
            except pydicom.errors.InvalidDicomError:
                continue
            header.PatientName, header.PatientID = f"Reading^{number + 1:02d}", f"R{number + 1}"
            header.StudyInstanceUID = study
            header.SOPInstanceUID = generate_uid(entropy_srcs=[study, file.name])
            header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
            header.save_as(folder / file.with_suffix(".dcm").name)


class Gesture(NamedTuple):
    """What a reader did once.

    Attributes:
        name: of it.
        hands_s: that hands take for it.
        clock_s, processor_s: until the window had nothing left to do.

    """

    name: str
    hands_s: float
    clock_s: float
    processor_s: float


class Hands:
    """Presses keys and clicks with xdotool, and waits until the window is done."""

    def __init__(self, window: object, environment: dict[str, str]) -> None:
        self.window, self._environment = window, environment
        self.gestures: list[Gesture] = []
        self._on_mouse = False

    def _xdotool(self, *line: str) -> None:
        subprocess.run(["xdotool", *line], env=self._environment, check=True, timeout=60, capture_output=True)

    def press(self, name: str, keys: str, until: Callable[[], bool]) -> None:
        """Press a key, such as "ctrl+2"."""
        hands_s = DECIDE_S + KEY_S * len(keys.split("+")) + (HOME_S if self._on_mouse else 0)
        self._on_mouse = False
        self._carry_out(name, hands_s, ("key", keys), until)

    def take_keyboard(self) -> None:
        """Give the window the keyboard: without a window manager nothing else does when a dialog closes."""
        self._xdotool("windowfocus", "--sync", str(int(self.window.winId())))

    def click(self, name: str, widget: object, until: Callable[[], bool]) -> None:
        """Click the middle of a widget."""
        at = widget.mapToGlobal(widget.rect().center())
        hands_s = DECIDE_S + POINT_S + KEY_S + (0 if self._on_mouse else HOME_S)
        self._on_mouse = True
        self._carry_out(name, hands_s, ("mousemove", str(at.x()), str(at.y()), "click", "1"), until)

    def _carry_out(self, name: str, hands_s: float, line: tuple[str, ...], until: Callable[[], bool]) -> None:
        self._xdotool(*line)
        began_s, used_s = time.perf_counter(), time.process_time()
        still_s, spent_s = self.wait(until)
        self.gestures.append(Gesture(name, hands_s, still_s - began_s, spent_s - used_s))

    def wait(self, until: Callable[[], bool]) -> tuple[float, float]:
        """Let the window work until a condition holds and it has been idle for STILL_S.

        When that began, on the clock, and how much of the processor had been used by then.
        """
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        limit_s, since_s, spent_s = time.perf_counter() + LIMIT_S, None, 0.0
        while True:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            now_s = time.perf_counter()
            if not until() or self.window.busy:
                since_s = None
            elif since_s is None:
                since_s, spent_s = now_s, time.process_time()
            elif now_s - since_s > STILL_S:
                return since_s, spent_s
            if now_s > limit_s:
                raise SystemExit(f"not done after {LIMIT_S:.0f} s: {until.__doc__ or until}")
            time.sleep(0.002)


def read_study(hands: Hands, number: int) -> None:
    """From the worklist to signed."""
    from kinecor.ui.app.modes import Mode
    from kinecor.ui.study.sign_form import SignForm

    window = hands.window
    name = f"Reading {number:02d}"

    def opened() -> bool:
        recording = window.workspace.recording
        return recording is not None and recording.source.patient.name.replace("^", " ") == name

    def form() -> SignForm | None:
        return next((one for one in window.findChildren(SignForm) if one.isVisible()), None)

    def signed() -> bool:
        study = window.workspace.study.reading
        return study is not None and study.signature is not None and form() is None

    accept = window.reading.results.accept_all
    hands.press("open the next unread study", "F4", opened)
    hands.press("Measure", "ctrl+2", lambda: window.mode is Mode.MEASURE and accept.isEnabled())
    hands.click("accept all", accept, lambda: not accept.isEnabled())
    hands.press("Sign…", "ctrl+g", lambda: form() is not None)
    if not form().done_button.isDefault():
        print(f"  {form().state.text()} {form().checks.text()}")
        hands.click("Sign in spite of what is open", form().done_button, signed)
    else:
        hands.press("Sign", "Return", signed)


def main(argv: Sequence[str]) -> None:
    """Write, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="?", type=int, default=3)
    parser.add_argument("--shots", type=Path, help="folder for an image of the window after each study")
    parser.add_argument("--out", type=Path, help="writes the table there")
    chosen = parser.parse_args(argv)
    load = os.getloadavg()[0]
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as number:
        os.environ["DISPLAY"] = f":{number.readline().strip()}"
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    try:
        with tempfile.TemporaryDirectory() as temporary:
            for variable in ("KINECOR_DATA_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
                os.environ[variable] = str(Path(temporary) / variable.lower())
            os.environ["KINECOR_AUDIT_KEY"] = str(Path(temporary) / "audit.key")
            root = Path(temporary) / "watched"
            write_studies(root, chosen.studies)
            studies = day(root, chosen.studies, chosen.shots)
    finally:
        server.terminate()
        server.wait(timeout=20)
    if chosen.out:
        write_table(studies, argv, chosen.out, f"Load {load:.0f} before, {os.getloadavg()[0]:.0f} after.")


def write_table(studies: Sequence[Sequence[Gesture]], argv: Sequence[str], out: Path, load: str) -> None:
    """The gestures of a study that was prepared (all but the first), each the median over these studies."""
    from kinecor_lab.common.table import Column, Table, report

    prepared = studies[1:] or studies
    rows: list[tuple[str, ...]] = []
    for same in zip(*prepared, strict=True):
        hands_s, *taken_s = (statistics.median(column) for column in list(zip(*same, strict=True))[1:])
        rows.append((same[0].name, f"{hands_s:.1f}", *(f"{1000 * seconds:.0f}" for seconds in taken_s)))
    sums = [
        (sum(each.hands_s for each in study), *(1000 * sum(each[part] for each in study) for part in (2, 3)))
        for study in prepared
    ]
    hands_s, clock_ms, processor_ms = (statistics.median(column) for column in zip(*sums, strict=True))
    rows.append((f"a study, {len(rows)} gestures", f"{hands_s:.1f}", f"{clock_ms:.0f}", f"{processor_ms:.0f}"))
    first_s = sum(each.processor_s for each in studies[0])
    columns = tuple(map(Column, ("gesture", "hands, s", "program on the clock, ms", "program's processor, ms")))
    notes = [
        f"A normal study of three views, {len(prepared)} prepared studies, medians; hands by the keystroke-level model "
        "(Card, Moran and Newell 1980), without the time for which a reader looks. The first study, which nothing had "
        f"prepared, took {first_s:.1f} s of the processor.",
        f"{load} What the clock shows includes what other programs took.",
    ]
    command = f"python benchmarks/reading_day.py {len(studies)}"
    table = [Table("", columns, tuple(rows))]
    title = "A day's reading: gestures and times"
    report("times", argv, title, table, out=out, models={}, notes=notes, stem="reading-day", command=command)


def new(window: object) -> int:
    """How many studies of the worklist nothing was done with."""
    from kinecor.session.progress import StudyState

    return sum(study.state is StudyState.NEW for study in window.worklist.studies)


def day(root: Path, count: int, shots: Path | None) -> list[tuple[Gesture, ...]]:
    """Read all studies and print what it took."""
    from kinecor.ui.app.application import application
    from kinecor.ui.app.main_window import MainWindow
    from kinecor.ui.app.settings import Settings

    application()
    window = MainWindow(Settings(reader="Reader", tour_seen=True, watched=(str(root),)))
    window.setGeometry(0, 0, 1366, 768)
    window.show()
    window.activateWindow()
    hands = Hands(window, dict(os.environ))
    hands.wait(lambda: len(window.worklist.studies) == count and not window.worklist.jobs.keys)
    totals, studies = [], []
    for number in range(1, count + 1):
        hands.gestures.clear()
        hands.take_keyboard()
        read_study(hands, number)
        hands_s, program_s, used_s = (sum(one[at] for one in hands.gestures) for at in (1, 2, 3))
        totals.append((len(hands.gestures), hands_s, program_s))
        studies.append(tuple(hands.gestures))
        print(
            f"study {number}: {len(hands.gestures)} gestures, hands {hands_s:.1f} s, program {program_s:.1f} s "
            f"({used_s:.1f} s of the processor)"
        )
        for name, own_s, took_s, spent_s in hands.gestures:
            took = f"program {1000 * took_s:7.0f} ms, processor {1000 * spent_s:7.0f} ms"
            print(f"  {name:30} hands {own_s:4.1f} s   {took}")
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
            window.grab().save(str(shots / f"signed-{number}.png"))
        # As a reader reads: the next study is prepared meanwhile.
        began_s = time.perf_counter()
        unread = max(count - number - 1, 0)
        hands.wait(lambda unread=unread: not window.worklist.busy and new(window) <= unread)
        print(f"  prepared in the background: {time.perf_counter() - began_s - STILL_S:.1f} s")
    later = totals[1:] or totals
    gestures, hands_s, program_s = (statistics.median(column) for column in zip(*later, strict=True))
    slowest_s = max(seconds for _, _, seconds in later)
    print(
        f"prepared studies (n = {len(later)}): gestures {gestures:.0f}, hands {hands_s:.1f} s, "
        f"program {program_s:.1f} s (at most {slowest_s:.1f})"
    )
    window.close()
    return studies


if __name__ == "__main__":
    main(sys.argv[1:])
