from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.cycle.cycle import beat_of, closure_bounds, closure_by_beat, strain_beats, why_no_cycle, with_closure
from kinecor.core.strain.wall_strain import wall_strain
from kinecor.core.table.loop_inputs import method_of
from kinecor.core.table.table import measurements
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.track import Origin
from tests.core.strains import reading

TWO = (Beat(0, 10), Beat(20, 30))


def test_a_closure_belongs_to_the_beat_it_follows_the_ed_of():
    assert [beat_of(TWO, frame) for frame in (0, 1, 19, 20, 21, 40)] == [None, 0, 0, None, 1, 1]
    assert beat_of((), 3) is None


def test_of_a_loop_begun_in_systole_it_comes_before_the_ed():
    late = (Beat(20, 10),)
    assert beat_of(late, 12) == 0
    assert beat_of(late, 25) is None


def test_strain_is_measured_at_the_closure_and_volumes_at_their_es():
    one = reading()
    marked = one.with_(valve_closures=(7,), authors={"valve_closures": "Anna"})
    assert strain_beats(marked) == (Beat(0, 7), Beat(20, 30))
    assert strain_beats(one) == TWO
    assert marked.events.beats == TWO
    before, after = wall_strain(one), wall_strain(marked)
    curve = after.global_percent
    assert np.array_equal(curve, before.global_percent)
    assert after.whole.end_systolic == pytest.approx((curve[7] + curve[30]) / 2)
    assert after.whole.end_systolic > before.whole.end_systolic + 1
    rows = {row.code: row for row in measurements(marked)}
    assert rows["GLS"].quantity.value == pytest.approx(after.whole.end_systolic)
    assert rows["GLS"].frames == (0, 7, 20, 30)
    assert "Anna" in rows["GLS"].by
    assert rows["GLS"].status.value == "edited"
    # The peak of the first beat now comes after its end-systole.
    assert rows["PSI"].quantity.value == pytest.approx(50 * (1 - curve[7] / curve[:20].min()), abs=0.5)
    volumes = {row.code: row for row in measurements(one)}
    assert rows["EF"].quantity == volumes["EF"].quantity
    assert rows["EF"].status == volumes["EF"].status


def test_the_source_of_end_systole_is_named():
    one = reading().with_(authors={"valve_closures": "Anna"})
    assert "ES at the smallest volume" in method_of(one, wall_strain(one))
    both = one.with_(valve_closures=(11, 29))
    assert "ES at aortic valve closure, marked by Anna; " in method_of(both, wall_strain(both))
    first = one.with_(valve_closures=(11,))
    words = method_of(first, wall_strain(first))
    assert "marked by Anna in 1 of 2 beats, else ES at the smallest volume" in words


def test_a_mark_takes_the_place_of_its_beat_s():
    one = reading().with_(valve_closures=(9,))
    assert with_closure(one, 12) == (12,)
    assert with_closure(one, 31) == (9, 31)
    assert closure_by_beat(one) == {0: 9}
    assert closure_bounds(one, 0) == (1, 19)
    assert closure_bounds(one, 1) == (21, 40)
    with pytest.raises(KinecorError, match="frame 21 is not"):
        with_closure(one, 20)
    with pytest.raises(KinecorError, match="mark ED and ES first"):
        with_closure(one.with_(events=None), 20)


def test_a_mark_outside_all_beats_is_reported_and_ignored():
    one = reading().with_(valve_closures=(3, 25), events=CardiacEvents((Beat(5, 12),), Origin.EDITED))
    assert strain_beats(one) == (Beat(5, 25),)
    assert "1 mark of aortic valve closure outside all beats: ignored." in assess(one).warnings
    assert with_closure(one, 13) == (13,)


def test_a_mark_far_from_es_is_doubted():
    one = reading()
    ms = 1000 * (one.facts.times_s[16] - one.facts.times_s[10])
    assert ms > 100
    (reported,) = set(assess(one.with_(valve_closures=(16, 31))).warnings) - set(assess(one).warnings)
    assert f"marked at frame 17, {ms:.0f} ms after ES" in reported
    (reported,) = set(assess(one.with_(valve_closures=(4, 31))).warnings) - set(assess(one).warnings)
    assert f"marked at frame 5, {ms:.0f} ms before ES" in reported
    assert assess(one.with_(valve_closures=(9, 31))).warnings == assess(one).warnings


def test_marks_are_within_the_recording_in_order():
    for wrong in ((41,), (-1,), (5, 4), (5, 5)):
        with pytest.raises(ValueError, match="valve closures"):
            reading().with_(valve_closures=wrong)


def test_marks_that_no_heart_has_are_named_with_the_reason():
    one = reading()
    assert why_no_cycle(one) is None
    fast = one.with_(events=CardiacEvents((Beat(0, 3), Beat(6, 9)), Origin.EDITED))
    assert "would be 240 ms; a beat takes 250 ms or more" in why_no_cycle(fast)
    assumed = fast.with_(facts=replace(fast.facts, times_origin="assumed"))
    assert why_no_cycle(assumed) is None
    late = one.with_(events=CardiacEvents((Beat(4, 10), Beat(20, 30)), Origin.EDITED), valve_closures=(3,))
    assert why_no_cycle(late).startswith("Aortic valve closure at frame 4 would not lie between")


def test_two_eds_without_an_es_between_them_are_no_beats():
    with pytest.raises(ValueError, match="must follow each other in time"):
        CardiacEvents((Beat(0, 25), Beat(20, 30)), Origin.EDITED)
