"""Anonymise: what a copy would change is shown before it is written; nothing planted is in what is written."""

import json

import pydicom
import pytest

from kinecor.io.open.recordings import open_path
from kinecor.ui.app.anonymising import AnonymiseDialog
from tests.io.write.sources import write_clip, write_sector
from tests.io.write.test_anonymise import PLANTED, plant, secrets_of
from tests.readings import cine


@pytest.fixture
def clip(tmp_path):
    return plant(write_sector(tmp_path / "clip.dcm"))


def shown(qtbot, recordings):
    dialog = AnonymiseDialog(recordings)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.jobs.keys)
    return dialog


def rows(dialog):
    items = [dialog.elements.topLevelItem(row) for row in range(dialog.elements.topLevelItemCount())]
    return {item.text(0): (item.text(1), item.text(2)) for item in items}


def test_what_would_change_is_shown_and_then_written(themed, qtbot, clip, tmp_path):
    dialog = shown(qtbot, open_path(clip).recordings)
    found = rows(dialog)
    assert found["PatientName"][0] == PLANTED["PatientName"]
    assert found["PatientName"][1].startswith("ANON-")
    assert found["InstitutionName"] == ("PLANTINSTITUTION", "removed")
    assert found["(0099,1001)"][1] == "removed"
    assert "dates are removed" in dialog.facts.text()
    assert "Striped red" in dialog.caption.text()
    assert not dialog.picture.pixmap().isNull()
    dialog.dates.click()
    qtbot.waitUntil(lambda: "days earlier" in dialog.facts.text())
    dialog.dates.click()
    qtbot.waitUntil(lambda: "dates are removed" in dialog.facts.text())
    assert not (tmp_path / "out").exists()
    dialog.start(tmp_path / "out")
    qtbot.waitUntil(lambda: not dialog.jobs.keys)
    assert "Written to" in dialog.words.text()
    content = b"".join(one.read_bytes() for one in (tmp_path / "out").rglob("*") if one.is_file())
    assert [one for one in secrets_of(clip) if one in content] == []
    assert json.loads((tmp_path / "out" / "anonymised.json").read_text())["removed"]["InstitutionName"] == 1


def test_what_is_no_dicom_is_named_and_left_out(themed, qtbot, clip, tmp_path):
    simulated = cine()
    dialog = shown(qtbot, [simulated, *open_path(clip).recordings])
    assert "No copy is made of this file" in dialog.caption.text()
    dialog.start(tmp_path / "out")
    qtbot.waitUntil(lambda: not dialog.jobs.keys)
    assert "! 1 files left out: file 1" in dialog.words.text()
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 1


def test_a_picture_without_a_sector_is_copied_when_a_person_has_looked(themed, qtbot, tmp_path):
    dialog = shown(qtbot, open_path(plant(write_clip(tmp_path / "clip.dcm"))).recordings)
    assert "No sector is found" in dialog.caption.text()
    assert not dialog.confirm.isHidden()
    dialog.start(tmp_path / "first")
    qtbot.waitUntil(lambda: not dialog.jobs.keys)
    assert "files left out" in dialog.words.text()
    assert list((tmp_path / "first").rglob("*.dcm")) == []
    dialog.frame.setValue(3)
    assert dialog.caption.text().startswith("Frame 3.")
    dialog.confirm.click()
    dialog.start(tmp_path / "second")
    qtbot.waitUntil(lambda: not dialog.jobs.keys)
    (written,) = (tmp_path / "second").rglob("*.dcm")
    assert pydicom.dcmread(written).BurnedInAnnotation == "NO"


def test_a_picture_with_a_sector_needs_no_confirmation(themed, qtbot, clip):
    dialog = shown(qtbot, open_path(clip).recordings)
    assert dialog.confirm.isHidden()
    assert "all but the sector" in dialog.caption.text()
