from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import ImageFacts, RecordingFacts
from kinecor.core.values.track import Motion, Structure
from kinecor.session.edits import OnSlice, SetContours, SetExcluded, SetMotion, SetNotes, SetTrack, Several
from kinecor.session.journal import Journal
from kinecor.session.store import Store, _digest
from kinecor.session.transport import pack
from tests.deep import same
from tests.session.samples import (
    ALL_EDITS,
    ALL_STACK_EDITS,
    circle,
    edits,
    first,
    first_stack,
    stack_edits,
    tampering,
    track,
)

R = "1.2.3"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "study.kinecor"


@pytest.fixture
def store(path):
    with Store.open(path) as store:
        yield store


@pytest.fixture
def journal(store):
    journal = Journal(store)
    journal.open(first())
    return journal


def reopened(store, frames=6):
    store.close()
    with Store.open(store.path) as again:
        return Journal(again).open(first(frames=frames))


def test_undo_and_redo_walk_along_the_readings(journal, store):
    start = journal.reading(R)
    one = journal.do(R, SetNotes("one"), "Anna")
    two = journal.do(R, SetNotes("two"), "Anna")
    assert (one.notes, two.notes) == ("one", "two")
    assert journal.undo(R, "Anna") is one
    assert journal.undo(R, "Anna") is start
    assert journal.undo(R, "Anna") is None
    assert not journal.can_undo(R)
    assert journal.redo(R, "Ben") is one
    assert journal.can_redo(R)
    assert journal.redo(R, "Ben") is two
    assert journal.redo(R, "Ben") is None
    assert not journal.can_redo(R)
    assert same(reopened(store), two)


