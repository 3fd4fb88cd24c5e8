"""`kinecor evaluate precisions`: a network in float32, bfloat16 and eight-bit integers, or another in its place.

All contour the same patients. What changes against float32 is given with a 95 % interval over patients (bootstrap).
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kinecor_lab.common.commands import add_split, reported
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.quantisation.publish import add_folders, folders_of
from kinecor_lab.quantisation.values import VariantValue, values_of
from kinecor_lab.quantisation.variants import times_ms, variants_of
from kinecor_lab.tasks.apical.pair_evaluate import interval, mean_change, spread_change

NAME = "precisions"
MAX_FALL = 0.001
"""Of the mean Dice of a set; a network that loses more does not ship in place of another."""


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}", description="Compare precisions of a network, and networks, on patients."
    )
    out.add_argument("model", choices=("lv-apical", "lv-sax", "lv-lax"), help="network that ships")
    add_folders(out)
    out.add_argument("--clips", type=Path, nargs="+", default=[], help="folders of apical clips, for flicker")
    add_split(out, "valid")
    out.add_argument("--choosing", action="store_true", help="of CAMUS, only the fold of the split that chooses")
    out.add_argument("--network", type=Path, nargs="+", default=[], help="another network: files of a training run")
    out.add_argument("--quantised", type=Path, help="a quantisation that has not shipped (default: the card's)")
    out.add_argument(
        "--without-bf16",
        action="store_true",
        help="as on a processor without; for ONEDNN_MAX_CPU_ISA=AVX2 and the like",
    )
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    usual = "f32" if options.without_bf16 else None
    variants = variants_of(options.model, options.network, options.quantised, usual)
    values: list[VariantValue] = []
    for variant in variants:
        values += values_of(variant, folders_of(options), options.split, options.clips, choosing=options.choosing)
    print(file=sys.stderr)
    card = variants[0].card
    report(
        NAME,
        argv,
        "A network in several precisions",
        [times_table(times_ms(variants)), *tables(values), falls_table(values)],
        out=options.out,
        models={card.name: card.version},
        notes=[f"{card.name} {card.version}, split {options.split}{', choosing' if options.choosing else ''}"],
        values=values,
    )
    return 0


def times_table(times: Mapping[str, float]) -> Table:
    """What an image costs by each variant, and how much faster than the first it is."""
    first = next(iter(times.values()))
    columns = (
        Column("network"),
        Column("processor time an image, one core", "ms", ".1f"),
        Column("times as fast", form=".2f"),
    )
    return Table("Time of the network alone", columns, tuple((name, ms, first / ms) for name, ms in times.items()))


Paired = dict[tuple[str, str], dict[str, dict[str, float]]]
"""By set and value: by variant, the value of each patient."""


def paired(values: Sequence[VariantValue]) -> Paired:
    """The values of patients that every variant has one of."""
    by: Paired = defaultdict(lambda: defaultdict(dict))
    for value in values:
        if np.isfinite(value.value):
            by[value.group, value.what][value.variant][value.patient] = value.value
    names = list(dict.fromkeys(value.variant for value in values))
    out: Paired = {}
    for key, some in by.items():
        shared = set.intersection(*(set(some.get(name, {})) for name in names))
        if shared:
            out[key] = {name: {patient: some[name][patient] for patient in sorted(shared)} for name in names}
    return out


def tables(values: Sequence[VariantValue]) -> list[Table]:
    """A table for each variant but the first: every value by both, the change with its interval, and the worst one."""
    found = paired(values)
    names = list(dict.fromkeys(value.variant for value in values))
    columns = (
        Column("set"),
        Column("value"),
        Column("n", form="d"),
        Column(names[0] if names else ""),
        Column("here"),
        Column("change", form="+.4f"),
        Column("95 % interval"),
        Column("largest change of one", form="+.4f"),
    )
    out = []
    for name in names[1:]:
        rows: list[tuple[Cell, ...]] = []
        for (group, what), by in found.items():
            both = np.array([list(by[names[0]].values()), list(by[name].values())]).T
            if len(both) < 2:
                continue
            statistic = spread_change if what.endswith("off") else mean_change
            low, high = interval(both, statistic)
            each = both[:, 1] - both[:, 0]
            label = f"{what}; change of SD" if what.endswith("off") else what
            rows.append(
                (
                    group,
                    label,
                    len(both),
                    spread(both[:, 0]),
                    spread(both[:, 1]),
                    statistic(both),
                    f"{low:+.4f} to {high:+.4f}",
                    float(each[np.abs(each).argmax()]),
                )
            )
        out.append(Table(f"{name} against {names[0]}, the same patients", columns, tuple(rows)))
    return out


def falls_table(values: Sequence[VariantValue]) -> Table:
    """The set and structure whose mean Dice falls most by each variant, and whether that is within MAX_FALL."""
    found = {key: by for key, by in paired(values).items() if key[1].endswith("Dice")}
    names = list(dict.fromkeys(value.variant for value in values))
    rows: list[tuple[Cell, ...]] = []
    for name in names[1:]:
        changes = {
            key: float(np.mean(list(by[name].values())) - np.mean(list(by[names[0]].values())))
            for key, by in found.items()
        }
        if changes:
            (group, what), change = min(changes.items(), key=lambda entry: entry[1])
            sizes = [
                abs(value - first)
                for by in found.values()
                for value, first in zip(by[name].values(), by[names[0]].values(), strict=True)
            ]
            within = "yes" if change >= -MAX_FALL else "no"
            rows.append((name, f"{group}, {what}", change, within, float(np.mean(sizes))))
    columns = (
        Column("network"),
        Column("falls most"),
        Column("change of Dice", form="+.4f"),
        Column(f"within {MAX_FALL}"),
        Column("change of a patient's Dice, mean size", form=".4f"),
    )
    return Table("Largest fall of the mean Dice of a set", columns, tuple(rows))
