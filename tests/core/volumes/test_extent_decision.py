from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.choices import Presence
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.extent import (
    decided_extent,
    decided_right_base,
    myocardial_share,
    proposed_extent,
    single_phase,
    steady,
)
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


def without(reading, number, phases):
    """The cavity of a slice is not outlined at these phases."""
    track = reading.slices[number].tracks[Structure.LV_ENDO]
    row = tuple(None if phase in phases else c for phase, c in enumerate(track.contours))
    sure = np.array([0.0 if c is None else 0.9 for c in row])
    return changed(reading, number, Structure.LV_ENDO, contours=row, confidence=sure)


def scaled(reading, number, factor):
    """Both outlines of a slice are enlarged by a factor of each phase."""
    one = reading.slices[number]
    for structure in (Structure.LV_ENDO, Structure.LV_EPI):
        row = [
            Contour(CENTRE_PX + np.sqrt(factor[phase]) * (c.points - CENTRE_PX))
            for phase, c in enumerate(one.tracks[structure].contours)
        ]
        reading = changed(reading, number, structure, contours=tuple(row))
    return reading


def test_a_base_does_not_flip_between_phases():
    flipping = decided_extent(without(stacks.read(stacks.stack()), 1, {3, 4, 9, 15}))
    assert flipping.extent.base == (1,) * 20
    assert flipping.base_confidence.min() > 0.5


def test_a_sure_base_is_sure_and_a_half_open_ring_is_not():
    sure = decided_extent(stacks.read(stacks.stack()))
    assert sure.base_confidence.min() > 0.9
    assert sure.apex_confidence.min() > 0.7
    doubtful = decided_extent(open_wall(stacks.read(stacks.stack()), 1, 0.5))
    assert doubtful.base_confidence.min() < 0.7
    assert {doubtful.extent.base[0], doubtful.other_base(0)} == {1, 2}
    assert sure.base_probability.sum(axis=0) == pytest.approx(np.ones(20))


def test_an_outline_that_shrinks_to_the_outflow_tract_is_not_ventricle():
    tract = scaled(stacks.read(stacks.stack()), 1, np.where((np.arange(20) > 4) & (np.arange(20) < 15), 0.2, 1.0))
    found = proposed_extent(tract).base
    assert found[0] == 1
    assert found[10] == 2


def test_a_thin_ring_is_an_atrium():
    reading = stacks.read(stacks.stack())
    inner = reading.slices[1].tracks[Structure.LV_ENDO].contours
    thin = tuple(Contour(CENTRE_PX + 1.12 * (c.points - CENTRE_PX)) for c in inner)  # 3 mm of 9
    assert proposed_extent(changed(reading, 1, Structure.LV_EPI, contours=thin)).base == (2,) * 20


def present(reading, left=None, right=None):
    """The stack as a model sees it: sure of every slice with a contour but those named, by slice: (phases, value)."""
    shape = len(reading.slices), reading.facts.frames
    rows = []
    for some in (left, right):
        one = np.full(shape, 0.02)
        one[1:11] = 0.98
        for number, (phases, value) in (some or {}).items():
            one[number, list(phases)] = value
        rows.append(tuple(map(tuple, one.tolist())))
    return reading.with_(short_axis=replace(reading.short_axis, presence=Presence(*rows)))


EVERY = range(20)


def test_what_a_model_sees_decides_on_base_and_apex():
    reading = stacks.read(stacks.stack())
    assert proposed_extent(present(reading)) == proposed_extent(reading)
    assert proposed_extent(present(reading, {1: (EVERY, 0.1)})).base == (2,) * 20
    assert proposed_extent(present(reading, {10: (EVERY, 0.1)})).apex == (9,) * 20
    systole = range(5, 15)
    moving = proposed_extent(present(reading, {1: (systole, 0.1)})).base
    assert (moving[0], moving[10], moving[19]) == (1, 2, 1)


