"""Disks by true slice positions, on half ellipsoids whose volumes are known."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import first_stack_reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import heights_mm, stack_curves, usual_step_mm
from tests import stacks
from tests.stacks import Heart


def endo_ml(reading):
    return stack_curves(reading).endo / 1000


def test_even_steps_are_thickness_and_gap():
    assert heights_mm(np.array([0.0, 10, 20, 30]), 10).tolist() == [10, 10, 10, 10]
    assert heights_mm(np.array([7.0]), 8).tolist() == [8]


def test_uneven_steps_share_what_is_between():
    # 6, 6, 14: the two around the gap take half of it each.
    assert heights_mm(np.array([0.0, 6, 12, 26]), 6).tolist() == [6, 6, 10, 10]


@given(st.lists(st.floats(0.5, 30), min_size=1, max_size=20), st.floats(1, 12))
def test_heights_cover_the_stack_once(steps, step):
    places = np.concatenate(([0.0], np.cumsum(steps)))
    heights = heights_mm(places, step)
    assert (heights > 0).all()
    assert heights.sum() == pytest.approx(places[-1] + step)


def test_volumes_of_an_ellipsoid_in_every_phase():
    heart = Heart()
    found = endo_ml(stacks.read(stacks.stack(), heart))
    exact = [heart.volume_ml(phase) for phase in range(stacks.PHASES)]
    assert found == pytest.approx(exact, rel=0.005)


@pytest.mark.parametrize("step_mm", [5.0, 8.0, 10.0])
@pytest.mark.parametrize("first_mm", [-7.0, -2.0, 2.5])
def test_slice_placement_matters_little(step_mm, first_mm):
    heart = Heart()
    places = stacks.positions(step_mm, 24, first_mm)
    # The largest error is that of the basal slice: the valve plane may be half a step off its edge.
    worst = np.pi * heart.radius_mm**2 * step_mm / 2 / 1000
    found = endo_ml(stacks.read(stacks.stack(places), heart))[0]
    assert abs(found - heart.volume_ml(0)) <= worst
    assert abs(found - heart.volume_ml(0)) / heart.volume_ml(0) <= 0.1


def test_uneven_spacing_and_a_gap():
    heart = Heart()
    places = np.array([2.5, 7.5, 12.5, 20, 30, 40, 47.5, 52.5, 57.5, 62.5, 67.5, 72.5, 77.5])
    assert endo_ml(stacks.read(stacks.stack(places), heart))[[0, 10]] == pytest.approx(
        [heart.volume_ml(0), heart.volume_ml(10)], rel=0.01
    )


@pytest.mark.parametrize("gone", [3, 5, 7])
def test_a_missing_slice_is_bridged_and_not_lost(gone):
    heart = Heart()
    places = np.delete(stacks.positions(), gone)
    found = endo_ml(stacks.read(stacks.stack(places), heart))[0]
    assert found == pytest.approx(heart.volume_ml(0), rel=0.02)
    # Adding up areas times the step would lose the slice.
    area = stack_curves(stacks.read(stacks.stack(places), heart)).areas[Structure.LV_ENDO][:, 0]
    assert np.nansum(area) * 8 / 1000 < 0.95 * heart.volume_ml(0)


def test_an_excluded_slice_is_bridged_the_same_way():
    reading = stacks.read(stacks.stack())
    without = reading.with_(short_axis=replace(reading.short_axis, excluded=(5,)))
    places = np.delete(stacks.positions(), 5)
    assert endo_ml(without) == pytest.approx(endo_ml(stacks.read(stacks.stack(places))))
    assert not stack_curves(without).counted[5].any()


def test_base_and_apex_bound_each_phase():
    reading = stacks.read(stacks.stack())
    base = (1,) * 10 + (3,) * 10
    bounded = reading.with_(short_axis=replace(reading.short_axis, extent=Extent(base, (10,) * 20)))
    whole, cut = endo_ml(reading), endo_ml(bounded)
    assert cut[:10] == pytest.approx(whole[:10])
    area = stack_curves(reading).areas[Structure.LV_ENDO]
    assert whole[10:] - cut[10:] == pytest.approx(area[1:3, 10:].sum(axis=0) * 8 / 1000)


def test_the_volume_of_the_myocardium_is_constant_through_the_cycle():
    heart, recording = Heart(), stacks.stack()
    wall = stack_curves(stacks.read(recording, heart)).wall / 1000
    assert wall == pytest.approx(stacks.wall_ml(heart, recording.positions_mm, 8.0), rel=1e-3)


def test_no_wall_where_a_cavity_has_no_epicardium():
    reading = stacks.read(stacks.stack())
    track = (
        reading.slices[4]
        .tracks[Structure.LV_EPI]
        .replaced(0, (None,), reading.slices[4].tracks[Structure.LV_EPI].origins[0])
    )
    one = reading.slices[4].with_(tracks={**reading.slices[4].tracks, Structure.LV_EPI: track})
    wall = stack_curves(reading.with_(slices=(*reading.slices[:4], one, *reading.slices[5:]))).wall
    assert np.isnan(wall[0])
    assert np.isfinite(wall[1:]).all()


def test_a_cavity_that_closed_is_wall_throughout():
    reading = stacks.read(stacks.stack())
    apical = reading.slices[10]
    track = apical.tracks[Structure.LV_ENDO].replaced(10, (None,), apical.tracks[Structure.LV_ENDO].origins[0])
    closed = apical.with_(tracks={**apical.tracks, Structure.LV_ENDO: track})
    after = reading.with_(slices=(*reading.slices[:10], closed, *reading.slices[11:]))
    lost = stack_curves(reading).areas[Structure.LV_ENDO][10, 10] * 8
    assert stack_curves(reading).endo[10] - stack_curves(after).endo[10] == pytest.approx(lost)
    assert stack_curves(after).wall[10] - stack_curves(reading).wall[10] == pytest.approx(lost)


def test_pixels_of_slices_may_differ():
    recording = stacks.stack()
    reading = stacks.read(recording)
    scale = reading.slices[0].calibration
    odd = reading.slices[4].with_(calibration=replace(scale, row_mm=3.0))
    mixed = reading.with_(slices=(*reading.slices[:4], odd, *reading.slices[5:]))
    before, after = stack_curves(reading).areas[Structure.LV_ENDO], stack_curves(mixed).areas[Structure.LV_ENDO]
    assert after[4] == pytest.approx(2 * before[4])
    assert after[5] == pytest.approx(before[5])


def test_without_contours_there_is_no_volume():
    found = stack_curves(first_stack_reading(stacks.stack()))
    assert np.isnan(found.endo).all()
    assert np.isnan(found.rv).all()


def test_the_usual_step():
    facts = first_stack_reading(stacks.stack()).facts.stack
    assert usual_step_mm(facts) == 8
    one = first_stack_reading(stacks.stack(np.array([3.0]))).facts.stack
    assert usual_step_mm(one) == 8
    assert usual_step_mm(replace(one, thickness_mm=None)) is None
