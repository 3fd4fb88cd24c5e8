import pytest
import torch

from kinecor_lab.common.losses import dice_and_cross_entropy, dice_loss
from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.tasks.sequence.losses import aggregation_loss, clip_loss, overlap_loss, temporal_loss


def sure(labels, classes=4):
    """Scores that are as good as certain."""
    return 30 * torch.nn.functional.one_hot(labels, classes).movedim(-1, 2).float()


def squares(shifts):
    labels = torch.zeros(1, len(shifts), 20, 20, dtype=torch.long)
    for frame, shift in enumerate(shifts):
        for k in (1, 2, 3):
            labels[0, frame, 2 : 2 + 4, 5 * k - 4 + shift : 5 * k + shift] = k
    return labels


def test_a_still_answer_costs_nothing():
    assert temporal_loss(sure(squares([0, 0, 0]))).item() == 0


def test_flicker_costs_more_the_more_there_is():
    one, two = temporal_loss(sure(squares([0, 1]))).item(), temporal_loss(sure(squares([0, 2]))).item()
    # A shift by 1 of squares 4 wide: Dice (2 x 12 + 1) / (32 + 1); by 2: (2 x 8 + 1) / 33; less what is free.
    assert one == pytest.approx(1 - 25 / 33 - 0.01, abs=1e-4)
    assert two == pytest.approx(1 - 17 / 33 - 0.01, abs=1e-4)


def test_change_below_the_threshold_is_free():
    scores = sure(squares([0, 0]))
    scores[:, 1] += 0.01 * torch.rand_like(scores[:, 1])
    assert temporal_loss(scores).item() == 0


def test_minimising_it_stills_the_answer():
    torch.manual_seed(0)
    scores = torch.randn(1, 3, 4, 12, 12, requires_grad=True)
    first = temporal_loss(scores)
    first.backward()
    with torch.no_grad():
        moved = scores - 50 * scores.grad
    assert temporal_loss(moved) < first


def test_shares_are_those_published():
    labels = squares([0, 2])
    scores = sure(labels)
    assert clip_loss(scores, labels).item() == pytest.approx(0.6 * temporal_loss(scores).item(), abs=1e-3)
    assert clip_loss(scores, labels, share=0.0).item() == pytest.approx(0, abs=1e-3)


def test_an_unknown_view_costs_nothing():
    labels = squares([0, 0])
    views = torch.tensor([[[9.0, 0, 0], [9.0, 0, 0]]])
    known, wrong, unknown = (
        aggregation_loss(sure(labels), labels, views, torch.tensor([k])).item() for k in (0, 1, -1)
    )
    assert known == pytest.approx(unknown, abs=1e-3)
    assert wrong > known + 1
    assert aggregation_loss(sure(labels), labels, None, torch.tensor([1])).item() == pytest.approx(unknown, abs=1e-6)


def test_frames_without_a_label_count_for_flicker_alone():
    labels = squares([0, 2])
    open_ = labels.clone()
    open_[:, 1] = IGNORE
    scores = torch.randn(1, 2, 4, 20, 20, generator=torch.Generator().manual_seed(1))
    wanted = 0.4 * dice_and_cross_entropy(scores[:, 0], labels[:, 0]) + 0.6 * temporal_loss(scores)
    assert clip_loss(scores, open_).item() == pytest.approx(wanted.item(), abs=1e-6)
    nothing = clip_loss(scores, torch.full_like(labels, IGNORE))
    assert nothing.item() == pytest.approx(0.6 * temporal_loss(scores).item(), abs=1e-6)


def test_outside_a_lone_cavity_any_other_class_is_right():
    label = torch.full((1, 12, 12), NOT_CAVITY)
    label[:, 3:9, 3:9] = 1
    right = torch.where(label == 1, 1, 2)
    right[:, :, :2] = 3
    scores = 30 * torch.nn.functional.one_hot(right, 4).movedim(-1, 1).float()
    assert overlap_loss(scores, label).item() == pytest.approx(0, abs=1e-3)
    wrong = scores.roll(4, dims=3)
    assert overlap_loss(wrong, label).item() > 1
    label[:, :, :3] = IGNORE
    everywhere = scores.clone()
    everywhere[:, :, :, :3] = 0
    everywhere[:, 1, :, :3] = 30
    assert overlap_loss(everywhere, label).item() == pytest.approx(0, abs=1e-3)


def test_the_paper_s_dice_alone_leaves_cross_entropy_out():
    labels = squares([0, 2])
    scores = sure(squares([1, 2]))
    alone = clip_loss(scores, labels, share=0.0, cross_entropy=False).item()
    # Of 32 pixels in two frames, 12 + 16 agree: Dice (2 x 28 + 1) / (64 + 1).
    assert alone == pytest.approx(1 - 57 / 65, abs=1e-4)
    whole = clip_loss(scores, labels, share=0.0).item()
    assert whole - alone == pytest.approx(
        torch.nn.functional.cross_entropy(scores.flatten(0, 1), labels.flatten(0, 1)).item(), abs=1e-4
    )
    assert dice_loss(scores.flatten(0, 1), labels.flatten(0, 1)).item() == pytest.approx(alone)


def test_dice_alone_needs_labels_of_every_pixel():
    labels = squares([0])
    labels[labels == 2] = NOT_CAVITY
    with pytest.raises(ValueError, match="every pixel"):
        clip_loss(sure(squares([0])), labels, share=0.0, cross_entropy=False)
