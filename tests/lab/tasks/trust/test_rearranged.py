"""Recordings whose images only changed places need no networks."""

import numpy as np
import pytest

from kinecor.core.values.reading import contour_at, first_reading_of
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.open.recordings import open_path
from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS
from kinecor_lab.tasks.trust.kinds.stack import STACK_KINDS
from kinecor_lab.tasks.trust.plan import StackCase
from kinecor_lab.tasks.trust.prepared import write
from kinecor_lab.tasks.trust.rearranged import origins, same_images, stack_edit
from kinecor_lab.tasks.trust.simulated import StackSetting
from tests.stacks import circle

BY = "model:x@1+ab"


def _way(kinds, name, strength):
    return next(one for one in kinds if one.name == name).ways[strength]


def _opened(stack, folder):
    folder.mkdir()
    write(StackCase("choose", StackSetting("normal", 1)), stack, folder)
    (recording,) = open_path(folder).recordings
    return recording


def _radius(slice_number, phase):
    return 3 + slice_number + 0.1 * phase


@pytest.fixture
def sound(small_stack, tmp_path):
    """The sound stack, analysed: the radius of a contour says which slice and phase it is of."""
    first = first_reading_of(_opened(small_stack, tmp_path / "sound"))
    slices = []
    for number, one in enumerate(first.slices):
        tracks = {}
        for structure, wall_px in ((Structure.LV_ENDO, 0), (Structure.LV_EPI, 3)):
            contours = tuple(circle(_radius(number, phase) + wall_px, (16, 16)) for phase in range(6))
            tracks[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * 6, np.ones(6))
        slices.append(one.with_(tracks=tracks))
    return first.with_(slices=tuple(slices))


def _found(reading, number, phase):
    points = contour_at(reading, Structure.LV_ENDO, number, phase).points
    return float(np.hypot(*(points - points.mean(axis=0)).T).mean())


@pytest.mark.parametrize(
    ("kind", "strength"),
    [
        ("slices lost in the middle", "2"),
        ("slices out of order", "one pair"),
        ("slice mistriggered", "three, 40 %"),
        ("phases at ES lost", "40 %"),
        ("heart rate in the MR header", "x 1.6"),
    ],
)
def test_contours_follow_their_images(kind, strength, small_stack, sound, tmp_path):
    made = _way(STACK_KINDS, kind, strength).made(small_stack, np.random.default_rng(0))
    places = origins(small_stack, made)
    assert places is not None
    recording = _opened(made, tmp_path / "made")
    first = first_reading_of(recording)
    reading = stack_edit(recording, first, sound, places, BY).apply(first, BY)
    for number, place in enumerate(places):
        for phase, before in enumerate(place.phases):
            assert _found(reading, number, phase) == pytest.approx(_radius(place.slice, before), rel=1e-3)


@pytest.mark.parametrize(("kind", "strength"), [("MR noise", "30 %"), ("pixel size", "x 1.4"), ("blur", "3 px")])
def test_other_images_are_analysed_again(kind, strength, small_stack):
    made = _way(STACK_KINDS, kind, strength).made(small_stack, np.random.default_rng(0))
    assert origins(small_stack, made) is None


def test_a_clip_with_another_rate_or_scale_shows_the_same_images(small_clip):
    for kind, strength, same in (
        ("heart rate in the header", "x 2", True),
        ("scale", "x 1.8", True),
        ("scale of one axis", "x 1.7", False),
        ("frame times", "x 2", False),
        ("noise", "SD 50", False),
    ):
        made = _way(ECHO_KINDS, kind, strength).made(small_clip, np.random.default_rng(0))
        assert same_images(small_clip, made) == same
