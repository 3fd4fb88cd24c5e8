import math

import numpy as np
import pytest

from kinecor_lab.tasks.sequence.metrics import (
    UNKNOWN,
    agreement,
    closest,
    flicker,
    frame_scores,
    greatest_jump_mm,
    hausdorff_mm,
    is_large_error,
    network_maps,
    picture_maps,
)
from kinecor_models.contract import ClipOutput, fit_grid


def box(top, left, high, wide, value=1, shape=(40, 50)):
    label = np.zeros(shape, np.uint8)
    label[top : top + high, left : left + wide] = value
    return label


def square(x0, y0, x1, y1):
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], np.float32)


def test_flicker_is_the_share_of_pixels_that_change_a_pair_of_frames():
    still = np.stack([box(5, 5, 10, 10)] * 3)
    assert flicker(still) == 0
    moved = np.stack([box(5, 5, 10, 10), box(5, 6, 10, 10), box(5, 6, 10, 10)])
    # One column leaves, one comes: 20 of 2000 pixels in the first of two pairs.
    assert flicker(moved) == pytest.approx(20 / 2000 / 2)
    assert math.isnan(flicker(still[:1]))


def test_a_label_that_turns_into_another_flickers_once():
    assert flicker(np.stack([box(5, 5, 4, 5, 1), box(5, 5, 4, 5, 3)])) == pytest.approx(20 / 2000)


def test_the_closest_annotated_frame_is_the_earlier_of_two():
    assert [closest(frame, [10, 0]) for frame in (0, 4, 5, 6, 30)] == [0, 0, 0, 10, 10]
    with pytest.raises(ValueError, match="empty"):
        closest(1, [])


def test_a_large_temporal_error_is_found_on_an_unannotated_frame():
    truth = {0: box(10, 10, 10, 10)}
    good = np.stack([box(10, 10, 10, 10)] * 4)
    assert not is_large_error(greatest_jump_mm(good, truth, 1.0))
    bad = good.copy()
    bad[2, 10:20, 20:45] = 1  # 25 pixels to the right
    assert greatest_jump_mm(bad, truth, 1.0)["LV"] == pytest.approx(25.0, abs=0.01)
    assert not is_large_error(greatest_jump_mm(bad, truth, 1.0))
    assert is_large_error(greatest_jump_mm(bad, truth, 1.3))


def test_a_structure_that_vanishes_is_a_large_error():
    truth = {0: box(10, 10, 10, 10)}
    assert is_large_error(greatest_jump_mm(np.zeros((2, 40, 50), np.uint8), truth, 1.0))


def test_what_is_not_known_is_not_scored():
    truth = box(10, 10, 10, 10)
    truth[25:30, 10:20] = 3
    truth[30:33, 10:20] = UNKNOWN  # touches the atrium
    assert [score.structure for score in frame_scores(truth, truth, 1.0)] == ["LV"]
    assert set(hausdorff_mm(truth, truth, 1.0)) == {"LV"}


def test_frame_scores_are_those_of_shifted_boxes():
    (score,) = frame_scores(box(10, 12, 10, 10), box(10, 10, 10, 10), 0.5)
    assert score.dice == pytest.approx(0.8)
    assert score.hausdorff_mm == pytest.approx(1.0)
    assert 0.4 < score.mad_mm < 0.6  # two sides a millimetre off, two hardly
    assert score.accuracy == pytest.approx(1 - 40 / 2000)
    (gone,) = frame_scores(np.zeros((40, 50), np.uint8), box(10, 10, 10, 10), 0.5)
    assert gone.dice == 0
    assert math.isinf(gone.hausdorff_mm)


def test_contours_become_label_maps_on_both_grids():
    grid = fit_grid((0, 0, 100, 80), 50)  # two image pixels a network pixel
    contours = {
        "lv_endo": [square(10, 15, 19, 24), None],
        "lv_epi": [square(8, 13, 21, 26), None],
        "la": [None, square(10, 30, 19, 34)],
    }
    output = ClipOutput(contours, {name: np.ones(2, np.float32) for name in contours}, grid)
    maps = network_maps(output)
    assert maps.shape == (2, 50, 50)
    assert [(maps[0] == value).sum() for value in (1, 3)] == pytest.approx([81, 0], abs=20)
    assert maps[0, 14, 9] == 2
    assert (maps[1] == 3).any()
    assert not np.isin(maps[1], (1, 2)).any()
    whole = picture_maps(output, (80, 100))
    assert whole.shape == (2, 80, 100)
    assert (whole[0] == 1).sum() == pytest.approx(4 * 81, abs=80)


def test_agreement_is_pearson_bias_spread_and_mean_error():
    true = [100.0, 120, 150, 90]
    found = agreement([one + off for one, off in zip(true, (5, -1, 5, -1), strict=True)], true)
    assert (found.count, found.bias, found.mae) == (4, 2.0, 3.0)
    assert found.spread == pytest.approx(np.std((5, -1, 5, -1), ddof=1))
    assert 0.98 < found.correlation < 1
    assert agreement([math.nan, 1.0], [1.0, 2.0]).count == 1
    assert math.isnan(agreement([], []).bias)
