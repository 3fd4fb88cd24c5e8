"""Networks trained without one of the sets: who learns from what, and how the drop is counted."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.common.stages import StagePlan
from kinecor_lab.common.training import Execution
from kinecor_lab.datasets.short_axis import ANYTHING, BACKGROUND, CAVITY, MYOCARDIUM, SaxSample
from kinecor_lab.tasks.sax import sets as command
from kinecor_lab.tasks.sax.sets import ALL, SETS, SetValue, ends_of_cycle, plan_of, table


def sample(source: str, phase: str, radius_px: float, patient: str = "1") -> SaxSample:
    y, x = np.mgrid[0:64, 0:64] - 31.5
    away = np.hypot(x, y)
    allowed = np.where(away < radius_px, CAVITY, np.where(away < radius_px + 5, MYOCARDIUM, BACKGROUND))
    grey = np.where(away < radius_px, 200, 60).astype(np.uint8)
    return SaxSample(patient, phase, 0, grey, allowed.astype(np.uint8), (31.5, 31.5), source)


def test_ed_and_es_of_a_cine_are_its_largest_and_smallest_cavity() -> None:
    cine = [sample("York", f"{at:02}", radius) for at, radius in enumerate((12, 14, 9, 11, 0))]
    found = ends_of_cycle([*cine, sample("York", "03", 0, "without a contour")])
    assert [(one.phase, int(one.certain(CAVITY).sum())) for one in found] == [
        ("ED", int(cine[1].certain(CAVITY).sum())),
        ("ES", int(cine[2].certain(CAVITY).sum())),
    ]


def test_networks_take_about_as_many_steps_whatever_they_learn_from() -> None:
    for samples in (400, 1100, 2300):
        plan = plan_of(samples, 128, 16, 700, 2e-3, 1)
        assert plan.epochs * (samples // 16) == pytest.approx(700, rel=0.15)


def test_the_drop_is_of_the_same_patients() -> None:
    values = [
        SetValue(left_out, "York", patient, "ED", "cavity", dice)
        for left_out, patient, dice in (
            (ALL, "a", 0.9),
            (ALL, "b", 0.8),
            (ALL, "without a partner", 0.1),
            ("York", "a", 0.85),
            ("York", "b", 0.65),
            ("SCD", "a", 0.2),
        )
    ]
    (row,) = table(values).rows
    assert row[:4] == ("York", "cavity", "ED", 2)
    assert row[6] == pytest.approx(0.1)
    assert row[7:] == (0.8, 0.65)


def test_what_the_expert_left_open_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "averaged_weights", lambda _: {})
    open_ = sample("SCD", "ES", 12)
    open_.allowed[open_.allowed == MYOCARDIUM] = ANYTHING & ~CAVITY
    found = command.measured(tmp_path, [open_, sample("SCD", "ED", 0)], "SCD", 32)
    assert [(one.phase, one.structure) for one in found] == [("ES", "cavity")]


@pytest.mark.parametrize("names", [("acdc", "scd", "york"), ("acdc", "scd", "york", "dsb")])
def test_no_network_learns_from_the_set_that_is_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(command, "acdc_png", lambda _folder, splits: [sample("ACDC", "ED", 12, splits[0])] * 4)
    monkeypatch.setattr(command, "scd_png", lambda _folder, splits: [sample("SCD", "ED", 12, splits[0])] * 4)
    monkeypatch.setattr(command, "york_png", lambda _folder, splits: [sample("York", "00", 12, splits[0])] * 4)
    monkeypatch.setattr(command, "dsb_slices", lambda _folder, splits: [sample("DSB", "ED", 12, splits[0])] * 4)
    learnt: list[set[str]] = []

    def network(samples: Sequence[SaxSample], _plan: StagePlan, run: Path, _execution: Execution) -> Path:
        learnt.append({one.source for one in samples})
        assert {one.patient for one in samples} == {"train"}
        return run / "checkpoint.pt"

    def values(_network: Path, samples: Sequence[SaxSample], left_out: str, _size: int) -> list[SetValue]:
        assert {one.patient for one in samples} == {"test"}
        return [SetValue(left_out, one.source, one.patient, one.phase, "cavity", 0.9) for one in samples]

    monkeypatch.setattr(command, "trained", network)
    monkeypatch.setattr(command, "measured", values)
    folders = [part for name in names for part in (f"--{name}", str(tmp_path))]
    sets = set(SETS[: len(names)])
    assert command.main([*folders, "--batch", "2", "--run", str(tmp_path), "--out", str(tmp_path)]) == 0
    assert learnt == [sets, *(sets - {one} for one in SETS[: len(names)])]
    assert (tmp_path / "sax-sets.csv").is_file()
