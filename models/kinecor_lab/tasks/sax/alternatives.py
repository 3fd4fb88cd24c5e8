"""`kinecor evaluate sax-alternatives`: stacks whose automatic base or apex is not the expert's, and what is shown then.

For each stack of patients that no network has learnt from: the values as analysed against the truth, with their
intervals and marks, and once more after a reader has set base and apex to the expert's, at ED and ES. Two questions:
is the expert's volume in the interval where the automatic base is another slice; and are right values of a reader who
corrected it marked? Each half of the patients (even and odd numbers) apart: thresholds are chosen on the even ones.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np

from kinecor.core.checks.assessment import assess
from kinecor.core.values.choices import Extent
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Reading, choices
from kinecor.core.volumes.extent import decision_of
from kinecor.session.edits import SetExtent
from kinecor_lab.common.commands import add_device, add_split, reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_lab.tasks.sax.networks import add_networks
from kinecor_lab.tasks.trust.expected import half_of
from kinecor_lab.tasks.trust.interval_cases import Known, known_stacks
from kinecor_lab.tasks.trust.values import LIMITS
from kinecor_models.contours.presence import open_presence

CODES: Final = ("EDV", "ESV", "EF", "SV", "RVEDV", "RVESV", "RVEF")
AS_ANALYSED, OTHER_BASE, CORRECTED = "as analysed", "as analysed, another base than the expert's", "expert's ends set"
_READER: Final = "reader"


@dataclass(frozen=True, slots=True)
class Shown:
    """One value of one stack.

    Attributes:
        source, name: set and patient.
        half: "choose" (even numbers) or "report".
        state: AS_ANALYSED or CORRECTED.
        code: of the value.
        true, measured: in its unit.
        low, high: of the interval shown; NaN without one.
        trust: "ok", "check" or "withheld".
        wrong: by more than its limit (`kinecor_lab.tasks.trust.values.LIMITS`).
        apart: slices between the automatic base and the expert's at ED or ES (the larger), 0 where they agree.

    """

    source: str
    name: str
    half: str
    state: str
    code: str
    true: float
    measured: float
    low: float
    high: float
    trust: str
    wrong: bool
    apart: int

    @property
    def inside(self) -> bool:
        """Whether the interval contains the truth."""
        return self.low <= self.true <= self.high

    @property
    def marked(self) -> bool:
        """Whether a check marks or withholds it."""
        return self.trust != Trust.OK


@dataclass(frozen=True, slots=True)
class End:
    """How likely the decision finds the expert's end: what a reader's correction is held against.

    Attributes:
        source, name, half, mark: as above; "ED" or "ES".
        end: "base" or "apex".
        apart: slices by which the decision is beyond the expert's end; negative where it is nearer to the middle.
        probability: of the expert's slice, 0 to 1.

    """

    source: str
    name: str
    half: str
    mark: str
    end: str
    apart: int
    probability: float


def experts_extent(stack: LabelledStack, reading: Reading) -> Extent | None:
    """Base and apex as experts contoured slices at ED and ES, elsewhere as decided; None where not all is known."""
    extent = choices(reading).extent
    if extent is None:
        return None
    turned = sum(extent.base) > sum(extent.apex)
    base, apex = list(extent.base), list(extent.apex)
    for phase in stack.marks.values():
        here = stack.left[:, phase]
        drawn = np.flatnonzero(here == 1)
        if np.isnan(here).any() or not len(drawn):
            return None
        first, last = int(drawn[0]), int(drawn[-1])
        base[phase], apex[phase] = (last, first) if turned else (first, last)
    return Extent(tuple(base), tuple(apex))


def shown(stack: LabelledStack, known: Known) -> Iterator[Shown | End]:
    """The values as analysed, and with the expert's ends; and how likely these are."""
    before = choices(known.reading).extent
    experts = experts_extent(stack, known.reading)
    if before is None or experts is None:
        return
    half = "choose" if half_of(known.source, known.name) == "even" else "report"
    marks = stack.marks
    apart = max(abs(before.base[phase] - experts.base[phase]) for phase in marks.values())
    corrected = known.reading
    if experts != before:
        corrected = SetExtent(experts).apply(corrected, _READER)
    for state, reading in ((AS_ANALYSED, known.reading), (CORRECTED, corrected)):
        for row in assess(reading).measurements:
            true = known.truth.get(row.code)
            if row.code not in CODES or true is None or row.quantity is None:
                continue
            yield Shown(
                known.source,
                known.name,
                half,
                state,
                row.code,
                true,
                row.quantity.value,
                row.interval.low if row.interval else float("nan"),
                row.interval.high if row.interval else float("nan"),
                row.trust.value,
                LIMITS[row.code].wrong(row.quantity.value, true),
                apart,
            )
    decision = decision_of(known.reading)
    if decision is None:
        return
    turned = sum(before.base) > sum(before.apex)
    for mark, phase in marks.items():
        for end, table, chosen, was in (
            ("base", decision.base_probability, experts.base, decision.extent.base),
            ("apex", decision.apex_probability, experts.apex, decision.extent.apex),
        ):
            outwards = (1 if turned else -1) * (1 if end == "base" else -1)
            beyond = outwards * (was[phase] - chosen[phase])
            yield End(known.source, known.name, half, mark, end, beyond, float(table[chosen[phase], phase]))


