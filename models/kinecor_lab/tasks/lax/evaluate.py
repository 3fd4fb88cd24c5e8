"""`kinecor evaluate lax-cine`: cavities of four-chamber long axes against DSB's labels.

The heart is looked for as in a program that knows nothing of it: the network sees the whole image first, and then a
square around the cavity that it drew there, of the same number of pixels for all, since their scale is lost.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.common.training import device_of, torch_device
from kinecor_lab.datasets.dsb_long import CLASSES, LONG_FIELD_MM, dsb_long_axes
from kinecor_lab.datasets.short_axis import CAVITY, Picture, middle
from kinecor_models.localisation.framing import levels, stretched
from kinecor_models.nets.unet import UNet

NAME = "lax-cine"
USUAL_PIXEL_MM = 1.15
"""Median of DSB's images by dsb_long.pixel_mm."""
_CAVITY = 1


@dataclass(frozen=True, slots=True)
class LongValue:
    """How well one image was contoured.

    Attributes:
        patient, phase: which.
        dice: of the cavity; 0 where none was drawn.
        area: drawn over labelled, minus 1.

    """

    patient: str
    phase: str
    dice: float
    area: float


def network(file: Path, device: str) -> UNet:
    """A network of `kinecor train lax-cine`, ready to infer.

    Raises:
        WeightsError: the file is missing or holds no network.

    """
    net = UNet(classes=len(CLASSES))
    weights = averaged_weights([file])
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()}, strict=False)
    on = torch_device(device)
    return net.to(on, memory_format=layout(on.type)).eval()  # type: ignore[call-overload,no-any-return]


def drawn_in_square(net: UNet, image: Picture, centre: tuple[float, float], field_px: float, size: int) -> Picture:
    """(rows, columns) most probable class of each pixel within a square of the image; background outside it."""
    rows, columns = image.shape
    scale = size / field_px
    shift = [(size - 1) / 2 - scale * at for at in centre]
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    grey = stretched(image, *levels(image))
    square = cv2.warpAffine(grey, matrix, (size, size), flags=cv2.INTER_LINEAR)
    device = device_of(net)
    batch = torch.from_numpy(square).to(device)[None, None].float() / 255
    with torch.inference_mode(), reduced(device.type):
        scores = net(batch.contiguous(memory_format=layout(device.type)))[0].float().cpu().numpy()
    back = cv2.invertAffineTransform(matrix)
    outside = [1.0, *[0.0] * (len(scores) - 1)]
    probability = np.exp(scores - scores.max(axis=0))
    probability /= probability.sum(axis=0)
    placed = [
        cv2.warpAffine(one, back, (columns, rows), flags=cv2.INTER_LINEAR, borderValue=(value,))
        for one, value in zip(probability, outside, strict=True)
    ]
    return np.asarray(np.argmax(placed, axis=0), np.uint8)


def largest_piece(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest connected part of a mask."""
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    if count < 2:
        return mask
    return np.asarray(pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA])))


def contoured(net: UNet, image: Picture, size: int) -> NDArray[np.bool_]:
    """The cavity of an image of which nothing is known: found in the whole image, drawn in a square around it."""
    rows, columns = image.shape
    whole = drawn_in_square(net, image, ((columns - 1) / 2, (rows - 1) / 2), float(max(rows, columns)), size)
    centre = middle(largest_piece(whole == _CAVITY))
    if centre is None:
        return np.zeros(image.shape, bool)
    return largest_piece(drawn_in_square(net, image, centre, LONG_FIELD_MM / USUAL_PIXEL_MM, size) == _CAVITY)


def table(values: Sequence[LongValue]) -> Table:
    """A row per phase: Dice, its worst, and the error of the area."""
    columns = (
        Column("phase"),
        Column("n", form="d"),
        Column("Dice"),
        Column("worst"),
        Column("area", "%", "+.1f"),
    )
    by: dict[str, list[LongValue]] = defaultdict(list)
    for one in values:
        by[one.phase].append(one)
    rows: list[tuple[Cell, ...]] = []
    for phase, some in sorted(by.items()):
        worst = min(some, key=lambda one: one.dice)
        dices, areas = spread([one.dice for one in some]), spread([100 * one.area for one in some])
        rows.append((phase, len(some), dices, f"{worst.dice:.3f} {worst.patient}", areas))
    return Table("LV cavity of four-chamber long axes; mean ± SD", columns, tuple(rows))


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description="Measure a network of long axes.")
    out.add_argument("--dsb", type=Path, required=True, help="DSB's four-chamber frames: images/, labels/, frames.csv")
    out.add_argument("--network", type=Path, required=True, help="of a training run (best.pt)")
    out.add_argument("--size", type=int, default=160, help="of the network's square in pixels (default: 160)")
    add_split(out, "test")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    samples = dsb_long_axes(options.dsb, [options.split])
    net = network(options.network, options.device)
    values = []
    for done, sample in enumerate(samples, 1):
        drawn, true = contoured(net, sample.image, options.size), sample.certain(CAVITY)
        values.append(LongValue(sample.patient, sample.phase, dice(drawn, true), float(drawn.sum() / true.sum()) - 1))
        show_progress(f"{done}/{len(samples)}")
    print(file=sys.stderr)
    report(
        NAME,
        argv,
        "Contours of long axes against labels",
        [table(values)],
        out=options.out,
        notes=[f"split {options.split}, {len({one.patient for one in samples})} patients, {len(samples)} images"],
        values=values,
    )
    return 0
