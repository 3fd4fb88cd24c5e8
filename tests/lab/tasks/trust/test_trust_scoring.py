"""Which values count as wrong, marked and missed, and the edits that make them so."""

from itertools import islice
from types import MappingProxyType

import numpy as np
import pytest

from kinecor.core.checks.findings import Finding, Severity, threshold
from kinecor.core.table.table import measurements
from kinecor.core.volumes.extent import proposed_extent
from kinecor.session.edits import SetExtent
from kinecor_lab.common.table import Spread
from kinecor_lab.tasks.trust import experts
from kinecor_lab.tasks.trust.experts import experts_table
from kinecor_lab.tasks.trust.kinds.reading import READING_KINDS
from kinecor_lab.tasks.trust.plan import SOUND, echo_hearts, stack_hearts
from kinecor_lab.tasks.trust.prepared import Prepared, cases_in, load
from kinecor_lab.tasks.trust.roc import roc, scaled
from kinecor_lab.tasks.trust.scoring import Judgement, by_checks, by_recording, judged, made_wrong, rates, with_edits
from kinecor_lab.tasks.trust.table import tables, values
from kinecor_lab.tasks.trust.values import LIMITS, left_heart
from kinecor_phantoms.heart.population import draw
from tests import readings, stacks


def _prepared(reading, truth, *, kind=SOUND, modality="echo", population="normal", half="choose"):
    ends = {"apex ED": 0, "base ED": 5, "apex ES": 0, "base ES": 5} if modality == "stack" else {}
    return Prepared(f"1-{kind}-{population}", modality, half, population, kind, "", truth, ends, reading)


def _truth(reading):
    """The values of a Reading, as if they were true."""
    return {one.code: one.quantity.value for one in measurements(reading) if one.code in LIMITS and one.quantity}


@pytest.fixture(scope="module")
def clip():
    return readings.read(readings.cine(frames=24))


@pytest.fixture(scope="module")
def stack():
    reading = stacks.read(stacks.stack())
    return SetExtent(proposed_extent(reading)).apply(reading, "model:x@1+ab")


def test_a_value_is_wrong_beyond_its_limit_only():
    assert not LIMITS["EDV"].wrong(119.9, 100)
    assert LIMITS["EDV"].wrong(120.1, 100)
    assert not LIMITS["EF"].wrong(45.1, 55)
    assert LIMITS["GLS"].wrong(-12.9, -18)


def test_wrong_marked_and_missed_values_are_counted(clip):
    truth = {"EDV": 100.0, "EF": 60.0, "GLS": -18.0, "HR": 60.0, "LAV": 50.0}

    def judge(_):
        found = Finding("scale.some", Severity.CHECK, "Some.", measurements=frozenset({"EDV", "EF"}))
        computed = {"EDV": 150.0, "EF": 58.0, "GLS": -10.0, "HR": None, "LAV": 51.0}
        return Judgement(MappingProxyType(computed), frozenset({"EDV", "EF"}), (found,))

    study = judged(_prepared(clip, truth), judge)
    found = rates(study.values)
    assert (found.values, found.wrong, found.caught, found.false, found.absent) == (4, 2, 1, 1, 1)
    assert found.sensitivity == 0.5
    assert found.missed == 0.25
    assert found.false_marks == 0.5
    assert study.marks == 1
    assert next(one.checks for one in study.values if one.code == "EDV") == ("scale.some",)


def test_checks_are_judged_as_the_outputs_have_them(clip):
    found = by_checks(clip)
    assert found.values["EDV"] == pytest.approx(_truth(clip)["EDV"])
    whole = by_recording(clip)
    assert bool(whole.findings) == (whole.marked == frozenset(whole.values))


def test_tables_hold_every_kind_population_value_and_check(clip, stack):
    cases = [
        _prepared(clip, _truth(clip)),
        _prepared(clip, {**_truth(clip), "EDV": 1.0}, kind="scale"),
        _prepared(stack, _truth(stack), modality="stack", population="dilated"),
    ]
    studies = [judged(one, by_checks) for one in cases]
    summary, kinds, populations, by_value, _, precision, ends = tables(studies)
    assert [row[0] for row in kinds.rows] == ["echo: scale"]
    assert [row[0] for row in populations.rows] == ["echo: normal", "stack: dilated"]
    assert {"EDV", "EF"} <= {row[0] for row in by_value.rows}
    assert all(row[1].mean == pytest.approx(0) for row in precision.rows)
    assert len(ends.rows) == 4
    assert isinstance(summary.rows[0][1], Spread)
    assert all(table.text() for table in (summary, kinds, populations, by_value, precision, ends))
    assert {row["kind"] for row in values(studies)} == {SOUND, "scale"}


