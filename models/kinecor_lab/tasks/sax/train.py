"""`kinecor train sax-cine`: ventricles in short-axis cine MRI, from ACDC, Sunnybrook, York and DSB."""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.losses import marginal_dice_and_cross_entropy, with_each
from kinecor_lab.common.precision import reduced
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, device_of, train
from kinecor_lab.datasets.dsb import dsb_slices
from kinecor_lab.datasets.short_axis import (
    CAVITY,
    DSB,
    MYOCARDIUM,
    RV,
    SaxSample,
    acdc_png,
    by_volume,
    scd_png,
    with_open_edges,
    york_png,
)
from kinecor_lab.tasks.sax.data import cropped, prepared
from kinecor_lab.tasks.sax.simulated import saved_simulated_slices
from kinecor_models.contract import Tensors
from kinecor_models.localisation.framing import FIELD_MM
from kinecor_models.nets.unet import UNet

DEFAULT_PLAN = "128x30x16,160x10x12x0.4"
DEFAULT_RATE = 1.5e-3
SHORT_RUN = 12
"""A run of no more epochs than these is validated after each."""
SLICES = 3
"""Channels of the network: the slice before, the slice, and the slice after."""
FIRST = "down.0.0.weight"
RIGHT = 3
"""Channel of the right ventricle."""
STRUCTURES = (("lv", CAVITY), ("myo", MYOCARDIUM), ("rv", RV))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train sax-cine",
        description="Train the model; a stopped run resumes.",
        epilog="With --signed DIR it learns from a site's signed studies: kinecor train sax-cine --signed DIR --help.",
    )
    out.add_argument("--acdc", type=Path, required=True, help="ACDC slices as PNG with index.csv")
    out.add_argument("--acdc-times", type=int, default=1, help="repeats of each slice of ACDC per epoch")
    out.add_argument("--scd", type=Path, help="Sunnybrook slices as PNG with index.csv; without, ACDC alone")
    out.add_argument("--scd-times", type=int, default=1, help="repeats of each Sunnybrook slice per epoch")
    out.add_argument("--york", type=Path, help="York's cines as PNG with frames.csv")
    out.add_argument("--york-every", type=int, default=3, help="use every so many frames of York's cines (default: 3)")
    out.add_argument("--york-open", action="store_true", help="leave the edges open that York's experts draw otherwise")
    out.add_argument("--dsb", type=Path, help="short-axis stacks of the Second National Data Science Bowl")
    out.add_argument("--simulated", type=int, default=0, help="also learn from this many simulated stacks")
    out.add_argument(
        "--simulated-open", action="store_true", help="leave their edges open as York's: where a wall begins is a habit"
    )
    out.add_argument("--simulated-seed", type=int, help="of these stacks (default: --seed)")
    out.add_argument("--stacks", type=Path, help="folder where they are saved, to be shared by runs (default: --run)")
    out.add_argument("--each", type=float, default=0.0, help="weight of the overlap of each image (default: 0)")
    out.add_argument("--right", type=float, default=0.0, help="the same, of right ventricles alone (default: 0)")
    out.add_argument(
        "--right-times",
        type=int,
        default=1,
        help="repeats of ACDC's slices at ES and beside the right ventricle's base",
    )
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument(
        "--crop-of", type=int, default=0, help="smaller stages are parts of squares of this size, instead of coarser"
    )
    out.add_argument("--average", type=float, default=0.998, help="decay of the mean of the weights (default: 0.998)")
    out.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    out.add_argument("--start", help="begin with the network of this name (lv-sax), or of this file of another run")
    out.add_argument("--limit", type=int, default=0, help="use only this many slices of each set (to try things out)")
    add_run_options(out, "runs/sax")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    if "--signed" in argv:
        # Learns from a site's own readings, with options of its own.
        from kinecor_lab.tasks.site.train import train_short_axis

        return train_short_axis(argv)
    options = parser().parse_args(argv)
    some = slice(options.limit or None)
    learn, check = acdc_png(options.acdc, ["train"])[some], acdc_png(options.acdc, ["valid"])[some]
    learn = learn * options.acdc_times + difficult_for_the_right(learn) * (options.right_times - 1)
    if options.scd:
        learn += scd_png(options.scd, ["train"])[some] * options.scd_times
        check += scd_png(options.scd, ["valid"])[some]
    if options.york:
        cines = undisputed(york_png(options.york, ["train"]))[some][:: options.york_every]
        learn += [with_open_edges(cine) for cine in cines] if options.york_open else cines
        check += york_png(options.york, ["valid"], 2 * options.york_every)[some]
    if options.dsb:
        learn += dsb_slices(options.dsb, ["train"])[some]
        check += dsb_slices(options.dsb, ["valid"])[some]
    stacks_seed = options.seed if options.simulated_seed is None else options.simulated_seed
    made = saved_simulated_slices(options.stacks or options.run, options.simulated, stacks_seed)
    learn += [with_open_edges(sample) for sample in made] if options.simulated_open else made
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, average=options.average, seed=options.seed)
    torch.manual_seed(options.seed)
    net = UNet(inputs=SLICES).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if options.start:
        first = widened(weights_of(options.start), SLICES)
        net.load_state_dict({name: torch.from_numpy(value) for name, value in first.items()}, strict=False)
    loss_of = partial(with_each, marginal_dice_and_cross_entropy, options.each)
    if options.right:
        loss_of = partial(with_each, loss_of, options.right, only=RIGHT)
    prepare = partial(cropped, options.crop_of) if options.crop_of else prepared
    often = 1 if plan.epochs <= SHORT_RUN else 2
    job = frame_job(
        learn, plan, sax_dice_on(check), prepare=prepare, loss_of=loss_of, validate_every=often, keep_every=often
    )
    train(job, net, options.run, execution=Execution.from_options(options))
    return 0


