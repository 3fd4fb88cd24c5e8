import numpy as np
import pytest
import torch

from kinecor_lab.common import pictures
from kinecor_lab.common.stages import Stage, StagePlan, frame_batch, frame_job
from kinecor_lab.datasets.placing import IGNORE, placed
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical.data import prepared
from tests.lab.camus import drawn


def sample(seed: int = 0) -> Sample:
    image, label = drawn(seed)
    return Sample(f"p{seed}", "ED", image, label, 0.9)


def test_plain_placing_is_the_whole_image_centred() -> None:
    image, label = placed(sample(), 150, np.random.default_rng(0), 0.0)
    assert np.array_equal(image[15:135], sample().image)
    assert np.array_equal(label[15:135], sample().label)
    assert image[:15].max() == image[135:].max() == 0


@pytest.mark.parametrize("seed", range(40))
def test_images_and_labels_move_together(seed: int) -> None:
    # A sample whose image is its own label stays so wherever both are put.
    _, label = drawn(seed)
    same = Sample("p", "ED", label * 80, label, 0.9)
    moved, moved_label = placed(same, 128, np.random.default_rng(seed), 1.0)
    cavity = moved_label == 1
    assert cavity.sum() > 100
    inner = cavity & np.roll(cavity, 2, 0) & np.roll(cavity, -2, 0) & np.roll(cavity, 2, 1) & np.roll(cavity, -2, 1)
    assert abs(moved[inner].astype(int) - 80).max() <= 2
    assert set(np.unique(moved_label)) <= {0, 1, 2, 3, IGNORE}


def test_the_depth_cut_never_takes_the_ventricle() -> None:
    whole = sample()
    share = []
    for seed in range(60):
        _, label = placed(whole, 128, np.random.default_rng(seed), 1.0)
        hidden = (label == IGNORE).any()
        share.append(1.0 if hidden else (label == 1).sum() / max((label == 2).sum(), 1))
    # Cavity over wall stays the same whatever the cut, since the cut begins below both.
    assert min(share) > 0.55 * (whole.label == 1).sum() / (whole.label == 2).sum()


CHANGES = {
    "grey_map": lambda image, rng: pictures.grey_map(image, rng, 1.0),
    "depth_gain": lambda image, rng: pictures.depth_gain(image, rng, 1.0),
    "shadows": pictures.shadows,
    "haze": pictures.haze,
    "speckle": lambda image, rng: pictures.speckle(image, rng, 1.0),
    "softness": pictures.softness,
    "jpeg": pictures.jpeg,
    "blackout": pictures.blackout,
    "graphics": pictures.graphics,
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_preserves_the_shape_and_does_something(name: str) -> None:
    image = np.maximum(sample().image, 30)  # lit everywhere, so that a blackout shows wherever it falls
    before = image.copy()
    for seed in range(5):
        out = CHANGES[name](image, np.random.default_rng(seed))
        assert out.shape == image.shape
        assert out.dtype == np.uint8
        assert (out != image).mean() > 0.001
    assert np.array_equal(image, before)


def test_shadows_and_blackout_only_darken() -> None:
    image = np.full((100, 120), 200, np.uint8)
    assert pictures.shadows(image, np.random.default_rng(1)).max() <= 200
    dark = pictures.blackout(image, np.random.default_rng(1))
    assert set(np.unique(dark)) == {0, 200}
    ys, xs = np.nonzero(dark == 0)
    assert (dark == 0).sum() == (np.ptp(ys) + 1) * (np.ptp(xs) + 1)


def test_no_strength_changes_nothing() -> None:
    image = sample().image
    assert np.array_equal(pictures.varied(image, np.random.default_rng(0), 0.0), image)


def test_frames_of_one_heart_stay_together() -> None:
    some = [sample(seed) for seed in range(6)]
    plan = StagePlan((Stage(64, 1, 2, 1.0),), seed=7)

    def number(one: int, size: int, rng: np.random.Generator, strength: float) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((size, size), np.uint8), np.full((size, size), one, np.uint8)

    batches = [frame_batch(range(6), plan, 0, step, prepare=number, together=2)[1][:, 0, 0] for step in range(3)]
    assert sorted(batch.tolist() for batch in batches) == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(ValueError, match="multiples of 4"):
        frame_job(some, plan, lambda *_: {}, prepare=prepared, loss_of=lambda *_: torch.zeros(()), together=4)


def test_an_epoch_is_the_same_each_time_and_differs_from_the_next() -> None:
    some = [sample(seed) for seed in range(6)]
    plan = StagePlan((Stage(64, 2, 2),), seed=7)
    first, again, later = (
        [frame_batch(some, plan, epoch, number, prepare=prepared) for number in range(3)] for epoch in (0, 0, 1)
    )
    assert all((a[0] == b[0]).all() and (a[1] == b[1]).all() for a, b in zip(first, again, strict=True))
    assert not all((a[0] == b[0]).all() for a, b in zip(first, later, strict=True))
    images, labels = first[0]
    assert images.shape == (2, 1, 64, 64)
    assert labels.shape == (2, 64, 64)
    assert images.dtype == labels.dtype == torch.uint8
