"""All that runs on a GPU, in nine minutes: `python benchmarks/gpu.py [--device cuda] [--only PART ...] [--out FOLDER]`.

inference: each network on the device against the same network on the processor as the program runs it there, on the
    same images: largest and mean difference, share of pixels (frames of curves) that get another class or are off by
    more than TOLERANCE, and images a second, one at a time and in batches.
training: images a second of each training, as `benchmarks/training.py`.
memory: the device's memory is filled, then a network runs; it has to go on on the processor, with a warning.
cancel: how long a clip that is being contoured goes on after it was cancelled.

With --device cpu the same code runs on the processor; memory is then left out. The exit status is 1 where a network
differs by more than it may, does not survive full memory, or is not cancelled within MAX_CANCEL_S.
"""

import argparse
import logging
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import torch
import training as training_benchmark
from numpy.typing import NDArray
from pydicom import examples
from pydicom.pixels import pixel_array

from kinecor_lab.common.precision import layout
from kinecor_lab.common.table import Cell, Column, Table, add_output, report
from kinecor_models.contract import ClipInput, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import GPU_FULL, cuda_found
from kinecor_models.engines.opening import open_curve_engine, open_engine, open_view_engine
from kinecor_models.engines.torch_engines import network, open_torch, open_torch_curve, open_view_torch
from kinecor_models.localisation.framing import grey, sector_box
from kinecor_models.registry import open_model

PARTS: Final = ("inference", "training", "memory", "cancel")
SINGLE_IMAGES: Final = ("lv-apical", "lv-sax", "lv-lax")
TOLERANCE: Final = 0.05
"""By which a probability or a curve may differ between half precision and the processor's."""
MAX_SHARE: Final = 0.002
"""Of pixels that may get another class."""
MAX_CANCEL_S: Final = 1.0
BATCH: Final = 64
_YES: Final = {True: "yes", False: "NO"}


def frames_of(side: int, count: int) -> NDArray[np.uint8]:
    """(count, side, side) grey frames of the clip that pydicom ships, over and over."""
    clip = ClipInput(pixel_array(examples.get_path("ybr_color")), region=(42, 15, 298, 207), interval_s=1 / 30)
    grid = fit_grid(sector_box(clip), side)
    squares = [grid.sampled(grey(frame)) for frame in np.asarray(clip.frames)[: min(count, 30)]]
    return np.stack([squares[number % len(squares)] for number in range(count)]).astype(np.uint8)


def per_second(work: Callable[[], object], images: int) -> float:
    """Images a second, the median of three runs after one to warm up."""
    times_s = []
    for number in range(4):
        began_s = time.perf_counter()
        work()
        if number:
            times_s.append(time.perf_counter() - began_s)
    return images / statistics.median(times_s)


def compared(
    name: str, here: NDArray[np.float32], there: NDArray[np.float32], *, classes: bool, rates: tuple[float, float]
) -> tuple[tuple[Cell, ...], bool]:
    """A row of a network's answers on the device and on the processor, and whether they agree."""
    apart = np.abs(here - there)
    other = here.argmax(1) != there.argmax(1) if classes else apart > TOLERANCE
    agrees = float(other.mean()) <= MAX_SHARE
    return (name, float(apart.max()), float(apart.mean()), 100 * float(other.mean()), *rates, _YES[agrees]), agrees


def batched(name: str, device: str, images: NDArray[np.uint8]) -> Callable[[], object]:
    """A network on batches, as a study of many clips could use it."""
    card = load_card(name)
    net = network(load_weights(card), card.net).to(device).to(memory_format=layout(device))  # type: ignore[call-overload]
    given = torch.from_numpy(images).reshape(len(images), -1, *images.shape[-2:])

    def run() -> None:
        with torch.inference_mode(), torch.autocast(device, torch.float16, enabled=device == "cuda"):
            for part in torch.split(given, BATCH):
                torch.softmax(net(part.to(device).float() / 255).float(), dim=1).cpu()

    return run


