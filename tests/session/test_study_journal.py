import hashlib
from dataclasses import replace

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.study import STUDY, Entered, StudyReading
from kinecor.session.documents import saved_report
from kinecor.session.edits import AddAddendum, SetDemographics, SetNotes, Sign
from kinecor.session.journal import Journal, saved_study
from kinecor.session.store import Store
from tests.deep import same
from tests.session.samples import first

R = "1.2.3"
NEW = StudyReading("study")
TALL, HEAVY = SetDemographics(Entered(height_cm=190.0)), SetDemographics(Entered(height_cm=190.0, weight_kg=90.0))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "study.kinecor") as store:
        yield store


@pytest.fixture
def journal(store):
    journal = Journal(store)
    journal.open_study(NEW)
    journal.open(first())
    return journal


def test_an_edit_of_the_study_is_seen_in_its_recordings_and_undone(journal):
    before = journal.reading(R)
    assert journal.do_study(TALL, "Anna").demographics.height_cm == 190
    tall = journal.reading(R)
    assert tall.facts.body.height_cm == 190
    assert journal.reading(R) is tall
    assert tall.tracks is before.tracks
    assert journal.undo_study("Ben") is NEW
    assert journal.reading(R).facts is before.facts
    assert journal.undo_study("Ben") is None
    assert journal.redo_study("Ben").demographics.height_cm == 190
    assert journal.redo_study("Ben") is None
    assert [(one.actor, one.summary) for one in journal.history(STUDY)] == [
        ("Anna", "patient: height 190 cm"),
        ("Ben", "undo: patient: height 190 cm"),
        ("Ben", "redo: patient: height 190 cm"),
    ]


def test_who_entered_a_field_that_stays_is_still_its_author(journal):
    journal.do_study(TALL, "Anna")
    assert journal.do_study(HEAVY, "Ben").entered_by == {"height_cm": "Anna", "weight_kg": "Ben"}
    assert journal.do_study(SetDemographics(Entered()), "Ben").demographics == NEW.demographics


def test_edits_of_recordings_go_on_beside_those_of_the_study(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    journal.do_study(TALL, "Anna")
    after = journal.do(R, SetNotes("two"), "Anna")
    assert (after.notes, after.facts.body.height_cm) == ("two", 190)
    assert journal.undo(R, "Anna").facts.body.height_cm == 190
    assert [one.kind for one in journal.history(R)] == ["set-notes/1", "set-notes/1", "undo/1"]
    study, reading = journal.study, journal.reading(R)
    store.close()
    with Store.open(store.path) as again:
        twin = Journal(again)
        assert same(twin.open_study(NEW), study)
        assert same(twin.open(first()), reading)
        assert twin.read_only_because is None


def test_a_file_without_edits_of_the_study_opens_as_ever(store):
    journal = Journal(store)
    journal.open(first())
    reading = journal.do(R, SetNotes("one"), "Anna")
    assert journal.open_study(NEW) is NEW
    assert journal.reading(R) is reading


def test_a_study_that_was_not_opened_has_no_edits(store):
    journal = Journal(store)
    assert journal.study is None
    with pytest.raises(KeyError):
        journal.do_study(TALL, "Anna")


def test_an_edit_in_the_wrong_place_is_refused(store):
    store.append("Anna", STUDY, "set-notes/1", b'{"text":"x"}')
    store.append("Anna", R, "study-demographics/1", b'{"entered":{}}')
    journal = Journal(store)
    with pytest.raises(KinecorError, match="no edit of a study"):
        journal.open_study(NEW)
    with pytest.raises(KinecorError, match="no edit of a recording"):
        journal.open(first())


def test_a_study_edit_of_a_newer_version_makes_the_file_read_only(store):
    store.append("Anna", STUDY, "study-demographics/1", b'{"entered":{"height_cm":190.0}}')
    store.append("Anna", STUDY, "study-mood/1", b"{}")
    journal = Journal(store)
    assert journal.open_study(NEW).demographics.height_cm == 190
    assert "study-mood/1" in journal.read_only_because
    with pytest.raises(KinecorError, match="study-mood/1"):
        journal.do_study(HEAVY, "Anna")


def test_the_study_is_read_while_a_window_has_it_open(journal, store, tmp_path):
    journal.do_study(TALL, "Anna")
    found = saved_study(store.path, replace(NEW, study_date="20260102"))
    assert (found.demographics.height_cm, found.study_date) == (190, "20260102")
    assert saved_study(tmp_path / "none.kinecor", NEW) is NEW
    assert not (tmp_path / "none.kinecor").exists()


AT, REPORT = "2026-11-24T10:00:00+00:00", b"%PDF-1.4 \x00\xff the report"


def signed(journal, report=REPORT):
    return journal.sign(Sign(AT, (("", "cd"),)), report, "Anna").signature


def test_a_signature_keeps_its_report(journal, store):
    signature = signed(journal)
    assert signature.document == hashlib.sha256(REPORT).hexdigest()
    assert journal.signed_report(signature) == REPORT
    assert saved_report(store.path, signature) == REPORT
    # The report is no step of the history, and lies before the signature that names it.
    assert [one.kind for one in journal.history(STUDY)] == ["study-sign/2"]
    assert [one.kind for one in store.entries()] == ["document/1", "study-sign/2"]


def test_each_signature_has_its_own_report_and_a_reopened_file_holds_them(journal, store):
    first_one = signed(journal)
    journal.do_study(AddAddendum(AT, "late clip"), "Ben")
    second = signed(journal, b"%PDF later")
    again = Journal(store)
    study = again.open_study(NEW)
    assert study.signature == second
    assert (again.signed_report(first_one), again.signed_report(second)) == (REPORT, b"%PDF later")
    assert again.read_only_because is None
    assert again.doubt is None


def test_a_signature_of_an_earlier_version_kept_no_report(journal):
    journal.do_study(Sign(AT, (("", "cd"),)), "Anna")
    assert journal.signed_report(journal.study.signature) is None


def test_a_report_that_is_not_in_the_file_is_said(journal, store):
    signature = replace(signed(journal), document="0" * 64)
    with pytest.raises(KinecorError, match="does not hold the report that Anna signed"):
        journal.signed_report(signature)


MODEL = "model:unet@1.0+abcdef0123456789"


def test_what_was_proposed_is_the_reading_before_a_person_came(journal):
    assert journal.proposed(R) is None
    journal.do(R, SetNotes("given before"), "Anna")
    assert journal.proposed(R) is None
    journal.do(R, SetNotes("proposed"), MODEL)
    journal.do(R, SetNotes("proposed, completed"), MODEL)
    journal.do(R, SetNotes("corrected"), "Anna")
    journal.do(R, SetNotes("again"), MODEL)
    assert journal.reading(R).notes == "again"
    assert journal.proposed(R).notes == "proposed, completed"
    for _ in range(4):
        journal.undo(R, "Anna")
    assert journal.proposed(R) is None


def test_values_lie_with_the_report_before_the_signature(journal, store):
    journal.sign(Sign(AT, (("", "cd"),)), REPORT, "Anna", b"{}")
    assert [one.kind for one in store.entries()] == ["document/1", "document/1", "study-sign/2"]
    assert journal.signed_report(journal.study.signature) == REPORT
    assert Journal(store).read_only_because is None