def test_an_open_ring_is_no_base_whatever_a_model_sees():
    seen = present(open_wall(stacks.read(stacks.stack()), 1, 0.3), {1: (EVERY, 0.9)})
    assert proposed_extent(seen).base == (2,) * 20
    seen = present(open_wall(stacks.read(stacks.stack()), 1, 0.6), {1: (EVERY, 0.9)})
    assert proposed_extent(seen).base == (1,) * 20


def test_in_stills_an_open_ring_is_no_base_unless_a_model_is_sure():
    def base(muscle, likely):
        still = open_wall(stacks.read(stacks.stack(phases=1), events=None), 1, muscle)
        return proposed_extent(present(still, {1: ([0], likely)})).base

    assert base(0.3, 0.6) == base(0.1, 0.6) == (2,)
    assert base(0.3, 0.9) == base(0.6, 0.6) == (1,)


def test_a_slice_that_a_person_outlined_counts_whatever_a_model_sees():
    reading = stacks.read(stacks.stack())
    for structure in (Structure.LV_ENDO, Structure.RV):
        reading = changed(reading, 1, structure, origins=(Origin.EDITED,) * 20)
    seen = present(reading, {1: (EVERY, 0.1)}, {1: (EVERY, 0.1)})
    extent = proposed_extent(seen)
    assert extent.base == (1,) * 20
    assert decided_right_base(seen, extent) == (1,) * 20


def test_a_slice_without_a_contour_does_not_count_whatever_a_model_sees():
    assert proposed_extent(present(without(stacks.read(stacks.stack()), 1, set(EVERY)))).base == (2,) * 20


def test_what_a_model_half_believes_is_doubtful():
    found = decided_extent(present(stacks.read(stacks.stack()), {1: (EVERY, 0.45)}))
    assert found.base_confidence.max() < 0.9
    assert {found.extent.base[0], found.other_base(0)} == {1, 2}


def test_a_stack_of_ed_and_es_alone_is_decided_phase_by_phase():
    reading = stacks.read(stacks.stack(phases=2), events=None)
    assert proposed_extent(present(reading, {1: ([1], 0.05)})).base == (1, 2)


def test_the_right_ventricle_has_a_base_of_its_own():
    reading = stacks.read(stacks.stack())
    extent = proposed_extent(reading)
    assert decided_right_base(reading, extent) == (1,) * 20
    seen = present(reading, None, {1: (range(5, 15), 0.1)})
    base = decided_right_base(seen, proposed_extent(seen))
    assert (base[0], base[10]) == (1, 2)
    assert decided_right_base(stacks.read(stacks.stack(), right=False), extent) is None


def test_the_right_ventricle_is_not_counted_beyond_the_left_at_es():
    extent = proposed_extent(without(stacks.read(stacks.stack()), 1, set(range(5, 16))))
    assert (extent.base[0], extent.base[10]) == (1, 2)
    assert decided_right_base(stacks.read(stacks.stack()), extent)[10] == 2


def test_a_slice_that_counts_or_is_left_out_at_a_single_phase_is_an_outlier_unless_a_person_outlined_it():
    moving = (1,) * 4 + (2,) * 4 + (3,) * 4 + (2,) * 4 + (1,) * 4
    nobody = np.zeros((12, 20), bool)
    assert steady(moving, nobody) == moving
    for phase, end in ((0, 0), (6, 1), (10, 2), (14, 3), (18, 2)):
        once = (*moving[:phase], end, *moving[phase + 1 :])
        assert single_phase(once, phase)
        assert steady(once, nobody) == moving
        person = nobody.copy()
        person[end, phase] = True
        assert steady(once, person)[phase] == end
    assert not any(single_phase(moving, phase) for phase in range(20))
    assert steady((1, 2) * 10, nobody) in {(1,) * 20, (2,) * 20}
    # ES of a few phases may well be one of them.
    assert steady((1, 2, 3, 2), nobody[:, :4]) == (1, 2, 3, 2)
