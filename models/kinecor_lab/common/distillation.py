"""What a lean network learns from a larger one: the probabilities that it gives (Hinton et al., arXiv:1503.02531)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from kinecor_lab.common.precision import layout, reduced
from kinecor_lab.common.training import Batch


def likeness_loss(scores: Tensor, wanted: Tensor) -> Tensor:
    """Mean over the foreground classes of (1 - soft Dice over the batch), plus cross-entropy, against probabilities.

    Args:
        scores: (n, classes, h, w) before softmax.
        wanted: (n, classes, h, w) probabilities of the teacher.

    """
    log_probability = torch.log_softmax(scores, dim=1)
    cross_entropy = -(wanted * log_probability).sum(dim=1).mean()
    probability = log_probability.exp()
    # 2 ab / (a^2 + b^2), which is 1 for equal probabilities, where 2 ab / (a + b) would want them all to be 0 or 1.
    both = (probability * wanted).sum(dim=(0, 2, 3))
    total = (probability**2 + wanted**2).sum(dim=(0, 2, 3))
    dice = (2 * both + 1) / (total + 1)
    return (1 - dice[1:]).mean() + cross_entropy


def distilling(
    teacher: nn.Module, loss_of: Callable[[Tensor, Tensor], Tensor], share: float
) -> Callable[[nn.Module, Batch, int], Tensor]:
    """The loss of a network from a batch and the step; see Job.loss.

    Args:
        teacher: gives scores of grey levels / 255; it is put on the batch's device and stays as it is.
        loss_of: of scores and labels.
        share: of `likeness_loss` in the whole, 0..1.

    """
    teacher.eval().requires_grad_(requires_grad=False)

    def loss(net: nn.Module, batch: Batch, _step: int) -> Tensor:
        images, labels = batch
        device = images.device
        grey = (images.float() / 255).contiguous(memory_format=layout(device.type))
        with torch.no_grad(), reduced(device.type):
            wanted = torch.softmax(teacher.to(device)(grey).float(), dim=1)
        with reduced(device.type):
            scores = net(grey).float()
        return share * likeness_loss(scores, wanted) + (1 - share) * loss_of(scores, labels.long())

    return loss
