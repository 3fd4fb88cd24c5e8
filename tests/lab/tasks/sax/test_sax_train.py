import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kinecor_lab.datasets import dsb, short_axis
from kinecor_lab.datasets.dsb import dsb_slices
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, RV, SaxSample
from kinecor_lab.tasks.sax.train import difficult_for_the_right, main, sax_dice_on, undisputed
from tests.lab.sax_sets import write_acdc, write_dsb

GREY = np.zeros((8, 8), np.uint8)


def test_slices_left_out_next_to_contoured_ones_are_not_learnt_from() -> None:
    empty = SaxSample("1", "03", 0, GREY, np.full((8, 8), BACKGROUND | RV, np.uint8), (4.0, 4.0), "York")
    contoured = replace(empty, allowed=np.full((8, 8), CAVITY, np.uint8))
    stack = [replace(contoured if number in (3, 4) else empty, number=number) for number in range(8)]
    other = replace(empty, phase="04", number=2)
    assert [(one.phase, one.number) for one in undisputed([*stack, other])] == [
        *(("03", number) for number in (0, 1, 3, 4, 6, 7)),
        ("04", 2),
    ]


def test_slices_that_are_difficult_for_the_right_ventricle_are_its_base_and_at_es_all_that_have_it() -> None:
    def volume(phase: str, *pixels: int) -> list[SaxSample]:
        out = []
        for number, count in enumerate(pixels):
            allowed = np.full((8, 8), BACKGROUND, np.uint8)
            allowed.flat[:count] = RV
            out.append(SaxSample("1", phase, number, GREY, allowed, (4.0, 4.0), "ACDC"))
        return out

    without = [replace(one, patient="2") for one in volume("ES", 0, 0)]
    found = difficult_for_the_right([*volume("ED", 0, 0, 30, 20, 9), *volume("ES", 5, 9, 30, 0, 0), *without])
    assert [(one.phase, one.number) for one in found] == [
        *(("ED", number) for number in (1, 2)),
        *(("ES", number) for number in (0, 1, 2, 3)),
    ]


class Constant(nn.Module):
    """Draws a cavity of some size in the middle of every image."""

    def __init__(self, side_px: int) -> None:
        super().__init__()
        self._side = side_px

    def forward(self, images: Tensor) -> Tensor:
        scores = torch.zeros(len(images), 4, *images.shape[2:])
        scores[:, 0] = 1
        middle = slice((images.shape[2] - self._side) // 2, (images.shape[2] + self._side) // 2)
        scores[:, 1, middle, middle] = 2
        return scores


def test_false_cavities_in_empty_slices_lower_the_score(tmp_path: Path) -> None:
    samples = dsb_slices(write_dsb(tmp_path), ["valid"], {"2": "valid"})
    measure = sax_dice_on(samples)
    small, nothing, large = (measure(Constant(side), 64) for side in (2, 0, 18))
    # 0.5 cm2 are 5.7 pixels of the network, of 2.97 mm.
    assert (nothing["dsb_false"], small["dsb_false"], large["dsb_false"]) == (0, 0, 1)
    assert set(large) == {"dsb_lv_ed", "dsb_lv_es", "dsb_false", "gross", "score"}
    assert large["score"] == pytest.approx((large["dsb_lv_ed"] + large["dsb_lv_es"]) / 3)
    assert nothing["score"] == pytest.approx(1 / 3)


def test_it_learns_from_all_sets_and_validates_on_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(short_axis, "splits", lambda name, complete=False: {"p0": "train", "p1": "valid"})
    monkeypatch.setattr(dsb, "splits", lambda name: {"1": "train", "2": "valid"})
    write_acdc(tmp_path / "acdc", 2, 2)
    write_dsb(tmp_path / "dsb")
    run = tmp_path / "run"
    arguments = ["--acdc", str(tmp_path / "acdc"), "--dsb", str(tmp_path / "dsb"), "--run", str(run)]
    assert main([*arguments, "--plan", "32x1x4", "--device", "cpu", "--core-hours", "1", "--patience", "9"]) == 0
    line = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert {"lv_ed", "rv_es", "dsb_lv_ed", "dsb_lv_es", "dsb_false", "score", "core_hours"} <= set(line)
