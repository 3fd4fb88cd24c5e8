from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.recording import GreyWindow, apply_window, window_between


def test_the_linear_curve_counts_whole_values():
    window = GreyWindow(128, 256)
    values = np.arange(256, dtype=np.uint16)
    assert (window.grey(values) == values).all()
    narrow = GreyWindow(2048, 4096).grey(np.array([-5.0, 0.0, 4095.0, 9000.0]))
    assert narrow.tolist() == [0, 0, 255, 255]


def test_the_exact_curve_has_its_ends_where_specified():
    window = window_between(100.0, 300.0)
    assert (window.centre, window.width) == (200, 200)
    assert window.grey(np.array([99.0, 100.0, 200.0, 300.0, 301.0])).tolist() == [0, 0, 128, 255, 255]
    assert window_between(7.0, 7.0).width == 1


def test_the_sigmoid_is_soft_at_both_ends():
    grey = GreyWindow(1000, 400, "SIGMOID").grey(np.array([0.0, 800.0, 1000.0, 1200.0, 1e9]))
    assert grey.tolist() == [0, 30, 128, 225, 255]


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16])
def test_a_table_gives_what_the_curve_gives(kind):
    low, high = np.iinfo(kind).min, np.iinfo(kind).max
    values = np.linspace(low, high, 777).astype(kind).reshape(21, 37)
    for window in (window_between(-20.0, 90.0), GreyWindow(500, 900), GreyWindow(40, 33, "SIGMOID")):
        assert np.array_equal(apply_window(values, window), window.grey(values))
        assert np.array_equal(apply_window(values, window, inverted=True), 255 - window.grey(values))


def test_fractions_and_what_is_no_number():
    values = np.array([[0.0, 0.5, 1.0, np.nan]], np.float32)
    assert apply_window(values, window_between(0.0, 1.0)).tolist() == [[0, 128, 255, 0]]


@pytest.mark.parametrize("wrong", [(0, 0), (0, -1), (float("nan"), 10), (0, float("inf"))])
def test_a_window_has_a_width(wrong):
    with pytest.raises(ValueError, match="grey window"):
        GreyWindow(*wrong)
    with pytest.raises(ValueError, match="grey window"):
        GreyWindow(0, 0.5)
    assert GreyWindow(0, 0.5, "LINEAR_EXACT").width == 0.5


def test_gamma_brightens_between_black_and_white_and_negative_exchanges_them():
    values = np.arange(256, dtype=np.uint8)
    plain = window_between(0.0, 255.0)
    brighter = apply_window(values, replace(plain, gamma=1.5))
    assert (brighter[0], brighter[255]) == (0, 255)
    assert brighter[128] > apply_window(values, plain)[128]
    assert np.array_equal(apply_window(values, replace(plain, negative=True)), 255 - apply_window(values, plain))
    with pytest.raises(ValueError, match="gamma"):
        replace(plain, gamma=0.0)
