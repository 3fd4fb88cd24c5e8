"""Truncating, rewriting and forging a study file shows against what was written elsewhere and by signatures."""

import json
import threading
from dataclasses import replace

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.study import StudyReading
from kinecor.core.values.track import Structure
from kinecor.session import audit, keys
from kinecor.session.audit import Head, State, compared_at_opening, read_log, saved_head, verify_file
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store, _digest, study_file
from tests.session.samples import circle, first, tampering

UID = "1.2.840"


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(audit.ENVIRONMENT, str(tmp_path / "log" / "audit.log"))
    return study_file(UID)


def edit(path, count=5):
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open_study(StudyReading(UID))
        journal.open(first())
        for number in range(count):
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number + 5),)), "Anna")


def verdict(path, **more):
    with Store.read(path) as store:
        return verify_file(store, log=read_log(), **more)


def another_key(monkeypatch, tmp_path):
    """From here on another user's key signs."""
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "another.key"))


def forge(path, count=1):
    """Add entries by other means than an edit: the chain holds, as whoever can write the file can have it."""
    with tampering(path) as connection:
        for _ in range(count):
            number, before = connection.execute("SELECT max(number), digest FROM entry").fetchone()
            origin = json.dumps({"login": "anna", "host": "h", "boot": "", "uptime_s": 1.0})
            fields = (
                number + 1,
                "2026-11-24T10:00:00.000000+00:00",
                "Anna",
                "",
                "study-comment/1",
                b'{"code":"","text":"x"}',
            )
            row = (*fields, _digest(before, *fields, origin), origin)
            connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


def test_a_file_as_it_was_written_agrees(path):
    edit(path)
    found = verdict(path)
    assert found.faults == ()
    assert found.remarks == ()
    assert found.state is State.AGREES
    assert found.compared == found.head.entries == 5
    assert saved_head("1.2.840") == found.head
    assert audit.audit_log().stat().st_mode & 0o077 == 0


def test_entries_removed_from_the_end_show(path):
    edit(path)
    with tampering(path) as connection:
        connection.execute("DELETE FROM entry WHERE number > 3")
    assert verdict(path).faults == ("Entries 4 to 5 are missing: the audit log names them.",)


def test_a_rewritten_chain_shows(path):
    edit(path)
    with tampering(path) as connection:
        before = b""
        for row in connection.execute("SELECT * FROM entry ORDER BY number").fetchall():
            number, at, _, recording, kind, payload, _, origin = row
            before = _digest(before, number, at, "Eve", recording, kind, payload, origin)
            connection.execute("UPDATE entry SET actor = 'Eve', digest = ? WHERE number = ?", (before, number))
    with Store.read(path) as store:
        assert store.verify() is None  # the chain alone cannot tell
    found = verdict(path)
    assert "Entry 1 is another one than the audit log names: the file was rewritten." in found.faults
    assert "Entries 1 to 5: not as signed." in found.faults


def test_an_older_copy_put_in_its_place_shows_until_it_is_known(path):
    edit(path, 2)
    older = path.read_bytes()
    edit(path, 2)
    path.write_bytes(older)
    assert "Entries 3 to 4 are missing" in verdict(path).faults[0]


@pytest.mark.logs_warnings
def test_a_log_that_cannot_be_written_stops_no_edit(path, tmp_path, caplog):
    (tmp_path / "log").write_text("in the way")
    edit(path, 1)
    assert "could not be written" in caplog.text
    with Store.read(path) as store:
        found = verify_file(store)
    assert (found.state, found.compared, found.faults) == (State.NOT_COMPARABLE, 0, ())


def test_lines_that_were_cut_off_are_left_out(path):
    edit(path, 2)
    with audit.audit_log().open("a") as log:
        log.write('{"at": "2026", "fi\n[1]\n\xff\n')
    assert verdict(path).compared == 2
    with audit.audit_log().open("a") as log:
        log.write('{"at": "2026", "fi')  # a line whose program was ended
    edit(path, 1)
    assert verdict(path).compared == 3
    assert verdict(path).state is State.AGREES
    assert read_log().cut == ()


def test_a_clock_that_was_set_back_is_a_remark(path, monkeypatch):
    edit(path, 1)
    with Store.read(path) as store:
        (one,) = store.entries()
    later = json.dumps(json.loads(one.origin) | {"boot": "a", "uptime_s": 1000.0})
    sooner = json.dumps(json.loads(one.origin) | {"boot": "a", "uptime_s": 0.0})
    assert audit._clock_jump_s(replace(one, origin=sooner), replace(one, origin=later)) == pytest.approx(-1000)
    assert audit._clock_jump_s(replace(one, origin=""), one) is None


def test_nothing_saved_has_no_head(path):
    assert saved_head("1.2.840") is None
    assert saved_head("") is None
    path.parent.mkdir(parents=True)
    path.write_text("no database")
    assert saved_head("1.2.840") is None
    assert Head(1, "") == Head(1, "")


