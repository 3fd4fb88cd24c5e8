"""`kinecor train lv-apical`: the ventricle in apical frames, from CAMUS or EchoNet-Dynamic."""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kinecor_lab.common.commands import add_run_options, reported
from kinecor_lab.common.losses import dice_and_cross_entropy, overlap_loss, with_areas, with_boundaries
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.publish import weights_of
from kinecor_lab.common.stages import StagePlan, frame_job, stages_of
from kinecor_lab.common.training import Execution, device_of, torch_device, train
from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.data_folder import kind_of, learning_and_choosing
from kinecor_lab.datasets.placing import placed
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.data import SHARES, paired, prepared, repeated, saved_simulated_frames, warped_two_chamber
from kinecor_models.engines.torch_engines import with_weights
from kinecor_models.nets.unet import UNet

DEFAULT_PLAN = "128x63x16,192x22x12,256x30x8,256x10x8x0.6"
DEFAULT_RATE = 1.5e-3


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(
        prog="kinecor train lv-apical",
        description="Train the model; a stopped run resumes.",
        epilog="With --signed DIR it learns from a site's signed studies: kinecor train lv-apical --signed DIR --help.",
    )
    out.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        help="folders of CAMUS (PNG with index.csv or frames.csv, NIfTI or MHD), or one of EchoNet-Dynamic",
    )
    out.add_argument("--plan", default=DEFAULT_PLAN, help="stages as SIZExEPOCHSxBATCH[xPLAIN], comma-separated")
    out.add_argument("--rate", type=float, default=DEFAULT_RATE, help="highest learning rate")
    out.add_argument("--start", help="fine-tune an earlier run's network (best.pt), or a shipped model, by its name")
    out.add_argument("--simulated", type=int, default=0, help="also learn from this many simulated frames of all views")
    out.add_argument("--leaning", type=int, default=0, help="and from this many of planes that miss the apex")
    out.add_argument("--two-chamber", type=int, default=0, help="and from this many A2C frames warped from A4C ones")
    out.add_argument("--four-chamber", type=int, default=1, help="times that A4C frames of patients come in an epoch")
    out.add_argument("--boundary", type=float, default=0.0, help="weight of the boundary loss, per pixel of distance")
    out.add_argument("--areas", type=float, default=0.0, help="weight of the error of areas, ED and ES in one batch")
    out.add_argument("--average", type=float, default=0.998, help="decay of the mean of weights (default: 0.998)")
    out.add_argument("--make-only", action="store_true", help="simulate the frames to learn from, and stop")
    out.add_argument("--limit", type=int, default=0, help="use only this many patients (to try things out)")
    add_run_options(out, "runs/lv-apical")
    return out


@reported("kinecor train")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    if "--signed" in argv:
        # Learns from a site's own readings, with options of its own.
        from kinecor_lab.tasks.site.train import train_apical

        return train_apical(argv)
    options = parser().parse_args(argv)
    made = saved_simulated_frames(options.run, options.simulated, options.seed, SHARES, leaning=options.leaning)
    if options.make_only:
        return 0
    learn, check = learning_and_choosing(options.data)
    # EchoNet-Dynamic traces the cavity alone: pixels outside may be of any other class.
    loss_of = overlap_loss if any(kind_of(one) == "echonet" for one in options.data) else dice_and_cross_entropy
    if options.boundary:
        loss_of = partial(with_boundaries, loss_of, options.boundary)
    if options.areas:
        loss_of = partial(with_areas, loss_of, options.areas)
    plan = StagePlan(stages_of(options.plan), peak_rate=options.rate, average=options.average, seed=options.seed)
    if options.limit:
        learn, check = learn[: 2 * options.limit], check[: 2 * options.limit]
    two_chamber = warped_two_chamber(learn, options.two_chamber, options.seed)
    learn = paired([*repeated(learn, options.four_chamber), *made, *two_chamber])
    torch.manual_seed(options.seed)
    net = UNet().to(memory_format=layout(torch_device(options.device).type))  # type: ignore[call-overload]
    if options.start:
        with_weights(net, weights_of(options.start))
    job = frame_job(
        learn,
        plan,
        dice_on(check),
        prepare=prepared,
        loss_of=loss_of,
        validate_every=2 if options.minutes else 5,
        keep_every=1 if options.minutes else 8,
        together=2,
    )
    train(job, net, options.run, execution=Execution.from_options(options))
    return 0


def _mean(values: NDArray[np.float64]) -> float:
    """Mean of what is known, 0 where nothing is: a set may lack a structure."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else 0.0


def _change_error(areas: Iterable[Mapping[str, tuple[int, int]]]) -> float:
    """Mean absolute error of the fractional area change, in points; of (found, true) pixels at "ED" and "ES"."""
    errors = []
    for of_view in areas:
        if set(of_view) == {"ED", "ES"}:
            ratios = [of_view["ES"][k] / max(of_view["ED"][k], 1) for k in (0, 1)]
            errors.append(100 * abs(ratios[0] - ratios[1]))
    return float(np.mean(errors)) if errors else 0.0


def dice_on(samples: Sequence[Sample]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on `samples`, placed without augmentation on squares of a size in pixels.

    It gives the mean Dice of the LV per phase ("lv_ed", "lv_es") and view, of myocardium and atrium, the worst LV,
    "change": mean absolute error of the cavity's fractional area change in points, and "score": LV at both phases
    counts double, the worst LV a tenth, a point of "change" 0.02.
    """

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        rng, device = np.random.default_rng(0), device_of(net)  # strength 0 draws nothing
        rows = []
        areas: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
        with torch.inference_mode(), reduced(device.type):
            for sample in samples:
                image, label = placed(sample, size, rng, 0.0)
                batch = (torch.from_numpy(image).to(device)[None, None].float() / 255).contiguous(
                    memory_format=layout(device.type)
                )
                found = net(batch).argmax(1)[0].cpu().numpy()
                of_view = areas.setdefault((sample.patient, sample.view), {})
                of_view[sample.phase] = int((found == 1).sum()), int((label == 1).sum())
                drawn = (1,) if (label == NOT_CAVITY).any() else (1, 2, 3)
                rows.append([dice(found == k, label == k) if k in drawn else np.nan for k in (1, 2, 3)])
        found_dice = np.array(rows)
        end_diastole = np.array([sample.phase == "ED" for sample in samples])
        out = {
            "lv_ed": float(found_dice[end_diastole, 0].mean()),
            "lv_es": float(found_dice[~end_diastole, 0].mean()),
            "myocardium": _mean(found_dice[:, 1]),
            "la": _mean(found_dice[:, 2]),
            "worst_lv": float(found_dice[:, 0].min()),
            "change": _change_error(areas.values()),
        }
        for view in sorted({sample.view for sample in samples}):
            here = np.array([sample.view == view for sample in samples])
            out[f"lv_{view}"] = float(found_dice[here, 0].mean())
        out["score"] = 2 * (out["lv_ed"] + out["lv_es"]) + out["myocardium"] + out["la"] + 0.1 * out["worst_lv"]
        out["score"] -= 0.02 * out["change"]
        return out

    return measure
