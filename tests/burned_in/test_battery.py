"""A part of the battery: `python -m tests.burned_in` is all of it."""

import cv2
import numpy as np
import pytest

from kinecor.io.write.lettering import lettering
from tests.burned_in.battery import outcome
from tests.burned_in.beneath import Beneath, flowing
from tests.burned_in.planting import LEVEL, LOOKS, MIRRORED, UPRIGHT, UPSIDE_DOWN, planted
from tests.io.write.sources import sector_frames, sector_of


def beneath() -> Beneath:
    frames = np.zeros((10, 200, 280), np.uint8)
    frames[:, 20:164, 40:232] = sector_frames()[:10]
    sector = np.zeros((200, 280), bool)
    sector[20:164, 40:232] = sector_of(144, 192)
    return Beneath("speckle in a sector", frames, sector, (30, 10, 245, 170))


@pytest.mark.parametrize(
    ("turn", "number"),
    [
        *((turn, number) for turn in (LEVEL, UPRIGHT) for number in range(2 * len(LOOKS))),
        *((turn, number) for turn in (UPSIDE_DOWN, MIRRORED) for number in range(0, 2 * len(LOOKS), 3)),
    ],
)
def test_no_copy_shows_a_name_and_what_is_not_blanked_stays(turn: str, number: int):
    case = planted(number, 7, beneath(), turn=turn)
    found = outcome(case, beneath())
    # A letter alone names no one; of a name as bright as the speckle of a still, one may stay.
    assert found.letters <= (1 if len(case.frames) == 1 else 0), (case.look, case.colour, case.region)
    assert found.identical
    assert found.kept_share > 0.25 or not found.written


def test_blurred_dark_text_is_found_where_speckle_is_gone_over_time():
    """Its contrast in the mean over time lies between those that single frames are searched by."""
    rng = np.random.default_rng(1)
    tissue = np.stack([cv2.GaussianBlur(rng.exponential(14.0, (120, 240)), (0, 0), 1.2) for _ in range(8)])
    letters = np.zeros((120, 240), np.uint8)
    cv2.putText(letters, "MRN 550917", (60, 70), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1, 2)
    cover = cv2.GaussianBlur(letters.astype(float), (0, 0), 1.0)
    frames = np.round(tissue * (1 - cover / cover.max())).clip(0, 255).astype(np.uint8)
    assert lettering(frames)[letters > 0].all()
    assert lettering(np.ascontiguousarray(np.rot90(frames, axes=(1, 2))))[np.rot90(letters) > 0].all()


def test_flow_in_colour_is_not_taken_for_upright_text():
    """The least of a clip with a mosaic of flow that was kept before was a third."""
    clip = flowing(0)
    lit = clip.sector & (clip.frames.max(axis=(0, 3)) > 24)
    assert (lit & ~lettering(clip.frames)).sum() > 0.6 * lit.sum()


def test_what_is_blanked_beside_text_ends_at_a_wide_black_gap_and_not_at_a_space():
    frames = np.zeros((10, 120, 400), np.uint8)
    cv2.putText(frames[0], "I MRN I", (150, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 200, 1)
    frames[:] = frames[0]
    frames[:, 30:90, :100] = 60  # tissue, 50 px beside the text
    blanked = lettering(frames)
    assert blanked[frames[0] == 200].all()
    assert not blanked[:, :100].any()


def test_cases_are_the_same_every_time():
    one, other = planted(5, 7, beneath()), planted(5, 7, beneath())
    assert np.array_equal(one.frames, other.frames)
    assert not np.array_equal(one.letters, planted(7, 7, beneath()).letters)
