import io
import os
import sys
from pathlib import Path

import pytest

from kinecor.cli.commands import main
from kinecor.cli.terminal import Escaping, Progress, guard_output, printable

STEERING = "a\x1b[2Jb\r\x9b31mc\u202egnp.dcm"


def test_control_characters_are_written_out() -> None:
    assert printable(STEERING) == r"a\x1b[2Jb\x0d\x9b31mc\u202egnp.dcm"
    assert printable("Größe µ → 58 %\tok\n") == "Größe µ → 58 %\tok\n"


def test_messages_and_progress_are_escaped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    progress = Progress(1, Escaping(stream))
    progress.start(STEERING)
    progress.finish(f"{STEERING}: EF 58 %")
    assert "\x1b" not in stream.getvalue()
    assert main(["analyse", str(tmp_path / STEERING), "--out", str(tmp_path / "out")]) == 1
    assert main([f"doc\x1b[2J{STEERING}"]) == 2
    assert main(["analyse", "x", "--\x1b[2J", "--out", "d"]) == 2
    error = capsys.readouterr().err
    assert error.count("[2J") >= 4
    assert not {"\x1b", "\x9b", "\r"} & set(error)


def test_results_are_escaped_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), r"a\x1bb"), (io.StringIO(), "a\x1bb")):
        monkeypatch.setattr(sys, "stdout", stream)
        with guard_output():
            print("a\x1bb", end="")
        assert stream.getvalue() == shown
        assert sys.stdout is stream


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_an_old_terminal_gets_every_word(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(held, encoding))
    with guard_output():
        print("Größe β \U0001f600 \udcff", flush=True)
    wanted = {"cp1252": "Größe".encode("cp1252"), "ascii": rb"Gr\xf6\xdfe"}[encoding]
    assert held.getvalue() == wanted + rb" \u03b2 \U0001f600 " + b"\xff" + os.linesep.encode()


def test_a_whole_command_on_an_old_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(held, "cp1252"))
    assert main(["phantom", "echo", "--frames", "2", "--size", "64x64", "--out", str(tmp_path / "β")]) == 0
    assert rb"\u03b2" in held.getvalue()
