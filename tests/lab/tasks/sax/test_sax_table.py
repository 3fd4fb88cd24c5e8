from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV, SaxSample
from kinecor_lab.tasks.sax.table import Slice, gross, slices, table, volumes
from tests.models.sax_fields import GREY, image, model

BITS = {GREY["background"]: BACKGROUND, GREY["wall"]: MYOCARDIUM, GREY["cavity"]: CAVITY, GREY["rv"]: RV}


def sample(number: int, inner_px: float, phase: str = "ED") -> SaxSample:
    grey = image(inner_px)
    allowed = np.vectorize(BITS.get)(grey).astype(np.uint8)
    return SaxSample("p", phase, number, grey, allowed, (100.0, 90.0), "ACDC")


def test_a_perfect_answer_scores_one_and_an_empty_slice_asks_for_nothing() -> None:
    samples = [sample(0, 18), sample(1, 14), sample(2, 10), sample(3, 0)]
    found = slices(model().stack, samples, lambda *_: None)
    assert len(found) == 12
    for volume in volumes(found):
        assert volume.dice > 0.93
        assert volume.ratio == pytest.approx(1, abs=0.06)
    assert gross(found) == ([], 3)
    text = table(found).text()
    assert "gross failures: 0 of 3" in text
    assert "slices without a cavity: 1, of which 0 were given one" in text


def test_slices_add_up_to_volumes_and_failures_are_named() -> None:
    def one(number: int, both: int, found: int, truth: int) -> Slice:
        return Slice("ACDC", "p", "ES", number, "cavity", both, found, truth, 1.0, 0.5, 0.9)

    some = [one(0, 90, 100, 100), one(1, 20, 40, 120), one(2, 0, 30, 0), one(3, 0, 0, 60)]
    (volume,) = volumes(some)
    assert volume.dice == pytest.approx(2 * 110 / (170 + 280))
    assert volume.ratio == pytest.approx(170 / 280)
    wrong, counted = gross(some)
    assert [one.number for one in wrong] == [1]
    assert counted == 1
    assert "0.25 p ES slice 2" in table(some).text()


def test_what_the_expert_left_open_is_not_measured() -> None:
    whole = sample(0, 16)
    open_outside = np.where(whole.allowed == CAVITY, CAVITY, BACKGROUND | MYOCARDIUM | RV).astype(np.uint8)
    found = slices(
        model().stack,
        [SaxSample("q", "ED", 0, whole.image, open_outside, whole.centre, "SCD")],
        lambda *_: None,
    )
    assert [one.structure for one in found] == ["cavity"]


def test_the_command_measures_a_run_and_reports_bad_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kinecor_lab.tasks.sax import evaluate as sax_command

    assert sax_command.main([]) == 1
    assert "expected --acdc or --scd" in capsys.readouterr().err
    assert sax_command.main(["--acdc", str(tmp_path), "--networks", str(tmp_path / "none.pt")]) == 1
    assert "expected a network of a training run" in capsys.readouterr().err
