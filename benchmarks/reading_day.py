"""A day's reading by hand: `python benchmarks/reading_day.py [STUDIES]`.

STUDIES normal studies of three views (the demo study, each of another patient) lie in a watched folder. The window runs
at 1366 x 768 under Xvfb; keys and mouse come from xdotool as real events. Each study is opened as the next unread one
(F4), looked at in Measure, accepted, signed. Counted are gestures, the seconds that hands take for them by the
keystroke-level model, and the seconds from each gesture until the window has nothing left to do. How long a reader
looks is not counted. Needs Xvfb and xdotool.

The model's times, in s: a key 0.28, pointing 1.1, a hand from keys to mouse or back 0.4, a decision before a gesture
1.35 (Card, Moran and Newell 1980, doi 10.1145/358886.358895; key of an average non-secretary typist).
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

KEY_S, POINT_S, HOME_S, DECIDE_S = 0.28, 1.1, 0.4, 1.35
LIMIT_S = 120.0
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


class Hands:
    """Presses keys and clicks with xdotool, and waits until the window is done."""

    def __init__(self, window: object, environment: dict[str, str]) -> None:
        self.window, self._environment = window, environment
        self.gestures: list[tuple[str, float, float]] = []
        """Name, seconds of the hands, seconds of the program."""
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
        began_s = time.perf_counter()
        self.gestures.append((name, hands_s, self.wait(until) - began_s))

    def wait(self, until: Callable[[], bool]) -> float:
        """Let the window work until a condition holds and it has been idle for STILL_S; when that began."""
        from PySide6.QtCore import QEventLoop
        from PySide6.QtWidgets import QApplication

        limit_s, since_s = time.perf_counter() + LIMIT_S, None
        while True:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            now_s = time.perf_counter()
            if not until() or self.window.busy:
                since_s = None
            elif since_s is None:
                since_s = now_s
            elif now_s - since_s > STILL_S:
                return since_s
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


def main() -> None:
    """Write, read, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("studies", nargs="?", type=int, default=3)
    parser.add_argument("--shots", type=Path, help="folder for an image of the window after each study")
    chosen = parser.parse_args()
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
            day(root, chosen.studies, chosen.shots)
    finally:
        server.terminate()
        server.wait(timeout=20)


def day(root: Path, count: int, shots: Path | None) -> None:
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
    totals = []
    for number in range(1, count + 1):
        hands.gestures.clear()
        hands.take_keyboard()
        read_study(hands, number)
        hands_s, program_s = (sum(one[at] for one in hands.gestures) for at in (1, 2))
        totals.append((len(hands.gestures), hands_s, program_s))
        print(f"study {number}: {len(hands.gestures)} gestures, hands {hands_s:.1f} s, program {program_s:.1f} s")
        for name, own_s, took_s in hands.gestures:
            print(f"  {name:30} hands {own_s:4.1f} s   program {1000 * took_s:7.0f} ms")
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
            window.grab().save(str(shots / f"signed-{number}.png"))
        # As a reader reads: the next study is prepared meanwhile.
        began_s = time.perf_counter()
        hands.wait(lambda: not window.worklist.busy)
        print(f"  prepared in the background: {time.perf_counter() - began_s - STILL_S:.1f} s")
    later = totals[1:] or totals
    gestures, hands_s, program_s = (statistics.median(column) for column in zip(*later, strict=True))
    slowest_s = max(seconds for _, _, seconds in later)
    print(
        f"prepared studies (n = {len(later)}): gestures {gestures:.0f}, hands {hands_s:.1f} s, "
        f"program {program_s:.1f} s (at most {slowest_s:.1f})"
    )
    window.close()


if __name__ == "__main__":
    main()
