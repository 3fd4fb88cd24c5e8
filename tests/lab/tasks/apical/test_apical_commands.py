"""The three tables of the apical model's contours read CAMUS in each form in which it is distributed."""

import csv
from pathlib import Path
from types import ModuleType

import pytest

from kinecor_lab.tasks.apical import calibration as calibration_command
from kinecor_lab.tasks.apical import evaluate as apical_command
from kinecor_lab.tasks.apical import robust_cases
from kinecor_lab.tasks.apical import robustness as robust_command
from kinecor_lab.tasks.apical.robust_cases import UNCHANGED
from tests.lab.camus import write_camus
from tests.lab.public_sets import write_echonet, write_metaimage, write_nifti
from tests.lab.tasks.apical.test_robustness import Drawer

COMMANDS = (apical_command, calibration_command, robust_command)


@pytest.fixture(scope="module")
def nifti(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_nifti(tmp_path_factory.mktemp("nifti"))


@pytest.fixture(autouse=True)
def drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that draws the same squares everywhere stands in for the network, and one change for all."""
    for command in (calibration_command, robust_command):
        monkeypatch.setattr(command, "open_apical", lambda *_, **__: Drawer())
    monkeypatch.setattr(apical_command, "ApicalModel", lambda *_: Drawer())
    monkeypatch.setattr(apical_command, "open_many", lambda *_: None)
    monkeypatch.setattr(robust_cases, "CHANGES", (UNCHANGED,))


@pytest.mark.parametrize(("view", "split"), [("A4C", "valid"), ("A2C", "train")])
def test_overlap_is_measured_on_nifti(
    nifti: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], view: str, split: str
) -> None:
    out = tmp_path / "out"
    options = ["--data", str(nifti), "--split", split, "--view", view, "--device", "cpu", "--out", str(out)]
    assert apical_command.main(options) == 0
    text = capsys.readouterr().out
    assert f"split {split}, {view}, 1 patients, 2 frames" in text
    assert "left atrium  ES     1" in text
    patient = {"train": "patient0001", "valid": "patient0002"}[split]
    with (out / "lv-apical.csv").open() as lines:
        assert {row["patient"] for row in csv.DictReader(lines)} == {patient}


def test_reliability_is_measured_on_nifti(nifti: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert calibration_command.main(["--data", str(nifti), "--device", "cpu"]) == 0
    out = capsys.readouterr().out
    assert "split valid, A4C and A2C, 1 patients, seed 0" in out
    assert "CAMUS frames, as they are" in out


def test_robustness_is_measured_on_metaimage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_metaimage(tmp_path)
    # Without official lists the split follows the name.
    assert robust_command.main(["--data", str(folder), "--split", "train", "--sources", "stills"]) == 0
    captured = capsys.readouterr()
    assert "CAMUS frames" in captured.out
    assert "patient0003" in captured.err  # has no label, which is reported


@pytest.mark.parametrize("command", COMMANDS)
def test_frames_as_png_are_read_as_before(command: ModuleType, tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "png", patients=3)
    options = ["--data", str(folder)] + (["--sources", "stills"] if command is robust_command else [])
    assert command.main(options) == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_not_camus_or_is_damaged_is_reported(
    command: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    echonet = write_echonet(tmp_path / "echonet", videos=1)
    assert command.main(["--data", str(echonet)]) == 1
    assert "found EchoNet-Dynamic, of which only the cavity is traced" in capsys.readouterr().err
    assert command.main(["--data", str(tmp_path)]) == 1
    assert "expected index.csv, patientNNNN_4CH_ED.nii.gz or .mhd" in capsys.readouterr().err
    damaged = write_nifti(tmp_path / "nifti", patients=1, views=("4CH",), lists=False)
    label = damaged / "database_nifti" / "patient0001" / "patient0001_4CH_ED_gt.nii.gz"
    label.write_bytes(label.read_bytes()[:50])
    assert command.main(["--data", str(damaged), "--split", "train"]) == 1
    assert "patient0001_4CH_ED_gt.nii.gz, found it damaged" in capsys.readouterr().err