# What the log and the signatures show of forged entries


def test_forged_entries_that_the_log_lacks_show(path):
    edit(path)
    forge(path, 2)
    with Store.read(path) as store:
        assert store.verify() is None  # the chain alone cannot tell
    found = verdict(path)
    assert found.state is State.DISAGREES
    assert "Entries 6 to 7: not in the audit log." in found.faults
    assert "Entries 6 to 7: not signed, although earlier ones are." in found.faults


def test_forged_entries_show_after_further_edits_too(path):
    edit(path)
    forge(path)
    edit(path, 1)
    assert "Entry 6: not in the audit log." in verdict(path).faults


def test_a_file_that_the_log_does_not_name_is_not_comparable(path):
    edit(path, 2)
    audit.audit_log().unlink()
    found = verdict(path)
    assert (found.state, found.compared, found.faults) == (State.NOT_COMPARABLE, 0, ())


def test_a_renamed_file_is_still_compared(path):
    edit(path)
    other = path.with_name("kept by hand.kinecor")
    path.rename(other)
    assert verdict(other).state is State.AGREES
    with tampering(other) as connection:
        connection.execute("DELETE FROM entry WHERE number > 3")
    assert verdict(other).faults == ("Entries 4 to 5 are missing: the audit log names them.",)
    assert verdict(other, study_id=UID).state is State.DISAGREES


def test_another_file_under_the_name_of_a_study_shows(path, tmp_path):
    edit(path)
    forged = tmp_path / "forged" / path.name
    with Store.open(forged) as store:
        store.append("Anna", "1.2.3", "set-notes/1", b'{"text":"x"}')
    path.write_bytes(forged.read_bytes())
    assert verdict(path).state is State.DISAGREES


def test_lines_of_the_log_count_only_where_a_known_key_signed_them(path, monkeypatch, tmp_path):
    edit(path, 2)
    forge(path)
    with Store.read(path) as store:
        entry = list(store.rows())[-1]
    with monkeypatch.context() as other:
        another_key(other, tmp_path)
        strange = keys.own_keys()[0].public
        audit.note(path, entry, UID)
    found = verdict(path)
    assert found.state is State.DISAGREES  # the entry itself is not signed
    assert found.remarks == (f"Entry 3: signed in the audit log by a key that is not known here ({strange[:16]}…).",)
    # An unsigned line, as an earlier version wrote it, proves nothing after a signed one.
    line = {"at": entry.at, "file": path.name, "entries": 3, "head": entry.digest.hex()}
    kept = [one for one in audit.audit_log().read_text().splitlines() if strange not in one]
    audit.audit_log().write_text("\n".join([*kept, json.dumps(line), ""]))
    assert "Entry 3: not in the audit log." in verdict(path).faults


def test_entries_by_another_reader_count_once_their_key_is_known(path, monkeypatch, tmp_path):
    edit(path, 2)
    with monkeypatch.context() as other:
        another_key(other, tmp_path)
        edit(path, 1)
        public = keys.own_keys()[0].public
    found = verdict(path)
    assert (found.state, found.faults) == (State.NOT_COMPARABLE, ())
    assert "signed in the audit log by a key that is not known here" in found.remarks[0]
    audit_log = audit.audit_log().read_text()
    audit.audit_log().write_text("".join(audit_log.splitlines(keepends=True)[:2]))
    found = verdict(path)
    assert found.faults == ("Entry 3: not in the audit log.",)
    assert found.remarks == ("Entry 3: signed by a key that is not known here.",)
    audit.audit_log().write_text(audit_log)
    (tmp_path / "known").write_text(f"# readers\n{public}  Dr Blue\n")
    monkeypatch.setenv(keys.KNOWN_KEYS, str(tmp_path / "known"))
    assert verdict(path).state is State.AGREES
    monkeypatch.setenv(keys.KNOWN_KEYS, str(tmp_path / "none"))
    with pytest.raises(KinecorError, match="cannot be read"):
        verdict(path)


def test_a_line_that_was_changed_or_removed_shows(path):
    edit(path, 4)
    lines = audit.audit_log().read_text().splitlines(keepends=True)
    audit.audit_log().write_text("".join(lines).replace('"entries": 2', '"entries": 3'))
    assert "Line 2 of the audit log is not as it was signed." in verdict(path).faults
    audit.audit_log().write_text("".join(lines[:1] + lines[2:]))
    assert read_log().cut == (2,)
    audit.audit_log().write_text("".join(lines))
    assert read_log().cut == ()


def test_a_log_that_was_put_away_is_read_with_the_one_in_use(path, tmp_path):
    edit(path, 3)
    audit.audit_log().rename(tmp_path / "2025.log")
    edit(path, 2)
    assert "Entries 1 to 3: not in the audit log." in verdict(path).faults
    whole = read_log([tmp_path / "2025.log"])
    assert whole.cut == ()
    with Store.read(path) as store:
        assert verify_file(store, log=whole).state is State.AGREES


