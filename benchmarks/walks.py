"""How many of our files three walks through the program execute: python benchmarks/walks.py [--list]

A file counts once a function of it has run; importing alone does not count. Each walk runs in a separate process,
with background threads included: an apical clip analysed with its PDF, a short-axis stack analysed with its PDF, and
the strain page of an apical clip drawn by the window.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

OURS = ("kinecor", "kinecor_models", "kinecor_phantoms", "kinecor_lab", "kinecor_resources")
WALKS = {
    "echo": (["phantom", "a4c", "--seed", "7"], ["analyse", "{recording}", "--out", "{out}", "--pdf"]),
    "stack": (
        ["phantom", "mri", "--seed", "7", "--slices", "6"],
        ["analyse", "{recording}", "--out", "{out}", "--pdf"],
    ),
    "strain": (["phantom", "a4c", "--seed", "7"], ["shot", "{recording}", "--out", "{out}/shot.png", "--strain"]),
}


def count(arguments: list[str]) -> None:
    """Run one command of kinecor and print the files whose functions ran."""
    ran: set[CodeType] = set()

    def seen(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            ran.add(frame.f_code)

    from kinecor.cli import main

    threading.setprofile(seen)
    sys.setprofile(seen)
    try:
        status = main(arguments)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    # A module's own code, class bodies and comprehensions at import have no flag of a function.
    of_function = {code.co_filename for code in ran if code.co_flags & 0x2}
    roots = [str(Path(sys.modules[name].__path__[0])) for name in OURS if name in sys.modules]
    for name in sorted(one for one in of_function if one.startswith(tuple(f"{root}{os.sep}" for root in roots))):
        print("RAN", name)
    sys.exit(status)


def main() -> None:
    """Simulate the recordings, take the walks, print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the files too")
    parser.add_argument("--count", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        count(chosen.count)
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "KINECOR_DATA_DIR": f"{place}/data"}
        for name, (simulate, command) in WALKS.items():
            recording, out = f"{place}/{name}", f"{place}/{name}-out"
            Path(out).mkdir()
            if not Path(recording).exists():
                subprocess.run(
                    [sys.executable, "-m", "kinecor", *simulate, "--out", recording],
                    check=True, env=environment, stdout=subprocess.DEVNULL,
                )  # fmt: skip
            words = [word.format(recording=recording, out=out) for word in command]
            ended = subprocess.run(
                [sys.executable, __file__, "--count", *words],
                check=True, env=environment, capture_output=True, text=True,
            )  # fmt: skip
            files = [line.removeprefix("RAN ") for line in ended.stdout.splitlines() if line.startswith("RAN ")]
            print(f"{name}: {len(files)} files")
            if chosen.list:
                print(*(f"  {file}" for file in files), sep="\n")


if __name__ == "__main__":
    main()
