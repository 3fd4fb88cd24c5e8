from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pytest

from kinecor_phantoms.echo import stream
from kinecor_phantoms.echo.stream import (
    LEANING_DEG,
    TrainingClip,
    echo_clips,
    echo_pairs,
    leaning_stand,
    smoothed_look,
    view_frames,
)
from kinecor_phantoms.echo.views import VIEWS_OF_FRAMES, Stand
from kinecor_phantoms.recording import LV_CAVITY, LV_MYOCARDIUM
from kinecor_phantoms.scanner.look import Look, random_look
from kinecor_phantoms.scanner.screen import Screen


def _clips(seed: int, count: int) -> list[TrainingClip]:
    return list(islice(echo_clips(seed, frames=2, side_px=64), count))


def test_a_seed_gives_the_same_clips_and_no_two_are_alike() -> None:
    one, again = _clips(3, 2), _clips(3, 1)
    np.testing.assert_array_equal(one[0].frames, again[0].frames)
    np.testing.assert_array_equal(one[0].labels, again[0].labels)
    assert one[0].mm_per_px != one[1].mm_per_px
    assert one[0].frames.shape == one[0].labels.shape == (2, 64, 64)
    assert one[0].view in stream.APICAL
    # Events surround all frames, so that each has an end-diastole before it and one after it.
    assert one[0].ed_s[0] < one[0].times_s[0] <= one[0].times_s[-1] < one[0].ed_s[-1]


@pytest.mark.parametrize("mirrored", [False, True])
def test_labels_match_the_image_mirrored_or_not(mirrored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: Callable[..., Screen] = Screen.fitted

    class Fitted:
        @staticmethod
        def fitted(*given: Any, **named: Any) -> Screen:
            return fitted(*given, **named | {"mirrored": mirrored})

    monkeypatch.setattr(stream, "Screen", Fitted)
    found = []
    for clip in _clips(5, 3):
        for labels in (clip.labels, clip.labels[:, :, ::-1]):
            wall, blood = clip.frames[labels == LV_MYOCARDIUM], clip.frames[labels == LV_CAVITY]
            found.append(float(wall.mean()) / max(float(blood.mean()), 1.0))
    right, wrong = np.array(found).reshape(-1, 2).T
    assert np.median(right) > 1.3
    # The other way round they are on something else.
    assert np.median(right / wrong) > 1.1


def test_leaning_planes_miss_the_apex_to_either_side() -> None:
    rng = np.random.default_rng(2)
    off = np.array([leaning_stand(rng).foreshortening_deg for _ in range(40)])
    assert (abs(off) >= LEANING_DEG[0]).all()
    assert (abs(off) <= LEANING_DEG[1]).all()
    assert (off > 0).any()
    assert (off < 0).any()


def test_a_leaning_plane_cuts_the_same_heart_shorter() -> None:
    def rows(stand: Callable[[np.random.Generator], Stand]) -> int:
        clip = next(echo_pairs(6, side_px=64, views=("A4C",), population="normal", stand=stand))
        return round(np.ptp(np.flatnonzero((clip.labels[0] == LV_CAVITY).any(axis=1))) * clip.mm_per_px)

    assert rows(lambda rng: replace(leaning_stand(rng), swing_deg=0)) < rows(lambda _: Stand()) - 4


def test_end_diastole_does_not_show_through_end_systole() -> None:
    def frames(persistence: float) -> np.ndarray:
        def look(rng: np.random.Generator) -> Look:
            return replace(random_look(rng), persistence=persistence)

        return next(echo_pairs(4, side_px=64, views=("A4C",), population="normal", look=look)).frames

    np.testing.assert_array_equal(frames(0.9), frames(0.0))
    assert (frames(0.0)[0] != frames(0.0)[1]).any()


def test_some_looks_smooth_more_than_random_ones_do() -> None:
    usual = [random_look(np.random.default_rng(seed)) for seed in range(100)]
    found = [smoothed_look(np.random.default_rng(seed)) for seed in range(100)]
    changed = [new for new, old in zip(found, usual, strict=True) if new != old]
    assert 25 <= len(changed) <= 55
    assert max(one.averaging for one in changed) > max(one.averaging for one in usual)
    assert max(one.dynamic_range_db for one in changed) > max(one.dynamic_range_db for one in usual)


def test_frames_for_views_have_the_view_s_name() -> None:
    for images, view in islice(view_frames(1, frames=2, side_px=64), 3):
        assert images.shape == (2, 64, 64)
        assert images.dtype == np.uint8
        assert images.max() > 40
        assert view in VIEWS_OF_FRAMES
