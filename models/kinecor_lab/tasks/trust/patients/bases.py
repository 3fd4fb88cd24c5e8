"""`kinecor evaluate base-doubts`: where experts have the base at ED and ES, and how far off a doubtful base is.

Behind `stack.base-rises`: in experts' contours of the cavity, by how many slices the base at ES is nearer to the apex
than at ED. Behind the alternative two slices in: of bases in force in a battery of `kinecor evaluate trust --real`, how
far out they are, where they are unsure, and where they are narrower than the next slice as well.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.checks.findings import threshold
from kinecor.core.values.reading import Reading, choices
from kinecor.core.volumes.extent import decision_of, slice_evidence
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Cell, Column, Table, report
from kinecor_lab.datasets.short_axis import CAVITY
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_lab.tasks.trust.patients.data import number_of
from kinecor_lab.tasks.trust.patients.limits import HALVES, stacks_of
from kinecor_lab.tasks.trust.patients.options import patient_parser
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.prepared import cases_in, load

_OF_CACHE: Final = {"even": "choose", "odd": "report"}
NARROW, UNSURE, OTHER = "unsure and narrow", "unsure", "sure"


@dataclass(frozen=True, slots=True)
class Descent:
    """By how many slices the base is nearer to the apex at ES than at ED; below 0 where it is farther out."""

    source: str
    patient: str
    half: str
    slices: int


def descents(stacks: Sequence[LabelledStack]) -> Iterator[Descent]:
    """Of experts' contours."""
    for stack in stacks:
        at_ed, at_es = (_areas(stack, stack.marks[mark]) for mark in ("ED", "ES"))
        here = np.flatnonzero(at_ed)
        if len(here) < 3 or not at_es.any():
            continue
        # Towards the apex cavities shrink.
        base_first = np.polyfit(here, at_ed[here], 1)[0] < 0
        ends = [np.flatnonzero(areas)[0 if base_first else -1] for areas in (at_ed, at_es)]
        slices = int(ends[1] - ends[0]) * (1 if base_first else -1)
        yield Descent(stack.source, stack.patient, HALVES[number_of(stack.patient) % 2], slices)


def _areas(stack: LabelledStack, phase: int) -> np.ndarray:
    """Pixels of the cavity by slice; 0 where nothing is labelled."""
    out = np.zeros(len(stack.recording.slices))
    for (number, labelled_phase), allowed in stack.labels.items():
        if labelled_phase == phase:
            out[number] = (allowed == CAVITY).sum()
    return out


@dataclass(frozen=True, slots=True)
class BaseInForce:
    """The base of one recording at one mark.

    Attributes:
        name: of the recording, with the mark.
        half: "even" or "odd".
        doubt: NARROW, UNSURE or OTHER.
        out: by how many slices it is farther out than the experts'.

    """

    name: str
    half: str
    doubt: str
    out: int


def bases_in_force(cache: Path) -> Iterator[BaseInForce]:
    """Of untouched stacks of a battery."""
    for half, name in _OF_CACHE.items():
        for case in load(folder for folder in cases_in(cache, name, "stack") if folder.name.endswith(SOUND)):
            if case.reading is None:
                continue
            for mark in ("ED", "ES"):
                doubt_and_distance = _of_mark(case.reading, mark, case.ends.get(f"base {mark}"))
                if doubt_and_distance is not None:
                    yield BaseInForce(f"{case.name} {mark}", half, *doubt_and_distance)


def _of_mark(reading: Reading, mark: str, true: int | None) -> tuple[str, int] | None:
    """How doubtful a base is, and by how many slices it is farther out than the true one."""
    extent, decision = choices(reading).extent, decision_of(reading)
    if extent is None or decision is None or true is None or not (reading.events and reading.events.beats):
        return None
    phase = getattr(reading.events.beats[0], mark.lower())
    base, inwards = extent.base[phase], 1 if extent.apex[phase] > extent.base[phase] else -1
    area = slice_evidence(reading).area[:, phase]
    narrow = threshold("stack.basal-narrow").severity(float(area[base] / area[base + inwards])) is not None
    unsure = threshold("stack.basal-slice").severity(float(decision.base_probability[base, phase])) is not None
    return (NARROW if narrow and unsure else UNSURE if unsure else OTHER), int(true - base) * inwards


def table_of_descents(descent_list: Sequence[Descent]) -> Table:
    """By set and half."""
    groups: dict[tuple[str, str], list[int]] = {}
    for descent in descent_list:
        groups.setdefault((descent.source, descent.half), []).append(descent.slices)
    rows: list[tuple[Cell, ...]] = []
    for (source, half), slices in groups.items():
        counts = Counter(slices)
        rows.append(
            (
                source,
                half,
                len(slices),
                sum(count for by, count in counts.items() if by < 0),
                counts[0],
                counts[1],
                sum(count for by, count in counts.items() if by > 1),
            )
        )
    titles = ("n", "farther out", "the same slice", "one nearer", "two or more nearer")
    columns = (Column("set"), Column("half"), *(Column(title, form="d") for title in titles))
    return Table("Experts' base at ES beside that at ED", columns, tuple(rows))


def table_of_bases(bases: Sequence[BaseInForce]) -> Table:
    """By half and doubt."""
    rows: list[tuple[Cell, ...]] = []
    for half in HALVES:
        for doubt in (OTHER, UNSURE, NARROW):
            out = [each.out for each in bases if (each.half, each.doubt) == (half, doubt)]
            if out:
                counts = [sum(by < 0 for by in out), out.count(0), out.count(1), sum(by > 1 for by in out)]
                rows.append((half, doubt, len(out), *counts))
    titles = ("n", "too far in", "the experts'", "one too far out", "two or more")
    columns = (Column("half"), Column("base"), *(Column(title, form="d") for title in titles))
    return Table("Bases in force of untouched stacks, beside the experts'", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    return patient_parser("base-doubts", "What doubts about bases rest on.", "acdc", "dsb", "studies", "cache")


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    moved = list(descents(stacks_of(options.acdc, options.dsb, options.studies)))
    in_force = list(bases_in_force(options.cache)) if options.cache else []
    report(
        "base-doubts",
        argv,
        "What doubts about bases rest on",
        [*([table_of_descents(moved)] if moved else []), *([table_of_bases(in_force)] if in_force else [])],
        out=options.out,
        seed=options.seed,
        models={},
        notes=["Patients with even numbers choose, odd ones report."],
        values=moved,
    )
    return 0
