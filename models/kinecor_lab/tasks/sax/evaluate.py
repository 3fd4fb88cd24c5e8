"""`kinecor evaluate sax-cine`: contours of short-axis cine slices against experts', on ACDC and Sunnybrook."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import Mask
from kinecor_lab.common.table import add_output, report
from kinecor_lab.common.worst import ComparedImage, add_worst, outlines, write_worst
from kinecor_lab.datasets.short_axis import SaxSample, acdc_png, scd_png
from kinecor_lab.tasks.sax.networks import NAME, add_networks, model_of
from kinecor_lab.tasks.sax.table import STRUCTURES, slices, table
from kinecor_models.contours.sax import LOOKS
from kinecor_models.contract import ClipInput, ClipOutput, Tick

_COMPARED = ("cavity", "RV")
_SHOWN_PX = 260
"""Side of a picture of --worst."""


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
    add_worst(out)
    add_device(out)
    add_output(out)
    return out


def compared_image(sample: SaxSample, masks: dict[str, Mask]) -> ComparedImage:
    """A slice with both outlines of the cavity and of the right ventricle.

    The worst have the largest area of the cavity that only one of both has: small cavities near the apex, whose Dice
    says little of a volume, do not fill the list.
    """
    wrong = {name: masks[name] ^ sample.certain(STRUCTURES[name]) for name in _COMPARED}
    title = f"{sample.patient} {sample.phase} slice {sample.number + 1} {int(wrong['cavity'].sum())} px"
    expert = [line for name in _COMPARED for line in outlines(sample.certain(STRUCTURES[name]))]
    network = [line for name in _COMPARED for line in outlines(masks[name])]
    return ComparedImage(title, float(wrong["cavity"].sum()), sample.image, expert, network)


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
    compared: list[ComparedImage] = []
    single_slices = slices(
        contour,
        samples,
        lambda done, total: show_progress(f"{done}/{total}"),
        lambda sample, masks: compared.append(compared_image(sample, masks)),
    )
    print(file=sys.stderr)
    if options.worst and options.out is not None:
        write_worst(compared, options.worst, options.out, _SHOWN_PX)
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
