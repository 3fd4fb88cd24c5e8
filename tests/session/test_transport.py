"""A saved study as bytes and back, and what is said of it where it arrived."""

import bz2
from datetime import UTC, datetime

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.study import StudyReading
from kinecor.session import audit, keys, transport
from kinecor.session.audit import State, read_log, verify_file
from kinecor.session.edits import SetNotes
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from kinecor.session.transport import Arrival, last_written, pack, persons, take, unpack
from tests.session.samples import first

STUDY, R = "1.2.840.7", "1.2.3"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A switch to the home of another user: here("anna")."""

    def switch(name):
        monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / name))
        monkeypatch.setenv("KINECOR_AUDIT_KEY", str(tmp_path / name / "audit.key"))

    switch("anna")
    return switch


def write(*notes, by="Anna"):
    with Store.open(study_file(STUDY)) as store:
        journal = Journal(store)
        journal.open_study(StudyReading(STUDY))
        journal.open(first())
        for one in notes:
            journal.do(R, SetNotes(one), by)
    return pack(study_file(STUDY))


def notes():
    with Store.read(study_file(STUDY)) as store:
        return Journal(store).open(first()).notes


def verdict(known=None):
    with Store.read(study_file(STUDY)) as store:
        return verify_file(store, log=read_log(), study_id=STUDY, known=known)


def test_a_study_arrives_with_every_entry_and_equal_files_give_equal_bytes(here):
    packed = write("one", "two")
    assert pack(study_file(STUDY)) == packed
    assert last_written(STUDY) == packed.written_at
    assert abs((datetime.now(UTC) - packed.written_at).total_seconds()) < 60
    entries = unpack(packed.content + b"\0")
    with Store.read(study_file(STUDY)) as store:
        assert store.entries() == entries
    here("ben")
    assert pack(study_file(STUDY)) is None
    assert last_written(STUDY) is None
    assert take(STUDY, entries) is Arrival.TAKEN
    assert take(STUDY, entries) is Arrival.SAME
    assert pack(study_file(STUDY)) == packed
    assert (notes(), persons(entries)) == ("two", ("Anna",))


def test_what_goes_on_elsewhere_continues_and_comes_back(here):
    early = unpack(write("one").content)
    late = unpack(write("two").content)
    here("ben")
    assert take(STUDY, early) is Arrival.TAKEN
    assert take(STUDY, late) is Arrival.CONTINUED
    assert take(STUDY, early) is Arrival.SAME
    further = unpack(write("three", by="Ben").content)
    assert verdict().faults == ()
    here("anna")
    assert take(STUDY, further) is Arrival.CONTINUED
    assert notes() == "three"
    assert verdict().faults == ()


def test_another_reading_here_stays(here):
    theirs = unpack(write("theirs").content)
    here("ben")
    write("mine", by="Ben")
    assert take(STUDY, theirs) is Arrival.OTHER
    assert notes() == "mine"


def test_what_arrived_is_proved_to_be_unchanged_since_and_not_who_wrote_it(here):
    annas = keys.own_keys()[0].public
    entries = unpack(write("one", "two").content)
    here("ben")
    take(STUDY, entries)
    found = verdict()
    assert (found.state, found.faults, found.received) == (State.NOT_COMPARABLE, (), len(entries))
    said = " ".join(found.remarks)
    assert "unchanged since they arrived here" in said
    assert "signed by a key that is not known here" in said
    assert verdict(keys.known_keys((annas,))).state is State.AGREES
    opened = audit.compared_at_opening(STUDY, len(entries))
    assert not opened.contradicts
    assert "who wrote and signed it is not proved" in opened.words
    write("three", by="Ben")
    later = verdict()
    assert (later.state, later.faults) == (State.NOT_COMPARABLE, ())
    assert verdict(keys.known_keys((annas,))).state is State.AGREES


def test_entries_that_are_taken_away_after_they_arrived_are_missed(here):
    entries = unpack(write("one", "two", "three").content)
    here("ben")
    take(STUDY, entries)
    study_file(STUDY).unlink()
    with Store.open(study_file(STUDY)) as store:
        store.receive(entries[:-1])
    found = verdict()
    assert found.state is State.DISAGREES
    assert "missing" in found.faults[0]


@pytest.mark.logs_warnings
def test_unsigned_entries_that_arrive_are_never_proved(here, monkeypatch):
    def no_key():
        raise KinecorError("no key")

    with monkeypatch.context() as patch:
        patch.setattr(keys, "own_keys", no_key)
        entries = unpack(write("one").content)
    here("ben")
    take(STUDY, entries)
    found = verdict()
    assert (found.state, found.faults) == (State.NOT_COMPARABLE, ())
    assert "not shown who wrote them" in " ".join(found.remarks)


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 200])
def test_bytes_that_are_cut_off_are_refused(here, cut):
    content = write("one").content
    with pytest.raises(KinecorError, match="Expected"):
        unpack(content[:cut])


def test_bytes_that_were_changed_are_refused(here):
    plain = bz2.decompress(write("Anna's note").content)
    for changed in (
        plain.replace(b'"Anna"', b'"Ben!"', 1),
        plain.replace(b"kinecor study 1", b"kinecor study 2"),
        plain[: plain.rindex(b'{"number"')] + plain[plain.rindex(b'{"number"') :].replace(b"set-notes", b"set-nodes"),
        b"".join(plain.splitlines(keepends=True)[:1]),
        plain + b'{"number": 7}\n',
        plain + b"[" * 100_000 + b"\n",
    ):
        with pytest.raises(KinecorError, match="Expected"):
            unpack(bz2.compress(changed))


def test_bytes_without_end_are_refused_soon(here, monkeypatch):
    monkeypatch.setattr(transport, "MAX_BYTES", 1 << 20)
    with pytest.raises(KinecorError, match="Expected"):
        unpack(bz2.compress(b"kinecor study 1\n" + b"\n" * (64 << 20)))


def test_entries_that_do_not_follow_are_not_written(here):
    entries = unpack(write("one", "two").content)
    here("ben")
    with Store.open(study_file(STUDY)) as store:
        with pytest.raises(KinecorError, match="follow"):
            store.receive(entries[1:])
        assert store.last == (0, b"")
