import json
from pathlib import Path

import numpy as np
import pytest
import torch

from kinecor_lab.common import commands
from kinecor_lab.datasets import dsb_long
from kinecor_lab.datasets.dsb_long import LEFT_ATRIUM, NOT_CAVITY, RIGHT_ATRIUM, dsb_long_axes, length_px, pixel_mm
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.datasets.short_axis import CAVITY, MYOCARDIUM
from kinecor_lab.tasks.lax.simulated import drawn_long_axes, samples_of
from kinecor_lab.tasks.lax.train import prepared, start_from
from kinecor_models.nets.unet import UNet
from tests.lab.sax_sets import write_dsb_long

SPLITS = {"1": "train", "2": "valid"}


def test_of_two_frames_the_larger_is_ed_and_all_but_the_cavity_is_open(tmp_path: Path) -> None:
    es, ed = dsb_long_axes(write_dsb_long(tmp_path), ["train"], SPLITS)
    assert (es.phase, ed.phase) == ("ES", "ED")
    assert set(np.unique(ed.allowed)) == {CAVITY, NOT_CAVITY}
    assert ed.field_px == es.field_px
    assert ed.centre == pytest.approx((61, 58), abs=0.5)
    image, label = prepared(ed, 64, np.random.default_rng(0), 0.0)
    assert image.shape == label.shape == (64, 64)
    assert label[32, 32] == CAVITY
    (tmp_path / "labels" / "p0001_0009.png").unlink()
    with pytest.raises(DataSetError, match="p0001_0009"):
        dsb_long_axes(tmp_path, ["train"], SPLITS)


def test_the_scale_is_that_with_which_the_cavity_has_its_volume() -> None:
    y, x = np.mgrid[:400, :400] - 200.0
    ellipse = (x / 120) ** 2 + (y / 60) ** 2 <= 1
    assert length_px(ellipse) == pytest.approx(240, abs=2)
    # An ellipsoid of half axes 60, 30 and 30 mm, seen with pixels of half a millimetre.
    volume_ml = 4 / 3 * np.pi * 60 * 30 * 30 / 1000
    assert pixel_mm(ellipse, volume_ml) == pytest.approx(0.5, rel=0.01)
    assert pixel_mm(ellipse, 8 * volume_ml) == pytest.approx(1.0, rel=0.01)


def test_simulated_long_axes_have_all_chambers_where_they_belong() -> None:
    images, maps, side = drawn_long_axes(np.random.default_rng(5))
    side_mm = float(side)
    assert images.shape == maps.shape
    samples = samples_of("heart", (images, maps, side))
    assert {one.number for one in samples} == {0, 1, 2}
    for one in samples:
        assert one.certain(CAVITY).sum() * side_mm**2 > 500
        assert one.certain(MYOCARDIUM).any()
        assert one.certain(LEFT_ATRIUM).any()
    # The right atrium is in the four-chamber plane.
    assert any(one.certain(RIGHT_ATRIUM).any() for one in samples if one.number == 2)
    # The cavity is smaller about ES.
    areas = {one.phase: one.certain(CAVITY).sum() for one in samples if one.number == 2}
    assert areas["1"] < areas["0"]


def test_a_short_axis_network_gives_what_it_knows() -> None:
    torch.manual_seed(0)
    short, long = UNet(inputs=3), UNet(classes=6)
    first = long.last.weight.detach().clone()
    start_from(long, {name: value.numpy() for name, value in short.state_dict().items()})
    kernels = [net.state_dict()["down.0.0.weight"] for net in (long, short)]
    assert torch.equal(kernels[0][:, 0], kernels[1][:, 1])
    assert torch.equal(long.last.weight[[0, 1, 2, 4]], short.last.weight)
    assert torch.equal(long.last.weight[[3, 5]], first[[3, 5]])
    other = UNet(classes=6)
    start_from(other, {name: value.numpy() for name, value in long.state_dict().items()})
    assert all(torch.equal(a, b) for a, b in zip(other.parameters(), long.parameters(), strict=True))
    with pytest.raises(ValueError, match="expected a network of 6 or 4 classes, got 2"):
        start_from(other, {name: value.numpy() for name, value in UNet(classes=2).state_dict().items()})


def test_it_trains_on_both_and_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dsb_long, "splits", lambda name: SPLITS)
    folder, run = write_dsb_long(tmp_path / "dsb"), tmp_path / "run"
    arguments = ["lax-cine", "--dsb", str(folder), "--run", str(run), "--simulated", "1", "--simulated-valid", "1"]
    assert commands.train([*arguments, "--plan", "32x1x4", "--device", "cpu"]) == 0
    line = json.loads((run / "log.jsonl").read_text().splitlines()[-1])
    assert {"dsb_lv_ed", "dsb_lv_es", "sim_lv", "sim_wall", "sim_la", "sim_rv", "score"} <= set(line)
    assert len(list(run.glob("long-axes-*/0000.npz"))) == 2
    capsys.readouterr()
    measure = ["lax-cine", "--dsb", str(folder), "--network", str(run / "best.pt"), "--split", "valid"]
    assert commands.evaluate([*measure, "--size", "64", "--device", "cpu", "--out", str(tmp_path / "out")]) == 0
    assert "four-chamber" in capsys.readouterr().out
    rows = (tmp_path / "out" / "lax-cine.csv").read_text().splitlines()
    assert len(rows) == 3


def test_real_long_axes_have_a_usual_scale(shared_data: Path) -> None:
    if not (shared_data / "dsb-4ch").is_dir():
        pytest.skip(f"no dsb-4ch in {shared_data}")
    samples = dsb_long_axes(shared_data / "dsb-4ch", ["valid"])
    assert len(samples) == 98
    sides_mm = [dsb_long.LONG_FIELD_MM / one.field_px for one in samples]
    assert np.median(sides_mm) == pytest.approx(1.15, abs=0.05)