@pytest.mark.parametrize("kind", [pytest.param(one, id=one.name) for one in READING_KINDS])
def test_an_edit_changes_the_values(kind, clip, stack):
    reading = before = stack if kind.stack else clip
    changed = []
    for change in kind.ways.values():
        reading = before
        for edit in change(before, np.random.default_rng(0)):
            reading = edit.apply(reading, "reader")
        changed.append(_truth(reading) != _truth(before))
    assert any(changed)


def test_edits_are_applied_to_sound_recordings_by_turns(clip):
    found = list(with_edits([_prepared(clip, {}), _prepared(clip, {}, kind="scale"), _prepared(None, {})]))
    kinds = [one.kind for one in found]
    assert kinds[0] == SOUND
    assert kinds.count("scale") == 1
    assert {one.half for one in READING_KINDS if one.name in kinds} == {"choose"}


@pytest.mark.parametrize("hearts", [echo_hearts, stack_hearts])
def test_halves_share_neither_kinds_nor_hearts(hearts):
    of = {half: [case for heart in islice(hearts(half), 30) for case in heart] for half in ("choose", "report")}
    kinds = {half: {case.kind for case in cases} - {SOUND} for half, cases in of.items()}
    seeds = {half: {case.setting.seed for case in cases} for half, cases in of.items()}
    assert not kinds["choose"] & kinds["report"]
    assert not seeds["choose"] & seeds["report"]
    assert len({case.name for case in of["choose"]}) == len(of["choose"])


def test_what_is_true_of_a_heart_agrees_with_what_it_was_drawn_with():
    heart = draw("normal", 3, ef_percent=60, rate_per_min=75, beats=2)
    true = left_heart(heart, heart.rhythm.beats[:1])
    assert true["EF"] == pytest.approx(60, abs=0.5)
    assert true["HR"] == pytest.approx(75, rel=0.1)
    assert true["CO"] == pytest.approx(true["SV"] * true["HR"] / 1000)
    assert -30 < true["GLS"] < -12
    assert 20 < true["LAV"] < 150


def test_an_empty_cache_has_no_cases(tmp_path):
    assert load(cases_in(tmp_path, "choose", "echo")) == []


def test_values_that_tampering_made_wrong_are_distinguished(clip):
    truth = {**_truth(clip), "LAV": 1.0}
    sound = judged(_prepared(clip, truth), by_checks)
    spoilt = judged(_prepared(clip, {**truth, "EDV": 1.0}, kind="scale"), by_checks)
    found = made_wrong([*sound.values, *spoilt.values])
    assert [(one.kind, one.code) for one in found] == [("scale", "EDV")]


def test_experts_are_skipped_with_a_reason_where_absent(tmp_path):
    table = experts_table(None, tmp_path, by_checks)
    assert table.rows == ()
    assert "not there" in table.notes[0]


def test_experts_are_compared_with_what_was_stored(stack, tmp_path, monkeypatch):
    folder = tmp_path / "real" / "SCD0000101" / "dicom"
    folder.mkdir(parents=True)
    (tmp_path / "cache/experts/SCD0000101").mkdir(parents=True)
    monkeypatch.setattr(experts, "stored", lambda *_: stack)
    edv, esv = experts_table(tmp_path / "real", tmp_path / "cache", by_checks).rows
    assert edv[:3] == ("SCD0000101", "EDV", 191.0)
    assert edv[4] == pytest.approx(100 * (_truth(stack)["EDV"] / 191 - 1))
    assert {edv[6], esv[6]} <= {"yes", "no"}


def test_other_thresholds_are_in_force_for_a_while_only(clip):
    usual, short = threshold("contours.thick-wall").check, threshold("scale.short-ventricle").check
    with scaled(0.5):
        assert threshold("contours.thick-wall").check == usual / 2
        assert threshold("scale.short-ventricle").check == pytest.approx(2 * short)
    assert threshold("contours.thick-wall").check == usual
    assert roc([_prepared(clip, _truth(clip))]).columns[0].title == "check"
