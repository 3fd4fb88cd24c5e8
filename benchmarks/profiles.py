"""Where the processor's time of whole studies goes: `python benchmarks/profiles.py [echo] [stack] [batch] [--top 10]`.

echo: three apical views of 60 frames, opened in the window until all is done. stack: a short-axis stack of 12 x 20 with
three long axes, likewise. batch: `kinecor analyse` over CLIPS small clips of 30 to 60 frames, with one process. All are
simulated, and each runs in a process of its own, the first run on an empty folder.

Every BEAT_MS a thread asks the system what each thread used of the processor since (Linux, `schedstat`), and counts
that for the innermost function of ours on its stack: so what numpy, OpenCV or OpenVINO do in the calling thread for a
function belongs to it. Imports count for the package whose import our code asked for. Threads without Python
(OpenVINO's own) are one line, and processes of their own (decoders) are another.
"""

import argparse
import faulthandler
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from compiled import as_installed

BEAT_MS = 4
CLIPS = 48
KINDS = ("echo", "stack", "batch")
NATIVE, DECODERS, NO_CODE = "threads of OpenVINO and OpenCV", "processes of decoders", "Python, Qt, no code of ours"
_OURS = tuple(f"{os.sep}{name}{os.sep}" for name in ("kinecor", "kinecor_models", "kinecor_phantoms"))
_THREAD = re.compile(r"(?:Current t|T)hread 0x([0-9a-f]+)")
_FRAME = re.compile(r'  File "(.*)", line \d+ in (.*)$')


def used_s() -> dict[int, float]:
    """What each thread of this process has used of the processor, s, by its number in the system."""
    times = {}
    for place in Path("/proc/self/task").iterdir():
        try:
            times[int(place.name)] = int((place / "schedstat").read_text(encoding="ascii").split()[0]) / 1e9
        except (OSError, ValueError):  # it ended meanwhile
            continue
    return times


def stacks_of_threads(place: int) -> dict[int, list[tuple[str, str]]]:
    """(file, function) of each thread's frames, innermost first, by its identifier in Python.

    Taken from what faulthandler writes: frames of other threads end the process now and then with Python 3.11.

    Args:
        place: a file to write to and read from.

    """
    os.ftruncate(place, 0)
    os.lseek(place, 0, os.SEEK_SET)
    faulthandler.dump_traceback(place, all_threads=True)
    size = os.lseek(place, 0, os.SEEK_CUR)
    stacks: dict[int, list[tuple[str, str]]] = {}
    frames: list[tuple[str, str]] = []
    for line in os.pread(place, size, 0).decode(errors="replace").splitlines():
        if match := _THREAD.match(line):
            frames = stacks[int(match[1], 16)] = []
        elif match := _FRAME.match(line):
            frames.append((match[1], match[2]))
    return stacks


def function_of(frames: list[tuple[str, str]]) -> str:
    """The innermost function of ours on a stack, or the package that is being imported."""
    importing = ""
    for file, name in frames:
        if "importlib._bootstrap" in file:
            importing = importing or "a module"
        elif importing and name == "<module>" and "site-packages" in file:
            # The outermost one counts: it is what our code asked for.
            importing = file.partition(f"site-packages{os.sep}")[2].partition(os.sep)[0]
        ours = next((room for room in _OURS if room in file), None)
        if ours is not None:
            if importing:
                return f"import of {importing}"
            return "import of our modules" if name == "<module>" else f"{file.rpartition(ours)[2]}:{name}"
    return f"import of {importing}" if importing else NO_CODE


class Sampler(threading.Thread):
    """Counts the processor's time by functions, until it is ended.

    Attributes:
        used: s by function.

    """

    def __init__(self) -> None:
        super().__init__(name="sampler", daemon=True)
        self.used: Counter[str] = Counter()
        self._ended = threading.Event()

    def run(self) -> None:
        """See Thread."""
        own, before = threading.get_native_id(), used_s()
        with tempfile.TemporaryFile() as written:
            while not self._ended.wait(BEAT_MS / 1000):
                stacks = stacks_of_threads(written.fileno())
                threads = {thread.native_id: thread.ident for thread in threading.enumerate()}
                now = used_s()
                for number, seconds in now.items():
                    spent = seconds - before.get(number, 0.0)
                    if spent <= 0 or number == own:
                        continue
                    ident = threads.get(number)
                    self.used[NATIVE if ident is None else function_of(stacks.get(ident, []))] += spent
                before = now

    def end(self) -> None:
        """Count no longer."""
        self._ended.set()
        self.join()


def opened(folder: Path) -> None:
    """A study opened in the window."""
    from opening import measured

    print(
        {name: [round(seconds, 2) for seconds in times] for name, times in measured(str(folder)).items()},
        file=sys.stderr,
    )


def analysed(folder: Path) -> None:
    """The command line on all clips."""
    from kinecor.cli import main as kinecor

    with tempfile.TemporaryDirectory() as out:
        paths = [str(place) for place in sorted(folder.iterdir()) if place.is_dir()]
        if status := kinecor(["analyse", *paths, "--out", out, "--quiet", "--jobs", "1"]):
            raise SystemExit(f"kinecor analyse ended with {status}")


def measured_here(work: Callable[[Path], None], folder: Path) -> dict[str, float]:
    """Seconds by function, in this process."""
    sampler = Sampler()
    sampler.start()
    work(folder)
    sampler.end()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return dict(sampler.used) | {DECODERS: ended.ru_utime + ended.ru_stime}


def simulate(folder: Path, kinds: list[str], clips: int) -> None:
    """The studies, made where they are not there yet."""
    import many_clips
    import times

    times.simulate(folder, {"echo", "stack"} & set(kinds))
    if "batch" in kinds:
        (folder / "batch").mkdir(parents=True, exist_ok=True)
        many_clips.simulate(folder / "batch", clips, 128)


def main() -> None:
    """Simulate, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}; by default all")
    parser.add_argument("--clips", type=int, default=CLIPS, help="of the batch")
    parser.add_argument("--top", type=int, default=10, help="how many functions are named")
    parser.add_argument("--folder", type=Path, help="keeps the simulated studies")
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    kinds = chosen.kinds or list(KINDS)
    if unknown := set(kinds) - set(KINDS):
        parser.error(f"expected kinds of {', '.join(KINDS)}, got {', '.join(sorted(unknown))}")
    if chosen.once:
        (kind,) = kinds
        work = analysed if kind == "batch" else opened
        began_s = time.perf_counter()
        by_function = measured_here(work, chosen.folder / kind)
        print(json.dumps({"wall": time.perf_counter() - began_s, "used": by_function}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        simulate(folder, kinds, chosen.clips)
        compiled = as_installed()
        for kind in kinds:
            with tempfile.TemporaryDirectory() as home:
                environment = compiled | {"KINECOR_DATA_DIR": home}
                line = [sys.executable, __file__, kind, "--once", "--folder", str(folder)]
                done = subprocess.run(line, env=environment, stdout=subprocess.PIPE, text=True)
            if done.returncode:
                raise SystemExit(f"{kind} ended with {done.returncode}")
            read = json.loads(done.stdout.splitlines()[-1])
            total = sum(read["used"].values())
            print(f"{kind}: {read['wall']:.1f} s on the wall, {total:.1f} s of the processor")
            ordered = sorted(read["used"].items(), key=lambda item: -item[1])
            for name, seconds in ordered[: chosen.top]:
                print(f"  {seconds:6.2f} s {100 * seconds / total:5.1f} %  {name}", flush=True)


if __name__ == "__main__":
    main()