def undisputed(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples without those next to a contoured slice that experts left out: there they differ among sets."""
    cavities: dict[str, set[int]] = defaultdict(set)
    for sample in samples:
        if sample.certain(CAVITY).any():
            cavities[sample.volume].add(sample.number)
    return [
        sample
        for sample in samples
        if sample.number in cavities[sample.volume]
        or not {sample.number - 1, sample.number + 1} & cavities[sample.volume]
    ]


def difficult_for_the_right(samples: Sequence[SaxSample]) -> list[SaxSample]:
    """The samples at ES with a right ventricle, and at either phase its basal slice and the one beyond.

    A slit between two layers of muscle, and the slice that may be ventricle or atrium, are what most errors are about.
    """
    out = []
    for volume in by_volume(samples):
        areas = {index: int(sample.certain(RV).sum()) for index, sample in enumerate(volume)}
        there = [at for at, area in areas.items() if area]
        if not there:
            continue
        first, last = there[0], there[-1]
        ends = {first, first - 1} if areas[first] >= areas[last] else {last, last + 1}
        wanted = ends | set(there) if volume[0].phase == "ES" else ends
        out += [sample for index, sample in enumerate(volume) if index in wanted]
    return out


def widened(weights: Tensors, channels: int) -> Tensors:
    """The weights with a first convolution for `channels` channels, the odd middle one being the slice itself.

    A network of one channel gets zeros for the others, so that it answers as before whatever they show.

    Raises:
        ValueError: the weights are neither of one channel nor of `channels`.

    """
    kernel = weights[FIRST]
    if kernel.shape[1] == channels:
        return weights
    if kernel.shape[1] != 1:
        raise ValueError(f"expected a network of 1 or {channels} channels, got {kernel.shape[1]}; name another --start")
    wide = np.zeros((kernel.shape[0], channels, *kernel.shape[2:]), kernel.dtype)
    wide[:, channels // 2] = kernel[:, 0]
    return {**weights, FIRST: wide}


MIN_FALSE_CM2 = 0.5
"""A cavity of less is nothing to a volume: 0.5 ml in a slice 10 mm from the next."""


def _key_of(sample: SaxSample, structure: str) -> str:
    phase = sample.phase.lower()
    if sample.source == "ACDC":
        return f"{structure}_{phase}"
    return f"dsb_lv_{phase}" if sample.source == DSB else f"{sample.source.lower()}_lv"


def sax_dice_on(samples: Sequence[SaxSample]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on `samples`, with hearts centred and upright on squares of a size in pixels.

    It gives, for ACDC, the mean over volumes of the Dice of all slices together ("lv_ed", "lv_es", "myo_ed", ...), for
    SCD and York that of the cavity ("scd_lv", "york_lv"), for DSB that of the cavity by phase ("dsb_lv_ed", ...) and
    the share of its empty slices with a cavity of MIN_FALSE_CM2 or more ("dsb_false"), the share of slices with a
    cavity found to less than half ("gross"), and "score", the mean of the Dice with SCD and York counting double, and
    of 1 - "dsb_false".
    """

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        rng, device = np.random.default_rng(0), device_of(net)  # strength 0 draws nothing
        both: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(2))
        gross, slices, false, empty = 0, 0, 0, 0
        min_false_px = MIN_FALSE_CM2 * (10 * size / FIELD_MM) ** 2
        with torch.inference_mode(), reduced(device.type):
            for sample in samples:
                images, label = prepared(sample, size, rng, 0.0)
                batch = torch.from_numpy(images).to(device)[None].float() / 255
                found = net(batch.contiguous(memory_format=torch.channels_last)).argmax(1)[0].cpu().numpy()
                for channel, (name, bit) in enumerate(STRUCTURES, start=1):
                    if sample.source != "ACDC" and name != "lv":
                        continue
                    key = _key_of(sample, name)
                    mine, truth = found == channel, label == bit
                    counts = np.array((2 * (mine & truth).sum(), mine.sum() + truth.sum()), float)
                    both[key, sample.volume] += counts
                    if sample.source == DSB and not truth.any():
                        empty += 1
                        false += bool(mine.sum() >= min_false_px)
                    if name == "lv" and truth.sum() > 100 * (size / 128) ** 2:
                        slices += 1
                        gross += bool(counts[0] < 0.5 * counts[1])
        by_key: dict[str, list[float]] = defaultdict(list)
        for (key, _), (twice, total) in both.items():
            by_key[key].append(twice / total if total else 1.0)
        out = {key: float(np.mean(values)) for key, values in sorted(by_key.items())}
        right = {**out, "empty": 1 - false / empty} if empty else out
        weights = [2 if key in ("scd_lv", "york_lv") else 1 for key in right]
        score = float(np.average(list(right.values()), weights=weights))
        out |= {"dsb_false": false / empty} if empty else {}
        return out | {"gross": gross / max(slices, 1), "score": score}

    return measure
