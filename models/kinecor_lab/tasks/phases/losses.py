"""What TempReg-Net minimises (paper 003, Eq. 2 and 3)."""

import torch
from torch import Tensor

STRUCTURED_WEIGHT = 1.0
"""beta of Eq. 3; the paper chose it by cross-validation and does not print it."""


def structured_loss(curve: Tensor, label: Tensor) -> Tensor:
    """Eq. 2: half of (falls of the curve while the label rises, plus rises while it falls), over T.

    Args:
        curve: (n, t) predicted.
        label: (n, t), NaN where it is not known; a step counts where both its frames are.

    Returns:
        the mean over the n recordings.

    """
    step, true_step = curve.diff(dim=1), label.diff(dim=1)
    # Comparing with NaN is false: unknown steps count for nothing.
    falls = torch.where(true_step > 0, torch.relu(-step), torch.zeros_like(step))
    rises = torch.where(true_step < 0, torch.relu(step), torch.zeros_like(step))
    return 0.5 * (falls.sum(dim=1) + rises.sum(dim=1)).mean() / curve.shape[1]


def regression_loss(curve: Tensor, label: Tensor) -> Tensor:
    """Mean squared difference where the label is known; the paper sums it, which changes beta only."""
    known = torch.isfinite(label)
    squared = torch.where(known, (curve - torch.where(known, label, 0.0)) ** 2, 0.0)
    return squared.sum() / known.sum().clamp(min=1)


def phase_loss(curve: Tensor, label: Tensor, structured: float = STRUCTURED_WEIGHT) -> Tensor:
    """Eq. 3 without its regularisation, which is the optimiser's weight decay."""
    return regression_loss(curve, label) + structured * structured_loss(curve, label)
