"""`kinecor evaluate axes`: by how much the long axis shortens from ED to ES in experts' contours of real patients.

The check of foreshortened views rests on it: where the apex is in view, it hardly moves.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kinecor.core.checks.findings import threshold
from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import long_axis
from kinecor_lab.common.commands import reported
from kinecor_lab.common.table import Column, Table, add_output, report
from kinecor_lab.datasets.data_folder import camus_frames_of_view
from kinecor_models.contours.outlines import outlines

_PERCENTILES = (5, 25, 50, 75, 95, 98)


def shortenings(folder: Path, splits: Sequence[str], view: str) -> list[float]:
    """1 - length at ES / length at ED of each patient that has both."""
    lengths: dict[str, dict[str, float]] = {}
    for sample in camus_frames_of_view(folder, list(splits), view):
        labels = np.stack([sample.label == value for value in range(4)]).astype(np.float32)
        found = outlines(labels, ("lv_endo",)).contours["lv_endo"]
        if found is not None:
            lengths.setdefault(sample.patient, {})[sample.phase] = long_axis(Contour(found.astype(np.float64))).length
    return [1 - both["ES"] / both["ED"] for both in lengths.values() if {"ED", "ES"} <= set(both)]


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog="kinecor evaluate axes", description="Shortening of the long axis in patients.")
    out.add_argument("--data", type=Path, required=True, help="CAMUS (PNG with index.csv)")
    out.add_argument("--view", default="A4C", choices=["A4C", "A2C"])
    out.add_argument("--seed", type=int, default=0, help="unused: nothing is drawn")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    found = shortenings(options.data, ("train", "valid"), options.view)
    limit = threshold("contours.foreshortened").check
    above = 100 * float(np.mean(np.array(found) > limit))
    columns = (
        Column("view"),
        Column("patients", form="d"),
        *(Column(f"percentile {percentile}") for percentile in _PERCENTILES),
    )
    row = (options.view, len(found), *(f"{one:.2f}" for one in np.percentile(found, _PERCENTILES)))
    report(
        "axes",
        argv,
        "Shortening of the long axis",
        [Table("Share of the long axis at ED, experts' contours", columns, (row,))],
        out=options.out,
        seed=options.seed,
        models={},
        notes=[f"{above:.1f} % of the patients are above the threshold of the check, {limit:.2f}."],
        values=found,
    )
    return 0
