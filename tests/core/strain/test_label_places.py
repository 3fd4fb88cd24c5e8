from dataclasses import replace

import numpy as np

from kinecor.core.strain.drawing import peaks, place_labels
from kinecor.core.values.events import Beat
from tests.wall_strains import prescribed


def test_a_curve_is_labelled_where_it_is_farthest_from_zero_in_its_beat():
    found = replace(prescribed(np.arange(12) * 0.04), last_frames=(8,))
    curves = np.zeros((12, 3))
    curves[5, 0], curves[11, 0], curves[3, 1] = -12, -20, 4
    curves[:, 2] = np.nan
    assert peaks(curves, found) == [5, 3, 0]
    begun_in_systole = replace(found, beats=(Beat(9, 2),))
    assert peaks(curves, begun_in_systole) == [5, 3, 0]
    assert peaks(curves, replace(found, beats=(), last_frames=())) == [11, 3, 0]


def test_labels_do_not_overlap():
    x = np.arange(20.0) * 10
    lines = [np.stack([x, np.full(20, 50.0 + one)], axis=1) for one in (0, 3, 6)]
    lines.append(np.full((20, 2), np.nan))
    found = place_labels(lines, [10, 10, 10, 4], (28, 14))
    assert found == [10, 7, 13, -1]
    spots = [line[one] for line, one in zip(lines[:3], found, strict=False)]
    assert all(abs(a[0] - b[0]) >= 28 for i, a in enumerate(spots) for b in spots[:i])


def test_a_label_without_any_room_sits_where_it_was_wanted():
    lines = [np.array([(0.0, 0.0), (1.0, 0.0)])] * 2
    assert place_labels(lines, [0, 0], (30, 10)) == [0, 0]
