from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.segments import apical_cap_mm
from tests import stacks
from tests.stacks import SPACING_MM, circle, track

TIP_MM = 78.0


def paraboloids(cap_mm: float, last: int = 11) -> Reading:
    """Slices 8 mm apart through two paraboloids, the outer ending `cap_mm` beyond the inner; contours up to `last`."""
    empty = stacks.read(stacks.stack(), right=False)
    slices = []
    for number, (one, place) in enumerate(zip(empty.slices, stacks.positions(), strict=True)):
        rows = {}
        for structure, tip in ((Structure.LV_ENDO, TIP_MM), (Structure.LV_EPI, TIP_MM + cap_mm)):
            left = tip - place if number <= last else -1.0
            row = [circle(np.sqrt(left * 8) / SPACING_MM) if left > 0 else None] * stacks.PHASES
            rows[structure] = track(structure, row)
        slices.append(one.with_(tracks=rows))
    return empty.with_(slices=tuple(slices))


@pytest.mark.parametrize("cap_mm", [3.0, 7.0, 12.0])
def test_the_cap_of_paraboloids_is_exact_whether_or_not_a_slice_meets_it(cap_mm: float) -> None:
    assert apical_cap_mm(paraboloids(cap_mm), 0, base_first=True) == pytest.approx(cap_mm, abs=0.01)


def test_slices_numbered_from_the_apex_give_the_same() -> None:
    reading = paraboloids(7.0)
    stack = replace(reading.facts.stack, positions_mm=-reading.facts.stack.positions_mm[::-1])
    turned = reading.with_(slices=reading.slices[::-1], facts=replace(reading.facts, stack=stack))
    assert apical_cap_mm(turned, 0, base_first=False) == pytest.approx(7.0, abs=0.01)


def test_a_stack_that_ends_above_the_apex_has_none() -> None:
    assert np.isnan(apical_cap_mm(paraboloids(7.0, last=6), 0, base_first=True))
    counted = Extent((1,) * stacks.PHASES, (5,) * stacks.PHASES)
    whole = paraboloids(7.0)
    assert np.isnan(
        apical_cap_mm(whole.with_(short_axis=replace(whole.short_axis, extent=counted)), 0, base_first=True)
    )


def test_no_result_without_scale_or_taper() -> None:
    reading = paraboloids(7.0)
    assert np.isnan(apical_cap_mm(reading.with_(calibration=None), 0, base_first=True))
    assert np.isnan(apical_cap_mm(paraboloids(-7.0), 0, base_first=True))
    assert np.isnan(apical_cap_mm(reading, 0, base_first=False))
