"""`kinecor evaluate sax-ends`: the base of simulated stacks, by how much of the true basal slice's ring is muscle.

A slice is true where muscle surrounds at least half of the cavity (SCMR 2013 and 2020). The valve plane lies oblique to
the stack, so that it cuts through the basal slice of many hearts: one side of the slice is ventricle, the other outflow
tract or atrium. Whether such a slice counts is a matter of a few per cent of the ring, and either answer is off by part
of a slice. How much that is in volumes is measured here with exact areas, against the heart's own volume, so that
errors of contours do not count; and with the program's contours, for what choosing costs in the program's values.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import extent_of
from kinecor_lab.common.commands import add_device, reported, show_progress
from kinecor_lab.common.metrics import filled
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.tasks.sax.networks import NAME as NETWORK
from kinecor_lab.tasks.sax.networks import TRIED, add_networks, model_of
from kinecor_lab.tasks.sax.stacks import labelled, looked_at, read
from kinecor_lab.tasks.trust.simulated import StackSeries, StackSetting, stack_series
from kinecor_models.contours.presence import open_presence
from kinecor_phantoms.heart.population import POPULATIONS
from kinecor_phantoms.recording import LV_CAVITY

NAME = "sax-ends"
FIRST_SEED = 983000
"""Of stacks that nothing learns from or is chosen by."""
RINGS = ((0.5, 0.75), (0.75, 0.99), (0.99, 1.01))
"""Shares of the ring by which stacks are grouped: cut by the valve plane on one side, nearly closed, closed."""

_NEARLY = 0.35


@dataclass(frozen=True, slots=True)
class Base:
    """The base of the left ventricle of one stack at ED or ES.

    Attributes:
        heart: kind and seed.
        mark: "ED" or "ES".
        ring: share of the true basal slice's ring that is muscle, 0.5 to 1.
        next_ring: of the slice beyond, below 0.5.
        beyond: slices by which the program's base is beyond the true one; negative where it leaves slices out.
        exact_true, exact_program: exact areas of the true (the program's) slices times their distance, over the heart's
            own volume, minus 1. Apex and areas are true in both.
        drawn_true, drawn_program: the same with the program's contours, with the true base and its own.

    """

    heart: str
    mark: str
    ring: float
    next_ring: float
    beyond: int
    exact_true: float
    exact_program: float
    drawn_true: float
    drawn_program: float


def bases(name: str, made: StackSeries, reading: Reading) -> list[Base]:
    """The base at ED and ES; slices are numbered from the apex."""
    places = np.array([mr_slice.position_mm for mr_slice in made.series.slices])
    step_mm = float(np.linalg.norm(places[-1] - places[0])) / (len(places) - 1)
    pixel_mm2 = float(np.prod(made.series.slices[0].spacing_mm))
    ends = extent_of(reading)
    out = []
    for index, (mark, phase, code) in enumerate((("ED", made.ed, "EDV"), ("ES", made.es, "ESV"))):
        apex, base = made.ends[f"apex {mark}"], made.ends[f"base {mark}"]
        own = max(ends.base[phase], ends.apex[phase]) if base > apex else ends.base[phase]
        exact = np.array([float((label[index] == LV_CAVITY).sum()) for label in made.labels])
        # A slice beyond the true base has no cavity in the labels: counted, it is as large as the true basal one.
        exact[base + 1 :] = exact[base]
        drawn = drawn_areas(reading, phase)
        whole = made.truth[code] * 1000 / (pixel_mm2 * step_mm)
        errors = [float(areas[apex : last + 1].sum() / whole - 1) for areas in (exact, drawn) for last in (base, own)]
        beyond_ring = float(made.rings[base + 1, index]) if base + 1 < len(made.rings) else 0.0
        out.append(Base(name, mark, float(made.rings[base, index]), beyond_ring, own - base, *errors))
    return out


def drawn_areas(reading: Reading, phase: int) -> NDArray[np.float64]:
    """(slices,) pixels within the program's cavity; 0 without one."""
    out = np.zeros(len(reading.slices))
    for number, slice_reading in enumerate(reading.slices):
        track = slice_reading.tracks.get(Structure.LV_ENDO)
        contour = track.contours[phase] if track is not None else None
        if contour is not None:
            out[number] = filled(contour.points, (slice_reading.facts.rows, slice_reading.facts.columns)).sum()
    return out


def table(base_cases: Sequence[Base]) -> Table:
    """A row for each mark and group of rings, and for all."""
    columns = (
        Column("phase"),
        Column("muscle round the true basal slice", "%"),
        Column("n", form="d"),
        Column("the same slice", "%", ".0f"),
        Column("within one", "%", ".0f"),
        Column("one slice short", form="d"),
        Column("one slice beyond", form="d"),
        Column("volume of exact areas, true slices", "%", "+.1f"),
        Column("volume of exact areas, program's slices", "%", "+.1f"),
        Column("volume by contours, true slices", "%", "+.1f"),
        Column("volume by contours, program's slices", "%", "+.1f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for mark in ("ED", "ES"):
        for low, high in (*RINGS, (0.0, 1.01)):
            some = [base_case for base_case in base_cases if base_case.mark == mark and low <= base_case.ring < high]
            if not some:
                continue
            name = "all" if low == 0 else f"{100 * low:.0f} to {100 * min(high, 1):.0f}"
            beyond = [base_case.beyond for base_case in some]
            rows.append(
                (
                    mark,
                    name,
                    len(some),
                    100 * float(np.mean([off_by == 0 for off_by in beyond])),
                    100 * float(np.mean([abs(off_by) <= 1 for off_by in beyond])),
                    beyond.count(-1),
                    beyond.count(1),
                    spread([100 * base_case.exact_true for base_case in some]),
                    spread([100 * base_case.exact_program for base_case in some]),
                    spread([100 * base_case.drawn_true for base_case in some]),
                    spread([100 * base_case.drawn_program for base_case in some]),
                )
            )
    return Table("The base of simulated stacks; mean ± SD, volumes against the heart's own", columns, tuple(rows))


def notes(base_cases: Sequence[Base]) -> list[str]:
    """Which share of what is missed lies in rings that the valve plane cuts."""
    out = []
    for mark in ("ED", "ES"):
        short = [base_case for base_case in base_cases if base_case.mark == mark and base_case.beyond < 0]
        over = [base_case for base_case in base_cases if base_case.mark == mark and base_case.beyond > 0]
        cut = sum(base_case.ring < RINGS[-1][0] for base_case in short)
        nearly = sum(base_case.next_ring >= _NEARLY for base_case in over)
        out.append(
            f"{mark}: of {len(short)} bases that are short, {cut} are in slices that the valve plane cuts; of "
            f"{len(over)} that go beyond, {nearly} count a slice with muscle round {100 * _NEARLY:.0f} to 50 %"
        )
    return out


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description=__doc__.splitlines()[0])
    out.add_argument("--count", type=int, default=48, help="stacks, of all kinds of hearts by turns (default: 48)")
    out.add_argument("--first-seed", type=int, default=FIRST_SEED, help="of the stacks")
    out.add_argument("--phases", type=int, default=20, help="images of a slice (default: 20)")
    out.add_argument("--without-head", action="store_true", help="decide by muscle alone, without sax-presence")
    add_networks(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    model = model_of(options)
    presence = None if options.without_head else open_presence()
    base_cases: list[Base] = []
    kinds = list(POPULATIONS)
    for index in range(options.count):
        name, seed = kinds[index % len(kinds)], options.first_seed + index
        made = stack_series(StackSetting(name, seed), options.phases)
        stack = labelled(f"{name} {seed}", made)
        reading = read(stack, looked_at(stack, model), model.card.author, presence)
        base_cases += bases(stack.patient, made, reading)
        show_progress(f"{index + 1}/{options.count}")
    print(file=sys.stderr)
    cards = [model_used.card for model_used in (model, presence) if model_used is not None]
    report(
        NAME,
        argv,
        "The base of simulated stacks, by the ring of muscle",
        [table(base_cases)],
        out=options.out,
        models={card.name: card.version for card in cards if card.version != TRIED},
        notes=[
            f"{NETWORK} {model.card.version}, {options.count} stacks of {options.phases} phases",
            *notes(base_cases),
        ],
        values=base_cases,
    )
    return 0
