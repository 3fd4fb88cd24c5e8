"""`kinecor evaluate sax-sets`: networks trained from nothing without one of the sets, each measured on all of them.

One network learns from ACDC, Sunnybrook, York and, where it is named, DSB, and one each from all but one of them. All
take about the same number of steps of the same size, and the last step's averaged network is measured, so that nothing
is chosen by the set that was left out. What the figures of a set lose without it is what a hospital may lose whose
images nobody learnt from. The networks begin with random weights, since those that ship have seen these sets, and have
a small budget: they say how much a set of one's own matters, not how good the shipped network is.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from kinecor_lab.common.commands import add_run_options, reported, show_progress
from kinecor_lab.common.losses import marginal_dice_and_cross_entropy
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.stages import Stage, StagePlan, frame_job
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.common.training import Execution, torch_device, train
from kinecor_lab.datasets.dsb import dsb_slices
from kinecor_lab.datasets.short_axis import (
    CAVITY,
    DSB,
    MYOCARDIUM,
    SaxSample,
    acdc_png,
    scd_png,
    with_open_edges,
    york_png,
)
from kinecor_lab.tasks.sax.data import prepared
from kinecor_lab.tasks.sax.train import SLICES, undisputed
from kinecor_models.nets.unet import UNet

NAME = "sax-sets"
SETS = ("ACDC", "SCD", "York", DSB)
ALL = "none"
"""Left out where the network learns from every set."""
_STRUCTURES = {"cavity": (1, CAVITY), "myocardium": (2, MYOCARDIUM)}
"""Channel and bit. Right ventricles are in ACDC only, so that no other set could teach them."""


@dataclass(frozen=True, slots=True)
class SetValue:
    """The Dice of one structure in one volume, by the set that its network has not seen ("none": it saw all)."""

    left_out: str
    source: str
    patient: str
    phase: str
    structure: str
    dice: float


def plan_of(samples: int, size: int, batch: int, steps: int, rate: float, seed: int) -> StagePlan:
    """Whole epochs that come nearest to a number of steps."""
    epochs = max(1, round(steps / max(1, samples // batch)))
    return StagePlan((Stage(size, epochs, batch),), peak_rate=rate, average=0.99, seed=seed)


def trained(samples: Sequence[SaxSample], plan: StagePlan, run: Path, execution: Execution) -> Path:
    """The averaged network after the last step, trained from random weights."""
    torch.manual_seed(plan.seed)
    net = UNet(inputs=SLICES).to(memory_format=layout(torch_device(execution.device).type))  # type: ignore[call-overload]
    job = frame_job(
        samples,
        plan,
        lambda _net, _size: {"score": 0.0},  # nothing is chosen
        prepare=prepared,
        loss_of=marginal_dice_and_cross_entropy,
        validate_every=plan.epochs,
    )
    train(job, net, run, execution=execution)
    return run / "checkpoint.pt"


def ends_of_cycle(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """Samples at the phases with the largest and the smallest cavity of each patient, named "ED" and "ES"."""
    patients: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sample in samples:
        patients[sample.patient][sample.phase] += int(sample.certain(CAVITY).sum())
    names: dict[tuple[str, str], str] = {}
    for patient, areas in patients.items():
        known = {phase: area for phase, area in areas.items() if area}
        if known:
            names[patient, max(known, key=known.__getitem__)] = "ED"
            names[patient, min(known, key=known.__getitem__)] = "ES"
    return [
        replace(sample, phase=name)
        for sample in samples
        if (name := names.get((sample.patient, sample.phase))) is not None
    ]


def measured(network: Path, samples: Sequence[SaxSample], left_out: str, size: int) -> list[SetValue]:
    """Dice per volume of the slices whose cavity the expert contoured, on squares centred by the expert's labels.

    Where the heart is is not looked for: that would be another network's error in one set and not in another.
    """
    net = UNet(inputs=SLICES)
    net.load_state_dict(
        {name: torch.from_numpy(value) for name, value in averaged_weights([network]).items()}, strict=False
    )
    net = net.to(memory_format=layout("cpu")).eval()  # type: ignore[call-overload]
    rng = np.random.default_rng(0)  # strength 0 draws nothing
    counts: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    inside = [sample for sample in samples if sample.certain(CAVITY).any()]
    for done, sample in enumerate(inside, 1):
        images, label = prepared(sample, size, rng, 0.0)
        with torch.inference_mode(), reduced("cpu"):
            batch = (torch.from_numpy(images)[None].float() / 255).contiguous(memory_format=layout("cpu"))
            found = net(batch).argmax(1)[0].numpy()
        for structure, (channel, bit) in _STRUCTURES.items():
            if ((label != bit) & (label & bit > 0)).any():
                continue  # the expert left it open
            mine, true = found == channel, label == bit
            some = counts[sample.source, sample.patient, sample.phase, structure]
            some[0] += 2 * int((mine & true).sum())
            some[1] += int(mine.sum()) + int(true.sum())
        show_progress(f"{left_out} left out: {done}/{len(inside)}")
    return [SetValue(left_out, *key, twice / total) for key, (twice, total) in counts.items() if total]


def table(values: Sequence[SetValue]) -> Table:
    """A row per set, structure and phase: trained on all sets, without this one, the drop, and without each other."""
    columns = (
        Column("set"),
        Column("structure"),
        Column("phase"),
        Column("n", form="d"),
        Column("all sets"),
        Column("without this set"),
        Column("drop", form="+.3f"),
        Column("worst, all sets", form=".3f"),
        Column("worst, without this set", form=".3f"),
    )
    groups: dict[tuple[str, str, str], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for set_value in values:
        groups[set_value.source, set_value.structure, set_value.phase][set_value.left_out][set_value.patient] = (
            set_value.dice
        )
    rows: list[tuple[Cell, ...]] = []
    for source in SETS:
        for structure in _STRUCTURES:
            for phase in ("ED", "ES"):
                by = groups.get((source, structure, phase), {})
                every, without = by.get(ALL, {}), by.get(source, {})
                both = sorted(every.keys() & without.keys())
                if not both:
                    continue
                with_it, alone = [every[name] for name in both], [without[name] for name in both]
                rows.append(
                    (
                        source,
                        structure,
                        phase,
                        len(both),
                        spread(with_it),
                        spread(alone),
                        float(np.mean(with_it) - np.mean(alone)),
                        min(with_it),
                        min(alone),
                    )
                )
    return Table("Dice per volume of patients whom no network has seen; mean ± SD", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog=f"kinecor evaluate {NAME}",
        description="Train a small-budget network without each set, and one with all, and measure them on every set.",
    )
    out.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    out.add_argument("--scd", type=Path, required=True, help="Sunnybrook slices as PNG with index.csv")
    out.add_argument("--york", type=Path, required=True, help="York's cines as PNG with frames.csv")
    out.add_argument("--dsb", type=Path, help="short-axis stacks of the Second National Data Science Bowl")
    out.add_argument("--york-every", type=int, default=4, help="learn from every so many frames (default: 4)")
    out.add_argument("--steps", type=int, default=700, help="of each network, about (default: 700)")
    out.add_argument("--size", type=int, default=128, help="of the images, in pixels (default: 128)")
    out.add_argument("--batch", type=int, default=16, help="images of a step (default: 16)")
    out.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    out.add_argument("--limit", type=int, default=0, help="slices of each set at most (to try things out)")
    add_run_options(out, f"runs/{NAME}")
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed, 3 paused)."""
    options = parser().parse_args(argv)
    some = slice(options.limit or None)
    york = undisputed(york_png(options.york, ["train"]))[some][:: options.york_every]
    learn = {
        "ACDC": acdc_png(options.acdc, ["train"])[some],
        "SCD": scd_png(options.scd, ["train"])[some],
        "York": [with_open_edges(sample) for sample in york],
    }
    if options.dsb:
        learn[DSB] = dsb_slices(options.dsb, ["train"])[some]
    check = acdc_png(options.acdc, ["test"])[some] + scd_png(options.scd, ["test"])[some]
    check += ends_of_cycle(york_png(options.york, ["test"]))[some]
    check += dsb_slices(options.dsb, ["test"])[some] if options.dsb else []
    values: list[SetValue] = []
    said = []
    for left_out in (ALL, *learn):
        samples = [sample for name, some_of in learn.items() if name != left_out for sample in some_of]
        plan = plan_of(len(samples), options.size, options.batch, options.steps, options.rate, options.seed)
        network = trained(samples, plan, options.run / f"without-{left_out}", Execution.from_options(options))
        values += measured(network, check, left_out, options.size)
        steps = plan.epochs * max(1, len(samples) // options.batch)
        said.append(f"{left_out} left out: {len(samples)} slices, {plan.epochs} epochs, {steps} steps")
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Short-axis contours of sets that nobody learnt from",
        [table(values)],
        out=options.out,
        seed=options.seed,
        notes=[f"networks from random weights, {options.size} px, {options.batch} images a step", *said],
        values=values,
    )
    return 0
