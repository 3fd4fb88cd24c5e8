"""Values of other systems next to ours."""

from dataclasses import replace

from kinecor.core.values.foreign import ForeignReport, ForeignValue
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
