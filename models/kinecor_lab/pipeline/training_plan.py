"""`kinecor train plan`: all trainings within a budget of minutes, in calls of a few minutes each that resume.

A GPU is seldom available for longer than half an hour, and a call there may not take longer than ten minutes. So the
plan says what each training gets of the budget; each runs as a process of its own with that time (its learning rate
falls over it), and a call that ends early saves its state. What must be simulated or warped is made before, on a
processor (`--make-only`).
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from kinecor_lab.common.commands import PAUSED, PausedError, add_device, reported
from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.pipeline.training_part import (
    DONE,
    FAILED,
    FOLDERS,
    LACKING,
    STOPPED,
    Start,
    last_line,
    needed_folders,
    save_json,
    with_folders,
)

_MIN_MINUTES = 0.5
"""Of a call: what is left below this starts no training."""


@dataclass(frozen=True, slots=True)
class Part:
    """One training of the plan.

    Attributes:
        name: of `kinecor train NAME`.
        share: of the budget, 0..1.
        options: of the training; epochs and steps are more than fit, since its time ends it.
        make: the option that makes what it learns from, "" where nothing is made.
        cpu_options: instead of some on a processor, where fewer images a step learn faster.

    """

    name: str
    share: float
    options: tuple[str, ...]
    make: str = ""
    cpu_options: tuple[str, ...] = ()

    @property
    def folders(self) -> tuple[str, ...]:
        """The data sets it needs."""
        return needed_folders(self.options)

    def arguments(self, data: Path, run: Path, device: str) -> list[str]:
        """Of `kinecor train`, without limits of time."""
        chosen = [*self.options, *(self.cpu_options if device == "cpu" else ())]
        return [self.name, *with_folders(chosen, data), "--run", str(run / self.name), "--device", device]


PLAN = (
    Part(
        "lv-apical",
        0.34,
        (
            *("--data", "{camus-a4c}", "{camus-a2c}", "--start", "lv-apical", "--simulated", "160"),
            *("--areas", "0.5", "--rate", "8e-4", "--average", "0.996", "--plan", "160x400x32x0.4"),
        ),
        "--make-only",
        ("--plan", "160x400x12x0.4"),
    ),
    Part("sax-cine", 0.26, ("--acdc", "{acdc-sax}", "--scd", "{scd-sax}", "--plan", "160x400x32x0.4")),
    Part("views", 0.1, ("--camus", "{camus-a4c}", "--acdc", "{acdc-sax}", "--plan", "128x400x64"), "--render-only"),
    Part("flow", 0.1, ("--camus", "{camus-a4c}", "--acdc", "{acdc-sax}", "--steps", "60000"), "--make-only"),
    Part("phases", 0.1, ("--camus", "{camus-a4c}", "--acdc", "{acdc-sax}", "--steps", "60000"), "--make-only"),
    Part("lv-sequence", 0.1, ("--data", "{camus-a4c}", "--arm", "convlstm", "--steps", "60000"), "--make-only"),
)
"""In order of what they are expected to win; shares add up to 1. Circular networks need hours and are not in it."""


@dataclass
class Progress:
    """What has been done; saved in plan.json.

    Attributes:
        minutes: of the whole budget.
        device: that it is spent on.
        parts: by name, DONE, FAILED, STOPPED or LACKING.
        spent: minutes by name, preparation included.

    """

    minutes: float
    device: str
    parts: dict[str, str] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)

    def save(self, run: Path) -> None:
        """Into run/plan.json."""
        save_json(asdict(self), run / "plan.json")


def progress_in(run: Path, minutes: float, device: str) -> Progress:
    """What an earlier call left in a folder, or nothing done.

    Raises:
        ValueError: it is that of another budget or device.

    """
    file = run / "plan.json"
    if not file.is_file():
        return Progress(minutes, device)
    progress = Progress(**json.loads(file.read_text(encoding="utf-8")))
    if (progress.minutes, progress.device) != (minutes, device):
        raise ValueError(
            f"{run} holds a plan of {progress.minutes:g} minutes on {progress.device}; "
            "name these, or another folder (--run)"
        )
    return progress


def started(arguments: Sequence[str]) -> int:
    """As a process of its own, so that the memory of one training is free for the next."""
    return subprocess.run([sys.executable, "-m", "kinecor", "train", *arguments], check=False).returncode


def carry_out(
    parts: Sequence[Part],
    data: Path,
    run: Path,
    minutes: float,
    device: str,
    *,
    call_minutes: float | None = None,
    start: Start = started,
    clock: Callable[[], float] = time.monotonic,
) -> Progress:
    """Runs what is left of a plan, in order.

    Args:
        parts: of the plan.
        data: folder of the data sets.
        run: folder of the plan; each training has one of its name in it.
        minutes: of the whole budget.
        device: "auto", "cpu" or "cuda".
        call_minutes: of this call; None for no limit.
        start: see Start.
        clock: seconds.

    Returns:
        what has been done.

    Raises:
        PausedError: the call's time is up before the plan is through.
        ValueError: see progress_in.

    """
    progress, began = progress_in(run, minutes, device), clock()
    for part in parts:
        if progress.parts.get(part.name) == DONE:
            continue
        if any(not (data / folder).is_dir() for folder in part.folders):
            progress.parts[part.name] = LACKING
            continue
        left = None if call_minutes is None else call_minutes - (clock() - began) / 60
        if left is not None and left < _MIN_MINUTES:
            progress.save(run)
            raise PausedError(f"paused before {part.name}; the same command resumes")
        arguments = [*part.arguments(data, run, device), "--minutes", f"{part.share * minutes:.4g}"]
        if left is not None:
            arguments += ["--call-minutes", f"{left:.4g}"]
        since = clock()
        status = start(arguments)
        progress.spent[part.name] = progress.spent.get(part.name, 0.0) + (clock() - since) / 60
        progress.parts[part.name] = {0: DONE, PAUSED: STOPPED}.get(status, FAILED)
        progress.save(run)
        if status == PAUSED:
            raise PausedError(f"paused in {part.name}; the same command resumes")
    progress.save(run)
    return progress


def table(parts: Sequence[Part], progress: Progress, run: Path) -> Table:
    """Share, time, steps and the last figures of each part."""
    columns = (
        Column("training"),
        Column("share", form=".2f"),
        Column("state"),
        Column("minutes", form=".1f"),
        Column("steps", form="d"),
        Column("ms a step", form=".0f"),
        Column("score", form=".4f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        last = last_line(run / part.name)
        each = last.get("seconds_a_step")
        score = next((last[name] for name in ("score", "error", "afd") if name in last), None)
        state, spent = progress.parts.get(part.name, "-"), progress.spent.get(part.name)
        ms = None if each is None else 1000 * float(each)
        rows.append((part.name, part.share, state, spent, last.get("step"), ms, score))
    return Table(f"{progress.minutes:g} minutes on {progress.device}", columns, tuple(rows))


def make(parts: Sequence[Part], data: Path, run: Path, start: Start = started) -> bool:
    """Makes what the parts learn from, on the processor; whether all could be made."""
    statuses = [
        start([*part.arguments(data, run, "cpu"), part.make])
        for part in parts
        if part.make and all((data / folder).is_dir() for folder in part.folders)
    ]
    return not any(statuses)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train plan",
        description="Run all trainings within a budget; a call that ends early resumes. Shares of the budget: "
        + ", ".join(f"{part.name} {part.share:.0%}".replace("%", " %%") for part in PLAN),
    )
    out.add_argument("--data", type=Path, required=True, help=f"folder of the data sets' folders: {', '.join(FOLDERS)}")
    out.add_argument("--minutes", type=float, default=25.0, help="of training in all (default: 25)")
    out.add_argument("--call-minutes", type=float, help="save and stop this call after this time; it resumes")
    add_device(out, "where the networks train")
    out.add_argument("--run", type=Path, default=Path("runs/plan"), help="folder of all runs (default: runs/plan)")
    out.add_argument("--only", default="", help="some of the trainings, comma-separated; the budget is theirs")
    out.add_argument("--make-only", action="store_true", help="make what they learn from, on the processor, and stop")
    return out


def chosen(names: str) -> tuple[Part, ...]:
    """Some parts of the plan, which share the whole budget; all for "".

    Raises:
        ValueError: a name is not in the plan.

    """
    wanted = [part for part in names.split(",") if part]
    unknown = sorted(set(wanted) - {part.name for part in PLAN})
    if unknown:
        raise ValueError(f"--only: expected some of {', '.join(part.name for part in PLAN)}, got {', '.join(unknown)}")
    some = [part for part in PLAN if not wanted or part.name in wanted]
    total = sum(part.share for part in some)
    return tuple(Part(part.name, part.share / total, part.options, part.make, part.cpu_options) for part in some)


@reported("kinecor train plan")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    parts = chosen(options.only)
    if not options.data.is_dir():
        raise FileNotFoundError(f"expected a folder of data sets at {options.data}, found none; name it with --data")
    if options.make_only:
        return 0 if make(parts, options.data, options.run) else 1
    progress = carry_out(
        parts, options.data, options.run, options.minutes, options.device, call_minutes=options.call_minutes
    )
    print(table(parts, progress, options.run).text())
    return 1 if FAILED in progress.parts.values() else 0
