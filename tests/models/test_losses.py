import pytest
import torch

from kinecor_models.training.losses import dice_and_cross_entropy, marginal_dice_and_cross_entropy

PLAIN = torch.tensor((1, 2, 4, 8))


def scores(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 4, 12, 12, generator=torch.Generator().manual_seed(seed))


def test_with_plain_labels_it_is_dice_and_cross_entropy() -> None:
    label = torch.randint(0, 4, (2, 12, 12), generator=torch.Generator().manual_seed(1))
    usual = dice_and_cross_entropy(scores(), label)
    assert marginal_dice_and_cross_entropy(scores(), PLAIN[label]).item() == pytest.approx(usual.item(), abs=1e-5)


def test_classes_left_open_may_share_a_pixel_as_they_like() -> None:
    allowed = torch.full((2, 12, 12), 1 | 4 | 8)
    allowed[:, 4:8, 4:8] = 2
    right = torch.full((2, 4, 12, 12), -20.0)
    right[:, 1, 4:8, 4:8] = 20.0
    for mine in (0, 2, 3):
        filled = right.clone()
        filled[:, mine][allowed != 2] = 20.0
        # Cross-entropy is nil. Wall and right ventricle stand nowhere for certain, so their Dice says nothing.
        assert marginal_dice_and_cross_entropy(filled, allowed).item() == pytest.approx(0, abs=1e-3)
    wrong = right.roll(4, dims=3)
    assert marginal_dice_and_cross_entropy(wrong, allowed).item() > 1


def test_a_pixel_that_may_be_anything_teaches_nothing() -> None:
    allowed = torch.ones(2, 12, 12, dtype=torch.long)
    allowed[:, :, 6:] = 15
    free = scores().requires_grad_()
    marginal_dice_and_cross_entropy(free, allowed).backward()
    assert free.grad is not None
    assert free.grad[..., 6:].abs().max() < 1e-6
    assert free.grad[..., :6].abs().max() > 0
