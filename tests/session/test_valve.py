from dataclasses import replace

import pytest

from kinecor.core.values.choices import Extent, ShortAxis
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Decision, choices
from kinecor.core.values.track import Origin
from kinecor.core.volumes.extent import decision_of, proposed_extent
from kinecor.core.volumes.long_axis import frame_in_cycle, valve_of_stack
from kinecor.session.edits import SetExtent
from kinecor.session.valve import VALVE_AUTHOR, valve_edit
from tests import stacks
from tests.core.volumes.test_base_checks import ENDO, loop

MODEL = "model:lv-sax@1"


@pytest.fixture(scope="module")
def stack():
    read = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    read = read.with_(events=CardiacEvents((Beat(0, 10),), Origin.MODEL), short_axis=ShortAxis())
    return SetExtent(proposed_extent(read)).apply(read, MODEL)


def test_the_place_is_the_mean_over_long_axes(stack):
    one, other = loop(stack, 6.0), loop(stack, 14.0)
    step_mm = stack.facts.stack.positions_mm[0]
    found = valve_of_stack(stack, [one, other])
    assert found.views == ("A4C",)
    assert found.place_mm == pytest.approx((10.0 - step_mm,) * 20, abs=0.02)
    assert valve_of_stack(stack, [loop(stack, 6.0, modality="US")]) is None


def test_contours_of_little_confidence_say_nothing(stack):
    one = loop(stack, 6.0)
    sure = one.tracks[ENDO].confidence.copy()
    sure[:19] = 0.5
    unsure = one.with_(tracks={ENDO: replace(one.tracks[ENDO], confidence=sure)})
    known = [place for place in valve_of_stack(stack, [unsure]).place_mm if place is not None]
    assert len(known) == 1


def test_phases_go_by_systole_and_diastole(stack):
    one = loop(stack, 6.0, frames=10).with_(events=CardiacEvents((Beat(2, 6),), Origin.MODEL))
    assert [frame_in_cycle(stack, one, phase) for phase in (0, 5, 10, 15)] == [2, 4, 6, 9]


def test_the_base_goes_to_where_the_valve_is_as_far_as_the_slices_allow(stack):
    before = choices(stack).extent
    likely = decision_of(stack).base_probability
    near = valve_edit(stack, [loop(stack, 40.0)]).apply(stack, VALVE_AUTHOR)
    # A valve far within the ventricle makes slices beyond it less likely, and does not overrule them alone.
    assert (decision_of(near).base_probability[before.base[0], 0]) < likely[before.base[0], 0]
    assert choices(near).valve.views == ("A4C",)
    assert near.authors["short_axis/valve"] == VALVE_AUTHOR


def test_it_is_done_once(stack):
    after = valve_edit(stack, [loop(stack, 6.0)]).apply(stack, VALVE_AUTHOR)
    assert valve_edit(after, [loop(stack, 6.0)]) is None


def test_what_a_person_chose_stays(stack):
    by_hand = SetExtent(Extent((3,) * 20, (9,) * 20)).apply(stack, "Anna")
    edit = valve_edit(by_hand, [loop(stack, 6.0)])
    assert choices(edit.apply(by_hand, VALVE_AUTHOR)).extent == choices(by_hand).extent
    decided = stack.with_(decisions={"EDV": Decision("EDV", True, None, "Anna")})
    assert valve_edit(decided, [loop(stack, 6.0)]) is None


def test_without_long_axes_nothing_changes(stack):
    assert valve_edit(stack, []) is None
