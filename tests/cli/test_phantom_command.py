import json
import re
from pathlib import Path

import pytest

from kinecor.cli import main
from kinecor.cli.commands import parse_command_line
from kinecor.cli.outcomes import PHANTOMS, BadUsageError
from kinecor.core.values.recording import Stack
from kinecor.io.open.recordings import open_path
from kinecor_phantoms.echo.views import VIEWS
from kinecor_phantoms.heart.population import POPULATIONS


def test_a_clip_is_written_printed_and_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "new" / "clip"
    line = ["phantom", "a4c", "--seed", "4", "--frames", "3", "--size", "64x72", "--frame-rate", "40", "--dense"]
    assert main([*line, "--out", str(out)]) == 0
    printed = [Path(one) for one in capsys.readouterr().out.split()]
    assert printed == [out / "echo-a4c.dcm", out / "truth.json", out / "truth.npz"]
    assert sorted(out.iterdir()) == sorted(printed)
    truth = json.loads((out / "truth.json").read_text())
    (cine,) = open_path(out).recordings
    assert (truth["schema"], truth["kind"], truth["parameters"]["seed"]) == (1, "echo", 4)
    assert (cine.view, cine.rows, cine.columns, len(cine)) == ("A4C", 64, 72, 3)
    assert cine.times_s == pytest.approx([0, 0.025, 0.05])
    assert len(truth["recordings"][0]["tracks"]["lv_endo"]["contours"]) == 3
    assert truth["heart"]["volume_ml"][0] > 20


@pytest.mark.parametrize("option", [[], ["--enhanced"]])
def test_a_study_is_written_and_opens(tmp_path: Path, option: list[str]) -> None:
    line = ["phantom", "mri", "--slices", "3", "--frames", "4", "--size", "48x64", "--population", "dilated", *option]
    assert main([*line, "--out", str(tmp_path / "study")]) == 0
    found = open_path(tmp_path / "study")
    assert not found.refused
    (stack,) = (one for one in found.recordings if isinstance(one, Stack))
    assert (len(stack.slices), stack.phases, len(found.recordings)) == (3, 4, 4)
    truth = json.loads((tmp_path / "study" / "truth.json").read_text())
    assert [one["view"] for one in truth["recordings"]] == ["SAX", "A2C", "A3C", "A4C"]


def test_bad_parameters_are_one_sentence_with_the_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["phantom", "a4c", "--ef", "95", "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert "5 to 85" in error
    assert error.count("\n") == 1
    assert main(["phantom", "a4c", "--enhanced", "--out", str(tmp_path / "out")]) == 2
    assert main(["phantom", "ivc", "--dense", "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_in_it_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(BadUsageError, match="new or empty"):
        parse_command_line(["phantom", "a4c", "--out", str(tmp_path)])
    with pytest.raises(BadUsageError, match="is a file"):
        parse_command_line(["phantom", "a4c", "--out", str(tmp_path / "mine")])


@pytest.mark.parametrize("line", ["phantom", "phantom a4c", "phantom a9c --out d", "phantom a4c --out d --size 9"])
def test_bad_usage_ends_with_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 2
    assert "error: " in capsys.readouterr().err


def test_help_names_every_population(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_command_line(["phantom", "--help"])
    printed = capsys.readouterr().out.replace("\n", " ").replace("- ", "-")
    assert all(re.search(rf"\b{population}\b", printed.replace("  ", "")) for population in POPULATIONS)


def test_every_view_can_be_requested() -> None:
    assert set(VIEWS) <= set(PHANTOMS.values())
