"""The whole way, nothing replaced: sample clip and demo study by `kinecor analyse`, shipped models, without torch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kinecor.analysis.models import Models
from kinecor.core.values.errors import KinecorError
from tests.models.test_without_torch import KINECOR, NO_TORCH
from tests.readings import names
from tests.results import read_result


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analysed("sample", tmp_path_factory, "--masks", "--pdf", "--csv")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return analysed("demo", tmp_path_factory)


def analysed(what: str, tmp_path_factory: pytest.TempPathFactory, *options: str) -> Path:
    try:
        Models("cpu").apical()
    except KinecorError as error:
        pytest.skip(f"the model is not at hand: {error}")
    folder = tmp_path_factory.mktemp(what)
    program = [sys.executable, "-c", NO_TORCH + KINECOR]
    line = [*program, "analyse", what, "--out", "out", *options]
    environment = os.environ | {"KINECOR_DATA_DIR": str(folder / "data")}
    done = subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("out/result.json"))
    return folder / "out"


def test_a_real_clip_is_measured_as_far_as_it_can_be(out: Path) -> None:
    (recording,) = read_result(out / "result.json")["recordings"]
    assert (recording["modality"], recording["frames"], recording["error"]) == ("US", 30, None)
    found = {one["name"]: one for one in recording["measurements"]}
    assert 40 < found["EF"]["value"] < 85
    # Its scale belongs to a larger image, so there are no millilitres until a reader accepts the corrected one.
    assert recording["spacing_mm"] is None
    assert found["EDV"]["status"] == "withheld"
    assert any("larger image" in warning for warning in recording["warnings"])
    assert sum(contour is not None for contour in recording["tracks"]["lv_endo"]["contours"]) >= 28


def test_the_default_analysis_needs_no_torch(out: Path) -> None:
    (recording,) = read_result(out / "result.json")["recordings"]
    assert recording["view"]["label"] == "A4C"
    assert recording["events"]["beats"]
    assert len(recording["curves"]["phase_regression"]) == 30
    for track in recording["tracks"].values():
        assert len(track["contours"]) == 30


def test_its_documents_are_in_its_folder(out: Path) -> None:
    (recording,) = read_result(out / "result.json")["recordings"]
    name = recording["id"]
    documents = ["csv", "masks", "recordings.csv", "reports", "result.json", "results", "studies.csv", "study-reports"]
    assert names(out) == documents
    assert names(out / "masks") == [f"{name}.nii.gz"]
    assert names(out / "reports") == [f"{name}.pdf"]
    assert names(out / "csv") == [f"{name}-curves.csv", f"{name}-measurements.csv"]


def test_the_demo_is_measured_well_enough_for_one_class(demo: Path) -> None:
    (study,) = read_result(demo / "result.json")["studies"]
    found = {one["name"]: one for one in study["measurements"]}
    for code in ("EF", "EDVI", "ESVI"):
        assert found[code]["statement"] == "within range"
        assert found[code]["trust"] == "ok"
        (stated,) = [one for one in found[code]["classes"] if one["stated"]]
        assert stated["flag"] == "within"
        assert stated["probability"] >= 0.8


def test_every_limit_of_an_interval_that_is_written_is_possible(demo: Path, out: Path) -> None:
    seen = 0
    for folder in (demo, out):
        result = read_result(folder / "result.json")
        for of in (*result["recordings"], *result["studies"]):
            for one in of["measurements"]:
                if one["interval"] is None:
                    continue
                seen += 1
                low, high = one["interval"]
                assert low <= one["value"] <= high
                if one["name"] in ("EF", "RVEF"):
                    assert low >= 0
                    assert high <= 90
                elif one["unit"] != "%":
                    assert low > 0
    assert seen > 20
