from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.strain.short_axis import stack_strain
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Insertion, StrainChoices
from tests.sax_stacks import ES, PHASES, reading


def test_segments_shorten_as_the_image_moves():
    found = stack_strain(reading())
    regions = found.regions
    assert [(one.number, one.level) for one in regions.slices] == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2), (5, 2)]
    at_es = regions.values("end_systolic")
    # Inferoseptal and inferior walls are on the lower left, about 225 degrees.
    assert (at_es[[2, 3, 8, 9]] > -10).all()
    assert (at_es[[0, 5, 6, 11, 12]] < -21).all()
    assert at_es[[13, 14]].mean() - at_es[[12, 15]].mean() > 8
    np.testing.assert_allclose(at_es[:6], at_es[6:12], atol=1e-9)
    assert found.followed
    assert found.circumferential_percent[ES] == pytest.approx(-20, abs=0.5)


def test_the_whole_is_the_mean_weighted_by_length():
    regions = stack_strain(reading()).regions
    total = sum(one.lengths.sum(axis=1) for one in regions.slices)
    np.testing.assert_allclose(regions.global_percent, 100 * (total / total[0] - 1), atol=1e-9)


def test_radial_strain_is_of_the_wall_where_the_muscle_is():
    regions = stack_strain(reading()).regions
    np.testing.assert_allclose(regions.radial_percent[ES], -20, atol=1)  # the whole image is zoomed


def test_a_segment_left_out_counts_for_nothing():
    without = stack_strain(reading().with_(strain=StrainChoices(excluded=(2, 3, 8, 9)))).regions
    assert without.why[2] == "excluded by the reader"
    assert without.summaries[2] is None
    assert np.isnan(without.values("end_systolic")[[2, 3, 8, 9]]).all()
    assert without.global_percent[ES] < stack_strain(reading()).regions.global_percent[ES] - 2


def test_what_was_followed_badly_is_withheld_with_the_reason():
    regions = stack_strain(reading(error=4.0)).regions
    assert all(one is None for one in regions.summaries)
    assert "tracking quality too low (0." in regions.why[0]


def test_without_motion_there_are_no_segments_and_contours_give_global_strain():
    found = stack_strain(reading(moving=False))
    assert found.regions is None
    assert not found.followed
    row = next(row for row in measurements(reading(moving=False)) if row.code == "GCS")
    assert row.method.startswith("mid-wall of contours, 6 slices")


def test_the_row_says_what_it_rests_on():
    row = next(row for row in measurements(reading()) if row.code == "GCS")
    assert row.method.startswith("mid-wall, contours and motion, 6 slices")
    assert "model:flow@1" in row.by
    assert row.quantity.value == pytest.approx(-20, abs=0.5)


def test_segments_turn_with_the_insertion():
    one = reading()
    turned = one.with_(short_axis=replace(one.short_axis, insertion=Insertion(180.0, 1)))
    before, after = (stack_strain(each).regions.values("end_systolic") for each in (one, turned))
    # A sixth of a turn on, each wall takes the strain of the one that came before it.
    np.testing.assert_allclose(after[:6], np.roll(before[:6], -1), atol=0.4)


def test_a_beat_may_begin_at_any_phase():
    whole = reading()
    rolled = reading(ed=9, es=3)
    found = stack_strain(rolled).regions
    one = found.summaries[0]
    assert found.percent[9, 0] == 0
    assert one.end_systolic == pytest.approx(found.percent[3, 0])
    assert 0 < one.time_to_peak_s < PHASES * 0.07
    assert stack_strain(whole).regions.summaries[0].time_to_peak_s == pytest.approx(ES * 0.07)


def test_the_result_is_cached():
    one = reading()
    assert stack_strain(one) is stack_strain(one)


def test_only_a_gated_slice_has_motion_that_leads_round():
    one = reading().slices[0]
    assert len(one.motion) == PHASES
    with pytest.raises(ValueError, match="pairs of frames"):
        one.with_(facts=replace(one.facts, in_stack=False))
