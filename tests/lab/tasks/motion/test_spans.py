import cv2
import numpy as np
import pytest

from kinecor_lab.tasks.motion.spans import over_spans
from kinecor_models.engines.engine import dense_search

SIDE = 64


def _squares(frames, step=(1.0, 0.5)):
    """Blurred noise that goes by `step` pixels (x, y) from frame to frame."""
    noise = np.random.default_rng(3).normal(size=(SIDE + 40, SIDE + 40)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.0)
    soft = 128 + 40 * soft / soft.std()
    out = []
    for frame in range(frames):
        shift = np.array([[1, 0, step[0] * frame - 10], [0, 1, step[1] * frame - 10]], np.float32)
        moved = cv2.warpAffine(soft, shift, (SIDE, SIDE), flags=cv2.INTER_CUBIC)
        out.append(np.clip(moved, 0, 255).astype(np.uint8))
    return out


def _found(squares, search, span):
    return [pair for pair in over_spans(iter(squares), search, span) if pair is not None]


def _short_of_truth(one, other):
    """As a search that finds 0.8 of every motion."""
    return np.float32(0.8) * dense_search(one, other)


def _inner(field):
    return field[8:-8, 8:-8].mean(axis=(0, 1))


def test_what_neighbouring_frames_miss_is_found_over_a_span():
    squares = _squares(8)
    plain, spanned = (_found(squares, _short_of_truth, span) for span in (1, 4))
    assert len(plain) == len(spanned) == 7
    for (there, back), (on, home) in zip(plain, spanned, strict=True):
        assert _inner(there) == pytest.approx([0.8, 0.4], abs=0.04)
        # Of the missing 0.2, 0.8 are found.
        assert _inner(on) == pytest.approx([0.96, 0.48], abs=0.04)
        assert _inner(back) == pytest.approx([-0.8, -0.4], abs=0.04)
        assert _inner(home) == pytest.approx([-0.96, -0.48], abs=0.04)


def test_each_pair_takes_its_own_correction():
    """A step of twice the length in the middle stays in the middle."""
    steps = [0, 1, 2, 4, 5, 6]
    squares = [_squares(7)[at] for at in steps]
    found = [_inner(on)[0] for on, _ in _found(squares, dense_search, 4)]
    assert found == pytest.approx([1, 1, 2, 1, 1], abs=0.1)


def test_a_still_clip_stays_still():
    squares = _squares(1) * 6
    for there, back in _found(squares, dense_search, 4):
        assert np.abs(there).max() < 1e-3
        assert np.abs(back).max() < 1e-3


@pytest.mark.parametrize(("frames", "span"), [(1, 0), (2, 1), (3, 2), (5, 4)])
def test_short_clips_have_all_their_pairs(frames, span):
    every = list(over_spans(iter(_squares(frames)), dense_search, span))
    assert every.count(None) == frames
    assert len(every) == 2 * frames - 1


def test_squares_are_taken_one_by_one_and_pairs_given_as_soon_as_they_are_known():
    taken, squares = [], _squares(7)

    def counted():
        for number, square in enumerate(squares):
            taken.append(number)
            yield square

    after = [len(taken) for pair in over_spans(counted(), dense_search, 3) if pair is not None]
    assert after == [4, 5, 6, 7, 7, 7]
