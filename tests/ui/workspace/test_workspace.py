from dataclasses import replace

import pytest

from kinecor.core.values.reading import View, body
from kinecor.core.values.study import Entered
from kinecor.session.edits import SetDemographics, SetEvents, SetNotes, SetTrack, SetView
from kinecor.session.store import Store, study_file
from kinecor.ui.workspace.changes import Topic, follow
from kinecor.ui.workspace.workspace import Workspace
from tests import stacks
from tests.readings import BY, cine, read, with_identity
from tests.ui.conftest import beating


@pytest.fixture
def workspace(qapp):
    made = Workspace("Dr Grey")
    made.open((cine(),))
    yield made
    made.close()


@pytest.fixture
def changes(workspace):
    seen = []
    follow(workspace, seen.append, Topic.READING)
    return seen


def test_previews_then_done_is_one_entry_and_two_changes(workspace, changes):
    first = workspace.reading
    workspace.preview(SetNotes("a"))
    workspace.preview(SetNotes("ab"))
    workspace.do(SetNotes("abc"), by="me")
    assert [(one.after.notes, one.preview, one.by) for one in changes] == [
        ("a", True, None),
        ("ab", True, None),
        ("abc", False, "me"),
    ]
    assert changes[0].before is first
    assert [one.summary for one in workspace.history.entries()] == ["notes"]
    workspace.history.undo()
    assert workspace.reading is first


def test_a_stack_among_long_axes_is_shown_first(workspace):
    workspace.open((cine(), stacks.stack()))
    assert workspace.index == 1
    assert len(workspace.reading.slices) == 12
    workspace.open((cine(),))
    assert workspace.index == 0


def test_a_preview_starts_from_what_is_written_down_and_can_be_dropped(workspace):
    workspace.do(SetNotes("kept"))
    saved = workspace.reading
    workspace.preview(SetNotes("passing"))
    workspace.drop_preview()
    assert workspace.reading is saved
    assert len(workspace.history.entries()) == 1


def test_what_did_not_change_stays_the_same_object(workspace, changes):
    workspace.do(SetNotes("x"))
    change = changes[-1]
    assert change.before.tracks is change.after.tracks
    assert change.before.facts is change.after.facts


def test_an_edit_that_does_not_fit_is_reported_and_changes_nothing(workspace):
    reported = []
    workspace.notices.message.connect(reported.append)
    before = workspace.reading
    assert not workspace.do(SetEvents(read(cine(60)).events))
    assert workspace.reading is before
    assert "beyond the last frame" in reported[0]


def test_undo_with_nothing_done_is_nothing(workspace, changes):
    workspace.history.undo()
    workspace.history.redo()
    assert changes == []
    assert not workspace.history.can_undo


def test_a_damaged_file_is_reported_and_the_recording_can_still_be_looked_at(qapp):
    recording = cine()
    path = study_file(recording.source.study_id)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no readings file" * 100)
    workspace = Workspace("Dr Grey")
    reported = []
    workspace.notices.message.connect(reported.append)
    workspace.notices.trouble.connect(reported.append)
    workspace.open((recording,))
    assert len(reported) == 1
    assert not workspace.do(SetNotes("mine"))
    assert "not saved" in reported[1]
    proposal = beating(recording, workspace.reading, lambda done, total: None)
    assert workspace.do(proposal.edit, actor=BY)
    assert workspace.reading.tracks
    assert path.read_bytes().startswith(b"this is no readings file")
    workspace.close()


def test_an_edit_of_another_recording_changes_nothing_on_screen(qapp):
    from dataclasses import replace

    one = cine()
    other = replace(one, source=replace(one.source, recording_id="9.9"))
    workspace = Workspace("Dr Grey")
    workspace.open((one, other))
    changes = []
    follow(workspace, changes.append, Topic.READING)
    assert workspace.do(SetNotes("there"), recording=other)
    assert changes == []
    workspace.show(1)
    assert workspace.reading.notes == "there"
    workspace.close()


