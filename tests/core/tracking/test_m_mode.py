import numpy as np
import pytest

from kinecor.core.tracking.m_mode import at_share, m_mode, share_of
from kinecor.core.values.errors import Cancelled
from kinecor.core.values.recording import ArrayFrames


def test_a_moving_edge_is_seen_along_the_line() -> None:
    frames = np.zeros((6, 40, 50), np.uint8)
    for frame in range(6):
        frames[frame, 10 + 2 * frame :] = 200
    found = m_mode(ArrayFrames(frames), (20.0, 0.0), (20.0, 39.0))
    assert found.shape == (40, 6)
    edges = [int((found[:, frame] > 100).argmax()) for frame in range(6)]
    assert edges == [10, 12, 14, 16, 18, 20]


def test_tall_pixels_get_more_samples_and_oblique_lines_are_interpolated() -> None:
    ramp = np.tile(np.arange(50, dtype=np.uint8) * 4, (1, 40, 1))
    assert m_mode(ArrayFrames(ramp), (0.0, 0.0), (0.0, 39.0), aspect=2.0).shape == (79, 1)
    found = m_mode(ArrayFrames(ramp), (0.0, 0.0), (49.0, 39.0))[:, 0].astype(int)
    assert (np.diff(found) >= 0).all()
    assert abs(found - np.linspace(0, 196, len(found))).max() <= 1


def test_it_can_be_cancelled() -> None:
    def tick(done: int, _: int) -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        m_mode(ArrayFrames(np.zeros((4, 20, 20), np.uint8)), (0.0, 0.0), (0.0, 19.0), tick=tick)


def test_a_point_is_on_the_line_or_not() -> None:
    start, end = (10.0, 10.0), (10.0, 50.0)
    assert share_of((10.5, 20.0), start, end) == pytest.approx(0.25)
    assert share_of(at_share(0.7, start, end), start, end) == pytest.approx(0.7)
    assert share_of((10.0, 51.0), start, end) == 1.0
    assert share_of((13.0, 20.0), start, end) is None
    assert share_of((10.0, 55.0), start, end) is None
    assert share_of((10.0, 10.0), start, start) is None
