from dataclasses import replace

import pytest

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import View, first_reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import base_doubts, long_axis_checks
from kinecor.core.volumes.long_axis import outlined_from_stack
from tests import stacks
from tests.core.volumes.test_long_axis import THROUGH
from tests.readings import cine

ENDO = Structure.LV_ENDO


@pytest.fixture(scope="module")
def stack():
    read = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    return read.with_(events=CardiacEvents((Beat(0, 10),), Origin.MODEL))


def loop(stack, valve_mm, frames=20, modality="MR"):
    """A four-chamber loop whose hinge points are `valve_mm` below the stack's position 0, at all frames."""
    one = cine(frames)
    one = replace(
        one, plane=THROUGH, calibration=Calibration(1.0, 1.0, "test"), source=replace(one.source, modality=modality)
    )
    reading = first_reading(one).with_(view=View("A4C", None, "header"))
    track = outlined_from_stack(stack, reading)
    contours = []
    for contour in track.contours:
        points = contour.points.copy()
        points[[0, -1], 1] = 20 + valve_mm
        contours.append(Contour(points))
    return reading.with_(tracks={ENDO: replace(track, contours=tuple(contours))})


def test_a_base_within_a_slice_is_checked_and_not_doubted(stack):
    found = long_axis_checks(stack, [loop(stack, 6.0)])
    assert [(one.mark, one.phase, one.expected, one.chosen, one.apart) for one in found] == [
        ("ED", 0, 2, 1, 1),
        ("ES", 10, 2, 1, 1),
    ]
    assert found[0].beyond_mm == pytest.approx(2.0)
    assert base_doubts(stack, [loop(stack, 6.0)]) == ()


def test_two_slices_are_doubted_and_reported(stack):
    doubts = base_doubts(stack, [loop(stack, 14.0)])
    said = "the base is slice 2, but the mitral valve lies at slice 4 by A4C: the base is 10 mm beyond it, check it."
    assert doubts == (f"At ED {said}", f"At ES {said}")
    other = loop(stack, 22.0).with_(view=View("A2C", None, "header"))
    both = base_doubts(stack, [loop(stack, 14.0), other])
    assert len(both) == 2
    assert "slice 4 by A4C; slice 5 by A2C: the base is 14 mm beyond it" in both[0]


def test_a_loop_with_marks_is_examined_there(stack):
    one = loop(stack, 14.0)
    contours = list(one.tracks[ENDO].contours)
    edited = one.tracks[ENDO].contours[0].points.copy()
    edited[[0, -1], 1] = 20 + 2.0
    contours[4] = Contour(edited)
    track = replace(one.tracks[ENDO], contours=tuple(contours))
    marked = one.with_(tracks={ENDO: track}, events=CardiacEvents((Beat(4, 9),), Origin.EDITED))
    assert [check.expected for check in long_axis_checks(stack, [marked])] == [1, 3]


def test_nothing_is_said_of_an_echo_nor_without_marks_or_outlines(stack):
    assert long_axis_checks(stack, [loop(stack, 14.0, modality="US")]) == ()
    assert long_axis_checks(stack.with_(events=None), [loop(stack, 14.0)]) == ()
    assert long_axis_checks(stack, [loop(stack, 14.0).with_(tracks={})]) == ()


def test_an_outline_taken_from_the_stack_is_no_second_opinion(stack):
    drawn = loop(stack, 14.0).with_(authors={"tracks/lv_endo": "Anna"})
    assert long_axis_checks(stack, [drawn]) == ()
    by_model = drawn.with_(authors={"tracks/lv_endo": "model:carry@1"})
    assert len(long_axis_checks(stack, [by_model])) == 2


def test_a_frame_that_was_moved_since_is_one(stack):
    drawn = loop(stack, 14.0).with_(authors={"tracks/lv_endo": "Anna"})
    track = drawn.tracks[ENDO]
    moved = drawn.with_(tracks={ENDO: track.replaced(0, track.contours[:1], Origin.EDITED)})
    assert [one.mark for one in long_axis_checks(stack, [moved])] == ["ED"]
