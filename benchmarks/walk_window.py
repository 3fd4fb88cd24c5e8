"""A reading driven from outside, by keys and mouse on a virtual screen, with a picture of each step.

python benchmarks/walk_window.py WALK PATH... --out FOLDER [--size 1366x768] [--scale 1]

WALK is one of WALKS: "echo" (play, correct a contour, check, accept, sign, report), "mri", "stress", "stills", or
"keyboard", which touches no mouse. Needs Xvfb, xdotool and ImageMagick's import; a person looks at the pictures. A step
waits until the screen has been still for a while, since nothing else tells from outside that the window is done; while
a loop plays or a text cursor blinks, until the right fifth and the status line have been.
Pictures of real recordings are not for publication.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

STILL_S, LIMIT_S = 3.0, 900.0

Steps = tuple[str, ...]
"""Each "key NAME", "drag X1 Y1 X2 Y2" and "click X Y" (shares of the window), "type TEXT", "wait", "shot NAME".

"wait right" looks at the right fifth and the status line alone.
"""

# A recording plays once it is open; going to ED stops it.
LOOK: Steps = ("shot opening", "wait right", "shot opened", "key d", "wait", "shot ed", "key s", "shot es")
WALKS: dict[str, Steps] = {
    "echo": (
        *LOOK,
        *("key u", "drag 0.45 0.38 0.42 0.38", "wait", "shot corrected", "key r", "wait", "shot propagated"),
        *("key Escape", "key c", "shot checks", "key c", "shot checks-closed"),
        *(
            "key ctrl+3",
            "wait",
            "shot strain",
            "key ctrl+4",
            "wait right",
            "shot report",
            "key ctrl+2",
            "wait",
            "shot end",
        ),
    ),
    "mri": (
        *LOOK,
        *("key g", "wait", "shot enlarged", "key Down", "wait", "shot next-slice", "key g", "key n", "shot doubtful"),
        *("key c", "shot checks", "key c", "key Page_Down", "wait", "shot long-axis"),
        *("key ctrl+3", "wait", "shot strain", "key ctrl+4", "wait right", "shot report"),
    ),
    "stress": (
        *LOOK,
        "key Page_Down",
        "wait",
        "shot next",
        "key c",
        "shot checks",
        "key c",
        "key ctrl+3",
        "shot strain",
    ),
    "stills": (*LOOK, "key c", "shot checks", "key c", "key ctrl+4", "wait right", "shot report"),
    "keyboard": (
        *LOOK,
        *("key Tab", "shot tab-1", "key Tab", "shot tab-2", "key Tab Tab Tab", "shot tab-5"),
        *("key alt+f", "shot menu", "key Escape", "key Escape"),
        *("key ctrl+i", "wait right", "shot patient", "key Escape"),
        *("key shift+F1", "wait right", "shot keys", "key Escape", "key ctrl+4", "wait right", "shot report"),
    ),
}


class Screen:
    """A virtual screen with the window on it."""

    def __init__(self, paths: list[str], size: tuple[int, int], scale: str, data: str, out: Path) -> None:
        self.size, self._out, self._shots = size, out, 0
        read, write = os.pipe()
        wide, high = size
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{wide}x{high}x24", "-nolisten", "tcp"],
            pass_fds=(write,),
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        self.environment = os.environ | {
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "QT_SCALE_FACTOR": scale,
            "KINECOR_DATA_DIR": data,
        }
        self._window = subprocess.Popen([sys.executable, "-m", "kinecor", *paths], env=self.environment)
        self.name = self._found()
        # Without a window manager nobody else places the window or gives it the keyboard.
        for line in (["windowmove", self.name, "0", "0"], ["windowsize", self.name, str(wide), str(high)]):
            self.xdotool(*line)
        self.xdotool("windowfocus", self.name)

    def xdotool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout

    def _found(self) -> str:
        limit_s = time.monotonic() + 120
        while time.monotonic() < limit_s:
            found = self.xdotool("search", "--onlyvisible", "--name", "Kinecor").split()
            if found:
                return found[-1]
            time.sleep(0.5)
        raise SystemExit("the window did not open")

    def picture(self, *crop: str) -> bytes:
        line = ["import", "-window", "root", *crop, "png:-"]
        return subprocess.run(line, env=self.environment, capture_output=True, check=True, timeout=60).stdout

    def wait(self, *, right: bool = False) -> None:
        """Until the screen has been still, or its right fifth and status line: loops and text cursors are elsewhere."""
        wide, high = self.size
        parts = [f"{wide // 5}x{high}+{wide - wide // 5}+0", f"{wide}x{high // 35}+0+{high - high // 35}"]
        crops = [("-crop", part) for part in parts] if right else [()]
        limit_s, since_s, before = time.monotonic() + LIMIT_S, time.monotonic(), ""
        while time.monotonic() < limit_s and time.monotonic() - since_s < STILL_S:
            now = hashlib.sha256(b"".join(self.picture(*crop) for crop in crops)).hexdigest()
            if now != before:
                before, since_s = now, time.monotonic()
            time.sleep(0.5)

    def carry_out(self, step: str) -> None:
        what, *words = step.split()
        wide, high = self.size
        if what == "wait":
            self.wait(right="right" in words)
        elif what == "shot":
            time.sleep(0.6)
            (self._out / f"{self._shots:02d}-{words[0]}.png").write_bytes(self.picture())
            self._shots += 1
        elif what == "key":
            self.xdotool("key", "--delay", "120", *words)
            time.sleep(0.4)
            if words == ["Escape"]:  # nobody else gives the keyboard back when a dialog closes
                self.xdotool("windowfocus", self.name)
        elif what == "type":
            self.xdotool("type", " ".join(words))
        else:
            places = [round(float(one) * (high if at % 2 else wide)) for at, one in enumerate(words)]
            moves = [str(one) for one in places]
            self.xdotool("mousemove", *moves[:2], "mousedown", "1")
            x0, y0, x1, y1 = (*places, *places)[:4]
            for part in range(1, 9 if len(places) > 2 else 1):
                self.xdotool("mousemove", str(x0 + (x1 - x0) * part // 8), str(y0 + (y1 - y0) * part // 8))
            self.xdotool("mouseup", "1")

    def close(self) -> None:
        self._window.terminate()
        self._window.wait(timeout=60)
        self._server.terminate()
        self._server.wait(timeout=20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("walk", choices=WALKS)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--data", default="", help="folder for readings (default: an empty one)")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    wide, high = map(int, chosen.size.split("x"))
    with tempfile.TemporaryDirectory() as empty:
        screen = Screen(chosen.paths, (wide, high), chosen.scale, chosen.data or empty, chosen.out)
        try:
            for step in WALKS[chosen.walk]:
                screen.carry_out(step)
        finally:
            screen.close()
    print(*sorted(chosen.out.glob("*.png")), sep="\n")


if __name__ == "__main__":
    main()
