import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.recording import ArrayFrames, CineSequence, FrameSource, Region, Source

SOURCE = Source("clip.dcm", "1.2.3", "1.2", "US")


def cine(times_s, shape=(3, 4, 5)):
    return CineSequence(ArrayFrames(np.zeros(shape, np.uint8)), np.asarray(times_s), "FrameTime", None, SOURCE)


def test_frames_of_an_array_are_read_only_and_independent_of_it():
    array = np.arange(60, dtype=np.uint8).reshape(3, 4, 5)
    frames = ArrayFrames(array)
    array[:] = 0
    assert isinstance(frames, FrameSource)
    assert frames.shape == (3, 4, 5)
    assert len(frames) == 3
    assert frames[2][3, 4] == 59
    with pytest.raises(ValueError, match="read-only"):
        frames[0][0, 0] = 1
    with pytest.raises(IndexError):
        frames[3]


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 4, 5)),
        np.zeros((4, 5), np.uint8),
        np.zeros((3, 4, 5, 4), np.uint8),
        np.zeros((1, 3, 4, 5, 3), np.uint8),
    ],
)
def test_arrays_that_are_no_frames_are_refused(array):
    with pytest.raises(ValueError, match="uint8"):
        ArrayFrames(array)


def test_colour_frames_have_their_original_size():
    one = cine([0, 0.1, 0.2], (3, 40, 50, 3))
    assert (len(one), one.rows, one.columns) == (3, 40, 50)


@given(st.lists(st.floats(0.001, 1), min_size=2, max_size=2))
def test_increasing_times_from_0_are_taken(steps):
    times_s = np.concatenate([[0], np.cumsum(steps)])
    assert np.array_equal(cine(times_s).times_s, times_s)


@pytest.mark.parametrize(
    "times_s",
    [
        [0, 0.1],
        [0, 0.1, 0.2, 0.3],
        [0, 0.1, 0.1],
        [0, 0.2, 0.1],
        [0.1, 0.2, 0.3],
        [0, 0.1, np.nan],
        [0, 0.1, np.inf],
        0,
    ],
)
def test_times_that_do_not_fit_are_refused(times_s):
    with pytest.raises(ValueError, match="time"):
        cine(times_s)


def test_a_recording_without_frames_is_refused():
    with pytest.raises(ValueError, match="at least one frame"):
        cine([], (0, 4, 5))


@pytest.mark.parametrize("corners", [(0, 0, 0, 5), (0, 0, 5, 0), (5, 0, 4, 5), (-1, 0, 5, 5), (0, -1, 5, 5)])
def test_a_region_is_a_rectangle_of_pixels(corners):
    with pytest.raises(ValueError, match="rectangle"):
        Region(*corners)
    assert Region(0, 0, 1, 1).x1 == 1