def test_lines_of_an_earlier_version_are_compared_but_prove_nothing(path):
    edit(path, 3)
    lines = [json.loads(line) for line in audit.audit_log().read_text().splitlines()]
    bare = [{name: line[name] for name in ("at", "file", "entries", "head")} for line in lines]
    audit.audit_log().write_text("".join(json.dumps(one) + "\n" for one in bare))
    found = verdict(path)
    assert (found.state, found.faults, found.compared) == (State.NOT_COMPARABLE, (), 3)
    assert found.remarks == ("Entries 1 to 3: named by lines of the audit log that are not signed.",)
    edit(path, 1)  # what is signed now says what was before it, too
    assert verdict(path).state is State.AGREES


def test_windows_that_write_at_once_lose_no_line(path):
    edit(path, 1)
    with Store.read(path) as store:
        (entry,) = store.entries()
    writers = [threading.Thread(target=lambda: [audit.note(path, entry, UID) for _ in range(10)]) for _ in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    found = read_log()
    assert len(found.lines) == 41
    assert found.cut == ()
    assert {one.proof for one in found.lines} == {audit.Proof.KNOWN}


# What the window says of it


def test_at_opening_a_file_that_the_log_contradicts_is_said_in_a_sentence(path):
    edit(path)
    assert compared_at_opening(UID, 5) is None
    assert compared_at_opening("1.2.841", 0) is None
    forge(path)
    found = compared_at_opening(UID, 6)
    assert found.contradicts
    assert found.words.startswith("1.2.840.kinecor is not as the audit log says: Entry 6: ")
    audit.audit_log().unlink()
    path.unlink()
    edit(path, 1)
    audit.audit_log().unlink()
    assert not compared_at_opening(UID, 1).contradicts


def test_what_a_window_writes_meanwhile_contradicts_nothing(path):
    edit(path, 3)
    with Store.open(path) as store:
        store.append("Anna", "1.2.3", "set-notes/1", b'{"text":"x"}')  # its line follows
    assert compared_at_opening(UID, 3) is None


def test_lines_that_a_killed_program_did_not_write_are_added(path):
    edit(path, 2)
    with Store.open(path) as store:
        store.append("Anna", "1.2.3", "set-notes/1", b'{"text":"x"}')
    assert verdict(path).state is State.DISAGREES
    assert compared_at_opening(UID, 3) is None
    assert verdict(path).state is State.AGREES


# The key


def test_the_key_is_made_once_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "new" / "audit.key"))
    (key,) = keys.own_keys()
    assert keys.key_file().stat().st_mode & 0o077 == 0
    keys._own_keys.cache_clear()
    assert keys.own_keys()[0].public == key.public
    assert keys.holds(key.public, b"x", key.sign(b"x"))
    assert not keys.holds(key.public, b"y", key.sign(b"x"))
    assert not keys.holds("no key", b"x", key.sign(b"x"))


@pytest.mark.logs_warnings
def test_a_file_that_holds_no_key_is_said_and_stops_no_edit(path, monkeypatch, tmp_path, caplog):
    monkeypatch.setenv(keys.KEY_FILE, str(tmp_path / "audit.key"))
    (tmp_path / "audit.key").write_text("nothing")
    with pytest.raises(KinecorError, match="no key of the audit log"):
        keys.own_keys()
    edit(path, 1)
    assert "is not signed" in caplog.text


class _Keyring:
    priority = 5

    def __init__(self):
        self.saved, self.waits = {}, threading.Event()
        self.waits.set()

    def get_keyring(self):
        return self

    def get_password(self, service, name):
        self.waits.wait()
        return self.saved.get((service, name))

    def set_password(self, service, name, password):
        self.saved[service, name] = password


@pytest.fixture
def ring(monkeypatch, tmp_path):
    made = _Keyring()
    monkeypatch.delenv(keys.KEY_FILE)
    monkeypatch.setattr(keys.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "user"))
    monkeypatch.setattr(keys, "system_keyring", lambda: made)
    keys._keyring_secret.cache_clear()
    yield made
    made.waits.set()
    keys._keyring_secret.cache_clear()
    keys._own_keys.cache_clear()


def test_the_key_is_in_the_systems_keyring_where_there_is_one(ring, tmp_path):
    (key,) = keys.own_keys()
    assert key.place == ""
    assert list(ring.saved) == [("kinecor", "audit-key")]
    assert not (tmp_path / "user").exists()


def test_a_keyring_that_does_not_answer_in_time_gives_way_to_the_file(ring, monkeypatch):
    monkeypatch.setattr(keys, "_ANSWERS_WITHIN_S", 0.05)
    ring.waits.clear()
    (key,) = keys.own_keys()
    assert key.place == str(keys.key_file())
    ring.waits.set()
    keys._keyring_secret.cache_clear()
    keys._own_keys.cache_clear()
    first_one, second = keys.own_keys()  # both are the user's
    assert first_one.place == ""
    assert second.public == key.public
