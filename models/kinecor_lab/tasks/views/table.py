"""How well views are told apart: confusion, precision, recall and F1 by class, and calibration."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kinecor_lab.common.precision import reduced
from kinecor_lab.tasks.views.placing import view_square
from kinecor_lab.tasks.views.samples import ViewSample
from kinecor_models.views.classes import CLASSES

Counts = NDArray[np.int64]


def confusion(net: nn.Module, samples: Sequence[ViewSample], size: int, batch: int = 64) -> Counts:
    """(classes, classes) counts: rows the true class, columns the one with the highest score; frames as they come."""
    pairs: list[tuple[int, int]] = []
    rng = np.random.default_rng(0)  # not drawn from: strength 0 leaves nothing to chance
    with torch.inference_mode(), reduced():
        for start in range(0, len(samples), batch):
            group = samples[start : start + batch]
            squares = np.stack([view_square(sample, size, rng, 0.0)[0] for sample in group])
            answers = net(torch.from_numpy(squares)[:, None].float() / 255).float().argmax(1).numpy()
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


def table(counts: Counts) -> str:
    """The confusion as text: a row per true class with precision, recall, F1 and n."""
    each = f1_scores(counts)
    lines = ["true class  " + " ".join(f"{name:>7}" for name in CLASSES) + "  precision  recall     F1      n"]
    for number, name in enumerate(CLASSES):
        row, total = counts[number], int(counts[number].sum())
        answered = int(counts[:, number].sum())
        precision = counts[number, number] / answered if answered else float("nan")
        recall = counts[number, number] / total if total else float("nan")
        numbers = " ".join(f"{value:7d}" for value in row)
        lines.append(f"{name:11} {numbers}  {precision:9.3f} {recall:7.3f} {each[number]:6.3f} {total:6d}")
    lines.append(f"mean F1 {np.nanmean(each):.3f}, accuracy {np.trace(counts) / max(counts.sum(), 1):.3f}")
    return "\n".join(lines)
