from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.ui.tiles.menus import circle_edit, neighbour_edit, spread_edit
from tests import stacks

ENDO = Structure.LV_ENDO


def test_a_stack_without_a_model_is_contoured_by_hand():
    reading = first_stack_reading(stacks.stack())
    reading = circle_edit(reading, 4, 0, ENDO, (44.0, 48.0)).apply(reading, "Ann")
    reading = spread_edit(reading, 4, 0).apply(reading, "Ann")
    assert all(reading.slices[4].tracks[ENDO].contours)
    assert spread_edit(reading, 4, 0) is None
    for phase in range(20):
        reading = neighbour_edit(reading, 4, 5, phase).apply(reading, "Ann")
    found = stack_curves(reading).endo
    assert (found > 20_000).all()
    assert reading.slices[5].tracks[ENDO].origins[7] is Origin.EDITED
    assert reading.slices[5].authors == {"tracks/lv_endo/edited": "Ann"}


def test_nothing_to_take_from_an_empty_slice():
    reading = first_stack_reading(stacks.stack())
    assert neighbour_edit(reading, 4, 5, 0) is None
    assert spread_edit(reading, 4, 0) is None


def test_what_was_drawn_at_other_phases_stays():
    reading = stacks.read(stacks.stack())
    one = reading.slices[4].tracks[ENDO]
    reading = circle_edit(reading, 0, 3, ENDO, (44.0, 48.0)).apply(reading, "Ann")
    reading = circle_edit(reading, 0, 5, ENDO, (40.0, 48.0)).apply(reading, "Ann")
    spread = spread_edit(reading, 0, 3).apply(reading, "Ann")
    contours = spread.slices[0].tracks[ENDO].contours
    assert contours[5] is reading.slices[0].tracks[ENDO].contours[5]
    assert contours[4] == contours[3]
    assert spread.slices[4].tracks[ENDO] is one
