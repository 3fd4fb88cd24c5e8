from dataclasses import replace

from kinecor.ui.app.documents import open_all
from kinecor.ui.commands import priors
from tests.io.open.test_stated import cart_report
from tests.ui.study.test_study_list import of


def dated(study, number, day, view="A4C"):
    made = of("Doe", study, number, view)
    patient = replace(made.source.patient, study_date=day)
    return replace(made, source=replace(made.source, patient=patient))


def test_an_earlier_study_is_compared_value_by_value(open_window, qtbot, monkeypatch):
    window = open_window([dated("2.2", 1, "20260102")])
    panel = window.reading.results
    assert panel.folds["Prior"].isHidden()
    assert panel.headline.headline.prior == ""
    old = dated("1.1", 2, "20240101")
    monkeypatch.setattr(priors, "open_all", lambda paths, tick, **_: ((old,), (), ()))
    window.priors.open_prior(["old"])
    qtbot.waitUntil(lambda: not window.busy)
    assert panel.prior.comparison is not None
    assert panel.prior.day == "2024-01-01"
    assert window.workspace.index == 0  # the earlier study is analysed without being shown
    assert panel.headline.headline.prior.startswith("Prior ")
    assert panel.headline.headline.prior.endswith(" (0)")
    assert "<b>EF A4C</b>" in panel.prior.table.text()
    entries = panel.prior.table.text()
    ef = next(one.then.quantity.value for one in panel.prior.comparison.changes if one.code == "EF")
    limit = f"{0.142 * ef:.1f} points, 14.2 % of the mean [1]"
    assert f"Difference 0 points, not measured well enough; measurement error {limit}" in entries
    assert "within measurement error (" in entries  # of GLS
    assert "! The earlier study is not signed" in panel.prior.warnings.text()


def test_an_earlier_study_that_is_opened_together_is_analysed_without_being_shown(open_window, qtbot):
    window = open_window([dated("2.2", 1, "20260102"), dated("1.1", 2, "20240101")])
    qtbot.waitUntil(lambda: not window.busy)
    assert window.workspace.index == 0
    comparison = window.reading.results.prior.comparison
    assert comparison is not None
    assert "EF" in {one.code for one in comparison.changes}


def test_another_patient_is_not_compared(open_window, qtbot, monkeypatch):
    window = open_window([dated("2.2", 1, "20260102")])
    monkeypatch.setattr(priors, "open_all", lambda paths, tick, **_: ((of("Roe", "1.1", 2),), (), ()))
    window.priors.open_prior(["other"])
    qtbot.waitUntil(lambda: not window.busy)
    assert window.reading.results.prior.comparison is None
    assert "no earlier study of the same patient" in window.banner.words.text()


def test_a_report_of_another_system_serves_as_the_earlier_study(open_window, qtbot, tmp_path, monkeypatch):
    now = dated("2.2", 1, "20260102")
    now = replace(
        now, source=replace(now.source, patient=replace(now.source.patient, patient_id="4711", name="Doe^Jane"))
    )
    window = open_window([now])
    monkeypatch.setattr(priors, "open_all", open_all)
    window.priors.open_prior([str(cart_report(tmp_path / "cart.dcm", "1.2.1", "20250102", 47.0))])
    qtbot.waitUntil(lambda: not window.busy and window.reading.results.prior.comparison is not None)
    panel = window.reading.results
    assert panel.prior.day == "2025-01-02"
    assert "<b>EF A4C</b>&nbsp; 47 →" in panel.prior.table.text()
    assert "a report by Acme Cart" in panel.prior.warnings.text()
    assert "Prior 47 %" in panel.headline.headline.prior
    assert window.banner.isHidden()


def test_a_report_of_another_patient_is_not_compared(open_window, qtbot, tmp_path, monkeypatch):
    window = open_window([dated("2.2", 1, "20260102")])
    monkeypatch.setattr(priors, "open_all", open_all)
    window.priors.open_prior([str(cart_report(tmp_path / "cart.dcm", "1.2.1", "20250102", 47.0, patient="another"))])
    qtbot.waitUntil(lambda: not window.busy)
    assert window.reading.results.prior.comparison is None
    assert "no earlier study of the same patient" in window.banner.words.text()
