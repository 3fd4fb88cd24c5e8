import sys
from types import ModuleType

import pytest

from kinecor_lab.common import evaluate_command as evaluation
from kinecor_lab.common import train_command as training
from kinecor_lab.common.subcommands import run


def test_each_name_has_options_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
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
    [(c, n) for c in (evaluation, training) for n in c.MODULES],
    ids=lambda v: getattr(v, "__name__", v),
)
def test_every_name_there_is_helps(command: ModuleType, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main([name, "--help"])
    assert end.value.code == 0
    assert f"{name} [-h]" in capsys.readouterr().out
