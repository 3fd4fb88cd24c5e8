import math
from itertools import pairwise

import pytest
import torch

from kinecor_lab.common.losses import (
    AREA_SHARE,
    MIN_PIXELS,
    area_errors,
    area_loss,
    boundary_loss,
    dice_and_cross_entropy,
    marginal_dice_and_cross_entropy,
    overlap_of_each,
    with_areas,
    with_boundaries,
    with_each,
)
from kinecor_lab.datasets.placing import IGNORE

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
        # Cross-entropy is nil. Wall and right ventricle stand nowhere for certain, so their Dice is undefined.
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


def square(first: int, last: int) -> torch.Tensor:
    """(1, 20, 20) with class 1 in a square."""
    label = torch.zeros(1, 20, 20, dtype=torch.long)
    label[:, first:last, first:last] = 1
    return label


def sure(label: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(label, 4).movedim(-1, 1).float() * 60


def test_the_boundary_loss_grows_with_the_distance_of_what_is_drawn_too_far() -> None:
    truth = square(6, 14)
    losses = [boundary_loss(sure(square(6 - off, 14 + off)), truth).item() for off in range(4)]
    assert losses[0] < 0
    assert all(a < b for a, b in pairwise(losses))
    steps = [b - a for a, b in pairwise(losses)]
    assert steps[0] < steps[1] < steps[2]
    # A contour of 36 pixels at one pixel's distance, over 400 pixels and three classes.
    assert steps[0] == pytest.approx(36 * 1 / 400 / 3, rel=0.15)


def test_the_boundary_loss_leaves_alone_what_is_not_known_or_not_there() -> None:
    truth = square(6, 14)
    truth[:, :3] = IGNORE
    free = torch.randn(1, 4, 20, 20, generator=torch.Generator().manual_seed(0)).requires_grad_()
    boundary_loss(free, truth).backward()
    assert free.grad is not None
    assert free.grad[:, :, :3].abs().max() == 0
    assert free.grad[:, :, 3:].abs().max() > 0
    assert boundary_loss(sure(square(0, 20)), torch.zeros(1, 20, 20, dtype=torch.long)).item() == 0


def test_a_loss_with_boundaries_is_both() -> None:
    truth, found = square(6, 14), torch.randn(1, 4, 20, 20, generator=torch.Generator().manual_seed(0))
    both = dice_and_cross_entropy(found, truth) + 0.5 * boundary_loss(found, truth)
    assert with_boundaries(dice_and_cross_entropy, 0.5, found, truth).item() == pytest.approx(both.item())


def test_the_error_of_an_area_is_the_log_of_its_ratio() -> None:
    truth = square(6, 14)
    assert area_errors(sure(truth), truth).tolist() == pytest.approx([0], abs=1e-6)
    larger = area_errors(sure(square(5, 15)), truth).item()
    assert larger == pytest.approx(math.log(101 / 65), abs=1e-4)
    assert area_errors(sure(square(5, 15)), torch.zeros_like(truth)).item() == 0
    truth[:, :, :6] = IGNORE
    assert area_errors(sure(square(5, 15)), truth).item() == pytest.approx(math.log(91 / 65), abs=1e-4)


def test_areas_that_are_off_alike_at_both_phases_cost_little() -> None:
    truth = torch.cat([square(4, 16), square(7, 13)])
    alike = torch.cat([sure(square(3, 17)), sure(square(6, 14))])  # both too large
    opposed = torch.cat([sure(square(3, 17)), sure(square(8, 12))])
    one, other = area_errors(opposed, truth).tolist()
    expected = abs(one - other) + AREA_SHARE * (abs(one) + abs(other)) / 2
    assert area_loss(opposed, truth).item() == pytest.approx(expected, rel=1e-5)
    assert area_loss(opposed, truth) > 3 * area_loss(alike, truth)
    assert area_loss(opposed[:1], truth[:1]).item() == pytest.approx(AREA_SHARE * abs(one), rel=1e-5)


def test_a_loss_with_areas_is_both_and_has_a_gradient() -> None:
    truth = torch.cat([square(6, 14), square(7, 13)])
    found = torch.randn(2, 4, 20, 20, generator=torch.Generator().manual_seed(0), requires_grad=True)
    both = dice_and_cross_entropy(found, truth) + 0.5 * area_loss(found, truth)
    assert with_areas(dice_and_cross_entropy, 0.5, found, truth).item() == pytest.approx(both.item())
    area_loss(found, truth).backward()
    assert found.grad is not None
    assert found.grad.abs().max() > 0


def test_each_image_weighs_alike_in_the_overlap_however_small_its_ventricle() -> None:
    allowed = torch.ones((2, 40, 40), dtype=torch.long)
    allowed[0, 4:36, 4:36], allowed[1, 4:9, 4:9] = 2, 2
    perfect = torch.full((2, 4, 40, 40), -20.0).scatter(1, (allowed == 2).long()[:, None], 20.0)
    assert overlap_of_each(perfect, allowed).item() == pytest.approx(0, abs=1e-4)
    missed = {}
    for image in range(2):
        missed[image] = perfect.clone()
        missed[image][image, 0], missed[image][image, 1] = 20.0, -20.0
    both = [overlap_of_each(one, allowed).item() for one in missed.values()]
    assert both == pytest.approx([0.5, 0.5], abs=1e-3)
    usual = [marginal_dice_and_cross_entropy(one, allowed).item() for one in missed.values()]
    assert usual[1] < 0.1 * usual[0]
    assert with_each(marginal_dice_and_cross_entropy, 2.0, missed[1], allowed).item() == pytest.approx(usual[1] + 1)


@pytest.mark.parametrize(("only", "expected"), [(0, 0.5), (1, 0.0), (2, 0.0), (3, 1.0)])
def test_the_overlap_of_each_may_be_of_one_class_alone(only: int, expected: float) -> None:
    allowed = torch.ones((1, 40, 40), dtype=torch.long)
    allowed[0, 4:20, 4:20], allowed[0, 30:36, 30:36] = 2, 8
    only_left = torch.full((1, 4, 40, 40), -20.0)
    only_left[:, 1] = torch.where(allowed == 2, 20.0, -20.0)
    only_left[:, 0] = torch.where(allowed == 2, -20.0, 20.0)
    assert overlap_of_each(only_left, allowed, only).item() == pytest.approx(expected, abs=1e-3)


def test_the_overlap_of_each_asks_for_nothing_that_is_open_or_hardly_there() -> None:
    allowed = torch.full((1, 12, 12), 1 | 4 | 8)
    assert overlap_of_each(scores()[:1], allowed).item() == 0
    allowed.view(-1)[: MIN_PIXELS - 1] = 2
    assert overlap_of_each(scores()[:1], allowed).item() == 0
    allowed.view(-1)[:MIN_PIXELS] = 2
    assert overlap_of_each(scores()[:1], allowed).item() > 0
