"""What training minimises."""

import torch
from torch import Tensor

from kinecor_models.training.placing import IGNORE


def dice_and_cross_entropy(scores: Tensor, label: Tensor) -> Tensor:
    """Mean over the foreground classes of (1 - soft Dice over the batch), plus cross-entropy.

    Paper 000 trains on Dice alone; cross-entropy beside it keeps probabilities honest, on which confidence and
    sub-pixel contours rest.

    Args:
        scores: (n, classes, h, w) before softmax.
        label: (n, h, w) int64, 0..classes-1 or IGNORE.

    """
    cross_entropy = torch.nn.functional.cross_entropy(scores, label, ignore_index=IGNORE)
    counted = (label != IGNORE).unsqueeze(1)
    probability = torch.softmax(scores, dim=1) * counted
    truth = torch.nn.functional.one_hot(torch.where(label == IGNORE, 0, label), scores.shape[1]).movedim(-1, 1)
    truth = truth * counted
    both = (probability * truth).sum(dim=(0, 2, 3))
    total = probability.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    dice = (2 * both + 1) / (total + 1)
    return (1 - dice[1:]).mean() + cross_entropy
