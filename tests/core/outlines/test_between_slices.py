import numpy as np
import pytest

from kinecor.core.outlines.initial_contours import between_slices
from kinecor.core.values.confidence import SINGLE_KEYFRAME, STACK_CONTOURS
from kinecor.core.values.track import Origin, Structure
from tests import stacks

ENDO = Structure.LV_ENDO
WHOLE = stacks.read(stacks.stack())


def without(*numbers):
    slices = tuple(one.with_(tracks={}) if at in numbers else one for at, one in enumerate(WHOLE.slices))
    return WHOLE.with_(slices=slices)


def test_a_lost_slice_lies_between_its_neighbours():
    number = next(at for at in range(2, 8) if all(ENDO in WHOLE.slices[at + by].tracks for by in (-1, 0, 1)))
    found = between_slices(without(number), number)
    track = found[ENDO]
    assert set(track.origins) == {Origin.TRACKED}
    for phase, contour in enumerate(track.contours):
        areas = [WHOLE.slices[number + by].tracks[ENDO].contours[phase].area_px2 for by in (-1, 1)]
        assert min(areas) * 0.98 <= contour.area_px2 <= max(areas) * 1.02
    # Nothing confirms it: it counts as little as a contour propagated from one frame alone.
    assert set(track.confidence) == {SINGLE_KEYFRAME}
    assert STACK_CONTOURS.check > SINGLE_KEYFRAME
    # It is what a correction is carried on, as an automatic contour is.
    assert track.automatic == track.contours


def test_a_slice_with_contours_stays():
    number = next(at for at, one in enumerate(WHOLE.slices) if ENDO in one.tracks and any(one.tracks[ENDO].contours))
    assert ENDO not in between_slices(WHOLE, number)


def test_far_from_all_contours_nothing_is_filled_in():
    assert between_slices(without(*range(len(WHOLE.slices))), 4) == {}


@pytest.mark.parametrize("side", [-1, 1])
def test_at_an_end_it_is_the_neighbour(side):
    shown = [at for at, one in enumerate(WHOLE.slices) if ENDO in one.tracks and all(one.tracks[ENDO].contours)]
    end = shown[0] if side < 0 else shown[-1]
    beyond = range(end) if side < 0 else range(end + 1, len(WHOLE.slices))
    found = between_slices(without(end, *beyond), end)[ENDO]
    near = WHOLE.slices[end - side].tracks[ENDO].contours
    np.testing.assert_allclose([one.area_px2 for one in found.contours], [one.area_px2 for one in near], rtol=0.02)
