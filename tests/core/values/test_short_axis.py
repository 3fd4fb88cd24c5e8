import pytest

from kinecor.core.values.choices import Extent, Insertion


def test_an_extent_holds_its_ends_whichever_way_slices_are_numbered():
    extent = Extent((1, 6), (5, 2))
    assert [extent.holds(number, 0) for number in range(7)] == [False, True, True, True, True, True, False]
    assert [extent.holds(number, 1) for number in range(8)] == [False, False, *[True] * 5, False]


@pytest.mark.parametrize(("base", "apex"), [((1, 2), (3,)), ((-1,), (3,))])
def test_an_extent_that_cannot_be(base, apex):
    with pytest.raises(ValueError, match=r"phases|counted"):
        Extent(base, apex)


def test_an_insertion_turns_one_way_or_the_other():
    with pytest.raises(ValueError, match="turn of 1 or -1"):
        Insertion(90.0, 0)
