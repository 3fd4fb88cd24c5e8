"""What finished trainings of the queue took and how they scored, committed beside the plan.

The runs lie in the cache of the machine that trained them. The record outlives it: a training that is in it counts as
done on every machine, unless one that is still to be trained begins with its network, and the tables of the papers are
made from it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from kinecor_lab.common.training import read_state
from kinecor_lab.pipeline.training_part import log_lines

RECORD = Path(__file__).with_name("trained.json")
"""The committed record; it grows by `kinecor train queue --record`."""
_CURVE = (0.25, 0.5, 0.75, 1.0)
"""Shares of a training's steps at which its score is kept: enough to see whether it still learnt."""


@dataclass(frozen=True, slots=True)
class FinishedTraining:
    """One training that ended.

    Attributes:
        steps: of the optimiser.
        processor_h: core hours of processor time.
        best: the highest score of the patients that choose.
        figures: what the validation with that score measured, by the names of the log.
        curve: the score at a quarter, half, three quarters and the end of the steps; empty where it is not known.

    """

    steps: int
    processor_h: float
    best: float
    figures: dict[str, float]
    curve: tuple[float, ...]


def finished_training(folder: Path) -> FinishedTraining:
    """What a run in a folder of the cache took and how it scored.

    Args:
        folder: of the run, with checkpoint.pt and a log.jsonl in it or in a folder below.

    Raises:
        FileNotFoundError: it has no checkpoint or no log with a score.

    """
    saved = read_state(folder / "checkpoint.pt")
    lines = [line for line in log_lines(folder) if "score" in line]
    if not lines:
        raise FileNotFoundError(f"{folder}: expected a log.jsonl with scores, got none; let the training end first")
    steps = int(saved["step"])
    best = max(lines, key=lambda line: line["score"])
    curve = tuple(_score_at(share * steps, lines) for share in _CURVE)
    hours = round(float(saved.get("processor_s", 0.0)) / 3600, 4)
    return FinishedTraining(steps, hours, float(best["score"]), best, curve)


def _score_at(step: float, lines: Sequence[Mapping[str, float]]) -> float:
    """Of the validation that is nearest to a step."""
    return min(lines, key=lambda line: abs(line["step"] - step))["score"]


def read_record(file: Path = RECORD) -> dict[str, FinishedTraining]:
    """The record by names of trainings; empty where there is none."""
    if not file.is_file():
        return {}
    return {
        name: FinishedTraining(**{**fields, "curve": tuple(fields["curve"])})
        for name, fields in json.loads(file.read_text(encoding="utf-8")).items()
    }


def add_to_record(finished: Mapping[str, FinishedTraining], file: Path = RECORD) -> None:
    """Adds trainings to the record, in place of those of the same names."""
    record = read_record(file) | dict(finished)
    text = json.dumps({name: asdict(record[name]) for name in sorted(record)}, indent=1)
    file.write_text(text + "\n", encoding="utf-8")
