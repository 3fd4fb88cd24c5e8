"""Which recordings are proposed next to each other, and where their tiles lie."""

import pytest
from PySide6.QtCore import QRectF

from kinecor.ui.tiles.layouts import Held, filled, places, proposed

ECHO = [Held(0, "PLAX"), Held(1, "A4C"), Held(2, "A2C"), Held(3, "A4C"), Held(4, "A3C"), Held(5)]
MRI = [Held(0, "SAX", stack=True), Held(1, "A4C", crosses=True), Held(2, "A2C", crosses=True), Held(3, "A3C")]


def test_the_apical_views_in_their_order_with_the_clip_in_focus_for_its_view():
    assert proposed(ECHO, 1) == (1, 2, 4)
    assert proposed(ECHO, 4) == (1, 2, 4)
    assert proposed(ECHO, 3) == (3, 2, 4)


def test_the_biplane_pair_and_what_has_no_partner():
    assert proposed(ECHO[:3], 2) == (1, 2)
    assert proposed(ECHO, 0) == (0,)
    assert proposed(ECHO, 5) == (5,)
    assert proposed([], 2) == (2,)


def test_a_stack_with_the_long_axes_that_cut_it():
    assert proposed(MRI, 0) == (0, 1, 2)
    assert proposed(MRI, 2) == (0, 1, 2)
    assert proposed(MRI, 3) == (1, 2, 3)


def test_stress_stages_of_the_view_in_focus():
    stages = [
        Held(4 * at + of, view, stage=stage)
        for at, stage in enumerate(("rest", "low", "peak"))
        for of, view in enumerate(("A4C", "A2C", "PLAX", "PSAX"))
    ]
    assert proposed(stages, 4) == (0, 4, 8)
    assert proposed(stages, 11) == (3, 7, 11)


def test_stages_are_matched_by_the_headers_number_and_never_by_an_unknown_view():
    unnamed = [Held(at, stage=stage) for at, stage in enumerate(("rest", "peak"))]
    assert proposed(unnamed, 0) == (0,)
    numbered = [Held(2 * at + of, stage=stage, view_number=of) for at, stage in enumerate("ab") for of in (0, 1)]
    assert proposed(numbered, 3) == (1, 3)


def test_as_many_tiles_as_the_reader_asked_for_with_the_focus_among_them():
    assert filled(ECHO, 1, 2) == (1, 2)
    assert filled(ECHO, 1, 4) == (1, 2, 4, 0)
    assert filled(ECHO, 5, 1) == (5,)
    assert filled(ECHO, 5, 2, before=(1, 2, 4)) == (5, 1)
    assert filled(ECHO[:2], 0, 6) == (0, 1)


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (6, 3)])
def test_tiles_lie_beside_each_other_without_overlap(count, columns):
    area = QRectF(0, 0, 1200, 800)
    found = places(count, area)
    assert len(found) == count
    assert len({box.left() for box in found}) == columns
    assert all(area.contains(box) for box in found)
    assert not any(a.intersects(b) for at, a in enumerate(found) for b in found[:at])


def test_tiles_keep_their_columns_unless_others_are_much_better():
    wide, narrow = QRectF(0, 0, 900, 420), QRectF(0, 0, 768, 420)
    assert len({box.left() for box in places(3, narrow)}) == 2
    assert len({box.left() for box in places(3, narrow, before=3)}) == 3
    assert len({box.left() for box in places(3, QRectF(0, 0, 300, 420), before=3)}) == 1
    assert len({box.left() for box in places(2, wide, before=3)}) == 2


def test_a_stack_has_most_of_the_width_and_its_long_axes_one_above_the_other():
    stack, *axes = places(3, QRectF(0, 0, 1000, 700), stack=True)
    assert stack.width() == 715
    assert {box.left() for box in axes} == {719}
    assert axes[0].bottom() < axes[1].top()
    assert axes[1].bottom() == 700
