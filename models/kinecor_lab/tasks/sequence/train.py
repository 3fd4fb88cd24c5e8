"""`kinecor train lv-sequence`: apical views with memory (papers 000 and 001), on made, simulated and real clips."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kinecor_lab.common.allocator import quiet_allocator

if TYPE_CHECKING:
    from kinecor_lab.tasks.sequence.plan import SequencePlan

SOURCES = ("made", "simulated", "CAMUS", "EchoNet")
SHORT = "short"
ARMS = (
    "edes", "seven", "every", "convlstm", "convlstm-interpolated", "convlstm-seven", "convlstm-deep",
    "ral", "ral-both-ways", "ral-no-classification", "ral-no-blocks", "ral-no-temporal", "ral-no-spatial",
)  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="kinecor train lv-sequence",
        description="Make labelled clips, then train an arm of paper 000 or 001 on them; both resume.",
    )
    made.add_argument(
        "--data", type=Path, nargs="*", default=[], help="CAMUS (PNG with index.csv, NIfTI or MHD) or EchoNet-Dynamic"
    )
    made.add_argument("--run", type=Path, default=Path("runs/sequence"), help="folder for clips/, paths/ and NAME/")
    clips = made.add_argument_group("clips")
    clips.add_argument("--make-only", action="store_true", help="make the clips and stop")
    clips.add_argument("--as-they-are", action="store_true", help="train on the clips that are there, make none")
    clips.add_argument("--rounds", type=int, default=1, help="made clips of every patient's view")
    clips.add_argument("--simulated", type=int, default=12, help="files of 16 simulated clips to train on")
    clips.add_argument("--short", type=int, default=0, help="files of 96 short simulated clips, to learn views from")
    clips.add_argument("--pack-side", type=int, default=160, help="side of the pictures that are kept, in pixels")
    clips.add_argument("--not-interpolated", action="store_true", help="label annotated frames of real clips alone")
    clips.add_argument(
        "--sources", default=",".join(SOURCES), help=f"comma-separated, to train on; also {SHORT} (default: the others)"
    )
    clips.add_argument("--most", type=int, default=120, help="files of each source that are held in memory")
    arm = made.add_argument_group("arm; what is not told is the arm's own")
    arm.add_argument("--arm", choices=ARMS, default="convlstm")
    arm.add_argument("--name", help="of the run's folder (default: the arm's)")
    arm.add_argument("--places", help="of ConvLSTMs: encoder,decoder,bottleneck,last")
    arm.add_argument("--shallowest", type=int, help="levels above this one stay plain")
    arm.add_argument("--view-flag", action="store_true", help="tell A3C from other views by a second input")
    arm.add_argument("--both-ways", action="store_true", help="for recorded loops: look ahead as well")
    arm.add_argument("--filters", help="of the base network's levels, comma-separated")
    arm.add_argument("--width", type=int, help="of RAL")
    arm.add_argument("--annotations", choices=["every", "interpolated", "seven", "edes"])
    arm.add_argument("--share", type=float, help="of the temporal loss (paper: 0.6)")
    arm.add_argument("--clip", type=float, help="change that costs nothing (paper: 0.01)")
    arm.add_argument("--of-view", type=float, help="weight of RAL's view loss (default: 0.2)")
    arm.add_argument("--view-alone", action="store_true", help="teach RAL's second branch alone, anew; needs --start")
    arm.add_argument("--frames", type=int, help="of a sample (paper: 20)")
    arm.add_argument("--cold", action="store_true", help="start from random weights, not from lv-apical's")
    run = made.add_argument_group("run")
    run.add_argument("--steps", type=int, default=2000)
    run.add_argument("--batch", type=int, help="clips a step, or single frames (paper: 2 clips)")
    run.add_argument("--side", type=int, default=128, help="side of the pictures in pixels")
    run.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    run.add_argument(
        "--start", help="go on from an earlier run's file (best.pt), or from a model that ships, by its name"
    )
    run.add_argument("--every", type=int, default=250, help="steps between validations")
    run.add_argument("--checked", type=int, default=24, help="validation clips of each source")
    run.add_argument("--seed", type=int, default=2026)
    run.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    return made


def plan_of(options: argparse.Namespace) -> "SequencePlan":
    """The arm's plan with what was told otherwise.

    Raises:
        ValueError: a place, a number of filters, a side or learning views alone does not go.

    """
    from kinecor_lab.tasks.sequence.plan import ARMS as PLANS
    from kinecor_models.nets.temporal_unet import PLACES

    if options.view_alone and not options.start:
        raise ValueError("--view-alone teaches what stands on a trained network; name one with --start")
    plan = PLANS[options.arm]
    shape, cutting = plan.shape, plan.cutting
    if options.places is not None:
        told = [place for place in options.places.split(",") if place]
        unknown = sorted(set(told) - set(PLACES))
        if unknown:
            raise ValueError(f"--places: expected some of {', '.join(PLACES)}, got {', '.join(unknown)}")
        shape = replace(shape, places=tuple(place for place in PLACES if place in told))
    if options.filters is not None:
        shape = replace(shape, filters=tuple(int(one) for one in options.filters.split(",")))
    for name in ("shallowest", "width"):
        if getattr(options, name) is not None:
            shape = replace(shape, **{name: getattr(options, name)})
    shape = replace(
        shape, view_flag=shape.view_flag or options.view_flag, both_ways=shape.both_ways or options.both_ways
    )
    for name in ("annotations", "frames"):
        if getattr(options, name) is not None:
            cutting = replace(cutting, **{name: getattr(options, name)})
    told_of_plan = {
        name: getattr(options, name)
        for name in ("share", "clip", "of_view", "batch")
        if getattr(options, name) is not None
    }
    return replace(
        plan,
        shape=shape,
        cutting=replace(cutting, side=options.side),
        steps=options.steps,
        rate=options.rate,
        warm=plan.warm and not options.cold,
        seed=options.seed,
        view_alone=options.view_alone,
        **told_of_plan,
    )


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    quiet_allocator()
    from kinecor_lab.common.publish import weights_of
    from kinecor_lab.datasets.clip import read_clips
    from kinecor_lab.datasets.samples import DataSetError
    from kinecor_lab.tasks.sequence.loop import train_sequences
    from kinecor_lab.tasks.sequence.packs import Amount, files, jobs, make
    from kinecor_lab.tasks.sequence.validate import measured_on
    from kinecor_models.card import load_card
    from kinecor_models.registry import DEFAULT_APICAL
    from kinecor_models.weights import WeightsError, load_weights

    say = partial(print, file=sys.stderr)
    try:
        plan, wanted = plan_of(options), options.sources.split(",")
        unknown = sorted(set(wanted) - {*SOURCES, SHORT})
        if unknown:
            raise ValueError(f"--sources: expected some of {', '.join((*SOURCES, SHORT))}, got {', '.join(unknown)}")
        if not options.as_they_are:
            amount, interpolate = Amount(options.rounds, options.simulated, options.short), not options.not_interpolated
            make(jobs(options.run, options.data, amount, options.pack_side, say, interpolate=interpolate), say)
        if options.make_only:
            return 0
        learn = read_clips(files(options.run, "train", wanted, options.most))
        check = [
            clip for source in wanted for clip in read_clips(files(options.run, "valid", [source]))[: options.checked]
        ]
        if not learn or not check:
            raise DataSetError(f"expected clips of splits train and valid in {options.run}; name --data, or make more")
        print(f"{len(learn)} clips to learn from, {len(check)} to choose by; arm {options.arm}")
        train_sequences(
            plan,
            learn,
            options.run / (options.name or options.arm),
            measured_on(check, options.side),
            start=load_weights(load_card(DEFAULT_APICAL)) if plan.warm and not options.start else None,
            onwards=weights_of(options.start) if options.start else None,
            device=options.device,
            every=options.every,
        )
    except (DataSetError, WeightsError, ValueError) as wrong:
        print(f"kinecor train: {wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
