"""How well views are classified: confusion, precision, recall and F1 by class, and calibration."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kinecor_lab.common.precision import reduced
from kinecor_lab.common.table import Cell, Column, Table
from kinecor_lab.common.training import device_of
from kinecor_lab.tasks.views.data import ViewSample, view_square
from kinecor_models.views.classes import CLASSES

Counts = NDArray[np.int64]


def confusion(net: nn.Module, samples: Sequence[ViewSample], size: int, batch: int = 64) -> Counts:
    """(classes, classes) counts: rows the true class, columns the one with the highest score; frames as they come."""
    pairs: list[tuple[int, int]] = []
    rng, device = np.random.default_rng(0), device_of(net)  # strength 0 draws nothing
    with torch.inference_mode(), reduced(device.type):
        for start in range(0, len(samples), batch):
            group = samples[start : start + batch]
            squares = np.stack([view_square(sample, size, rng, 0.0)[0] for sample in group])
            answers = net(torch.from_numpy(squares).to(device)[:, None].float() / 255).float().argmax(1).cpu().numpy()
            pairs += [(sample.view, int(answer)) for sample, answer in zip(group, answers, strict=True)]
    return counted(pairs)


def counted(pairs: Sequence[tuple[int, int]]) -> Counts:
    """(classes, classes) counts of (true class, answer)."""
    found = np.zeros((len(CLASSES), len(CLASSES)), np.int64)
    for truth, answer in pairs:
        found[truth, answer] += 1
    return found


def f1_scores(counts: Counts) -> NDArray[np.float64]:
    """(classes,) harmonic mean of precision and recall; NaN for a class that neither occurs nor is answered."""
    right = np.diag(counts).astype(np.float64)
    total = counts.sum(axis=0) + counts.sum(axis=1)
    return np.asarray(np.where(total > 0, 2 * right / np.maximum(total, 1), np.nan), np.float64)


def scores_of(samples: Sequence[ViewSample]) -> Callable[[nn.Module, int], dict[str, float]]:
    """A function that measures a network on `samples`: F1 by class, and their mean as "score"."""

    def measure(net: nn.Module, size: int) -> dict[str, float]:
        each = f1_scores(confusion(net, samples, size))
        out = {f"f1_{name}": float(value) for name, value in zip(CLASSES, each, strict=True) if np.isfinite(value)}
        out["score"] = float(np.nanmean(each))
        return out

    return measure


def table(title: str, counts: Counts) -> Table:
    """The confusion matrix: a row per true class with precision, recall, F1 and n."""
    each = f1_scores(counts)
    columns = (
        Column("true class"),
        *(Column(name, form="d") for name in CLASSES),
        Column("precision"),
        Column("recall"),
        Column("F1"),
        Column("n", form="d"),
    )
    rows: list[tuple[Cell, ...]] = []
    for number, name in enumerate(CLASSES):
        total, answered = int(counts[number].sum()), int(counts[:, number].sum())
        right = int(counts[number, number])
        rows.append(
            (
                name,
                *(int(value) for value in counts[number]),
                right / answered if answered else None,
                right / total if total else None,
                float(each[number]),
                total,
            )
        )
    accuracy = np.trace(counts) / max(counts.sum(), 1)
    return Table(title, columns, tuple(rows), (f"mean F1 {np.nanmean(each):.3f}, accuracy {accuracy:.3f}",))
