"""Truncating and rewriting a study file shows against digests written elsewhere."""

import json
from dataclasses import replace

import pytest

from kinecor.core.values.track import Structure
from kinecor.session import audit
from kinecor.session.audit import Head, noted, saved_head, verified
from kinecor.session.edits import SetContours
from kinecor.session.journal import Journal
from kinecor.session.store import Store, _digest, study_file
from tests.session.samples import circle, first, tampering


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv(audit.ENVIRONMENT, str(tmp_path / "log" / "audit.log"))
    return study_file("1.2.840")


def edit(path, count=5):
    with Store.open(path) as store:
        journal = Journal(store)
        journal.open(first())
        for number in range(count):
            journal.do("1.2.3", SetContours(Structure.LV_ENDO, 1, (circle(number + 5),)), "Anna")


def verdict(path):
    with Store.read(path) as store:
        return verified(store, [("the audit log", head) for head in noted(path.name)])


def test_a_file_as_it_was_written_agrees(path):
    edit(path)
    found = verdict(path)
    assert found.faults == ()
    assert found.remarks == ()
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
    assert verdict(path).faults == ("Entry 1 is another one than the audit log names: the file was rewritten.",)


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
    assert verdict(path).compared == 0


def test_lines_that_were_cut_off_are_left_out(path):
    edit(path, 2)
    with audit.audit_log().open("a") as log:
        log.write('{"at": "2026", "fi\n[1]\n\xff\n')
    assert verdict(path).compared == 2


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
