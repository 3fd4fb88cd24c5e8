"""`kinecor evaluate lax-cine`: cavities and valves of four-chamber long axes against DSB's labels.

The images have lost their scale; by default the model is given the one that is estimated from the experts' volume, as
files have one, and with --no-scale none. DSB labels close the cavity at the mitral plane: the hinge points are taken as
the ends of the part of the label's outline that borders on the atrium, found in the same way as on the network's.
"""

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import disks_volume
from kinecor.io.files.atomic import write_text
from kinecor_lab.common.commands import add_device, add_split, reported, show_progress
from kinecor_lab.common.metrics import dice
from kinecor_lab.common.publish import averaged_weights
from kinecor_lab.common.table import Cell, Column, Table, add_output, report, spread
from kinecor_lab.common.worst import ComparedImage, add_worst, write_worst
from kinecor_lab.datasets.dsb_long import LONG_FIELD_MM, dsb_long_axes
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import CAVITY, SaxSample
from kinecor_lab.tasks.lax.expected import LongValue, fit, volumes_text
from kinecor_models.contours.long_axis import Found, LongAxisModel, path_between_hinges, right_heart, view_of
from kinecor_models.contours.outlines import area, pieces
from kinecor_models.contract import ClipInput, Grid, Image, load_card, load_weights
from kinecor_models.engines.opening import open_many

NAME = "lax-cine"
MODEL = "lv-lax"
_SHARP_PX = 1.0
"""Of the Gaussian that takes the steps out of a label's outline, in pixels of the image."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """What the model draws of one image, in the image's pixels."""

    value: LongValue
    wall: NDArray[np.float64] | None
    label: NDArray[np.float64]
    image: Image


def opened(network: Path | None, size: int | None, device: str) -> LongAxisModel:
    """The model that ships, or one with the averaged weights of a training run.

    Raises:
        WeightsError: the file is missing or holds no network.

    """
    card = load_card(MODEL)
    weights = load_weights(card) if network is None else averaged_weights([network])
    if size is not None:
        card = replace(card, size=size)
    return LongAxisModel(card, open_many(card, weights, device))  # type: ignore[arg-type]


def drawn(model: LongAxisModel, sample: SaxSample, *, scale: bool) -> Drawn:
    """What the model draws of an image of which nothing else is known, and how good it is."""
    mm = LONG_FIELD_MM / sample.field_px
    clip = ClipInput([sample.image], spacing_mm=mm if scale else None)
    begun = time.perf_counter()
    grid = model.grid(clip)
    ((square, probability),) = model.probabilities(clip, grid, lambda *_: None)
    located = model.cavity(probability, square)
    seconds = time.perf_counter() - begun
    true = sample.certain(CAVITY)
    label = path_between_hinges(_outline(true, grid), probability, square)
    wall = None if located.wall is None else grid.to_image(located.wall)
    value = _value(sample, located, wall, true, grid.to_image(label), mm, seconds, right_heart(probability))
    return Drawn(value, wall, grid.to_image(label), sample.image)


def _outline(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.float32]:
    """A label's outline in network pixels."""
    soft = cv2.GaussianBlur(2 * mask.astype(np.float32) - 1, (0, 0), _SHARP_PX)
    return grid.to_network(max(pieces(np.asarray(soft, np.float32), 1.0), key=area)).astype(np.float32)


def _value(
    sample: SaxSample,
    located: Found,
    wall: NDArray[np.float64] | None,
    true: NDArray[np.bool_],
    label: NDArray[np.float64],
    mm: float,
    seconds: float,
    shares: tuple[float, float],
) -> LongValue:
    if wall is None:
        nan = float("nan")
        return LongValue(sample.patient, sample.phase, 0.0, -1.0, nan, nan, nan, nan, nan, 0.0, nan, nan, seconds)
    mask = np.zeros(true.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(wall * 16).astype(np.int32)], (1,), shift=4)
    ends, wanted = wall[[0, -1]], label[[0, -1]]
    ways = (np.hypot(*(ends - way).T) * mm for way in (wanted, wanted[::-1]))
    nearer, farther = sorted(min(ways, key=lambda off: float(off.sum())).tolist())
    return LongValue(
        sample.patient,
        sample.phase,
        dice(mask > 0, true),
        float(mask.sum() / true.sum()) - 1,
        disks_volume(Contour(wall)) / disks_volume(Contour(label)) - 1,
        _length(wall) / _length(label) - 1,
        nearer,
        farther,
        float((ends.mean(axis=0) - wanted.mean(axis=0)) @ _axis(label)) * mm,
        located.confidence,
        *shares,
        seconds,
    )


