"""`kinecor evaluate sax-cine`: contours of short-axis cine slices against experts', on ACDC and Sunnybrook."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.table import add_output, report
from kinecor_lab.datasets.short_axis import acdc_png, scd_png
from kinecor_lab.tasks.sax.networks import NAME, add_networks, model_of
from kinecor_lab.tasks.sax.table import slices, table
from kinecor_models.contours.sax import LOOKS
from kinecor_models.contract import ClipInput, ClipOutput, Tick


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor evaluate sax-cine", description="Measure the model against experts' contours."
    )
    out.add_argument("--acdc", type=Path, help="ACDC slices as PNG with index.csv")
    out.add_argument("--scd", type=Path, help="Sunnybrook slices as PNG with index.csv")
    add_split(out, "test")
    add_networks(out)
    out.add_argument(
        "--looks", type=int, nargs="+", help="quarter turns (mirrored from 4, neighbours exchanged from 8)"
    )
    out.add_argument("--one-by-one", action="store_true", help="contour slices without their neighbours")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.acdc is None and options.scd is None:
        raise ValueError("expected --acdc or --scd, got neither")
    model = model_of(options, tuple(options.looks or LOOKS))
    samples = acdc_png(options.acdc, [options.split]) if options.acdc else []
    samples += scd_png(options.scd, [options.split]) if options.scd else []

    def alone(clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        return [model(clip, tick) for clip in clips]

    contour = alone if options.one_by_one else model.stack
    single_slices = slices(contour, samples, lambda done, total: show_progress(f"{done}/{total}"))
    print(file=sys.stderr)
    patients = len({sample.patient for sample in samples})
    report(
        "sax-cine",
        argv,
        "Short-axis contours against those of experts",
        [table(single_slices)],
        out=options.out,
        models={} if options.networks else {NAME: model.card.version},
        notes=[f"{NAME} {model.card.version}, split {options.split}, {patients} patients, {len(samples)} slices"],
        values=single_slices,
    )
    return 0
