import pickle

import numpy as np
import pytest

import kinecor


def test_frames_and_their_truth():
    made = kinecor.phantom("a4c", seed=7, ef=35, frames=10, size=(96, 96))
    assert made.frames.shape == (10, 96, 96)
    assert made.volume_ml.shape == (10,)
    assert made.structures == ("lv_endo", "lv_epi", "la", "rv")
    inside = made.mask(0) == 1
    x, y = made.contour("lv_endo", 0).T
    rows, columns = np.nonzero(inside)
    assert x.min() - 1 <= columns.min() <= columns.max() <= x.max() + 1
    assert y.min() - 1 <= rows.min() <= rows.max() <= y.max() + 1
    assert made.truth["parameters"]["seed"] == 7
    assert made.truth["recordings"][0]["view"] == "A4C"


def test_the_ef_that_was_asked_for():
    assert kinecor.phantom("a4c", seed=7, ef=35, size=(64, 64)).ejection_fraction_percent == pytest.approx(35, abs=1)


def test_the_same_seed_is_the_same_heart_and_pickles():
    first, second = (kinecor.phantom("a2c", seed=3, frames=4, size=(64, 64)) for _ in range(2))
    assert np.array_equal(first.frames, second.frames)
    again = pickle.loads(pickle.dumps(first))
    assert np.array_equal(again.frames, first.frames)
    assert np.array_equal(again.mask(2), first.mask(2))


def test_a_stack_has_the_truth_of_its_slices():
    made = kinecor.phantom("mri", seed=3, frames=3, size=(64, 80))
    areas = [int((made.mask(0, number) == 1).sum()) for number in range(made.recording.slices)]
    shown = [made.contour("lv_endo", 0, number) is not None for number in range(made.recording.slices)]
    assert [area > 0 for area in areas] == shown
    volume_ml = sum(areas) * float(np.prod(made.recording.spacing_mm)) * float(np.diff(made.recording.positions_mm)[0])
    assert volume_ml / 1000 == pytest.approx(made.volume_ml[0], rel=0.2)


def test_a_view_without_a_heart():
    made = kinecor.phantom("other", seed=1, frames=3, size=(64, 64))
    assert made.structures == ()
    assert not made.mask(1).any()
    assert np.isnan(made.ejection_fraction_percent)


@pytest.mark.parametrize(
    ("view", "options", "why"),
    [
        ("a5c", {}, "a4c"),
        ("a4c", {"ef": 99}, "85"),
        ("a4c", {"population": "x"}, "dilated"),
        ("a4c", {"seed": -1}, "0"),
    ],
)
def test_what_cannot_be_simulated_is_one_sentence(view, options, why):
    with pytest.raises(kinecor.Error, match=why):
        kinecor.phantom(view, size=(64, 64), **options)