def inference(device: str, count: int) -> Iterator[tuple[tuple[Cell, ...], bool]]:
    """A row a network."""
    for name in SINGLE_IMAGES:
        card = load_card(name)
        weights, squares = load_weights(card), frames_of(card.size, count)
        images = squares if card.channels == 1 else np.repeat(squares[:, None], card.channels, axis=1)
        engines = open_torch(weights, device, card.net), open_engine(card, weights, "cpu")
        here, there = (np.stack([engine(image) for image in images[:30]]) for engine in engines)
        rates = (
            per_second(lambda engine=engines[0], images=images: [engine(image) for image in images], count),
            per_second(batched(name, device, images), count),
        )
        yield compared(name, here, there, classes=True, rates=rates)
    card = load_card("views")
    weights, images = load_weights(card), frames_of(card.size, count)
    views = open_view_torch(weights, device)
    here, there = views(images[:30]), open_view_engine(weights, card.size, "cpu")(images[:30])
    rate = per_second(lambda: views(images), count)
    yield compared("views", here, there, classes=True, rates=(rate, rate))
    card = load_card("phases")
    weights, images = load_weights(card), frames_of(card.size, count)
    curve = open_torch_curve(weights, device)
    here, there = curve(images[:30], True), open_curve_engine(weights, card.size, "cpu")(images[:30], True)
    rate = per_second(lambda: curve(images, True), count)
    yield compared("phases", here, there, classes=False, rates=(rate, rate))


class _Warnings(logging.Handler):
    """Collects what is warned of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def survives_full_memory() -> tuple[tuple[Cell, ...], bool]:
    """Whether a network that finds the GPU's memory full goes on on the processor, and warns."""
    card = load_card("lv-apical")
    weights, images = load_weights(card), frames_of(card.size, 3)
    expected = np.stack([open_engine(card, weights, "cpu")(image) for image in images])
    warned = _Warnings()
    logging.getLogger("kinecor_models").addHandler(warned)
    held: list[torch.Tensor] = []
    try:
        size = 1 << 30
        while size >= 1 << 20:
            try:
                held.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
            except RuntimeError:
                size //= 2
        answers = np.stack([open_engine(card, weights, "cuda")(image) for image in images])
    finally:
        held.clear()
        torch.cuda.empty_cache()
        logging.getLogger("kinecor_models").removeHandler(warned)
    same = float(np.abs(answers - expected).max()) < TOLERANCE
    said = GPU_FULL in warned.texts
    return ("full memory", _YES[said], _YES[same]), said and same


class _CancelledError(Exception):
    """The reader cancelled."""


def cancelled_within_s(device: str) -> float:
    """Seconds from a cancellation until a clip that is being contoured is given up."""
    model = open_model("lv-apical", "cuda" if device == "cuda" else "cpu")
    clip = ClipInput(pixel_array(examples.get_path("ybr_color")), region=(42, 15, 298, 207), interval_s=1 / 30)
    asked_s: list[float] = []

    def tick(done: int, _total: int) -> None:
        if done >= 3:
            asked_s.append(time.perf_counter())
            raise _CancelledError

    try:
        model(clip, tick)
    except _CancelledError:
        return time.perf_counter() - asked_s[0]
    raise RuntimeError("expected the clip to be given up after three frames, but it was contoured to its end")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cuda" if cuda_found() else "cpu")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--frames", type=int, default=1024, help="of each network that is timed")
    parser.add_argument("--steps", type=int, default=20, help="of each training that is timed")
    add_output(parser)
    options = parser.parse_args(arguments)
    device, sound = options.device, True
    tables: list[Table] = []
    if "inference" in options.only:
        rows = list(inference(device, options.frames))
        sound &= all(agrees for _, agrees in rows)
        columns = (
            Column("network"),
            Column("largest difference", form=".4f"),
            Column("mean difference", form=".5f"),
            Column("of another class", "%", ".3f"),
            Column("one at a time", "images/s", ".0f"),
            Column("in batches", "images/s", ".0f"),
            Column("agrees"),
        )
        tables.append(Table("Inference", columns, tuple(row for row, _ in rows)))
    if "training" in options.only:
        trials = training_benchmark.trials(device)
        measured = tuple(training_benchmark.measured(trial, device, options.steps)[:3] for trial in trials)
        columns = (Column("training"), Column("images a step", form="d"), Column("images a second", form=".0f"))
        tables.append(Table("Training", columns, measured))
    if "memory" in options.only and device == "cuda":
        row, survived = survives_full_memory()
        sound &= survived
        columns = (Column("case"), Column("warned"), Column("same answer on the processor"))
        tables.append(Table("Full memory", columns, (row,)))
    if "cancel" in options.only:
        seconds = cancelled_within_s(device)
        sound &= seconds <= MAX_CANCEL_S
        tables.append(Table("Cancelling", (Column("given up after", "s", ".3f"),), ((seconds,),)))
    where = torch.cuda.get_device_name() if device == "cuda" else "the processor"
    command = f"python benchmarks/gpu.py --device {device} --frames {options.frames} --steps {options.steps}"
    report("gpu", (), f"What runs on a GPU, here on {where}", tables, out=options.out, seed=0, command=command)
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
