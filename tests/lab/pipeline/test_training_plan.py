import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from kinecor_lab.common import commands
from kinecor_lab.common.commands import PAUSED, TRAIN, PausedError
from kinecor_lab.pipeline import training_plan
from kinecor_lab.pipeline.training_plan import (
    DONE,
    FAILED,
    FOLDERS,
    LACKING,
    PLAN,
    STOPPED,
    Part,
    Progress,
    carry_out,
    chosen,
    make,
    progress_in,
    table,
)
from tests.lab.camus import write_camus, write_resized_camus

ONE = Part("one", 0.6, ("--data", "{camus-a4c}"), "--make-only", ("--small",))
TWO = Part("two", 0.4, ("--acdc", "{acdc-sax}"))


class Trainer:
    """Stands in for the processes: each takes some minutes of a clock of its own."""

    def __init__(self, *statuses: int, takes_minutes: float = 2.0) -> None:
        self.now_s, self.calls, self._statuses, self._takes = 0.0, list[list[str]](), list(statuses), takes_minutes

    def __call__(self, arguments: Sequence[str]) -> int:
        self.calls.append(list(arguments))
        self.now_s += 60 * self._takes
        return self._statuses.pop(0) if self._statuses else 0

    def clock(self) -> float:
        return self.now_s


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in FOLDERS:
        (tmp_path / "sets" / name).mkdir(parents=True)
    return tmp_path / "sets"


def test_each_training_gets_its_share(data: Path, tmp_path: Path) -> None:
    trainer = Trainer()
    found = carry_out((ONE, TWO), data, tmp_path / "run", 10, "cuda", start=trainer, clock=trainer.clock)
    where = ["--run", str(tmp_path / "run" / "one"), "--device", "cuda", "--minutes", "6"]
    assert trainer.calls[0] == ["one", "--data", str(data / "camus-a4c"), *where]
    assert trainer.calls[1][-2:] == ["--minutes", "4"]
    assert found.parts == {"one": DONE, "two": DONE}
    assert found.spent == {"one": 2, "two": 2}


def test_a_call_that_ends_early_resumes_where_it_was(data: Path, tmp_path: Path) -> None:
    run, trainer = tmp_path / "run", Trainer(PAUSED)

    def call(minutes: float) -> Progress:
        return carry_out((ONE, TWO), data, run, 10, "cpu", call_minutes=minutes, start=trainer, clock=trainer.clock)

    with pytest.raises(PausedError, match="paused in one"):
        call(9)
    assert progress_in(run, 10, "cpu").parts == {"one": STOPPED}
    assert trainer.calls[0][-2:] == ["--call-minutes", "9"]
    with pytest.raises(PausedError, match="paused before two"):
        call(2.2)
    assert call(9).parts == {"one": DONE, "two": DONE}
    assert [one[0] for one in trainer.calls] == ["one", "one", "two"]
    assert progress_in(run, 10, "cpu").spent["one"] == 4
    assert "--small" in trainer.calls[0]


def test_what_lacks_data_or_fails_does_not_stop_the_others(data: Path, tmp_path: Path) -> None:
    (data / "camus-a4c").rmdir()
    trainer = Trainer(1)
    found = carry_out((ONE, TWO), data, tmp_path / "run", 10, "cpu", start=trainer, clock=trainer.clock)
    assert found.parts == {"one": LACKING, "two": FAILED}
    assert [row[2] for row in table((ONE, TWO), found, tmp_path / "run").rows] == [LACKING, FAILED]


def test_a_folder_holds_one_budget(data: Path, tmp_path: Path) -> None:
    trainer = Trainer()
    carry_out((TWO,), data, tmp_path, 10, "cpu", start=trainer, clock=trainer.clock)
    with pytest.raises(ValueError, match="holds a plan of 10 minutes on cpu"):
        carry_out((TWO,), data, tmp_path, 25, "cpu", start=trainer, clock=trainer.clock)


def test_what_is_learnt_from_is_made_on_the_processor(data: Path, tmp_path: Path) -> None:
    trainer = Trainer()
    assert make((ONE, TWO), data, tmp_path, trainer)
    (call,) = trainer.calls
    assert call[-1] == "--make-only"
    assert "cpu" in call
    assert not make((ONE,), data, tmp_path, Trainer(1))


def test_the_plan_names_trainings_and_options_that_exist(data: Path, tmp_path: Path) -> None:
    assert sum(part.share for part in PLAN) == pytest.approx(1)
    for part in PLAN:
        assert part.name in TRAIN
        module = __import__(TRAIN[part.name], fromlist=["parser"])
        arguments = [*part.arguments(data, tmp_path, "cpu"), *([part.make] if part.make else [])]
        options = module.parser().parse_args([*arguments[1:], "--minutes", "1", "--call-minutes", "1"])
        assert (options.minutes, options.call_minutes, options.device) == (1, 1, "cpu")


def test_some_trainings_share_the_whole_budget() -> None:
    some = chosen("views,lv-apical")
    assert [part.name for part in some] == ["lv-apical", "views"]
    assert sum(part.share for part in some) == pytest.approx(1)
    with pytest.raises(ValueError, match="got vews"):
        chosen("vews")


def test_the_command_trains_within_its_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_camus(tmp_path / "camus-a4c")
    write_resized_camus(tmp_path / "camus-a2c")
    small = Part("lv-apical", 1.0, ("--data", "{camus-a4c}", "{camus-a2c}", "--plan", "32x99x2"))
    monkeypatch.setattr(training_plan, "PLAN", (small,))
    # In this process: a new one takes seconds to start.
    monkeypatch.setattr(training_plan, "carry_out", lambda *a, **k: carry_out(*a, **k, start=commands.train))
    options = ["plan", "--data", str(tmp_path), "--device", "cpu", "--run", str(tmp_path / "run")]
    assert commands.train([*options, "--minutes", "0.003"]) == 0
    assert "lv-apical" in capsys.readouterr().out
    log = (tmp_path / "run" / "lv-apical" / "log.jsonl").read_text().splitlines()
    assert 0 < json.loads(log[-1])["step"] < 99 * 8
    assert commands.train(["plan", "--data", str(tmp_path / "nowhere")]) == 1
