"""Agreement in the window: progress, refusal, plot and table, files."""

from pathlib import Path

import pytest

from kinecor.session.store import readings_folder
from kinecor.ui.study.agreement_dialog import AgreementDialog
from tests.session.signed_site import sign_study


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def test_too_few_patients_are_said_and_enough_are_shown(qtbot, tmp_path):
    for number in range(29):
        sign_study(number, ef_change=-4.0 + 0.1 * number)
    dialog = AgreementDialog()
    dialog.show()
    qtbot.waitUntil(lambda: not dialog.jobs.keys, timeout=60_000)
    assert "29 were found" in dialog.words.text()
    assert dialog.plot.isHidden()
    assert not dialog.save.isEnabled()
    sign_study(29, ef_change=0.0)
    dialog.read(readings_folder())
    assert dialog.cancel.text() == "Cancel"
    qtbot.waitUntil(lambda: not dialog.jobs.keys, timeout=60_000)
    assert dialog.words.text().startswith("30 patients, 30 signed studies")
    assert dialog.value.currentData() == "EF"
    assert dialog.plot.isVisible()
    first = dialog.rows.topLevelItem(0)
    assert [first.text(at) for at in range(3)] == ["all patients", "30", "97 %"]
    assert first.text(3).startswith("2.5 (")
    dialog.value.setCurrentIndex(dialog.value.findData("EDV"))
    assert dialog.rows.topLevelItem(0).text(2) == "0 %"
    target = tmp_path / "written"
    target.mkdir()
    dialog.write(target)
    qtbot.waitUntil(lambda: not dialog.jobs.keys, timeout=60_000)
    assert sorted(one.name for one in target.iterdir()) == ["agreement.csv", "agreement.json", "agreement.pdf"]
    assert str(target) in dialog.outcome.text()
    dialog.close()
    assert not dialog.isVisible()


def test_reading_is_cancelled_then_the_dialog_is_closed(qtbot):
    sign_study(1)
    dialog = AgreementDialog()
    dialog.show()
    dialog.cancel.click()
    assert dialog.words.text() == "Reading was cancelled."
    assert dialog.cancel.text() == "Close"
    assert not dialog.jobs.keys
    dialog.cancel.click()
    assert not dialog.isVisible()
