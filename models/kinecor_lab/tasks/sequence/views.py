"""Teaches RAL's second branch on the rest as it is, which then runs once for many steps of the branch."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from kinecor_lab.common.precision import reduced
from kinecor_lab.tasks.sequence.clip_losses import view_loss
from kinecor_models.nets.ral import RAL

Batch = tuple[Tensor, Tensor, Tensor]
"""Frames (n, t, 1, side, side) float32 0..1, labels (n, t, side, side) int64, views (n,) int64."""

USES = 8
"""Steps for each batch that goes through the whole network: what it found is learnt from so often, in the mean."""
KEPT = 200
"""Batches whose features are held, at random of which a step learns: 32 frames of 96 pixels a side take 13 MB."""


def view_losses(net: RAL, fresh: Iterator[Batch], first: int, steps: int, seed: int) -> Iterator[Tensor]:
    """The cross-entropy of views of one step after another, from step `first` on.

    Args:
        net: whose second branch learns; nothing else of it does.
        fresh: batches, see sequence_loop.py, on the network's device; one is taken for every `USES` steps.
        first: step to begin with; a run that goes on begins with what is fresh.
        steps: of the run.
        seed: of what is drawn.

    """
    held: deque[tuple[list[Tensor], Tensor, Tensor]] = deque(maxlen=KEPT)
    for step in range(first, steps):
        if (step - first) % USES == 0:
            frames, _, view = next(fresh)
            with torch.no_grad(), reduced(frames.device.type):
                found, deep = net.aggregated(frames)
            held.append(([level.bfloat16() for level in found], deep.bfloat16(), view))
        rng = np.random.default_rng((seed, 19, step))
        found, deep, view = held[int(rng.integers(len(held)))]
        with reduced(deep.device.type):
            named = net.views([level.float() for level in found], deep.float())
        assert named is not None
        yield view_loss(named, view)
