"""What training on clips minimises: overlap with the labels, and overlap with the frame before."""

import torch
from torch import Tensor

from kinecor_lab.common.losses import overlap_loss

TEMPORAL_SHARE = 0.6
CLIP = 0.01
"""Smistad, section II-C: weights 0.4 and 0.6, and the change from frame to frame that costs nothing."""


def temporal_loss(scores: Tensor, clip: float = CLIP) -> Tensor:
    """Mean over pairs of neighbouring frames of max(1 - Dice, c) - c, equation (1) of Smistad.

    Read literally, D is the Dice *score* of two frames, and minimising it would make frames differ as much as they
    can. What the text describes, little flicker with some change for free, needs the Dice *loss*; so it is
    taken here. Classes are averaged, background left out.

    Args:
        scores: (n, t, classes, h, w) before softmax, t of 2 or more.
        clip: c.

    """
    probability = torch.softmax(scores.float(), dim=2)[:, :, 1:]
    tensor, other = probability[:, 1:], probability[:, :-1]
    both = (tensor * other).sum(dim=(3, 4))
    # Squares in the denominator: two equal soft maps have a Dice of 1, as two equal masks have.
    total = (tensor * tensor).sum(dim=(3, 4)) + (other * other).sum(dim=(3, 4))
    change = 1 - (2 * both + 1) / (total + 1)
    return (change.clamp(clip, 1.0) - clip).mean()


def clip_loss(
    scores: Tensor,
    labels: Tensor,
    share: float = TEMPORAL_SHARE,
    clip: float = CLIP,
    *,
    cross_entropy: bool = True,
) -> Tensor:
    """(1 - share) x overlap with the labels + share x `temporal_loss`.

    Args:
        scores: (n, t, classes, h, w) before softmax.
        labels: (n, t, h, w) int64, see `overlap_loss`. Frames without a label count for the temporal loss alone, as in
            the paper's training without interpolated annotations.
        share: of the temporal loss, 0..1.
        clip: see `temporal_loss`.
        cross_entropy: whether overlap is Dice and cross-entropy; False for the paper's Dice alone.

    """
    overlap = overlap_loss(scores.flatten(0, 1), labels.flatten(0, 1), cross_entropy=cross_entropy)
    if share == 0 or scores.shape[1] < 2:
        return overlap
    return (1 - share) * overlap + share * temporal_loss(scores, clip)


def aggregation_loss(
    scores: Tensor, labels: Tensor, views: Tensor | None, view: Tensor, of_view: float = 0.2
) -> Tensor:
    """Li 2019, equations (5) to (7): segmentation and view together.

    Printed with a plus before the Dice score, equation (5) would grow with overlap; the Dice loss is meant. The
    balance coefficients are "chosen empirically" there.

    Args:
        scores: (n, t, classes, h, w) before softmax.
        labels: (n, t, h, w) int64, see `overlap_loss`.
        views: (n, t, views) before softmax, None without classification.
        view: (n,) int64; -1 where it is not known.
        of_view: weight of the view.

    """
    loss = overlap_loss(scores.flatten(0, 1), labels.flatten(0, 1))
    if views is None or bool((view < 0).all()):
        return loss
    return loss + of_view * view_loss(views, view)


def view_loss(views: Tensor, view: Tensor) -> Tensor:
    """The view's part of it: cross-entropy of every frame's view; arguments as `aggregation_loss` has them."""
    each = view[:, None].expand(-1, views.shape[1]).flatten()
    return torch.nn.functional.cross_entropy(views.flatten(0, 1).float(), each, ignore_index=-1)