def test_a_recording_that_changed_since_leaves_the_others_of_its_study_alone(qapp):
    from dataclasses import replace

    one = cine()
    other = replace(one, source=replace(one.source, recording_id="9.9"))
    before = Workspace("Dr Grey")
    before.open((one, other))
    for recording in (one, other):
        assert before.do(SetEvents(read(one).events), recording=recording)
    before.close()
    shorter = replace(cine(4), source=other.source)
    after = Workspace("Dr Grey")
    reported = []
    after.notices.trouble.connect(reported.append)
    after.open((shorter, one))
    assert "has changed since it was read" in reported[0]
    assert after.reading.events is None
    assert not after.do(SetNotes("mine"))
    after.show(1)
    assert after.reading.events is not None
    assert after.do(SetNotes("kept"))
    after.close()


TALL = SetDemographics(Entered(height_cm=180.0, weight_kg=80.0))


def test_a_study_has_its_recordings_as_members(workspace):
    clip = cine()
    mine = with_identity(clip, path="b", recording_id="b")
    other = with_identity(clip, path="c", recording_id="c", study_id="9")
    workspace.open((clip, other, mine))
    assert workspace.study.members == (0, 2)
    workspace.show(1)
    assert workspace.study.members == (1,)
    assert workspace.study.reading.study_id == "9"


def test_what_is_entered_for_the_study_is_in_every_recording_and_saved(workspace, changes):
    clip = cine()
    workspace.open((clip, with_identity(clip, path="b", recording_id="b")))
    told = []
    follow(workspace, lambda: told.append(workspace.reading.facts.body.height_cm), Topic.STUDY)
    assert workspace.study.do(TALL)
    assert told == [180]
    assert body(changes[-1].after).bsa_m2 == pytest.approx(2)
    workspace.show(1)
    assert workspace.reading.facts.body.weight_kg == 80
    assert workspace.study.reading.origin("height_cm") == "entered by Dr Grey"
    with Store.read(study_file("1.2.3")) as store:
        assert [(one.recording_id, one.kind) for one in store.rows()] == [("", "study-demographics/1")]


def test_undo_takes_back_the_later_of_the_recordings_and_the_studys_edits(workspace):
    workspace.do(SetNotes("one"))
    workspace.study.do(TALL)
    workspace.do(SetNotes("two"))
    assert [one.summary for one in workspace.history.entries()][1] == "patient: height 180 cm, weight 80 kg"

    def state():
        return workspace.reading.notes, workspace.reading.facts.body.height_cm

    seen = [state()]
    for _ in range(3):
        workspace.history.undo()
        seen.append(state())
    assert seen == [("two", 180), ("one", 180), ("one", None), ("", None)]
    assert not workspace.history.can_undo
    for expected in reversed(seen[:-1]):
        assert workspace.history.can_redo
        workspace.history.redo()
        assert state() == expected
    assert not workspace.history.can_redo


def test_an_edit_of_the_study_ends_a_preview(workspace):
    workspace.preview(SetNotes("passing"))
    workspace.study.do(TALL)
    assert workspace.reading.notes == ""
    assert workspace.reading is workspace.saved


def test_a_study_that_is_open_elsewhere_is_not_edited(workspace, qapp):
    reported = []
    twin = Workspace("Dr Red")
    twin.notices.message.connect(reported.append)
    twin.open((cine(),))
    assert not twin.study.do(TALL)
    assert "read-only" in reported[-1]
    assert twin.study.reading.demographics.height_cm is None
    twin.close()


def test_without_a_file_the_study_is_that_of_the_headers(workspace):
    study_file("2").write_bytes(b"not a file of Kinecor's")
    workspace.open((with_identity(cine(), path="b", recording_id="b", study_id="2"),))
    assert workspace.study.reading.demographics.heart_rate_per_min == 64
    assert not workspace.study.do(TALL)
    assert workspace.reading.facts.body.height_cm is None


