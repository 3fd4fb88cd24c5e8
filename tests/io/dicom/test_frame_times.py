import numpy as np
import pytest
from pydicom.dataset import Dataset

from kinecor.io.dicom.header import header_times

FRAME_TIME, VECTOR = 0x00181063, 0x00181065


def header(**elements):
    made = Dataset()
    for name, value in elements.items():
        setattr(made, name, value)
    return made


@pytest.mark.parametrize(
    ("elements", "times_ms", "origin"),
    [
        ({"FrameIncrementPointer": FRAME_TIME, "FrameTime": "33.333"}, [0, 33.333, 66.666], "FrameTime"),
        ({"FrameTime": "20"}, [0, 20, 40], "FrameTime"),
        ({"FrameIncrementPointer": VECTOR, "FrameTimeVector": ["0", "20", "30"]}, [0, 20, 50], "FrameTimeVector"),
        (
            {"FrameIncrementPointer": VECTOR, "FrameTimeVector": ["0", "20", "30"], "FrameTime": "99"},
            [0, 20, 50],
            "FrameTimeVector",
        ),
        (
            {"FrameIncrementPointer": FRAME_TIME, "FrameTimeVector": ["0", "20", "30"], "FrameTime": "25"},
            [0, 25, 50],
            "FrameTime",
        ),
        ({"FrameIncrementPointer": FRAME_TIME, "FrameTimeVector": ["0", "20", "30"]}, [0, 20, 50], "FrameTimeVector"),
        ({"FrameTimeVector": ["20", "30"]}, [0, 20, 50], "FrameTimeVector"),
        ({"FrameTimeVector": ["7", "20", "30"]}, [0, 20, 50], "FrameTimeVector"),
        ({"RecommendedDisplayFrameRate": "50", "CineRate": "40"}, [0, 20, 40], "RecommendedDisplayFrameRate"),
        ({"CineRate": "40", "FrameTime": "0"}, [0, 25, 50], "CineRate"),
    ],
)
def test_best_word_of_the_header(elements, times_ms, origin):
    times = header_times(header(**elements), 3)
    assert times.times_s * 1000 == pytest.approx(times_ms)
    assert times.origin == origin
    assert times.warnings == ()


@pytest.mark.parametrize(
    ("elements", "said"),
    [
        ({}, "assumed"),
        ({"FrameTime": "0.01"}, "0.01 ms is not a frame rate"),
        ({"FrameTime": "-33"}, "-33 ms"),
        ({"FrameTime": "99999"}, "not a frame rate"),
        ({"FrameTimeVector": ["0", "20"] * 4}, "8 times for 3 frames"),
        ({"FrameTimeVector": ["0", "20", "0"]}, "does not increase"),
        ({"CineRate": "0", "RecommendedDisplayFrameRate": "0"}, "assumed"),
    ],
)
def test_unusable_times_are_reported_and_a_rate_assumed(elements, said):
    times = header_times(header(**elements), 3)
    assert times.origin == "assumed"
    assert np.diff(times.times_s) == pytest.approx(1 / 30)
    assert any(said in one for one in times.warnings)
    assert "assumed" in times.warnings[-1]


def test_a_single_frame_needs_no_rate():
    times = header_times(header(), 1)
    assert (list(times.times_s), times.origin, times.warnings) == ([0.0], "single frame", ())
