"""The scripts of docs/formats/without-kinecor.md and the notebook do what the page says, with Kinecor out of reach."""

import json
import lzma
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kinecor.cli import main
from kinecor.cli.batch import recordings
from kinecor.core.values.study import StudyReading
from kinecor.session.edits import Sign
from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.cli.test_analyse_command import propose
from tests.io.write.sources import write_clip

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/formats/without-kinecor.md").read_text(encoding="utf-8")
STUDY, REPORT, RESULT, MASKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def alone(script: str, *arguments: Path, **environment: str) -> str:
    """What the script prints in an interpreter that cannot import Kinecor."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    block = "import sys; sys.modules['kinecor'] = None\n"
    command = [sys.executable, "-W", "ignore", "-c", block + script, *map(str, arguments)]
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**inherited, **environment}
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recordings, "propose", propose)
        patched.setenv("KINECOR_DATA_DIR", str(folder / "data"))
        clip = write_clip(folder / "clip.dcm")
        assert main(["analyse", str(clip), "--out", str(folder / "out"), "--masks", "--quiet"]) == 0
    return folder / "out"


def test_the_study_file_is_listed_and_a_changed_entry_shows(tmp_path: Path) -> None:
    saved = tmp_path / "saved.kinecor"
    saved.write_bytes(lzma.decompress((ROOT / "tests/session/saved/apical.kinecor.xz").read_bytes()))
    printed = alone(STUDY, saved)
    assert "set-contours" in printed or "set-track" in printed
    assert "DOES NOT FIT" not in printed
    data = saved.read_bytes()
    place = data.index(b"model:")
    saved.write_bytes(data[:place] + b"person" + data[place + 6 :])
    assert "DOES NOT FIT" in alone(STUDY, saved)


def test_a_signed_report_is_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = tmp_path / "saved.kinecor"
    with Store.open(saved) as store:
        journal = Journal(store)
        journal.open_study(StudyReading("1.2.3"))
        for report in (b"%PDF first", b"%PDF \x00\xff second"):
            journal.sign(Sign("2026-11-24T10:00:00+00:00", (("", "cd"),)), report, "Anna")
    monkeypatch.chdir(tmp_path)
    assert "signed by Anna on 2026-11-24T10:00:00+00:00" in alone(REPORT, saved)
    assert (tmp_path / "report.pdf").read_bytes() == b"%PDF \x00\xff second"
    assert "DOES NOT FIT" not in alone(STUDY, saved)


def test_each_value_of_a_result_is_a_line(out: Path) -> None:
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    rows = [one for part in (*result["studies"], *result["recordings"]) for one in part["measurements"]]
    printed = alone(RESULT, out / "result.json").splitlines()
    assert len(printed) == len(rows) > 0
    assert any("\tEF\t" in one for one in printed)


def test_masks_give_areas(out: Path) -> None:
    (mask,) = (out / "masks").iterdir()
    printed = alone(MASKS, mask)
    assert "LV cavity" in printed
    assert "cm2" in printed


def test_the_notebook_runs(out: Path) -> None:
    pytest.importorskip("matplotlib")
    notebook = json.loads((ROOT / "docs/formats/study.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(one["source"]) for one in notebook["cells"] if one["cell_type"] == "code")
    checked = code + "\nassert plt.get_fignums()\n"
    assert "1 recordings" in alone(checked, RESULT=str(out / "result.json"), MPLBACKEND="agg")
