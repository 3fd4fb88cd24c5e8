"""`kinecor evaluate papers`: what the trainings of the papers' networks took, and how they scored, from their logs.

Every training of the queue whose name begins with a paper's is listed once it has begun, so that a table needs no
change where another arm is added.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_lab.common.training import read_state
from kinecor_lab.pipeline.training_part import last_line
from kinecor_lab.pipeline.training_queue import QueuedTraining, QueueProgress, committed_queue, default_cache

PAPERS = {
    "smistad": ("Smistad", ("score", "lv", "myocardium", "la", "flicker", "true_flicker")),
    "li": ("Li 2019", ("score", "lv", "view", "flicker")),
    "zhang": ("Zhang 2018", ("score", "dsc", "apd", "hd")),
    "kong": ("Kong 2016", ("afd", "real mri ED", "real mri ES", "warped mri ED", "warped mri ES")),
    "oestvik": ("Østvik 2018", ("error", "warped echo", "simulated echo")),
}
"""By the beginning of the names of its trainings: the paper, and what validation measures, as the logs name it."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate papers",
        description="List the queue's trainings of the papers' networks: steps, core hours, seeds and validation.",
    )
    out.add_argument("--cache", type=Path, default=default_cache(), help="folder of all runs (default: %(default)s)")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    tables = paper_tables(committed_queue(), options.cache)
    if not tables:
        raise FileNotFoundError(f"{options.cache}: expected a training of a paper's network; run `kinecor train queue`")
    report(
        "papers",
        argv,
        "Trainings of the papers' networks",
        tables,
        out=options.out,
        notes=[
            "Validation is of the patients that choose the step, so it orders arms and is no result: results are in "
            "the sections above. Core hours are processor time.",
        ],
    )
    return 0


def paper_tables(queue: Sequence[QueuedTraining], cache: Path) -> list[Table]:
    """A table for each paper of which a training has begun.

    Args:
        queue: all trainings.
        cache: folder of all trainings.

    """
    tables = []
    states = QueueProgress.read(cache).states
    for prefix, (paper, figures) in PAPERS.items():
        begun = [training for training in queue if training.name.startswith(f"{prefix}-")]
        begun = [training for training in begun if (training.folder(cache) / "checkpoint.pt").is_file()]
        logs = [last_line(training.folder(cache)) for training in begun]
        known = [name for name in figures if any(name in log for log in logs)]
        if begun:
            rows = tuple(
                (*_facts(training, cache, states.get(training.name, "")), *map(log.get, known))
                for training, log in zip(begun, logs, strict=True)
            )
            tables.append(Table(paper, (*_FACTS, *(Column(name, form=".4f") for name in known)), rows))
    return tables


_FACTS = (
    Column("training"),
    Column("what"),
    Column("state"),
    Column("seed", form="d"),
    Column("steps", form="d"),
    Column("core hours", form=".2f"),
)


def _facts(training: QueuedTraining, cache: Path, state: str) -> tuple[Cell, ...]:
    saved = read_state(training.folder(cache) / "checkpoint.pt")
    what = training.purpose.partition(": ")[2] or training.purpose
    hours = float(saved.get("processor_s", 0.0)) / 3600
    return training.name, what, state, training.seed, int(saved["step"]), hours
