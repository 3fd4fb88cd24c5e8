from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.datasets.clip import NOT_CAVITY, as_if_drawn, between, interpolated
from kinecor_lab.datasets.placing import IGNORE
from tests.lab.sequence_clips import beating
from tests.models.warped_fields import apical


def disk(radius, value=1, beyond=0):
    y, x = np.mgrid[:81, :81]
    return np.where(np.hypot(x - 40, y - 40) <= radius, value, beyond).astype(np.uint8)


def test_half_way_the_outline_is_half_way():
    for share in (0.25, 0.5, 0.75):
        area = (between(disk(30), disk(10), share) == 1).sum()
        assert np.sqrt(area / np.pi) == pytest.approx(30 - 20 * share, abs=0.6)


def test_ends_are_the_annotated_ones_and_no_wall_is_lost_between():
    ed, es = apical(0.0).label, apical(1.0).label
    assert (between(ed, es, 0.0) == ed).mean() > 0.998
    middle = between(ed, es, 0.5)
    truth = apical(0.5).label
    for value in (1, 2, 3):
        both = ((middle == value) & (truth == value)).sum()
        assert 2 * both / ((middle == value).sum() + (truth == value).sum()) > 0.93


def test_frames_outside_stay_open_and_times_count():
    times_s = np.array([0.0, 0.1, 0.2, 0.8, 0.9, 1.0])
    labels = interpolated({1: disk(30), 4: disk(14)}, times_s)
    assert (labels[[0, 5]] == IGNORE).all()
    radius = [np.sqrt((label == 1).sum() / np.pi) for label in labels[1:5]]
    # An eighth and seven eighths of the way in time, not a third and two thirds.
    assert radius == pytest.approx([30, 28, 16, 14], abs=0.6)


def test_only_the_cavity_is_known_where_only_it_was_drawn():
    label = between(disk(30, beyond=NOT_CAVITY), disk(10, beyond=NOT_CAVITY), 0.5)
    assert set(np.unique(label)) == {1, NOT_CAVITY}
    unknown = disk(30)
    unknown[:5] = IGNORE
    assert (between(unknown, disk(10), 0.5)[:5] == IGNORE).all()


def test_a_clip_is_labelled_as_from_seven_drawn_frames():
    clip = beating()
    found = as_if_drawn(clip)
    drawn = clip.annotated("seven")
    assert np.array_equal(found.labels[drawn], clip.labels[drawn])
    assert found.annotated("interpolated") == list(range(13))
    between_them = [frame for frame in range(13) if frame not in drawn]
    assert not np.array_equal(found.labels[between_them], clip.labels[between_them])
    assert (found.labels == clip.labels).mean() > 0.97
    nothing = replace(clip, ed=(), es=())
    assert as_if_drawn(nothing) is nothing
