import io
from pathlib import Path

import pytest

from kinecor.cli.commands import parse_command_line
from kinecor.cli.outcomes import BadUsageError


def test_paths_open_the_window(tmp_path: Path) -> None:
    assert parse_command_line([]).command == "window"
    chosen = parse_command_line([str(tmp_path), "demo"])
    assert (chosen.command, chosen.paths) == ("window", [str(tmp_path), "demo"])


def test_analyse_takes_every_option_of_the_interface() -> None:
    line = (
        "analyse a b --out d --view A4C --modality US --third-axis time --spacing 0.3,0.4 --device cpu "
        "--masks --pdf --csv --jobs 3"
    )
    chosen = parse_command_line(line.split())
    assert chosen.paths == ["a", "b"]
    assert chosen.out == Path("d")
    assert chosen.spacing == (0.3, 0.4)
    assert (chosen.view, chosen.modality, chosen.third_axis, chosen.device) == ("A4C", "US", "time", "cpu")
    assert (chosen.masks, chosen.pdf, chosen.csv, chosen.jobs) == (True, True, True, 3)


def test_paths_are_read_from_a_list_or_from_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = tmp_path / "list.txt"
    lines.write_text("a b.dcm\n\nc.dcm\n", encoding="utf-8")
    assert parse_command_line(["analyse", "x", f"@{lines}", "--out", "d"]).paths == ["x", "a b.dcm", "c.dcm"]
    monkeypatch.setattr("sys.stdin", io.StringIO("e.dcm\n"))
    assert parse_command_line(["analyse", "-", "--out", "d"]).paths == ["e.dcm"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "@here.dcm").write_text("")
    assert parse_command_line(["analyse", "@here.dcm", "--out", "d"]).paths == ["@here.dcm"]
    lines.write_text("\n")
    with pytest.raises(BadUsageError, match="the list is empty"):
        parse_command_line(["analyse", f"@{lines}", "--out", "d"])
    with pytest.raises(BadUsageError, match="cannot be read"):
        parse_command_line(["analyse", "@nowhere.txt", "--out", "d"])


def test_defaults() -> None:
    chosen = parse_command_line(["analyse", "a", "--out", "d"])
    assert (chosen.view, chosen.modality, chosen.third_axis, chosen.device) == ("auto",) * 4
    assert (chosen.spacing, chosen.masks, chosen.pdf, chosen.csv, chosen.jobs) == (None, False, False, False, 1)


@pytest.mark.parametrize(
    "line",
    [
        "analyse",
        "analyse a",
        "analyse --out d",
        "analyse a --out d --view A5C",
        "analyse a --out d --spacing 1",
        "analyse a --out d --spacing 1,x",
        "analyse a --out d --spacing 0,1",
        "analyse a --out d --spacing nan,1",
        "analyse a --out d --jobs 0",
        "analyse a --out d --jobs two",
        "analyse a --out d --unknown",
        "shot a",
        "demo a",
        "--unknown",
    ],
)
def test_bad_usage_ends_with_2(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parse_command_line(line.split())
    assert end.value.code == 2
    streams = capsys.readouterr()
    assert "error: " in streams.err
    assert not streams.out


def test_a_slip_is_not_taken_for_a_file() -> None:
    with pytest.raises(BadUsageError, match="did you mean `kinecor analyse`"):
        parse_command_line(["anaylse", "clip.dcm"])


def test_out_must_not_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("")
    with pytest.raises(BadUsageError, match="is a file"):
        parse_command_line(["analyse", "a", "--out", str(tmp_path / "f")])


def test_an_image_is_a_png() -> None:
    with pytest.raises(BadUsageError, match=r"ends in \.png"):
        parse_command_line(["shot", "a", "--out", "a.jpg"])


def test_the_options_of_train_are_the_models_affair() -> None:
    assert parse_command_line(["train", "lv", "--data", "x"]).rest == ["lv", "--data", "x"]


@pytest.mark.parametrize(
    "line", ["cohort run --out cohort.csv", "analyse demo --out result.json", "tensors demo --out clips.npz"]
)
def test_a_folder_is_not_named_like_a_file(line, tmp_path, monkeypatch):
    """A folder of the name cohort.csv was made, with the tables in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").mkdir()
    with pytest.raises(BadUsageError, match=r"--out .*: it is a folder that is written to"):
        parse_command_line(line.split())
    (tmp_path / line.split()[-1]).mkdir()
    assert parse_command_line(line.split()).out.name == line.split()[-1]
