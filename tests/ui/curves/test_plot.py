import numpy as np

from kinecor.ui.curves.plotting import nearest_line, scale


def test_the_scale_is_the_same_for_every_heart_that_fits_it():
    assert scale(np.array([-18.0, 1.0, np.nan]), 5, (-25, 5)) == (-25, 5)
    assert scale(np.array([-31.0, 9.0]), 5, (-25, 5)) == (-35, 10)
    assert scale(np.array([np.nan]), 5, (-25, 5)) == (-25, 5)


def test_plates_that_would_overlap_take_the_next_row():
    from kinecor.ui.style.plots import staggered

    assert staggered([(0, 20), (30, 50), (10, 25), (26, 40)]) == [0, 0, 1, 2]
    assert staggered([(0, 20), (22, 40)], gap_px=1.0) == [0, 0]


def test_the_line_under_the_mouse():
    level = np.array([(0.0, 100.0), (100.0, 100.0)])
    steep = np.array([(0.0, 0.0), (100.0, 200.0)])
    broken = np.array([(np.nan, np.nan), (5.0, 5.0)])
    assert nearest_line([level, steep, broken], 20, 98, 8) == 0
    assert nearest_line([level, steep, broken], 20, 43, 8) == 1
    assert nearest_line([level, steep, broken], 90, 20, 8) is None
