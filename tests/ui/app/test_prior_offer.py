"""An earlier study of the patient that was open here before is offered."""

from dataclasses import replace

from kinecor.core.values.recording import Patient
from kinecor.ui.app import settings
from kinecor.ui.app.settings import Seen
from tests.readings import cine


def of_day(day, study_id):
    made = cine()
    patient = Patient("Doe^Jane", "42", study_date=day)
    return replace(made, source=replace(made.source, patient=patient, study_id=study_id, recording_id=study_id))


def test_it_is_offered_and_opened(open_window, qtbot, tmp_path, monkeypatch):
    (tmp_path / "old").mkdir()
    earlier = Seen(settings.patient_digest("42"), "20240501", str(tmp_path / "old"))
    monkeypatch.setattr(settings.Settings, "earlier", lambda self, patient, date: earlier)
    window = open_window([of_day("20250501", "2.2")])
    assert window.offer.isVisible()
    assert "2024-05-01" in window.offer.words.text()
    opened = []
    monkeypatch.setattr(window.priors, "open_prior", opened.extend)
    window.offer.button.click()
    assert opened == [str(tmp_path / "old")]
    assert not window.offer.isVisible()


def test_nothing_is_offered_where_the_prior_is_open(open_window):
    window = open_window([of_day("20250501", "2.2"), of_day("20240501", "1.1")])
    assert not window.offer.isVisible()
