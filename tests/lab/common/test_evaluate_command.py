import pytest

from kinecor_lab.common.evaluate_command import MODULES, main


@pytest.mark.parametrize("name", MODULES)
def test_every_name_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert name in capsys.readouterr().out


def test_all_names_are_listed_together(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    listed = "".join(capsys.readouterr().out.split())
    assert all(name in listed for name in MODULES)
