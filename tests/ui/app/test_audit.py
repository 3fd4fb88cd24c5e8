"""What the window says of a study's file that is not as the audit log says, and its messages for a repository."""

from xml.etree import ElementTree as ET

import pytest

from kinecor.core.values.study import STUDY
from kinecor.io.archive import audit_messages
from kinecor.session import audit
from kinecor.session.edits import SetNotes
from kinecor.session.store import study_file
from tests.readings import cine
from tests.session.test_audit import forge


@pytest.fixture
def messages(tmp_path, monkeypatch):
    path = tmp_path / "messages.xml"
    monkeypatch.setenv(audit_messages.DESTINATION, str(path))
    return lambda: [
        ET.fromstring(line).find("EventIdentification").get("EventActionCode") for line in path.read_text().splitlines()
    ]


def opened_again(window, open_window):
    window.close()
    return open_window([cine()])


def test_a_forged_entry_is_said_at_opening_in_one_line(window, open_window, messages):
    window.workspace.do(SetNotes("read"))
    path = study_file(window.workspace.recording.source.study_id)
    again = opened_again(window, open_window)
    assert not again.banner.messages
    again.close()
    forge(path)
    (said,) = opened_again(again, open_window).banner.messages
    assert said.startswith(f"{path.name} is not as the audit log says: Entry ")
    assert messages() == ["R", "R", "E"]


def test_entries_that_the_file_lost_are_said_at_opening(window, open_window, qtbot):
    path = study_file(window.workspace.recording.source.study_id)
    before = path.read_bytes()
    window.workspace.do(SetNotes("read"))
    window.close()
    path.write_bytes(before)
    banner = open_window([cine()]).banner
    qtbot.waitUntil(lambda: bool(banner.messages))
    (said,) = banner.messages
    assert "missing: the audit log names them" in said


def test_a_file_that_the_log_does_not_name_is_a_remark(window, open_window):
    window.close()
    audit.audit_log().unlink()
    again = open_window([cine()])
    assert not again.banner.messages
    assert "does not show that all of" in again.status.currentMessage()
    assert again.workspace.history.entries()[0].recording_id != STUDY
