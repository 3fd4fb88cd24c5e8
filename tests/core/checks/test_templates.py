"""An initial contour is no measurement until it was moved or confirmed, and no second opinion."""

import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.outlines.initial_contours import initial_circle
from kinecor.core.values.confidence import Trust
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.long_axis import drawn_from_stack
from kinecor.session import codec
from kinecor.session.edits import OnSlice, SetContours
from tests import stacks
from tests.readings import cine, ellipse, read


def template(frame, structure=Structure.LV_ENDO, origin=Origin.TEMPLATE):
    return SetContours(structure, frame, (ellipse(64, 45, 15, 27),), (origin,))


def found(reading):
    return [one for one in assess(reading).findings if one.code == "contours.not-fitted"]


def row(reading, code):
    return next(one for one in assess(reading).measurements if one.code == code)


def test_a_template_withholds_what_rests_on_it_until_it_is_moved_or_confirmed():
    reading = template(0).apply(read(cine()), "Dr Grey")
    (one,) = found(reading)
    assert one.frames == (0,)
    assert "LV endocardium at frame 1 was not fitted" in one.message
    assert row(reading, "EDV").trust is Trust.WITHHELD
    assert reading.tracks[Structure.LV_ENDO].confidence[0] == 0
    moved = template(0, origin=Origin.EDITED).apply(reading, "Dr Grey")
    assert found(moved) == []
    assert row(moved, "EDV").quantity is not None


def test_a_template_of_the_atrium_leaves_the_ventricle():
    reading = template(6, Structure.LA).apply(read(cine()), "Dr Grey")
    assert found(reading)[0].measurements == {"LAV"} | (found(reading)[0].measurements - {"EDV", "ESV", "EF"})
    assert "EF" not in found(reading)[0].measurements


def test_a_template_in_a_slice_names_the_slice():
    whole = stacks.read(stacks.stack())
    circle = initial_circle(Structure.LV_ENDO, stacks.CENTRE_PX, whole.slices[3].calibration)
    edit = OnSlice(3, SetContours(Structure.LV_ENDO, 0, (circle,), (Origin.TEMPLATE,)))
    (one,) = found(edit.apply(whole, "Dr Grey"))
    assert (one.frames, one.slices) == ((0,), (3,))
    assert found(whole) == []


def test_a_template_says_nothing_of_a_stack_s_base():
    loop = template(0).apply(read(cine()), "Dr Grey")
    assert drawn_from_stack(loop, 0)
    assert not drawn_from_stack(loop, 1)


@pytest.mark.parametrize("origin", [Origin.TEMPLATE, Origin.EDITED])
def test_it_is_saved_as_what_it_is(origin):
    edit = template(0, origin=origin)
    assert codec.decode(*codec.encode(edit)).origins == (origin,)
