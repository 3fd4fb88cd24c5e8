import io
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

import pytest

from kinecor.cli.terminal import guard_output
from kinecor_lab.common.commands import EVALUATE, TRAIN, evaluate, reported, run, show_progress, train
from kinecor_lab.datasets.samples import DataSetError


def test_each_name_has_separate_options(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[list[str]] = []
    one = ModuleType("one_of_them")
    one.main = lambda argv: got.append(list(argv)) or 1
    monkeypatch.setitem(sys.modules, "one_of_them", one)
    assert run("kinecor train", "Train.", {"one": "one_of_them", "two": "never_imported"}, ["one", "--data", "x"]) == 1
    assert got == [["--data", "x"]]


def test_an_unknown_name_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run("kinecor train", "Train.", {"one": "never_imported"}, ["two"])
    assert end.value.code == 2
    assert "'one'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "name"),
    [*((train, name) for name in TRAIN), *((evaluate, name) for name in EVALUATE)],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_every_name_there_is_helps(
    command: Callable[[list[str]], int], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        command([name, "--help"])
    assert end.value.code == 0
    assert f"{name} [-h]" in capsys.readouterr().out


def test_all_names_are_listed_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate(["--help"])
    listed = "".join(capsys.readouterr().out.split())
    assert all(name in listed for name in EVALUATE)


def test_a_former_name_still_works(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        evaluate(["look", "--help"])
    assert end.value.code == 0
    assert "realism [-h]" in capsys.readouterr().out


def test_foreseeable_errors_become_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    @reported("kinecor train")
    def main(argv: Sequence[str]) -> int:
        raise {"data": DataSetError, "bug": TypeError}[argv[0]]("what happened")

    assert main(["data"]) == 1
    assert capsys.readouterr().err == "kinecor train: what happened\n"
    with pytest.raises(TypeError):
        main(["bug"])


def test_progress_is_shown_in_place_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for stream, shown in ((Terminal(), "\r1/2\r2/2 a\\x1bb"), (io.StringIO(), "")):
        monkeypatch.setattr(sys, "stderr", stream)
        with guard_output():
            show_progress("1/2")
            show_progress("2/2 a\x1bb")
        assert stream.getvalue() == shown
