import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import kinecor
from kinecor.cli import commands, main
from kinecor.core.values.errors import KinecorError

SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
HEAVY = ("numpy", "torch", "openvino", "PySide6", "SimpleITK", "reportlab", "pydicom", "cv2", "imagecodecs")


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"kinecor {kinecor.__version__}\n"


def test_version_and_help_load_nothing_heavy() -> None:
    program = f"""
import sys
from kinecor.cli import main
assert main(["--version"]) == main(["--help"]) == main(["analyse", "--help"]) == 0
assert main(["analyse", "x"]) == 2
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_whole_process_on_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("this is text")
    line = [sys.executable, "-m", "kinecor", "analyse", "a.dcm", "--out", "out"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == "out/result.json\n".replace("/", os.sep)
    assert "a.dcm: refused: " in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_usage_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["there-is-no-such-file"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("kinecor: ")
    assert error.count("\n") == 1


def test_a_refusal_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: object) -> int:
        raise KinecorError("expected this, got that: do so")

    monkeypatch.setattr(commands, "_run", refuse)
    assert main(["models"]) == 1
    assert capsys.readouterr().err == "kinecor: expected this, got that: do so\n"


def test_an_unexpected_error_is_logged_and_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fall(_: object) -> int:
        raise ZeroDivisionError("inside")

    monkeypatch.setattr(commands, "_run", fall)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path))
    assert main(["models"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert str(tmp_path / "kinecor.log") in error
    logged = (tmp_path / "kinecor.log").read_text()
    assert "tests.cli.test_commands" in logged
    assert logged.endswith("ZeroDivisionError\n")
    assert "inside" not in logged  # what an error says may name a patient
    assert (tmp_path / "kinecor.log").stat().st_mode & 0o077 == 0


def test_a_log_that_cannot_be_written_does_not_hide_the_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fall(_: object) -> int:
        raise ZeroDivisionError

    (tmp_path / "file").write_text("")
    monkeypatch.setattr(commands, "_run", fall)
    monkeypatch.setenv("KINECOR_DATA_DIR", str(tmp_path / "file"))
    assert main(["models"]) == 1
    assert "could not be written" in capsys.readouterr().err


def test_models_prints_every_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    text = capsys.readouterr().out
    assert "lv-apical" in text
    assert "licence: " in text
    assert "sha256 " in text


def test_models_and_what_the_machine_has_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "--json"]) == 0
    cards = json.loads(capsys.readouterr().out)
    assert {"lv-apical", "lv-sax"} <= {card["name"] for card in cards}
    main(["doctor", "--json"])
    findings = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert findings["numpy"]["missing"] == ""


def test_a_full_disk_behind_the_output_is_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    with Path("/dev/full").open("w") as full:
        line = [sys.executable, "-m", "kinecor", "models"]
        done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("kinecor: the output cannot be written")
    assert done.stderr.count("\n") == 1


def test_the_window_gets_the_paths(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from kinecor.ui.app import application as app

    got: list[list[str]] = []
    monkeypatch.setattr(app, "run_window", lambda paths: got.append(list(paths)) or 0)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.dcm").write_text("")
    assert main(["clip.dcm"]) == main([]) == main(["demo"]) == 0
    assert got[:2] == [["clip.dcm"], []]
    assert len(list(Path(got[2][0]).glob("*.dcm"))) == 3


def test_no_screen_is_one_sentence(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("only Linux may be without a screen")
    there = {key: value for key, value in os.environ.items() if key not in SCREEN}
    line = [sys.executable, "-m", "kinecor", "demo"]
    done = subprocess.run(line, capture_output=True, text=True, check=False, cwd=tmp_path, env=there, timeout=60)
    assert done.returncode == 1
    assert done.stderr.startswith("kinecor: ")
    assert done.stderr.count("\n") == 1


def test_shot_prints_what_it_wrote(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from kinecor.ui.app import application as shot

    got: list[tuple[object, ...]] = []
    monkeypatch.setattr(shot, "shot", lambda path, out, size, **rest: got.append((path, out, size, rest)))
    assert main(["shot", "clip.dcm", "--out", str(tmp_path / "a.png")]) == 0
    assert got == [
        ("clip.dcm", tmp_path / "a.png", (1440, 900), {"strain": False, "mode": None, "tour": 0, "checks": False})
    ]
    assert capsys.readouterr().out == f"{tmp_path / 'a.png'}\n"


def test_train_and_evaluate_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from kinecor_lab.common import commands

    got: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(commands, "train", lambda argv: got.append(("train", argv)) or 0)
    monkeypatch.setattr(commands, "evaluate", lambda argv: got.append(("evaluate", argv)) or 1)
    assert main(["train", "lv", "--data", "x"]) == 0
    assert main(["evaluate", "lv"]) == 1
    assert got == [("train", ["lv", "--data", "x"]), ("evaluate", ["lv"])]
