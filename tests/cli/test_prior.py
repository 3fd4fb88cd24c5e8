"""An earlier study on the command line: a column of the report, refused where it is none, and the language."""

from pathlib import Path

import pypdfium2
import pytest

from kinecor.cli import main
from kinecor.cli.batch import recordings
from tests.cli.test_analyse_command import propose
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
