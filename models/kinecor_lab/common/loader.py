"""Batches of augmented samples, made one ahead in a thread of their own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from kinecor_lab.common.pictures import varied
from kinecor_lab.datasets.placing import placed
from kinecor_lab.datasets.samples import Picture, Sample

FAINT = 0.25
"""Strength of augmentation, of 1, that counts as faint."""

S = TypeVar("S")
Prepare = Callable[[S, int, Generator, float], tuple[Picture, Picture]]
"""(sample, size, source of chance, strength) -> augmented picture and label, each (size, size) uint8."""


def apical(sample: Sample, size: int, rng: Generator, strength: float) -> tuple[Picture, Picture]:
    """An apical frame placed and varied."""
    image, label = placed(sample, size, rng, strength)
    return varied(image, rng, strength), label


def batches(
    samples: Sequence[S],
    size: int,
    batch: int,
    seed: int,
    epoch: int,
    plain: float = 0.2,
    *,
    prepare: Prepare[S],
) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch in random order; the same (seed, epoch) gives the same batches.

    Args:
        samples: to draw from.
        size: side of the square in pixels.
        batch: samples in a batch; what is left over at the end is dropped.
        seed: of the run.
        epoch: number of the epoch.
        plain: share of samples with faint augmentation only.
        prepare: see Prepare.

    Yields:
        images (n, channels, size, size) float32 in 0..1, channels-last, and labels (n, size, size) int64.

    """
    order = np.random.default_rng((seed, epoch)).permutation(len(samples))
    groups = [order[i : i + batch] for i in range(0, len(order) - batch + 1, batch)]

    def make(group: np.ndarray) -> tuple[Tensor, Tensor]:
        pairs = []
        for index in group:
            rng = np.random.default_rng((seed, epoch, int(index)))
            strength = FAINT if rng.random() < plain else float(rng.uniform(0.6, 1.0))
            pairs.append(prepare(samples[index], size, rng, strength))
        images = torch.from_numpy(np.stack([image for image, _ in pairs])).float() / 255
        images = images if images.ndim == 4 else images.unsqueeze(1)
        labels = torch.from_numpy(np.stack([label for _, label in pairs])).long()
        return images.contiguous(memory_format=torch.channels_last), labels

    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(make, groups[0]) if groups else None
        for following in [*groups[1:], None]:
            assert ahead is not None
            ready = ahead.result()
            ahead = thread.submit(make, following) if following is not None else None
            yield ready
