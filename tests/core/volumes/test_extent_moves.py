from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import (
    decided_right_base,
    decision_of,
    exchange_ends,
    extent_of,
    is_turned,
    proposed_extent,
    right_base_of,
    right_base_with,
    slices_with_number,
    with_end,
)
from kinecor.core.volumes.stack_volumes import counted_right, stack_curves
from kinecor.session.edits import ExchangeEnds, SetExtent, SetRvBase
from tests import stacks
from tests.core.volumes.test_extent_decision import scaled


def test_where_none_was_chosen_the_contours_decide():
    reading = stacks.read(stacks.stack())
    assert extent_of(reading) == Extent((1,) * 20, (10,) * 20)
    chosen = stacks.read(stacks.stack(), extent=Extent((2,) * 20, (8,) * 20))
    assert extent_of(chosen) is chosen.short_axis.extent


def test_the_right_ventricle_has_a_separate_base():
    reading = stacks.read(stacks.stack())
    assert right_base_of(reading) == (1,) * 20
    assert slices_with_number((1, 1, 1), 3, 2) == (1, 1, 3)
    base = slices_with_number(right_base_of(reading), 4, 10)
    chosen = SetRvBase(base).apply(reading, "Ann")
    assert right_base_of(chosen) == base
    before, after = stack_curves(reading), stack_curves(chosen)
    assert after.rv[:10] == pytest.approx(before.rv[:10])
    lost = before.areas[Structure.RV][1:4, 10].sum() * 8
    assert before.rv[10] - after.rv[10] == pytest.approx(lost, rel=0.01)
    assert after.endo == pytest.approx(before.endo)
    rows = {row.code: row for row in measurements(chosen)}
    assert "base slice 2 at ED, 5 at ES" in rows["RVESV"].method
    assert rows["RVESV"].quantity.value < {r.code: r for r in measurements(reading)}["RVESV"].quantity.value
    with pytest.raises(ValueError, match="an RV base for 20 phases"):
        SetRvBase((1, 2)).apply(reading, "Ann")


def test_numbered_from_the_apex_the_base_is_the_last_slice():
    reading = stacks.read(stacks.stack(), extent=Extent((10,) * 20, (1,) * 20))
    counts = counted_right(SetRvBase((8,) * 20).apply(reading, "Ann"))
    assert counts[:, 0].tolist() == [True] * 9 + [False] * 3


def test_one_phase_or_all():
    extent = Extent((1, 1, 1), (9, 9, 9))
    assert with_end(extent, "base", 2, 1) == Extent((1, 2, 1), (9, 9, 9))
    assert with_end(extent, "apex", 8, None) == Extent((1, 1, 1), (8, 8, 8))


def test_a_correction_fades_out_between_ed_and_es_and_leaves_no_step():
    ends = (3,) * 20
    corrected = slices_with_number(ends, 5, 0, (0, 10))
    assert corrected[0] == 5
    assert corrected[10] == 3
    around = (*corrected, corrected[0])
    assert max(abs(b - a) for a, b in pairwise(around)) == 1
    assert corrected[1:10] == corrected[11:][::-1]


def test_a_correction_of_another_phase_leaves_ed_and_es():
    ends = (3,) * 5 + (4,) * 10 + (3,) * 5
    corrected = slices_with_number(ends, 6, 4, (0, 10))
    assert (corrected[0], corrected[4], corrected[10]) == (3, 6, 4)
    assert corrected[11:] == ends[11:]


def test_what_is_between_corrected_ends_keeps_its_own_course():
    ends = (1,) * 6 + (2,) * 8 + (1,) * 6
    at_ed = slices_with_number(ends, 2, 0, (0, 10))
    assert slices_with_number(at_ed, 3, 10, (0, 10))[10] == 3
    assert at_ed[10] == 2


def test_the_right_base_follows_where_the_left_goes_farther_in_and_comes_back_with_it():
    """A slice that was no longer ventricle still counted for the right one: the stroke volumes came apart."""
    there = Extent((1,) * 20, (10,) * 20)
    reading = SetRvBase((1,) * 20).apply(stacks.read(stacks.stack(), extent=there), "model:lv-sax@1.0")
    inside = with_end(there, "base", 3, 0)
    right = right_base_with(reading, inside)
    assert right == (3, *[1] * 19)
    moved = SetRvBase(right).apply(SetExtent(inside).apply(reading, "Ann"), "Ann")
    assert right_base_with(moved, there) == (1,) * 20
    assert right_base_with(moved, inside) is None


