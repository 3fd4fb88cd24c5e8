from itertools import pairwise

import pytest

from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Extent
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import extent_of, placed, right_base_of, right_base_with, with_end
from kinecor.core.volumes.stack_volumes import counted_right, stack_curves
from kinecor.session.edits import SetExtent, SetRvBase
from tests import stacks


def test_where_none_was_chosen_the_contours_decide():
    reading = stacks.read(stacks.stack())
    assert extent_of(reading) == Extent((1,) * 20, (10,) * 20)
    chosen = stacks.read(stacks.stack(), extent=Extent((2,) * 20, (8,) * 20))
    assert extent_of(chosen) is chosen.short_axis.extent


def test_the_right_ventricle_has_a_separate_base():
    reading = stacks.read(stacks.stack())
    assert right_base_of(reading) == (1,) * 20
    assert placed((1, 1, 1), 3, 2) == (1, 1, 3)
    base = placed(right_base_of(reading), 4, 10)
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
    corrected = placed(ends, 5, 0, (0, 10))
    assert corrected[0] == 5
    assert corrected[10] == 3
    around = (*corrected, corrected[0])
    assert max(abs(b - a) for a, b in pairwise(around)) == 1
    assert corrected[1:10] == corrected[11:][::-1]


def test_a_correction_of_another_phase_leaves_ed_and_es():
    ends = (3,) * 5 + (4,) * 10 + (3,) * 5
    corrected = placed(ends, 6, 4, (0, 10))
    assert (corrected[0], corrected[4], corrected[10]) == (3, 6, 4)
    assert corrected[11:] == ends[11:]


def test_what_is_between_corrected_ends_keeps_its_own_course():
    ends = (1,) * 6 + (2,) * 8 + (1,) * 6
    at_ed = placed(ends, 2, 0, (0, 10))
    assert placed(at_ed, 3, 10, (0, 10))[10] == 3
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