def test_an_edit_after_undo_ends_redo(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    journal.undo(R, "Anna")
    journal.do(R, SetNotes("two"), "Anna")
    assert not journal.can_redo(R)
    assert journal.redo(R, "Anna") is None
    assert reopened(store).notes == "two"


MOTION = Motion((0.0, 0.0), (1.0, 1.0), np.zeros((5, 2, 2, 2)), np.zeros((5, 2, 2)), "model:flow@1")


def test_what_completes_a_step_is_undone_and_redone_with_it(journal, store):
    journal.do(R, SetNotes("before"), "Anna")
    journal.do(R, Several("analysis", (SetTrack(track()),)), "model:base@1+abc")
    journal.do(R, SetNotes("meanwhile"), "Anna")
    journal.undo(R, "Anna")
    found = journal.complete(R, 2, Several("motion", (SetMotion(MOTION),)), "model:base@1+abc")
    assert found.motion is not None
    assert found.notes == "before"
    assert journal.redo(R, "Anna").notes == "meanwhile"
    assert journal.reading(R).motion is not None
    journal.undo(R, "Anna")
    assert journal.next_undo(R) == 2
    assert journal.undo(R, "Anna").motion is None
    (entry,) = (one for one in journal.history(R) if one.kind == "complete/1")
    assert (entry.undone, entry.step, entry.summary) == (True, False, "motion")
    again = journal.redo(R, "Anna")
    assert again.motion is not None
    assert same(reopened(store), again)


def test_a_step_that_was_undone_is_completed_where_it_waits(journal, store):
    journal.do(R, Several("analysis", (SetTrack(track()),)), "model:base@1+abc")
    journal.undo(R, "Anna")
    assert journal.complete(R, 1, SetMotion(MOTION), "model:base@1+abc").motion is None
    assert journal.redo(R, "Anna").motion is not None
    assert reopened(store).motion is not None


def test_a_step_that_is_gone_is_not_completed(journal, store):
    journal.do(R, Several("analysis", (SetTrack(track()),)), "model:base@1+abc")
    journal.undo(R, "Anna")
    journal.do(R, SetNotes("by hand"), "Anna")
    with pytest.raises(ValueError, match="no step 1"):
        journal.complete(R, 1, SetMotion(MOTION), "model:base@1+abc")
    assert same(reopened(store), journal.reading(R))


def test_the_history_says_who_did_what(journal):
    journal.do(R, Several("analysis", (SetTrack(track()),)), "model:base@1+abc")
    journal.do(R, SetContours(Structure.LV_ENDO, 3, (circle(),)), "Anna")
    journal.undo(R, "Ben")
    found = [(one.number, one.actor, one.summary, one.undone) for one in journal.history(R)]
    assert found == [
        (1, "model:base@1+abc", "analysis", False),
        (2, "Anna", "LV endocardium, frame 4", True),
        (3, "Ben", "undo: LV endocardium, frame 4", False),
    ]
    journal.redo(R, "Anna")
    assert [one.undone for one in journal.history(R)] == [False, False, False, False]
    last = journal.history(R)[-1]
    assert (last.kind, last.summary, last.recording_id) == ("redo/1", "redo: LV endocardium, frame 4", R)
    assert last.at.endswith("+00:00")


def test_an_edit_undone_for_good_stays_in_the_history(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    journal.undo(R, "Anna")
    journal.do(R, SetNotes("two"), "Anna")
    assert [(one.kind, one.undone) for one in journal.history(R)] == [
        ("set-notes/1", True),
        ("undo/1", False),
        ("set-notes/1", False),
    ]
    store.close()
    with Store.open(store.path) as again:
        twin = Journal(again)
        twin.open(first())
        assert twin.history(R) == journal.history(R)


def test_recordings_of_one_study_do_not_mix(journal, store):
    journal.open(first("other"))
    journal.do(R, SetNotes("here"), "Anna")
    journal.do("other", SetNotes("there"), "Anna")
    journal.undo(R, "Anna")
    assert journal.reading(R).notes == ""
    assert journal.reading("other").notes == "there"
    assert [one.number for one in journal.history("other")] == [2]
    assert not journal.can_undo(R)
    assert journal.can_undo("other")


def test_every_kind_of_edit_survives(journal, store):
    for edit in ALL_EDITS:
        journal.do(R, edit, "Anna")
    assert same(reopened(store), journal.reading(R))


def test_every_kind_of_edit_of_a_stack_survives(journal, store):
    journal.open(first_stack())
    for edit in ALL_STACK_EDITS:
        journal.do("1.2.9", edit, "Anna")
    store.close()
    with Store.open(store.path) as again:
        assert same(Journal(again).open(first_stack()), journal.reading("1.2.9"))


def test_a_stack_is_undone_in_one_order_over_its_slices(journal):
    start = journal.open(first_stack())
    one = journal.do("1.2.9", OnSlice(2, SetNotes("a")), "Anna")
    two = journal.do("1.2.9", OnSlice(0, SetNotes("b")), "Anna")
    three = journal.do("1.2.9", SetExcluded((1,)), "Anna")
    assert [journal.undo("1.2.9", "Anna") for _ in range(4)] == [two, one, start, None]
    assert [journal.redo("1.2.9", "Anna") for _ in range(4)] == [one, two, three, None]
    assert [entry.summary for entry in journal.history("1.2.9")[:3]] == [
        "slice 3: notes",
        "slice 1: notes",
        "excluded: slice 2",
    ]


def test_a_recording_that_was_not_opened_has_no_reading(journal):
    with pytest.raises(KeyError):
        journal.reading("other")
    with pytest.raises(KeyError):
        journal.do("other", SetNotes("x"), "Anna")


def test_an_edit_that_does_not_fit_leaves_everything_as_it_was(journal, store):
    before = journal.reading(R)
    with pytest.raises(ValueError, match="outside"):
        journal.do(R, SetContours(Structure.LV_ENDO, 99, (circle(),)), "Anna")
    assert journal.reading(R) is before
    assert store.entries() == ()


def test_an_edit_without_author_is_refused(journal, store):
    with pytest.raises(ValueError, match="author"):
        journal.do(R, SetNotes("x"), "")
    assert journal.reading(R).notes == ""
    assert store.entries() == ()


def test_a_disk_that_refuses_leaves_the_reading_as_it_was(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    before = journal.reading(R)
    store.close()
    for act in (lambda: journal.do(R, SetNotes("x"), "Anna"), lambda: journal.undo(R, "Anna")):
        with pytest.raises(KinecorError, match="closed"):
            act()
        assert journal.reading(R) is before
        assert len(journal.history(R)) == 1


def test_a_changed_recording_is_reported(journal, store):
    journal.do(R, SetTrack(track()), "Anna")
    with pytest.raises(KinecorError, match=r"has changed since.*LV endocardium, all frames.*entry 1 by Anna.*away"):
        reopened(store, frames=7)


def test_a_second_window_shows_but_refuses(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    with Store.open(store.path) as other:
        looking = Journal(other)
        assert looking.open(first()).notes == "one"
        assert "another window" in looking.read_only_because
        assert not looking.can_undo(R)
        for act in (lambda: looking.do(R, SetNotes("x"), "Ben"), lambda: looking.undo(R, "Ben")):
            with pytest.raises(KinecorError, match="another window"):
                act()
        assert looking.reading(R).notes == "one"
    assert journal.do(R, SetNotes("two"), "Anna").notes == "two"


def test_a_file_changed_by_other_means_is_doubted_and_still_read(journal, store):
    assert journal.doubt is None
    journal.do(R, SetNotes("one"), "Anna")
    store.close()
    with tampering(store.path) as connection:
        connection.execute("UPDATE entry SET actor = 'Eve'")
    with Store.open(store.path) as again:
        doubted = Journal(again)
        assert "entries from 1 on may not be genuine" in doubted.doubt
        assert doubted.read_only_because is None
        assert doubted.open(first()).notes == "one"


@pytest.mark.parametrize("at", ["yesterday", "", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"])
def test_an_entry_whose_time_is_none_is_doubted_and_stops_no_window_and_no_transfer(journal, store, at):
    """Its digest is right, as whoever can write the file can compute it; years at the ends exist in some zones only."""
    journal.do(R, SetNotes("one"), "Anna")
    store.close()
    with tampering(store.path) as connection:
        entry = connection.execute("SELECT * FROM entry ORDER BY number DESC LIMIT 1").fetchone()
        fields = (entry[0], at, *entry[2:6])
        before = connection.execute("SELECT digest FROM entry WHERE number = ?", (entry[0] - 1,)).fetchone()
        digest = _digest(before[0] if before else b"", *fields, "")
        connection.execute(
            "UPDATE entry SET at = ?, digest = ?, origin = NULL WHERE number = ?", (at, digest, entry[0])
        )
    with Store.open(store.path) as again:
        doubted = Journal(again)
        assert f"entries from {entry[0]} on may not be genuine" in str(doubted.doubt)
        assert doubted.open(first()).notes == "one"
        from kinecor.ui.study.panel import line

        shown = [line(single) for single in doubted.history(R)]
    assert any("Anna" in text for text in shown)
    with pytest.raises(KinecorError, match="damaged or was changed"):
        pack(store.path)


NESTED = b'{"label":"x","edits":[{"kind":"set-mesh/1","payload":1}]}'


@pytest.mark.parametrize(("kind", "payload"), [("set-mesh/1", b"{}"), ("several/1", NESTED)])
def test_an_edit_of_a_newer_version_opens_read_only_up_to_it(journal, store, kind, payload):
    journal.do(R, SetNotes("known"), "Anna")
    store.append("Zoe", R, kind, payload)
    store.append("Zoe", R, "set-notes/1", b'{"text":"after"}')
    newer = Journal(store)
    assert newer.open(first()).notes == "known"
    assert "set-mesh/1" in newer.read_only_because
    assert "Zoe" in newer.read_only_because
    with pytest.raises(KinecorError, match="set-mesh/1"):
        newer.do(R, SetNotes("x"), "Anna")
    assert len(store.entries()) == 3


def test_an_unknown_edit_of_another_recording_makes_it_read_only_too(journal, store):
    store.append("Zoe", "other", "set-mesh/1", b"{}")
    assert "set-mesh/1" in Journal(store).read_only_because


@pytest.mark.parametrize(
    ("kind", "payload"), [("undo/1", b'{"entry":7}'), ("redo/1", b'{"entry":1}'), ("undo/1", b"{}"), ("undo/1", b"x")]
)
def test_an_undo_of_something_else_is_a_damaged_file(journal, store, kind, payload):
    journal.do(R, SetNotes("one"), "Anna")
    store.append("Anna", R, kind, payload)
    with pytest.raises(KinecorError, match="contradicts itself"):
        Journal(store).open(first())


def test_undo_names_the_entry_it_takes_back(journal, store):
    journal.do(R, SetNotes("one"), "Anna")
    journal.undo(R, "Anna")
    assert (store.entries()[-1].kind, store.entries()[-1].payload) == ("undo/1", b'{"entry":1}')
    assert msgspec.json.decode(store.entries()[-1].payload) == {"entry": 1}


def with_pixels(digest):
    start = first()
    return start.with_(facts=replace(start.facts, digest=digest))


def test_other_pixels_under_the_same_identity_are_refused(path):
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(with_pixels("a1"))
        assert store.entries() == ()
        journal.do(R, SetNotes("of the first patient"), "Anna")
        journal.do(R, SetNotes("more"), "Anna")
        assert [one.kind for one in store.entries()] == ["pixels/1", "set-notes/1", "set-notes/1"]
        assert [one.summary for one in journal.history(R)] == ["notes", "notes"]
        assert journal.undo(R, "Anna").notes == "of the first patient"
    with Store.open(path) as store:
        journal = Journal(store)
        with pytest.raises(KinecorError, match=r"has other pixels.*Anna.*away"):
            journal.open(with_pixels("b2"))
        with pytest.raises(KeyError):
            journal.reading(R)
        assert journal.open(with_pixels("a1")).notes == "of the first patient"
        assert journal.redo(R, "Anna").notes == "more"
        journal.do(R, SetNotes("third"), "Anna")
        assert [one.kind for one in store.entries()].count("pixels/1") == 1
        assert store.verify() is None


def test_a_file_is_read_once_on_opening(path, monkeypatch):
    with Store.open(path) as store:
        journal = Journal(store)
        for one in ("a", "b"):
            journal.open(first(one))
            journal.do(one, SetNotes(one), "Anna")
    real, read = Store.rows, []
    monkeypatch.setattr(Store, "rows", lambda self, *which: read.append(which) or real(self, *which))
    with Store.open(path) as store:
        journal = Journal(store)
        assert [journal.open(first(one)).notes for one in ("a", "b")] == ["a", "b"]
        assert read == [()]
        journal.do("a", SetNotes("later"), "Anna")
        assert journal.open(first("a")).notes == "later"


def test_nothing_of_a_large_file_stays_in_memory(path, monkeypatch):
    monkeypatch.setattr("kinecor.session.journal.CACHED_BYTES", 10)
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(first())
        journal.do(R, SetNotes("one"), "Anna")
        again = Journal(store)
        assert again._unopened is None
        assert again.open(first()).notes == "one"


class Histories(RuleBasedStateMachine):
    """Random histories over two recordings, against lists of Readings; reopened at random moments."""

    loops = st.sampled_from(("a", "b"))
    recordings = st.sampled_from(("a", "b", "s"))

    def __init__(self):
        super().__init__()
        self.path = self.folder / f"{next(self.numbers)}.kinecor"
        self.past = {"a": [first("a")], "b": [first("b")], "s": [first_stack("s")]}
        self.future = {one: [] for one in self.past}
        self.open()

    def open(self):
        self.store = Store.open(self.path)
        self.journal = Journal(self.store)
        for one in self.past:
            self.journal.open(first_stack(one) if one == "s" else first(one))

    @rule(edit=stack_edits, actor=st.sampled_from(("Anna", "model:m@1+x")))
    def do_on_a_stack(self, edit, actor):
        self.do("s", edit, actor)

    @rule(recording=loops, edit=edits, actor=st.sampled_from(("Anna", "model:m@1+x")))
    def do(self, recording, edit, actor):
        after = self.journal.do(recording, edit, actor)
        assert same(after, edit.apply(self.past[recording][-1], actor))
        self.past[recording].append(after)
        self.future[recording].clear()

    @rule(recording=recordings)
    def undo(self, recording):
        after = self.journal.undo(recording, "Anna")
        assert (after is None) == (len(self.past[recording]) == 1)
        if after is not None:
            self.future[recording].append(self.past[recording].pop())
            assert same(after, self.past[recording][-1])

    @rule(recording=recordings)
    def redo(self, recording):
        after = self.journal.redo(recording, "Anna")
        assert (after is None) == (not self.future[recording])
        if after is not None:
            self.past[recording].append(self.future[recording].pop())
            assert same(after, self.past[recording][-1])

    @rule()
    def reopen(self):
        history = {one: self.journal.history(one) for one in self.past}
        self.store.close()
        self.open()
        assert {one: self.journal.history(one) for one in self.past} == history

    @invariant()
    def reads_the_same(self):
        for one, readings in self.past.items():
            assert same(self.journal.reading(one), readings[-1])
            assert self.journal.can_undo(one) == (len(readings) > 1)
            assert self.journal.can_redo(one) == bool(self.future[one])

    def teardown(self):
        self.reopen()
        self.reads_the_same()
        assert self.store.verify() is None
        self.store.close()


def test_any_history_replays_to_the_same_state(tmp_path):
    from itertools import count

    from hypothesis.stateful import run_state_machine_as_test

    Histories.folder, Histories.numbers = tmp_path, count()
    run_state_machine_as_test(Histories, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))


def test_what_the_images_show_is_no_edit_and_is_not_saved(journal, store):
    found = RecordingFacts(ImageFacts(measured=True, damaged=(2,)))
    journal.do(R, SetNotes("one"), "anna")
    journal.do(R, SetNotes("two"), "anna")
    journal.undo(R, "anna")
    before = len(journal.history(R))

    assert journal.with_images(R, found).facts.images.damaged == (2,)
    assert journal.redo(R, "anna").facts.images.damaged == (2,)
    journal.undo(R, "anna")
    assert journal.undo(R, "anna").facts.images.damaged == (2,)
    assert len(journal.history(R)) == before + 3
    assert not reopened(store).facts.images.measured
