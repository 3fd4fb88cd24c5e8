"""An earlier study on the command line: a column of the report, refused where it is none, and the language."""

from pathlib import Path

import pypdfium2
import pytest

from kinecor.cli import main
from kinecor.cli.batch import recordings
from kinecor.core.study.conclusions import parts_of
from kinecor.core.values.reading import first_reading_of
from kinecor.core.values.study import first_study_reading
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import Sign
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from tests.cli.test_analyse_command import propose
from tests.io.open.test_stated import cart_report
from tests.io.write.sources import write_clip
from tests.results import read_result


@pytest.fixture(autouse=True)
def _models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recordings, "propose", propose)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def clip(path: Path, study: int, date: str, patient: str = "4711") -> str:
    identity = {"PatientID": patient, "PatientName": "Doe^Jane", "StudyDate": date}
    write_clip(path, instance=study, StudyInstanceUID=f"1.2.{study}", SOPInstanceUID=f"1.3.{study}", **identity)
    return str(path)


def test_the_report_has_the_values_of_the_prior(tmp_path: Path) -> None:
    now, then = clip(tmp_path / "now.dcm", 2, "20260102"), clip(tmp_path / "then.dcm", 1, "20250102")
    asked = ["analyse", now, "--prior", then, "--out", str(tmp_path / "out"), "--pdf", "--language", "de"]
    assert main(asked) == 0
    later = next(one for one in read_result(tmp_path / "out" / "result.json")["studies"] if "prior" in one)
    assert later["prior"]["study"] == "1.2.1"
    document = pypdfium2.PdfDocument(tmp_path / "out" / "study-reports" / "1.2.2.pdf")
    first = document[0].get_textpage().get_text_range()
    document.close()
    assert "Vorstudie 02.01.2025" in " ".join(first.split())
    assert "Echokardiographie-Befund" in first


@pytest.mark.parametrize(("date", "patient"), [("20270102", "4711"), ("20250102", "another")])
def test_what_is_no_earlier_study_of_the_patient_is_refused(
    date: str, patient: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now, other = clip(tmp_path / "now.dcm", 2, "20260102"), clip(tmp_path / "other.dcm", 1, date, patient)
    assert main(["analyse", now, "--prior", other, "--out", str(tmp_path / "out")]) == 1
    assert "expected an earlier study of the same patient" in capsys.readouterr().err
    assert not (tmp_path / "out" / "result.json").exists()


REPORT = b"%PDF-1.4 as it was signed"


def signed(path: str, study_id: str) -> None:
    """Analyse a clip as the window would, and sign it."""
    (recording,) = open_path(path).recordings
    with Store.open(study_file(study_id)) as store:
        journal = Journal(store)
        study = journal.open_study(first_study_reading(study_id, [recording]))
        reading = journal.open(first_reading_of(recording))
        found = propose(recording, reading, lambda *_: None)
        reading = journal.do(reading.facts.recording_id, found.edit, found.by)
        journal.sign(Sign("2026-11-24T10:00:00+00:00", parts_of([reading], study), language="en"), REPORT, "Anna")


def test_the_report_of_a_signed_study_is_the_one_that_was_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now, then = clip(tmp_path / "now.dcm", 2, "20260102"), clip(tmp_path / "then.dcm", 1, "20250102")
    signed(now, "1.2.2")
    asked = ["analyse", now, "--readings", "--pdf", "--out"]
    assert main([*asked, str(tmp_path / "out")]) == 0
    reports = tmp_path / "out" / "study-reports"
    assert [one.name for one in reports.iterdir()] == ["1.2.2.pdf"]
    assert (reports / "1.2.2.pdf").read_bytes() == REPORT
    (study,) = read_result(tmp_path / "out" / "result.json")["studies"]
    assert study["signature"]["holds"]
    assert study["signature"]["document"] is not None
    # An earlier study, or another language, is not part of what was signed.
    assert main([*asked, str(tmp_path / "b"), "--prior", then]) == 0
    assert "is not part of it" in capsys.readouterr().err
    reports = tmp_path / "b" / "study-reports"
    assert (reports / "1.2.2.pdf").read_bytes() == REPORT
    document = pypdfium2.PdfDocument(reports / "1.2.2-not-signed.pdf")
    assert all("Not the signed report" in page.get_textpage().get_text_range() for page in document)
    document.close()
    # Nor is what the program finds by itself, or a report without the patient's name.
    for number, others in enumerate(
        (["analyse", now, "--pdf"], ["analyse", now, "--readings", "--pdf", "--anonymise", "--keep-unclear"])
    ):
        assert main([*others, "--out", str(tmp_path / f"c{number}")]) == 0
        (made,) = (tmp_path / f"c{number}" / "study-reports").iterdir()
        assert made.read_bytes() != REPORT


def test_a_report_of_another_system_serves_as_the_earlier_study(tmp_path: Path) -> None:
    now = clip(tmp_path / "now.dcm", 2, "20260102")
    then = str(cart_report(tmp_path / "cart.dcm", "1.2.1", "20250102", 47.0))
    assert main(["analyse", now, "--prior", then, "--out", str(tmp_path / "out"), "--pdf"]) == 0
    (study,) = read_result(tmp_path / "out" / "result.json")["studies"]
    prior = study["prior"]
    assert (prior["study"], prior["date"]) == ("1.2.1", "20250102")
    assert prior["stated_by"].startswith("Acme Cart")
    assert [(one["name"], one["view"], one["then"]) for one in prior["changes"]] == [("EF", "A4C", 47.0)]
    document = pypdfium2.PdfDocument(tmp_path / "out" / "study-reports" / "1.2.2.pdf")
    words = " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    document.close()
    assert "2025-01-02" in words
    assert "a report by Acme Cart" in words


def test_a_report_of_another_patient_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = clip(tmp_path / "now.dcm", 2, "20260102")
    then = str(cart_report(tmp_path / "cart.dcm", "1.2.1", "20250102", 47.0, patient="another"))
    assert main(["analyse", now, "--prior", then, "--out", str(tmp_path / "out")]) == 1
    assert "expected an earlier study of the same patient" in capsys.readouterr().err
