from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV, SaxSample
from kinecor_lab.tasks.sax import data as sax_data
from kinecor_lab.tasks.sax.data import FIELD_PX, MAX_MIXED, cropped, neighbours, placed, prepared, thicker
from kinecor_models.localisation.framing import levels, stretch_contrast
from tests.lab.sax_sets import drawn_slice

BITS = np.array((BACKGROUND, RV, MYOCARDIUM, CAVITY), np.uint8)


def sample(seed: int = 0) -> SaxSample:
    image, label = drawn_slice(seed)
    return SaxSample("p", "ED", 0, image, BITS[label], (50.0, 60.0), "ACDC")


def test_plain_placing_centres_the_heart_at_the_usual_size() -> None:
    images, label = placed(sample(), int(FIELD_PX), np.random.default_rng(0), 0.0)
    # The centre (50, 60) of the image is at 63.5: half a pixel off the grid, so images are interpolated.
    high, wide = sample().image.shape
    inside = label[4 : 4 + high, 14 : 14 + wide]
    assert (inside == sample().allowed).mean() > 0.97
    assert (label[:, :13] == BACKGROUND).all()
    assert images[1, :, :13].max() == 0
    assert images[1].any()
    assert not images[[0, 2]].any()


def with_grey_neighbours() -> SaxSample:
    """Neighbours of one grey level each: 40 and 80 before, 120 and 160 after."""
    grey = tuple(np.full_like(sample().image, level) for level in (40, 80, 120, 160))
    return replace(sample(), around=grey)


def test_plain_neighbours_are_placed_as_in_the_stack() -> None:
    images, _ = placed(with_grey_neighbours(), 64, np.random.default_rng(0), 0.0)
    assert [int(np.median(images[i][images[i] > 0])) for i in (0, 2)] == [80, 120]


def test_neighbours_change_sides_come_from_farther_or_not_at_all() -> None:
    seen = Counter()
    for seed in range(300):
        pair = neighbours(with_grey_neighbours(), np.random.default_rng(seed), 1.0)
        seen[tuple(0 if one is None else int(one[0, 0]) for one in pair)] += 1
    assert {(80, 120), (120, 80), (40, 160), (160, 40), (0, 0), (0, 120), (80, 0)} <= set(seen)
    assert seen[80, 120] + seen[120, 80] > 200
    assert 15 < seen[0, 0] < 60


def test_all_three_images_are_varied_and_none_stays_black() -> None:
    images, label = prepared(with_grey_neighbours(), 64, np.random.default_rng(3), 0.0)
    assert images.shape == (3, 64, 64)
    assert label.shape == (64, 64)
    assert images[1].max() == 255
    assert not prepared(sample(), 64, np.random.default_rng(3), 1.0)[0][[0, 2]].any()


def test_a_part_shows_the_heart_as_large_as_the_whole_square_does() -> None:
    images, label = cropped(96, with_grey_neighbours(), 64, np.random.default_rng(3), 0.5)
    whole, whole_label = prepared(with_grey_neighbours(), 96, np.random.default_rng(3), 0.5)
    assert images.shape == (3, 64, 64)
    places = [
        (top, left)
        for top in range(33)
        for left in range(33)
        if (whole[:, top : top + 64, left : left + 64] == images).all()
    ]
    assert len(places) == 1
    ((top, left),) = places
    assert (whole_label[top : top + 64, left : left + 64] == label).all()


def test_a_thicker_slice_shows_some_of_its_neighbours() -> None:
    flat = np.stack([np.full((8, 8), level, np.uint8) for level in (200, 100, 0)])
    seen = [thicker(flat, np.random.default_rng(seed)) for seed in range(50)]
    assert all((one[[0, 2]] == flat[[0, 2]]).all() for one in seen)
    middles = [int(one[1, 0, 0]) for one in seen]
    # The last neighbour is black, as where there is none: only the first is mixed in.
    assert min(middles) >= 100
    assert 110 < max(middles) <= 100 + 100 * MAX_MIXED


@pytest.mark.parametrize("seed", range(40))
def test_images_and_labels_move_together(seed: int) -> None:
    # A sample whose image is its own label stays so wherever both are put.
    whole = sample()
    same = SaxSample("p", "ED", 0, whole.allowed * 25, whole.allowed, whole.centre, "ACDC")
    moved, label = placed(same, 96, np.random.default_rng(seed), 1.0)
    assert set(np.unique(label)) <= {BACKGROUND, CAVITY, MYOCARDIUM, RV}
    for bit in (CAVITY, MYOCARDIUM, RV):
        inner = label == bit
        for shift, axis in ((2, 0), (-2, 0), (2, 1), (-2, 1)):
            inner = inner & np.roll(label == bit, shift, axis)
        if inner.any():
            assert np.median(abs(moved[1][inner].astype(int) - 25 * bit)) <= 4


CHANGES = {
    "coil": lambda image, rng: sax_data.coil(image, rng, 1.0),
    "noise": lambda image, rng: sax_data.noise(image, rng, 1.0),
    "coarser": sax_data.coarser,
    "bands": sax_data.bands,
    "ghosts": sax_data.ghosts,
    "patch": sax_data.patch,
    "sharpened_locally": sax_data.sharpened_locally,
    "varied_a_little": lambda image, rng: sax_data.varied_a_little(image, rng, 1.0),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_preserves_the_shape_and_does_something(name: str) -> None:
    image = sample().image
    before = image.copy()
    for seed in range(5):
        out = CHANGES[name](image, np.random.default_rng(seed))
        assert out.shape == image.shape
        assert out.dtype == np.uint8
        assert (out != image).mean() > 0.001
    assert np.array_equal(image, before)


def test_no_strength_only_stretches_as_inference_does() -> None:
    image = sample().image
    plain = sax_data.varied(image, np.random.default_rng(0), 0.0)
    assert np.array_equal(plain, stretch_contrast(image, *levels(image)))


def test_stretching_is_blind_to_gain_and_offset_and_survives_a_flat_image() -> None:
    image = (sample().image * 0.5).astype(np.uint8)
    other = image * 2 + 9
    one, two = stretch_contrast(image, *levels(image)), stretch_contrast(other, *levels(other))
    assert abs(one.astype(int) - two.astype(int)).max() <= 2
    assert one.min() == 0
    assert one.max() == 255
    assert stretch_contrast(np.full((5, 5), 7, np.uint8), *levels(np.full((5, 5), 7, np.uint8))).max() == 0
