import pytest

from kinecor.core.outlines.insertion import RIM, heart_view
from kinecor.core.values.reading import first_stack_reading
from tests import stacks


def test_all_outlines_and_a_rim():
    found = heart_view(stacks.read(stacks.stack(), right=False))
    widest = 2 * (stacks.Heart().radius(4.0, 0) + stacks.Heart().wall_mm) / stacks.SPACING_MM
    assert (found.x, found.y) == pytest.approx(stacks.CENTRE_PX, abs=0.1)
    assert found.side_px == pytest.approx(widest * (1 + RIM), rel=0.01)


def test_without_outlines_there_is_nothing_to_show_large():
    assert heart_view(first_stack_reading(stacks.stack())) is None
