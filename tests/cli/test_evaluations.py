import pytest

from kinecor.cli.evaluations import MODULES, evaluate


@pytest.mark.parametrize("name", MODULES)
def test_every_name_that_needs_the_program_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        evaluate([name, "--help"])
    assert end.value.code == 0
    assert name in capsys.readouterr().out


def test_the_others_are_the_models_own(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate(["lv-apical", "--help"])
    assert "lv-apical" in capsys.readouterr().out


def test_all_names_are_listed_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate(["--help"])
    listed = capsys.readouterr().out
    assert all(name in listed for name in (*MODULES, "phases"))
