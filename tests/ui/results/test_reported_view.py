"""Values of other systems next to ours."""

import stat
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pyqtgraph import PlotWidget
from PySide6.QtGui import QDesktopServices

from kinecor.core.values.foreign import ForeignReport, ForeignValue, Lead
from kinecor.core.values.recording import Trace
from kinecor.ui.results.ecg_view import ecg_plot
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
    (plot,) = shown.findChildren(PlotWidget)
    dialog = plot.window()
    assert dialog.width() > 1000  # 10 s
    qtbot.waitUntil(lambda: plot.getViewBox().width() > 900)
    wide_s, tall_mv = plot.getViewBox().viewPixelSize()
    assert wide_s / tall_mv == pytest.approx(0.4, rel=0.02)  # as on paper: 10 mm for 1 mV, 25 mm for 1 s
    first, pulse, second = (one.getData() for one in plot.listDataItems())
    assert np.ptp(first[1]) == pytest.approx(1.6, abs=0.01)  # in mV, as in the file
    assert np.ptp(pulse[1]) == 1.0
    assert second[1].max() < first[1].min()  # the row below; no pulse: it has no unit
    assert [words for _, words in plot.getAxis("left")._tickLevels[0]] == ["I", "V1\nno scale"]
    dialog.close()


def test_all_of_a_long_ecg_is_reached_from_its_first_ten_seconds() -> None:
    times_s = np.arange(0, 4000, 0.02)
    plot = ecg_plot((Lead("II", Trace(times_s, np.sin(times_s), "mV")),))
    shown, reached = plot.getViewBox().viewRange()[0], plot.getViewBox().state["limits"]["xLimits"]
    assert shown[1] < 30
    assert reached[1] == times_s[-1]
    plot.deleteLater()


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
    shown.pdfs.close()
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
