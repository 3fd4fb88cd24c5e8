import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Origin, Structure

SQUARE = Contour([[0, 0], [2, 0], [2, 2], [0, 2]])
OTHER = Contour([[0, 0], [3, 0], [3, 3]])
N = 5


def track(**changes):
    values = {
        "structure": Structure.LV_ENDO,
        "contours": (SQUARE,) * N,
        "origins": (Origin.MODEL,) * N,
        "confidence": np.linspace(0, 1, N),
    }
    return ContourTrack(**{**values, **changes})


def test_names_are_those_of_the_file():
    assert [str(one) for one in Structure] == ["lv_endo", "lv_epi", "la", "rv"]
    assert [str(one) for one in Origin] == ["model", "tracked", "edited", "template"]


def test_a_track_holds_what_it_was_given():
    confidence = np.linspace(0, 1, N)
    made = track(confidence=confidence)
    confidence[0] = 0.7
    assert len(made) == N
    assert made.confidence.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert not made.confidence.flags.writeable


@pytest.mark.parametrize(
    "changes",
    [
        {"origins": (Origin.MODEL,) * (N - 1)},
        {"contours": (SQUARE,) * (N + 1)},
        {"confidence": np.zeros(N + 1)},
        {"confidence": np.zeros((N, 1))},
        {"confidence": np.full(N, -0.01)},
        {"confidence": np.full(N, 1.01)},
        {"confidence": np.array([0, 0, np.nan, 0, 0])},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match="lv_endo"):
        track(**changes)


@given(st.integers(0, N), st.lists(st.sampled_from((None, OTHER)), max_size=N), st.sampled_from(Origin))
def test_replacing_touches_exactly_the_frames_named(start, contours, origin):
    before = track()
    stop = start + len(contours)
    if stop > N:
        with pytest.raises(ValueError, match="outside"):
            before.replaced(start, tuple(contours), origin)
        return
    after = before.replaced(start, tuple(contours), origin)
    assert after.contours == (*before.contours[:start], *contours, *before.contours[stop:])
    assert after.origins == (*before.origins[:start], *[origin] * len(contours), *before.origins[stop:])
    expected = before.confidence.tolist()
    for frame, contour in enumerate(contours, start):
        certain = {Origin.EDITED: 1.0, Origin.TEMPLATE: 0.0}
        expected[frame] = 0.0 if contour is None else certain.get(origin, expected[frame])
    assert after.confidence.tolist() == expected
    assert before.contours == (SQUARE,) * N
    assert before.confidence.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_a_negative_start_is_refused():
    with pytest.raises(ValueError, match="outside"):
        track().replaced(-1, (OTHER,), Origin.EDITED)


def test_each_frame_has_an_origin_and_only_edited_ones_are_certain():
    after = track().replaced(1, (OTHER, OTHER), (Origin.EDITED, Origin.TRACKED))
    assert after.origins[1:3] == (Origin.EDITED, Origin.TRACKED)
    assert after.confidence.tolist() == [0, 1, 0.5, 0.75, 1]


def test_the_origin_of_a_frame_without_a_contour_is_unchanged():
    empty = track(contours=(SQUARE, None, SQUARE, SQUARE, SQUARE))
    after = empty.replaced(0, (OTHER, None), (Origin.EDITED, Origin.EDITED))
    assert after.origins[:2] == (Origin.EDITED, Origin.MODEL)
    assert after.confidence[:2].tolist() == [1, 0]


def test_origins_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="as many origins"):
        track().replaced(1, (OTHER, OTHER), (Origin.EDITED,))
