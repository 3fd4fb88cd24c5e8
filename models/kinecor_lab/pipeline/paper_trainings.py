"""`kinecor evaluate papers`: what the trainings of the papers' networks took, and how they scored.

Every training of the queue whose name begins with a paper's is listed once it has ended, here or, by the committed
record, on another machine, so that a table needs no change where another arm is added.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_lab.pipeline.training_queue import QueuedTraining, committed_queue, default_cache, finished_trainings
from kinecor_lab.pipeline.training_record import FinishedTraining, read_record

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
    queue = committed_queue()
    tables = paper_tables(queue, read_record() | finished_trainings(queue, options.cache))
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
            "the sections above. Core hours are processor time. The score is of the best validation; its course over "
            "the training says whether a network still learnt when it ended.",
        ],
    )
    return 0


def paper_tables(queue: Sequence[QueuedTraining], finished: Mapping[str, FinishedTraining]) -> list[Table]:
    """A table for each paper of which a training has ended.

    Args:
        queue: all trainings.
        finished: those that ended, by name.

    """
    tables = []
    for prefix, (paper, figures) in PAPERS.items():
        ended = [(training, finished[training.name]) for training in queue if training.name in finished]
        ended = [(training, facts) for training, facts in ended if training.name.startswith(f"{prefix}-")]
        known = [name for name in figures if any(name in facts.figures for _, facts in ended)]
        if ended:
            rows = tuple(
                (*_facts(training, facts), *map(facts.figures.get, known), *_course(facts)) for training, facts in ended
            )
            columns = (*_FACTS, *(Column(name, form=".4f") for name in known), *_COURSE)
            tables.append(Table(paper, columns, rows))
    return tables


_FACTS = (
    Column("training"),
    Column("what"),
    Column("seed", form="d"),
    Column("steps", form="d"),
    Column("core hours", form=".2f"),
)
_COURSE = tuple(Column(f"score at {share}", form=".4f") for share in ("1/4", "1/2", "3/4", "the end"))


def _course(finished: FinishedTraining) -> tuple[Cell, ...]:
    """Of a training whose log was not recorded only the end is known."""
    return finished.curve or (*(None,) * (len(_COURSE) - 1), finished.best)


def _facts(training: QueuedTraining, finished: FinishedTraining) -> tuple[Cell, ...]:
    what = training.purpose.partition(": ")[2] or training.purpose
    return training.name, what, training.seed, finished.steps, finished.processor_h
