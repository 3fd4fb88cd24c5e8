from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.extent import myocardial_share, proposed_extent
from tests import stacks
from tests.stacks import CENTRE_PX


def changed(reading, number, structure, **parts):
    one = reading.slices[number]
    track = replace(one.tracks[structure], **parts)
    again = one.with_(tracks={**one.tracks, structure: track})
    return reading.with_(slices=(*reading.slices[:number], again, *reading.slices[number + 1 :]))


def open_wall(reading, number, share):
    """The wall of a slice is there over `share` of its circumference only, as near the valve."""
    one = reading.slices[number]
    rows = []
    for inner, outer in zip(one.tracks[Structure.LV_ENDO].contours, one.tracks[Structure.LV_EPI].contours, strict=True):
        out = outer.points - CENTRE_PX
        turn = np.degrees(np.arctan2(out[:, 1], out[:, 0])) % 360
        rows.append(Contour(np.where((turn < 360 * share)[:, None], outer.points, inner.points)))
    return changed(reading, number, Structure.LV_EPI, contours=tuple(rows))


@pytest.mark.parametrize(("share", "counts"), [(0.3, False), (0.45, False), (0.6, True), (1.0, True)])
def test_the_basal_slice_counts_by_its_share_of_myocardium(share, counts):
    reading = open_wall(stacks.read(stacks.stack()), 1, share)
    assert myocardial_share(reading, 1, 0) == pytest.approx(share, abs=0.05)
    extent = proposed_extent(reading)
    assert extent.base == ((1 if counts else 2),) * 20
    assert extent.apex == (10,) * 20


def test_the_base_may_change_with_the_phase():
    reading = stacks.read(stacks.stack())
    track = reading.slices[1].tracks[Structure.LV_ENDO]
    row = tuple(None if 6 <= phase <= 13 else c for phase, c in enumerate(track.contours))
    sure = np.array([0.0 if c is None else 0.9 for c in row])
    extent = proposed_extent(changed(reading, 1, Structure.LV_ENDO, contours=row, confidence=sure))
    assert extent.base == (1,) * 6 + (2,) * 8 + (1,) * 6


def test_a_choice_of_one_phase_follows_those_around_it():
    reading = stacks.read(stacks.stack())
    sure = reading.slices[1].tracks[Structure.LV_ENDO].confidence.copy()
    sure[[0, 9]] = 0.1
    assert proposed_extent(changed(reading, 1, Structure.LV_ENDO, confidence=sure)).base == (1,) * 20


def test_numbered_from_the_apex():
    reading = stacks.read(stacks.stack())
    stack = replace(reading.facts.stack, positions_mm=-reading.facts.stack.positions_mm[::-1])
    turned = reading.with_(slices=reading.slices[::-1], facts=replace(reading.facts, stack=stack))
    extent = proposed_extent(turned)
    assert (extent.base[0], extent.apex[0]) == (10, 1)


def test_without_any_wall_the_cavity_alone_decides():
    reading = stacks.read(stacks.stack())
    bare = reading.with_(
        slices=tuple(one.with_(tracks={Structure.LV_ENDO: one.tracks[Structure.LV_ENDO]}) for one in reading.slices)
    )
    assert proposed_extent(bare).base == (1,) * 20


def test_nothing_counts():
    assert proposed_extent(first_stack_reading(stacks.stack())) is None


def test_two_phases_cannot_outvote_each_other():
    reading = stacks.read(stacks.stack(phases=2), events=None)
    found = proposed_extent(reading)
    assert len(found.base) == 2


def test_a_slice_without_a_wall_has_no_share_of_it():
    assert myocardial_share(first_stack_reading(stacks.stack()), 0, 0) == 0
