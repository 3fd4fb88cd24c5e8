import numpy as np
import pytest

from kinecor.ui.curves.plotting import Plot, nearest_line, scale, step_for, ticks


def test_shortening_goes_down_and_time_goes_back_and_forth():
    plot = Plot(40, 10, 300, 200, 0.0, 1.5, -25, 5)
    assert plot.y(np.array([5.0, -25.0])).tolist() == [10, 210]
    assert plot.y(np.array([-20.0]))[0] > plot.y(np.array([-10.0]))[0]
    assert plot.time_s(float(plot.x(np.array([0.4]))[0])) == pytest.approx(0.4)


def test_the_scale_is_the_same_for_every_heart_that_fits_it():
    assert scale(np.array([-18.0, 1.0, np.nan]), 5, (-25, 5)) == (-25, 5)
    assert scale(np.array([-31.0, 9.0]), 5, (-25, 5)) == (-35, 10)
    assert scale(np.array([np.nan]), 5, (-25, 5)) == (-25, 5)


def test_ticks_are_multiples_with_room_between():
    assert ticks(-25, 5, 10).tolist() == [-20, -10, 0]
    assert step_for(30, 200, 30) == 5
    assert step_for(0.8, 300, 60) == pytest.approx(0.2)


def test_the_line_under_the_mouse():
    level = np.array([(0.0, 100.0), (100.0, 100.0)])
    steep = np.array([(0.0, 0.0), (100.0, 200.0)])
    broken = np.array([(np.nan, np.nan), (5.0, 5.0)])
    assert nearest_line([level, steep, broken], 20, 98, 8) == 0
    assert nearest_line([level, steep, broken], 20, 43, 8) == 1
    assert nearest_line([level, steep, broken], 90, 20, 8) is None
