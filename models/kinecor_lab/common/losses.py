"""What training minimises."""

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.placing import IGNORE


def dice_and_cross_entropy(scores: Tensor, label: Tensor) -> Tensor:
    """`dice_loss` plus cross-entropy.

    Smistad trains on Dice alone; added cross-entropy calibrates the probabilities, on which confidence and
    sub-pixel contours rest.

    Args:
        scores: (n, classes, h, w) before softmax.
        label: (n, h, w) int64, 0..classes-1 or IGNORE.

    """
    return dice_loss(scores, label) + torch.nn.functional.cross_entropy(scores, label, ignore_index=IGNORE)


def dice_loss(scores: Tensor, label: Tensor) -> Tensor:
    """Mean over the foreground classes of (1 - soft Dice over the batch).

    Args:
        scores: (n, classes, h, w) before softmax.
        label: (n, h, w) int64, 0..classes-1 or IGNORE.

    """
    counted = (label != IGNORE).unsqueeze(1)
    probability = torch.softmax(scores, dim=1) * counted
    truth = torch.nn.functional.one_hot(torch.where(label == IGNORE, 0, label), scores.shape[1]).movedim(-1, 1)
    truth = truth * counted
    both = (probability * truth).sum(dim=(0, 2, 3))
    total = probability.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    dice = (2 * both + 1) / (total + 1)
    return (1 - dice[1:]).mean()


def marginal_dice_and_cross_entropy(scores: Tensor, allowed: Tensor) -> Tensor:
    """The same for labels that leave some pixels open, as where an expert drew the endocardium alone.

    Cross-entropy is -log of the probability that the classes allowed at a pixel have together (marginal loss); the
    Dice of a class counts the pixels where it is certain or excluded.

    Args:
        scores: (n, classes, h, w) before softmax.
        allowed: (n, h, w) int64; bit k is set where class k is not excluded. At least one bit is set.

    """
    bits = torch.arange(scores.shape[1], device=scores.device).view(1, -1, 1, 1)
    may_be = (allowed.unsqueeze(1) >> bits) & 1 == 1
    log_probability = torch.log_softmax(scores, dim=1)
    together = torch.logsumexp(log_probability.masked_fill(~may_be, -1e4), dim=1)
    sure = (may_be.sum(dim=1, keepdim=True) == 1) & may_be
    counted = sure | ~may_be
    probability = log_probability.exp() * counted
    both = (probability * sure).sum(dim=(0, 2, 3))
    total = probability.sum(dim=(0, 2, 3)) + sure.sum(dim=(0, 2, 3))
    dice = (2 * both + 1) / (total + 1)
    return (1 - dice[1:]).mean() - together.mean()


MIN_PIXELS = 20
"""An image with fewer sure pixels of a class says nothing of its overlap in `overlap_of_each`."""


def overlap_of_each(scores: Tensor, allowed: Tensor, only: int = 0) -> Tensor:
    """Mean of (1 - soft Dice) over the images and foreground classes that are there; 0 where none is.

    The Dice of a whole batch is that of its large ventricles; here the small cavity and the slit of a right ventricle
    at ES weigh as much.

    Args:
        scores: (n, classes, h, w) before softmax.
        allowed: (n, h, w) int64 bits, as for `marginal_dice_and_cross_entropy`.
        only: the one class that counts; 0 for all.

    """
    bits = torch.arange(scores.shape[1], device=scores.device).view(1, -1, 1, 1)
    may_be = (allowed.unsqueeze(1) >> bits) & 1 == 1
    sure = (may_be.sum(dim=1, keepdim=True) == 1) & may_be
    probability = torch.softmax(scores, dim=1) * (sure | ~may_be)
    true = sure.sum(dim=(2, 3))
    dice = 2 * (probability * sure).sum(dim=(2, 3)) / (probability.sum(dim=(2, 3)) + true).clamp(min=1)
    there = true >= MIN_PIXELS
    there[:, 0] = False
    if only:
        there[:, :only] = False
        there[:, only + 1 :] = False
    return torch.where(there, 1 - dice, 0.0).sum() / there.sum().clamp(min=1)


def with_each(
    loss_of: Callable[[Tensor, Tensor], Tensor], weight: float, scores: Tensor, allowed: Tensor, only: int = 0
) -> Tensor:
    """Another loss of scores and allowed classes, and `weight` times `overlap_of_each`.

    Args:
        loss_of: of scores and allowed classes, a scalar.
        weight: of the second term, 0 or more.
        scores: (n, classes, rows, columns) before softmax.
        allowed: (n, rows, columns) bits of the classes that a pixel may be.
        only: see `overlap_of_each`.

    """
    return loss_of(scores, allowed) + weight * overlap_of_each(scores, allowed, only)


