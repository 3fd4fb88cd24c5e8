"""Values of other systems next to ours."""

import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtGui import QDesktopServices

from kinecor.core.values.foreign import ForeignReport, ForeignValue, Lead
from kinecor.core.values.recording import Trace
from kinecor.ui.results.ecg_view import EcgTraces
from tests.readings import cine

EF = ForeignValue("Ejection Fraction", "18043-0", "LN", 61.0, "%", ("Left Ventricle",), (("Method", "Teichholz"),))
MASS = ForeignValue("Left Ventricle Mass", "18087-7", "LN", 154.0, "g", ("Left Ventricle",), (), "by <hand>")
OTHER = ForeignReport("cart.dcm", "9.9", "Echo", "5200", "Cart", "20260102", (EF,))


def test_reports_of_the_study_are_listed_with_their_source(open_window) -> None:
    recording = cine()
    report = ForeignReport(
        "sr/cart.dcm", recording.source.study_id, "Echocardiography", "5200", "Acme Cart 9", "20260102", (EF, MASS)
    )
    window = open_window([recording], reports=(report, OTHER))
    fold = window.reading.results.folds["Other systems"]
    assert not fold.isHidden()
    assert fold.count.text() == "2"
    said = window.reading.results.reported.words.text()
    for words in (
        "Echocardiography",
        "Acme Cart 9",
        "2026-01-02",
        "sr/cart.dcm",
        "Left Ventricle",
        "61 %",
        "Teichholz",
    ):
        assert words in said
    assert "by &lt;hand&gt;" in said
    assert said.count("Ejection Fraction") == 1  # that of another study is not shown


def test_without_reports_there_is_no_section(open_window) -> None:
    window = open_window([replace(cine())])
    assert window.reading.results.folds["Other systems"].isHidden()


def ecg(recording, **of) -> ForeignReport:
    times_s = np.arange(5000) / 500
    leads = tuple(
        Lead(name, Trace(times_s, np.sin(7 * times_s) * 0.8, unit)) for name, unit in (("I", "mV"), ("V1", ""))
    )
    made = ForeignReport(
        "ecg.dcm", recording.source.study_id, "12-lead ECG", "", "Acme ECG", "20260102", (), leads=leads
    )
    return replace(made, **of)


def test_an_ecg_is_drawn_in_mv_and_s(open_window, qtbot) -> None:
    recording = cine()
    window = open_window([recording], reports=(ecg(recording),))
    shown = window.reading.results.reported
    assert window.reading.results.folds["Other systems"].count.text() == "1"
    (button,) = shown.buttons
    assert button.text() == "Show ECG… (2026-01-02)"
    button.click()
    (traces,) = shown.findChildren(EcgTraces)
    assert traces.width() > 1000  # 10 s
    assert traces.grab().toImage().height() == traces.height()
    dialog = traces.window()
    dialog.close()


def test_a_pdf_opens_in_the_viewer_on_a_click_only(open_window, monkeypatch, tmp_path) -> None:
    opened = []
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(Path(url.toLocalFile())))
    recording = cine()
    document = ecg(recording, leads=(), pdf=b"%PDF-1.7 %%EOF", title="Letter <1>")
    window = open_window([recording], reports=(document,))
    shown = window.reading.results.reported
    assert "Letter &lt;1&gt;" in shown.words.text()
    assert not opened
    shown.buttons[0].click()
    (path,) = opened
    assert path.read_bytes() == document.pdf
    assert path.suffix == ".pdf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert shown.failed.isHidden()
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: False)
    shown.buttons[0].click()
    assert "No program of this system" in shown.failed.text()
    shown._written.remove()
    assert not path.exists()


def test_an_ecg_of_another_study_is_shown_for_the_same_patient_only(open_window) -> None:
    recording = cine()
    patient = replace(recording.source.patient, patient_id="P1")
    recording = replace(recording, source=replace(recording.source, patient=patient))
    same, other = ecg(recording, study_id="9.9", patient="P1"), ecg(recording, study_id="9.8", patient="P2")
    unknown = ecg(recording, study_id="9.7", patient="")
    window = open_window([recording], reports=(same, other, unknown))
    shown = window.reading.results.reported
    assert shown.reports == (same,)
    assert "another study of this patient" in shown.words.text()
