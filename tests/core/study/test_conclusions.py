"""What a signature freezes, when it holds, and when it is refused."""

from dataclasses import replace

import pytest

from kinecor.core.study.conclusions import SignState, parts_of, sign_status, why_not_signed
from kinecor.core.values.reading import View
from kinecor.core.values.study import Entered, Sources, StudyReading, in_study
from kinecor.session.edits import (
    AcknowledgeFinding,
    AddAddendum,
    Decide,
    DecideStudy,
    SetCalliper,
    SetComment,
    SetDemographics,
    SetNotes,
    SetSources,
    SetTime,
    SetView,
    SetWallMotion,
    Sign,
)
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

AT = "2026-11-23T00:30:00+00:00"


def view(label, name):
    reading = reading_of(beating(), calibration=HALF_MM, events=two_beats())
    return reading.with_(facts=replace(reading.facts, recording_id=name), view=View(label, None, "header"))


@pytest.fixture(scope="module")
def readings():
    return view("A4C", "four"), view("A2C", "two")


def signed(readings, study=None):
    study = study or StudyReading("1")
    return Sign(AT, parts_of(readings, study)).apply(study, "Dr Grey")


def state(readings, study):
    return sign_status(readings, study).state


def test_unsigned_then_signed(readings):
    assert sign_status(readings, StudyReading("1")).words == ""
    study = signed(readings)
    found = sign_status(readings[::-1], study)
    assert (found.state, found.words) == (SignState.SIGNED, "signed by Dr Grey on 2026-11-23 00:30 UTC")
    assert study.closed


def test_a_digest_is_the_same_of_equal_readings(readings):
    assert parts_of((view("A2C", "two"), view("A4C", "four")), StudyReading("1")) == parts_of(
        readings, StudyReading("1")
    )


@pytest.mark.parametrize(
    "edit",
    [
        SetNotes("more"),
        SetView(View("A3C", None, "Dr Red")),
        Decide("EF", accepted=True, computed=43.75),
        AcknowledgeFinding("x", AT, "why"),
        SetCalliper("effusion", 3, ((10.0, 10.0), (30.0, 10.0))),
        SetTime("ejection", 1, 3, ((10.0, 10.0), (10.0, 10.0))),
    ],
)
def test_any_later_conclusion_on_a_recording_is_a_change(readings, edit):
    study = AddAddendum(AT, "a second look").apply(signed(readings), "Dr Red")
    changed = (edit.apply(readings[0], "Dr Red"), readings[1])
    assert sign_status(changed, study).words.endswith("UTC, changed since: a second look")
    assert state(readings, study) is SignState.SIGNED


@pytest.mark.parametrize(
    "edit",
    [
        SetDemographics(Entered(sex="F")),
        SetSources(Sources(left_out=("two",))),
        SetComment("", "good views"),
        DecideStudy("EF", accepted=False),
        SetWallMotion("", (2, *(1,) * 15)),
    ],
)
def test_any_later_conclusion_on_the_study_is_a_change(readings, edit):
    assert state(readings, edit.apply(signed(readings), "Dr Red")) is SignState.CHANGED


def test_a_line_to_look_along_is_no_conclusion(readings):
    placed = SetCalliper("M-mode line", 1, ((10.0, 10.0), (30.0, 10.0)), "line").apply(readings[0], "Dr Red")
    assert state((placed, readings[1]), signed(readings)) is SignState.SIGNED


def test_an_aneurysm_is_a_conclusion_too(readings):
    scored = SetWallMotion("", (4, *(1,) * 15)).apply(StudyReading("1"), "Dr Grey")
    study = signed(readings, scored)
    assert state(readings, study) is SignState.SIGNED
    remarked = SetWallMotion("", (4, *(1,) * 15), (1,)).apply(study, "Dr Red")
    assert state(readings, remarked) is SignState.CHANGED


def test_a_contour_is_a_conclusion(readings):
    moved = reading_of(beating(swing=0.26), calibration=HALF_MM, events=two_beats())
    moved = readings[0].with_(tracks=moved.tracks)
    assert state((moved, readings[1]), signed(readings)) is SignState.CHANGED


def test_part_of_a_signed_study_holds_a_recording_more_does_not(readings):
    study = signed(readings)
    assert state(readings[:1], study) is SignState.SIGNED
    assert state((*readings, view("A4C", "new")), study) is SignState.CHANGED


def test_a_new_signature_ends_an_addendum(readings):
    study = AddAddendum(AT, "sex was missing").apply(signed(readings), "Dr Red")
    assert not study.closed
    study = SetDemographics(Entered(sex="F")).apply(study, "Dr Red")
    again = signed(tuple(in_study(one, study) for one in readings), study)
    assert (again.closed, again.addendum, again.signature.by) == (True, None, "Dr Grey")
    with pytest.raises(ValueError, match="to a signed study"):
        AddAddendum(AT, "early").apply(StudyReading("1"), "Dr Red")


def test_signing_is_refused_while_a_stop_is_open(readings):
    assert why_not_signed((), StudyReading("1")).startswith("Nothing has been read")
    assert why_not_signed(readings, StudyReading("1")) is None
    wrong = SetView(View("PLAX", None, "Dr Red")).apply(readings[0], "Dr Red")
    why = why_not_signed((wrong, readings[1]), StudyReading("1"))
    assert why.startswith("The study was not signed: an open finding withholds values (This is PLAX")
    left = SetSources(Sources(left_out=("four",))).apply(StudyReading("1"), "Dr Red")
    assert why_not_signed((wrong, readings[1]), left) is None
    seen = AcknowledgeFinding("view.not-measured", AT, "it is").apply(wrong, "Dr Red")
    assert why_not_signed((seen, readings[1]), StudyReading("1")) is None