def overlap_loss(scores: Tensor, labels: Tensor, *, cross_entropy: bool = True) -> Tensor:
    """Dice and cross-entropy over the labelled frames; 0 where there are none.

    Args:
        scores: (n, classes, h, w) before softmax.
        labels: (n, h, w) int64: 0..classes-1, IGNORE, or NOT_CAVITY for any class but 1.
        cross_entropy: False for the Dice loss alone.

    Raises:
        ValueError: Dice alone with labels that leave pixels open.

    """
    labelled = (labels != IGNORE).any(dim=2).any(dim=1)
    if not bool(labelled.any()):
        return scores.sum() * 0
    scores, labels = scores[labelled].float(), labels[labelled]
    if not bool((labels == NOT_CAVITY).any()):
        return dice_and_cross_entropy(scores, labels) if cross_entropy else dice_loss(scores, labels)
    if not cross_entropy:
        raise ValueError("the Dice loss alone needs labels of every pixel, and some frames have the cavity alone")
    whole = 2 ** scores.shape[1] - 1
    known = labels < scores.shape[1]
    # Every class is allowed where nothing is known; bit 1 is the cavity's.
    allowed = torch.where(known, 1 << torch.where(known, labels, 0), whole)
    return marginal_dice_and_cross_entropy(scores, torch.where(labels == NOT_CAVITY, whole - 2, allowed))


def boundary_loss(scores: Tensor, label: Tensor) -> Tensor:
    """Mean over pixels and foreground classes of probability x signed distance to the class's true boundary, in pixels.

    Outside the distance is positive, inside negative: what is drawn too far out costs more with its distance
    (Kervadec et al., *Boundary loss for highly unbalanced segmentation*, MIDL 2019). A class that an image lacks costs
    nothing there.

    Args:
        scores: (n, classes, h, w) before softmax.
        label: (n, h, w) int64, 0..classes-1; pixels of any other value are ignored.

    """
    distance = np.zeros(scores.shape, np.float32)
    for number, one in enumerate(label.cpu().numpy()):
        for value in range(1, scores.shape[1]):
            inside = (one == value).astype(np.uint8)
            if inside.any():
                outer = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
                distance[number, value] = np.where(inside, -cv2.distanceTransform(inside, cv2.DIST_L2, 3), outer)
    known = (label < scores.shape[1]).unsqueeze(1)
    weighed = torch.softmax(scores, dim=1) * known * torch.from_numpy(distance).to(scores.device)
    return weighed[:, 1:].mean()


def area_errors(scores: Tensor, label: Tensor, value: int = 1) -> Tensor:
    """(n,) log of the expected area of a class over its true area; 0 where an image lacks it.

    The expected area is the sum of the class's probabilities: it has a gradient where Dice has none.

    Args:
        scores: (n, classes, h, w) before softmax.
        label: (n, h, w) int64; IGNORE is not counted.
        value: the class.

    """
    counted = label != IGNORE
    expected = (torch.softmax(scores, dim=1)[:, value] * counted).sum(dim=(1, 2))
    true = (label == value).sum(dim=(1, 2))
    return torch.where(true > 0, torch.log((expected + 1) / (true + 1)), 0.0)


AREA_SHARE = 0.3
"""Weight of a frame's own area error, relative to that of the difference between two frames."""


def area_loss(scores: Tensor, label: Tensor) -> Tensor:
    """How far off the cavity's areas are: rows 2k and 2k + 1 of the batch are two frames of one heart, or any two.

    The error of an ejection fraction is that of the ratio of two volumes: an area that is off by the same factor at ED
    and ES costs it nothing. So the difference between the two frames' `area_errors` counts fully, and each error
    AREA_SHARE. An odd last row has its own error alone.

    Args:
        scores: (n, classes, rows, columns) before softmax.
        label: (n, rows, columns) class of each pixel.

    """
    errors = area_errors(scores, label)
    pairs = errors[: len(errors) // 2 * 2].view(-1, 2)
    apart = (pairs[:, 0] - pairs[:, 1]).abs().mean() if len(pairs) else errors.sum() * 0
    return apart + AREA_SHARE * errors.abs().mean()


def with_areas(loss_of: Callable[[Tensor, Tensor], Tensor], weight: float, scores: Tensor, label: Tensor) -> Tensor:
    """Another loss of scores and labels, and `weight` times `area_loss`.

    Args:
        loss_of: of scores and labels, a scalar.
        weight: of the second term, 0 or more.
        scores: (n, classes, rows, columns) before softmax.
        label: (n, rows, columns) class of each pixel.

    """
    return loss_of(scores, label) + weight * area_loss(scores, label)


def with_boundaries(
    loss_of: Callable[[Tensor, Tensor], Tensor], weight: float, scores: Tensor, label: Tensor
) -> Tensor:
    """Another loss of scores and labels, and `weight` times `boundary_loss`.

    Args:
        loss_of: of scores and labels, a scalar.
        weight: of the second term, 0 or more.
        scores: (n, classes, rows, columns) before softmax.
        label: (n, rows, columns) class of each pixel.

    """
    return loss_of(scores, label) + weight * boundary_loss(scores, label)