def test_stills_joined_by_a_reader_are_one_recording_until_undone(workspace, changes):
    ed, es = (with_identity(cine(1), path=f"{name}.png", recording_id=name) for name in ("d", "s"))
    workspace.open((ed, es))
    assert workspace.study.join_stills(0, 1, "A4C")
    (pair,) = workspace.opened.recordings
    assert (len(pair), pair.view, workspace.reading.view.by) == (2, "A4C", "Dr Grey")
    workspace.do(SetNotes("of the pair"))
    workspace.open((es, ed))
    assert [len(one) for one in workspace.opened.recordings] == [2]
    assert workspace.reading.notes == "of the pair"
    workspace.history.undo()
    workspace.history.undo()
    assert [one.source.recording_id for one in workspace.opened.recordings] == ["s", "d"]
    workspace.history.redo()
    assert len(workspace.opened.recordings) == 1


def test_stills_that_do_not_fit_are_not_joined(workspace):
    reported = []
    workspace.notices.message.connect(reported.append)
    other = with_identity(cine(1, rows=90), path="b", recording_id="b")
    workspace.open((with_identity(cine(1), path="a", recording_id="a"), other))
    assert not workspace.study.join_stills(0, 1)
    assert "differ in size" in reported[-1]
    assert len(workspace.opened.recordings) == 2


def test_a_signed_study_is_changed_by_addendum_only(workspace):
    reported = []
    workspace.notices.message.connect(reported.append)
    workspace.notices.remark.connect(reported.append)
    workspace.do(SetNotes("read"))
    assert workspace.signing.sign(workspace.signing.signature_to_give(), b"%PDF")
    assert workspace.signing.status.state == "signed"
    assert not workspace.do(SetNotes("later"))
    assert not workspace.study.do(TALL)
    assert reported[0].startswith("This study was signed by Dr Grey on ")
    assert "write an addendum" in reported[0]
    workspace.history.undo()
    assert reported[-1].startswith("A signature or addendum stays")
    assert not workspace.signing.add_addendum(" ")
    assert workspace.signing.add_addendum("the height was missing")
    assert workspace.signing.status.state == "signed"
    assert workspace.study.do(TALL)
    assert workspace.signing.status.words.endswith("changed since: the height was missing")
    workspace.history.undo()
    assert workspace.signing.status.state == "signed"
    workspace.history.undo()
    assert workspace.reading.notes == "read"
    assert workspace.signing.sign(workspace.signing.signature_to_give(), b"%PDF again")
    assert not workspace.do(SetNotes("later"))


def test_what_changes_while_the_report_is_made_is_not_signed(workspace):
    reported = []
    workspace.notices.message.connect(reported.append)
    workspace.do(SetNotes("read"))
    given = workspace.signing.signature_to_give()
    workspace.do(SetNotes("read again"))
    assert not workspace.signing.sign(given, b"%PDF")
    assert "changed while its report was being made" in reported[-1]
    assert workspace.study.reading.signature is None


def test_signing_is_refused_with_a_sentence(workspace):
    reported = []
    workspace.notices.message.connect(reported.append)
    plax = read(cine()).with_(view=None)
    for structure in plax.tracks.values():
        workspace.do(SetTrack(structure), actor=BY)
    workspace.do(SetView(View("PLAX", None, "Dr Grey")))
    workspace.do(SetEvents(plax.events), actor=BY)
    assert workspace.signing.signature_to_give() is None
    assert "Resolve or acknowledge" in reported[-1]
    assert workspace.signing.status.state == "unsigned"


def test_an_earlier_study_is_opened_beside_and_compared(workspace):
    clip = cine()
    old = with_identity(clip, path="old", recording_id="old", study_id="0")
    dated = [
        replace(one, source=replace(one.source, patient=replace(one.source.patient, study_date=day)))
        for one, day in ((clip, "20260102"), (old, "20240101"))
    ]
    workspace.open((dated[0],))
    assert workspace.study.priors == ()
    workspace.add((dated[1],))
    assert [one.study_id for one in workspace.study.priors] == ["0"]
    assert (workspace.recording, workspace.study.members) == (dated[0], (0,))
    found = workspace.study.compared_with("0")
    assert found.changes == ()
    assert found.warnings == ("The earlier study is not signed, or was changed since.",)