def _axis(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector from between the hinge points to the apex."""
    off = line - line[[0, -1]].mean(axis=0)
    far = off[np.argmax((off**2).sum(axis=1))]
    return np.asarray(far / np.linalg.norm(far))


def _length(line: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())


def percentiles(values: Sequence[float], *wanted: float) -> tuple[float, ...]:
    """Percentiles of the finite values; NaN where there is none."""
    known = [value for value in values if np.isfinite(value)]
    return tuple(map(float, np.percentile(known, wanted))) if known else (float("nan"),) * len(wanted)


def table(values: Sequence[LongValue]) -> Table:
    """A row per phase: Dice, its worst, and the errors of area, volume, length and hinge points."""
    columns = (
        Column("phase"),
        Column("n", form="d"),
        Column("Dice"),
        Column("worst"),
        Column("area", "%", "+.1f"),
        Column("volume", "%", "+.1f"),
        Column("length", "%", "+.1f"),
        Column("hinge points, median", "mm", ".1f"),
        Column("90 %", "mm", ".1f"),
        Column("confidence"),
    )
    by: dict[str, list[LongValue]] = defaultdict(list)
    for value in values:
        by[value.phase].append(value)
    rows: list[tuple[Cell, ...]] = []
    for phase, some in sorted(by.items()):
        worst = min(some, key=lambda value: value.dice)
        off_mm = [off for value in some for off in (value.nearer_mm, value.farther_mm)]
        shares = [
            spread([100 * getattr(value, name) for value in some if np.isfinite(getattr(value, name))])
            for name in ("area", "volume", "length")
        ]
        middle, high = percentiles(off_mm, 50, 90)
        rows.append(
            (
                phase,
                len(some),
                spread([value.dice for value in some]),
                f"{worst.dice:.3f} {worst.patient}",
                *shares,
                middle,
                high,
                spread([value.confidence for value in some]),
            )
        )
    return Table("LV cavity of four-chamber long axes; mean ± SD", columns, tuple(rows))


def pairs_table(values: Sequence[LongValue]) -> Table:
    """What the two frames of a patient give together, against what their labels give."""
    by: dict[str, dict[str, LongValue]] = defaultdict(dict)
    for value in values:
        by[value.patient][value.phase] = value
    both = [(group["ED"], group["ES"]) for group in by.values() if {"ED", "ES"} <= set(group)]
    found = {
        "length at the smaller over that at the larger": [100 * ((1 + b.length) / (1 + a.length) - 1) for a, b in both],
        "volume, likewise": [100 * ((1 + b.volume) / (1 + a.volume) - 1) for a, b in both],
        "way of the valve plane": [b.along_mm - a.along_mm for a, b in both],
    }
    columns = (
        Column("of the two frames of a patient"),
        Column("unit"),
        Column("error", form="+.1f"),
        Column("half of all within", form=".1f"),
        Column("95 % within", form=".1f"),
    )
    rows: list[tuple[Cell, ...]] = []
    for name, errors in found.items():
        sizes = [abs(error) for error in errors]
        rows.append((name, "mm" if "way" in name else "%", spread(errors), *percentiles(sizes, 50, 95)))
    return Table("Against the labels' own change from frame to frame", columns, tuple(rows))


def views_table(values: Sequence[LongValue]) -> Table:
    """What the model takes these patients' images for, which are all four-chamber views."""
    by: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for value in values:
        by[value.patient].append((value.right, value.atrium))
    taken_for = [view_of(*map(float, np.mean(some, axis=0))) for some in by.values()]
    columns = (Column("taken for"), Column("patients", form="d"), Column("share", "%", ".1f"))
    counts = {name: taken_for.count(name) for name in ("A4C", "A2C", "A3C", None)}
    rows: list[tuple[Cell, ...]] = [(name or "none", n, 100 * n / len(taken_for)) for name, n in counts.items()]
    return Table("View by the chambers, mean of both frames", columns, tuple(rows))


def between_patients(first: Sequence[LongValue], second: Sequence[LongValue], seed: int) -> Table:
    """By how much the second network's Dice is above the first's, image by image, with a bootstrap over patients."""
    gained: dict[str, list[float]] = defaultdict(list)
    for before, after in zip(first, second, strict=True):
        gained[before.patient].append(after.dice - before.dice)
    means = np.array([np.mean(some) for some in gained.values()])
    rng = np.random.default_rng(seed)
    low, high = np.percentile(rng.choice(means, (2000, len(means))).mean(axis=1), (2.5, 97.5))
    better = sum(after.dice > before.dice for before, after in zip(first, second, strict=True))
    columns = (
        Column("patients", form="d"),
        Column("gain of Dice", form="+.4f"),
        Column("95 % from", form="+.4f"),
        Column("to", form="+.4f"),
        Column("images that are better", form="d"),
        Column("of", form="d"),
    )
    row = (len(means), float(means.mean()), float(low), float(high), better, len(first))
    return Table("--network over --against, image by image", columns, (row,))


def compared_image(contoured: Drawn) -> ComparedImage:
    """An image with the label and what was drawn; the worst have the least Dice."""
    value = contoured.value
    title = f"{value.patient} {value.phase} {value.dice:.3f}"
    network = [] if contoured.wall is None else [contoured.wall]
    return ComparedImage(title, -value.dice, contoured.image, [contoured.label], network)


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    out = argparse.ArgumentParser(prog=f"kinecor evaluate {NAME}", description="Measure a network of long axes.")
    out.add_argument("--dsb", type=Path, required=True, help="DSB's four-chamber frames: images/, labels/, frames.csv")
    out.add_argument("--network", type=Path, help="of a training run (best.pt); by default the one that ships")
    out.add_argument("--against", type=Path, help="another network, to be compared with it image by image")
    out.add_argument("--size", type=int, help="of the network's square in pixels (default: the card's)")
    out.add_argument("--no-scale", action="store_true", help="the model does not know the size of a pixel")
    add_worst(out)
    out.add_argument("--fit", type=Path, help="folder for the expected errors that the program reads")
    out.add_argument("--hearts", type=Path, help="lax-hearts.csv, for --fit")
    out.add_argument("--seed", type=int, default=0, help="of the bootstrap of --against, and of --fit")
    add_split(out, "valid")
    add_device(out)
    add_output(out)
    return out


@reported("kinecor evaluate")
def main(argv: Sequence[str]) -> int:
    """Runs the command; returns its exit status (0 done, 1 failed)."""
    options = parser().parse_args(argv)
    if options.fit is not None and options.hearts is None:
        raise DataSetError("--fit needs --hearts: the table lax-hearts.csv of kinecor evaluate lax-hearts --out")
    samples = dsb_long_axes(options.dsb, [options.split])

    def measured(network: Path | None) -> list[Drawn]:
        model = opened(network, options.size, options.device)
        drawn_images = []
        for done, sample in enumerate(samples, 1):
            drawn_images.append(drawn(model, sample, scale=not options.no_scale))
            show_progress(f"{done}/{len(samples)}")
        print(file=sys.stderr)
        return drawn_images

    found = measured(options.network)
    values = [drawn_image.value for drawn_image in found]
    tables = [table(values), pairs_table(values), views_table(values)]
    if options.against is not None:
        others = [drawn_image.value for drawn_image in measured(options.against)]
        tables.append(between_patients(others, values, options.seed))
    if options.worst and options.out is not None:
        write_worst(map(compared_image, found), options.worst, options.out)
    if options.fit is not None:
        card = load_card(MODEL)
        about = f"{card.name} {card.version}"
        command = f"kinecor evaluate {NAME} --dsb dsb-4ch --hearts lax-hearts.csv --fit FOLDER"
        errors = fit(values, options.hearts, options.seed)
        options.fit.mkdir(parents=True, exist_ok=True)
        write_text(options.fit / "expected_error_of_long_axes.toml", volumes_text(errors, about, command))
    median_ms = 1000 * float(np.median([value.seconds for value in values]))
    scale = "without scale" if options.no_scale else "scale estimated from the experts' volume"
    report(
        NAME,
        argv,
        "Contours of long axes against labels",
        tables,
        out=options.out,
        seed=options.seed,
        models={} if options.network else {MODEL: load_card(MODEL).version},
        notes=[
            f"split {options.split}, {len({sample.patient for sample in samples})} patients, "
            f"{len(samples)} images, {scale}",
            f"{median_ms:.0f} ms an image with both looks of the network, median",
        ],
        values=values,
    )
    return 0
