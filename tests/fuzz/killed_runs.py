"""Runs of `kinecor analyse` that are killed again and again: `python -m tests.fuzz.killed_runs --kills 20 --seed 1`.

The same simulated clips are analysed into a new folder with --resume, killed (kill -9, with its processes) at random
moments, until it ends by itself. Then results and tables must be those of a run that nobody killed, and nothing half
written may be left; and again, until there were as many kills. Exit status 1 where they are others.

Runs with two processes are killed up to 12 times. Where recordings are analysed in the process of the run itself, one
that was killed twice at the same recording passes it over and says so: such a run is killed once.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from kinecor.cli.batch.run import MAX_DEATHS
from tests.fuzz.disasters import Toll

ROOT = Path(__file__).parents[2]
MAX_KILLS = 12


def _run(folder: Path, *line: object, ends_after_s: float | None = None) -> int | None:
    """The exit status of a command; None where it was killed after so many seconds."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    environment |= {"KINECOR_DATA_DIR": str(folder / "data"), "TMPDIR": str(folder / "tmp")}
    (folder / "tmp").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "kinecor", *map(str, line)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            return process.wait(ends_after_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None


def outcome(out: Path) -> dict[str, Any]:
    """What a run has given, without what names the folder or the time it took."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file():
            content: Any = path.read_bytes()
            if path.suffix == ".json":
                content = _timeless(json.loads(content))
            found[path.relative_to(out).as_posix()] = content
    return found


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _timeless(one) for name, one in value.items() if not name.endswith(("_s", "seconds", "path", "at"))
        }
    return [_timeless(one) for one in value] if isinstance(value, list) else value


def killed_runs(kills: int, campaign: int, clips: int = 3) -> Toll:
    """Runs of `kinecor analyse --resume` are killed: at the end each file is that of a run that nobody killed.

    Args:
        kills: how many, shared by as many runs as that takes.
        campaign: another one gives other clips and moments.
        clips: how many each run analyses.

    """
    chance, killed, acknowledged, lost = random.Random(campaign), 0, 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for clip in range(clips):
            made = folder / "clips" / str(clip)
            if _run(folder, "phantom", "a4c", "--out", made, "--seed", campaign + clip, "--beats", 1):
                raise SystemExit("the clips could not be simulated")
        line = ("analyse", folder / "clips", "--csv", "--masks", "--quiet", "--resume", "--out")
        began_s = time.monotonic()
        if _run(folder, *line, folder / "whole", "--jobs", 1):
            raise SystemExit("the run that nobody kills has failed")
        whole_s = time.monotonic() - began_s
        expected = outcome(folder / "whole")
        number = 0
        while killed < kills:
            out, here, jobs = folder / f"out-{number}", 0, 2 - number % 2
            while here < min(MAX_KILLS if jobs > 1 else MAX_DEATHS - 1, kills - killed):
                ends_after_s = chance.uniform(0.2, whole_s)
                if _run(folder, *line, out, "--jobs", jobs, ends_after_s=ends_after_s) is not None:
                    break
                here += 1
            else:
                _run(folder, *line, out, "--jobs", jobs)
            found = outcome(out)
            differ = sorted(path for path in {*found, *expected} if found.get(path) != expected.get(path))
            for path in differ[:5]:
                print(f"run {number + 1}: {path} differs", file=sys.stderr)
            killed, acknowledged, lost, number = (
                killed + here,
                acknowledged + len(found),
                lost + bool(differ),
                number + 1,
            )
    return Toll(killed, acknowledged, lost)


def main(arguments: list[str]) -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.killed_runs", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--clips", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    toll = killed_runs(chosen.kills, chosen.seed, chosen.clips)
    print(toll)
    return int(bool(toll.lost))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
