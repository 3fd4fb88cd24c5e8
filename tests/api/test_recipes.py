"""The page "In Python" and the notebook: each recipe runs on simulated recordings."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kinecor

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/python.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"^## (\d+\. .+?)\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
NOTEBOOK = ROOT / "docs/bland-altman.ipynb"


def codes_of(text):
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def is_script(code):
    return 'if __name__ == "__main__":' in code


SCRIPTS = [(title, code) for title, text in RECIPES for code in codes_of(text) if is_script(code)]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    place = tmp_path_factory.mktemp("clip")
    kinecor.phantom("a4c", seed=7, ef=35, frames=24, size=(128, 128), out=place / "a4c")
    return place


def test_there_are_ten():
    assert [title.partition(".")[0] for title, _ in RECIPES] == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize(("title", "text"), RECIPES, ids=[title for title, _ in RECIPES])
def test_a_recipe_runs(title, text, clip, tmp_path, capsys):
    (code,) = [code for code in codes_of(text) if not is_script(code)]
    if "to_dataframe" in code:
        pytest.importorskip("pandas", reason="pandas is an extra: pip install kinecor[pandas]")
    exec(compile(code, title, "exec"), {"kinecor": kinecor, "FOLDER": clip, "OUT": tmp_path, "__name__": "recipe"})
    if "print(" in code:
        assert capsys.readouterr().out.strip()


@pytest.mark.slow
@pytest.mark.parametrize("code", [code for _, code in SCRIPTS], ids=[title for title, _ in SCRIPTS])
def test_a_script_runs_as_a_file_of_its_own(code, tmp_path):
    """Processes start the file again, which no code that pytest executes can show."""
    for library in re.findall(r"^from (distributed) import", code, re.MULTILINE):
        pytest.importorskip(library, reason="the extra 'cluster' is not installed")
    folder = tmp_path / "folder"
    for seed in (7, 8):
        kinecor.phantom("a4c", seed=seed, frames=16, size=(96, 96), out=folder / str(seed))
    script = tmp_path / "recipe.py"
    script.write_text(code.replace("FOLDER", repr(str(folder))), encoding="utf-8")
    env = os.environ | {"DASK_TEMPORARY_DIRECTORY": str(tmp_path)}
    ended = subprocess.run([sys.executable, script], env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    here = kinecor.analyse(kinecor.open(folder)).studies
    assert len(here) == 2
    lines = [f"{part.recordings[0].recording.path} {part['EF']}" for part in here]
    assert ended.stdout.splitlines() == lines


def test_there_is_a_script_for_dask():
    assert any("from distributed import Client" in code for _, code in SCRIPTS)


def test_the_notebook_goes_from_a_folder_to_the_plot(tmp_path):
    sitk = pytest.importorskip("SimpleITK")
    pytest.importorskip("matplotlib")
    rows = []
    for number, ef in enumerate((30, 45, 60), start=1):
        patient = f"patient{number:04d}"
        (tmp_path / "camus" / patient).mkdir(parents=True)
        for view, name in (("a4c", "4CH"), ("a2c", "2CH"))[: 2 if number == 1 else 1]:
            made = kinecor.phantom(view, seed=number, ef=ef, frames=22, size=(96, 96))
            image = sitk.GetImageFromArray(made.frames)
            row_mm, column_mm = made.recording.spacing_mm
            image.SetSpacing((column_mm, row_mm, float(np.diff(made.recording.times_s).mean())))
            sitk.WriteImage(image, str(tmp_path / "camus" / patient / f"{patient}_{name}_half_sequence.nii.gz"))
        rows.append((patient, ef))
    with (tmp_path / "reference.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("patient", "ef"), *rows])
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert all(not one.get("outputs") and one.get("execution_count") is None for one in notebook["cells"])
    code = "\n".join("".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code")
    where = {"FOLDER": str(tmp_path / "camus"), "REFERENCE": str(tmp_path / "reference.csv"), "MPLBACKEND": "agg"}
    ended = subprocess.run(
        [sys.executable, "-c", code + "\nassert plt.get_fignums()\nprint(abs(bias) < 15)"],
        env=os.environ | where,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "3 of 3 patients have an EF" in ended.stdout
    assert ended.stdout.strip().endswith("True"), ended.stdout