def test_a_right_base_that_a_person_chose_stays():
    there = Extent((1,) * 20, (10,) * 20)
    reading = SetRvBase((2,) * 20).apply(stacks.read(stacks.stack(), extent=there), "Ann")
    assert right_base_with(reading, with_end(there, "base", 3, 0)) is None
    deeper = SetRvBase((4,) * 20).apply(reading, "model:lv-sax@1.0")
    assert right_base_with(deeper, with_end(there, "base", 3, 0)) is None  # it is inside already


@pytest.mark.parametrize("turned", [False, True])
def test_a_base_cannot_be_set_beyond_the_apex_nor_the_apex_beyond_the_base(turned):
    low, high = (1,) * 20, (9,) * 20
    extent = Extent(high, low) if turned else Extent(low, high)
    beyond_apex, beyond_base = (0, 11) if turned else (11, 0)
    for phase in (0, None):
        with pytest.raises(ValueError, match=r"the base would lie beyond the apex .*exchange base and apex first"):
            with_end(extent, "base", beyond_apex, phase, (0, 10))
        with pytest.raises(ValueError, match=r"the apex would lie beyond the base .*exchange base and apex first"):
            with_end(extent, "apex", beyond_base, phase, (0, 10))
    # A stack whose ends have changed places before can be put right, one phase after the other.
    mixed = Extent((9, 9, 1), (1, 1, 9))
    assert with_end(mixed, "base", 2, 2) == Extent((9, 9, 2), (1, 1, 9))


def test_base_and_apex_are_exchanged_for_both_ventricles_and_back():
    sound = stacks.read(stacks.stack())
    extent = proposed_extent(sound)
    chosen = replace(sound.short_axis, extent=extent, rv_base=decided_right_base(sound, extent))
    reading = sound.with_(short_axis=chosen)
    after = ExchangeEnds(*exchange_ends(reading)).apply(reading, "Ann")
    there = after.short_axis
    assert all(base > apex for base, apex in zip(there.extent.base, there.extent.apex, strict=True))
    # The right ventricle's base is on the other side, and none of its slices is lost with it.
    assert min(there.rv_base) > max(there.extent.apex)
    assert stack_curves(after).rv == pytest.approx(stack_curves(reading).rv)
    assert is_turned(decision_of(after).extent)
    back = ExchangeEnds(*exchange_ends(after)).apply(after, "Ann").short_axis
    assert back.extent == extent
    assert back.rv_base == chosen.rv_base


def test_ends_that_a_reader_moved_change_places_as_they_are():
    reading = stacks.read(stacks.stack(), extent=Extent((3,) * 20, (8,) * 20))
    extent, right = exchange_ends(reading)
    assert extent == Extent((8,) * 20, (3,) * 20)
    assert right is None
    with pytest.raises(ValueError, match="no slice has a contour"):
        exchange_ends(reading.with_(slices=tuple(one.with_(tracks={}) for one in reading.slices)))


def test_a_short_stack_that_begins_with_the_outflow_tract_is_turned_over():
    """Five slices whose first, of the outflow tract, is small: by the sizes alone the stack opens upside down."""
    whole = stacks.read(stacks.stack(stacks.positions(step_mm=16.0, slices=5, first_mm=4.0)))
    sizes = np.array([0.25, 0.6, 1.0, 1.2, 1.3])[:, None] * np.ones((5, 20))
    wrong = whole
    for number in range(5):
        wrong = scaled(wrong, number, sizes[number])
    extent = proposed_extent(wrong)
    assert is_turned(extent)
    reading = SetExtent(extent).apply(wrong, "model:sax@1+00")
    after = ExchangeEnds(*exchange_ends(reading)).apply(reading, "Ann")
    assert not is_turned(after.short_axis.extent)
    assert not is_turned(decision_of(after).extent)
