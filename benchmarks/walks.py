"""How many of our files and functions three walks through the program execute: python benchmarks/walks.py [--list]

A file counts once a function of it has run; importing alone does not count. Each walk runs in a separate process,
with background threads included: an apical clip analysed with its PDF, a short-axis stack analysed with its PDF, and
the strain page of an apical clip drawn by the window.
"""

import argparse
import inspect
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
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
    """Run one command of kinecor and print each file with a function that ran, and how many of its functions ran."""
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
    roots = tuple(f"{Path(sys.modules[name].__path__[0])}{os.sep}" for name in OURS if name in sys.modules)
    # A module's code and class bodies have no flag of a function; lambdas and comprehensions (<...>) are parts of one.
    functions = Counter(
        code.co_filename
        for code in ran
        if code.co_flags & inspect.CO_OPTIMIZED and code.co_filename.startswith(roots) and code.co_name[0] != "<"
    )
    # A file of which only a lambda or a comprehension has run counts, too.
    files = {code.co_filename for code in ran if code.co_flags & inspect.CO_NEWLOCALS}
    for name in sorted(one for one in files if one.startswith(roots)):
        print("RAN", functions[name], name)
    sys.exit(status)


def walked() -> Iterator[tuple[str, dict[str, int]]]:
    """Simulate the recordings and take the walks: the name of each, and how many functions of each file ran."""
    with tempfile.TemporaryDirectory() as place:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "KINECOR_DATA_DIR": f"{place}/data"}
        for name, (simulate, command) in WALKS.items():
            recording, out = f"{place}/{name}", f"{place}/{name}-out"
            Path(out).mkdir()
            subprocess.run(
                [sys.executable, "-m", "kinecor", *simulate, "--out", recording],
                check=True, env=environment, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            words = [word.format(recording=recording, out=out) for word in command]
            ended = subprocess.run(
                [sys.executable, __file__, "--count", *words],
                check=True, env=environment, capture_output=True, text=True,
            )  # fmt: skip
            ran = [line.split(" ", 2)[1:] for line in ended.stdout.splitlines() if line.startswith("RAN ")]
            yield name, {file: int(functions) for functions, file in ran}


def main() -> None:
    """Take the walks and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="print the files too")
    parser.add_argument("--count", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count:
        count(chosen.count)
    for name, files in walked():
        print(f"{name}: {len(files)} files, {sum(files.values())} functions")
        if chosen.list:
            print(*(f"  {file}: {functions}" for file, functions in files.items()), sep="\n")


if __name__ == "__main__":
    main()
