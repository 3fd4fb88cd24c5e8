"""`kinecor site` on simulated sites."""

import csv
import json
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from kinecor.cli import main
from kinecor.session.store import readings_folder
from tests.session.signed_site import sign_study


@pytest.fixture(autouse=True)
def _folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "data"))


def test_29_patients_are_refused_and_30_give_tables_and_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = np.random.default_rng(2).normal(5, 2, 30)
    for number in range(29):
        sign_study(number, ef_change=float(change[number]))
    sign_study(50, values=False)
    out, folder = tmp_path / "out", str(readings_folder())
    assert main(["site", folder, "--out", str(out)]) == 1
    assert "at least 30 patients: 29 were found" in capsys.readouterr().err
    assert not out.exists()
    sign_study(29, ef_change=float(change[29]))
    assert main(["site", folder, "--out", str(out), "--language", "de"]) == 0
    said = capsys.readouterr()
    assert "30 patients, 30 signed studies" in said.out
    assert "1.2.50.kinecor: It was signed by a version that did not keep the values" in said.err
    table = (out / "agreement.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    ef = next(one for one in rows if (one["code"], one["group_by"]) == ("EF", "all"))
    # The reader puts EF higher than the program, so that automatic less signed is negative.
    assert float(ef["bias"]) == pytest.approx(-change.mean(), abs=0.01)
    assert float(ef["sd"]) == pytest.approx(change.std(ddof=1), abs=0.01)
    assert float(ef["bias_low"]) < -change.mean() < float(ef["bias_high"])
    written = (out / "agreement.json").read_text(encoding="utf-8")
    data = json.loads(written)
    assert data["set_aside"][0]["why"] == "without values"
    assert len(data["comparisons"][0]["pairs"]) == 30
    document = pypdfium2.PdfDocument(out / "agreement.pdf")
    text = " ".join(document[0].get_textpage().get_text_range().split())
    document.close()
    assert "Übereinstimmung automatischer mit unterschriebenen Werten" in text
    # Nothing that is written names a patient, or a study that counts.
    for name in ("Doe", "P17", "1.2.17"):
        assert name not in table + written + text


def test_a_folder_without_studies_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["site", str(tmp_path / "none")]) == 1
    assert "expected a folder with saved studies" in capsys.readouterr().err