def _groups(shown_values: Sequence[Shown]) -> Iterator[tuple[str, str, list[Shown]]]:
    for half in ("choose", "report"):
        some = [shown_value for shown_value in shown_values if shown_value.half == half]
        yield half, AS_ANALYSED, [shown_value for shown_value in some if shown_value.state == AS_ANALYSED]
        yield (
            half,
            OTHER_BASE,
            [shown_value for shown_value in some if shown_value.state == AS_ANALYSED and shown_value.apart],
        )
        yield (
            half,
            CORRECTED,
            [shown_value for shown_value in some if shown_value.state == CORRECTED and shown_value.apart],
        )


def _percent(some: Sequence[bool]) -> float | None:
    return 100 * float(np.mean(some)) if some else None


def value_table(shown_values: Sequence[Shown]) -> Table:
    """By half and state: truth in the interval, right values marked, wrong ones that are neither."""
    columns = (
        Column("half"),
        Column("stacks"),
        Column("value"),
        Column("n", form="d"),
        Column("truth in the interval", "%", ".0f"),
        Column("half width", "%", ".0f"),
        Column("right", form="d"),
        Column("right and marked", "%", ".1f"),
        Column("wrong", form="d"),
        Column("wrong, unmarked", form="d"),
        Column("and outside the interval", form="d"),
    )
    rows: list[tuple[Cell, ...]] = []
    for half, state, some in _groups(shown_values):
        for code in (*CODES, "all"):
            of_code = [shown_value for shown_value in some if code in ("all", shown_value.code)]
            if not of_code:
                continue
            right = [shown_value for shown_value in of_code if not shown_value.wrong]
            missed = [shown_value for shown_value in of_code if shown_value.wrong and not shown_value.marked]
            width = [
                50 * (shown_value.high - shown_value.low) / shown_value.measured
                for shown_value in of_code
                if shown_value.measured > 0
            ]
            rows.append(
                (
                    half,
                    state,
                    code,
                    len(of_code),
                    _percent([shown_value.inside for shown_value in of_code]),
                    None if code == "all" else float(np.nanmedian(width)),
                    len(right),
                    _percent([shown_value.marked for shown_value in right]),
                    len(of_code) - len(right),
                    len(missed),
                    sum(not shown_value.inside for shown_value in missed),
                )
            )
    return Table("Values, intervals and marks", columns, tuple(rows))


def end_table(ends: Sequence[End]) -> Table:
    """How likely the decision finds the ends that experts chose against it."""
    columns = (
        Column("half"),
        Column("end"),
        Column("decision beyond the expert's"),
        Column("n", form="d"),
        Column("probability of the expert's, median", form=".3f"),
        Column("below 0.1", form="d"),
        Column("below 0.02", form="d"),
        Column("below 0.005", form="d"),
        Column("below 0.001", form="d"),
    )

    def key(end: End) -> tuple[str, str, int]:
        return end.half, end.end, end.apart

    rows: list[tuple[Cell, ...]] = []
    for (half, end, apart), group in groupby(sorted(ends, key=key), key=key):
        likely = np.array([end.probability for end in group])
        below = [int((likely < limit).sum()) for limit in (0.1, 0.02, 0.005, 0.001)]
        rows.append((half, end, f"{apart:+d}", len(likely), float(np.median(likely)), *below))
    return Table("Ends of the expert", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate sax-alternatives", description=__doc__.splitlines()[0])
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv and geometry.csv")
    out.add_argument("--york", type=Path, help="York cines as PNG with frames.csv")
    out.add_argument("--dsb", type=Path, help="short-axis stacks of the Second National Data Science Bowl")
    out.add_argument("--studies", type=Path, help="complete Sunnybrook studies: DICOM and contours")
    out.add_argument("--stack-cache", type=Path, help="folder where what the network gives of stacks is stored")
    add_split(out, "test")
    add_networks(out)
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found = [
        shown_end
        for stack, known in known_stacks(options, open_presence(), split=options.split)
        for shown_end in shown(stack, known)
    ]
    values = [shown_end for shown_end in found if isinstance(shown_end, Shown)]
    ends = [shown_end for shown_end in found if isinstance(shown_end, End)]
    report(
        "sax-alternatives",
        argv,
        "Stacks whose base is not the expert's",
        [value_table(values), end_table(ends)],
        out=options.out,
        notes=[
            f"{len({(value.source, value.name) for value in values})} stacks of split '{options.split}', "
            "phases thinned out.",
            "Of DSB the truth at ED is the experts' volume, at ES that of the labels.",
        ],
        values=values,
    )
    return 0
