from kinecor.core.extent_moves import extent_of, with_end
from kinecor.core.short_axis import Extent
from tests import stacks


def test_where_none_was_chosen_the_contours_tell():
    reading = stacks.read(stacks.stack())
    assert extent_of(reading) == Extent((1,) * 20, (10,) * 20)
    chosen = stacks.read(stacks.stack(), extent=Extent((2,) * 20, (8,) * 20))
    assert extent_of(chosen) is chosen.short_axis.extent


def test_one_phase_or_all():
    extent = Extent((1, 1, 1), (9, 9, 9))
    assert with_end(extent, "base", 2, 1) == Extent((1, 2, 1), (9, 9, 9))
    assert with_end(extent, "apex", 8, None) == Extent((1, 1, 1), (8, 8, 8))
