import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.common.commands import evaluate as main
from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.realism.recordings import real_frames
from kinecor_lab.realism.table import earth_movers, histogram, looked, row, rows, table
from tests.lab.realism.drawn_images import echo, short_axis


def write_set(folder: Path, patients: int = 4) -> Path:
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
    with (folder / "index.csv").open("w", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["patient", "view", "phase", "split", "spacing_mm"])
        for patient in range(patients):
            frame = echo(patient)
            cv2.imwrite(str(folder / "images" / f"p{patient}_4CH_ED.png"), frame.image)
            cv2.imwrite(str(folder / "labels" / f"p{patient}_4CH_ED.png"), frame.labels)
            lines.writerow([f"p{patient}", "A4C", "ED", "train", 0.616])
    return folder


def test_earth_movers_distance_is_how_far_grey_was_moved() -> None:
    levels = np.arange(50, 90)
    assert earth_movers(histogram(levels), histogram(levels + 30)) == pytest.approx(30)
    assert earth_movers(histogram(levels), histogram(levels)) == 0
    assert np.isnan(histogram(np.zeros(0))).all()


def test_the_effect_is_the_difference_over_the_pooled_deviation() -> None:
    rng = np.random.default_rng(0)
    made = row("x", "mm", rng.normal(5, 2, 4000), np.append(rng.normal(8, 2, 4000), np.nan))
    assert made.effect == pytest.approx(1.5, abs=0.1)
    assert made.simulated.n == 4000
    assert np.isnan(row("x", "mm", np.array([1.0]), np.array([2.0])).effect)


def test_the_same_kind_of_image_is_near_and_another_is_far() -> None:
    real = looked((echo(seed) for seed in range(5)), "echo")
    near = looked((echo(seed) for seed in range(5, 10)), "echo")
    far = looked((echo(seed, wall=90, blood=75, grain=2.5) for seed in range(5)), "echo")
    by_name = {one.name: abs(one.effect) for one in rows(real, far, "echo")}
    assert by_name["contrast wall - blood"] > 4
    assert by_name["speckle lateral, middle"] > 4
    assert by_name["histogram off, wall"] > 4
    medians = [np.nanmedian([abs(one.effect) for one in rows(real, one, "echo")]) for one in (near, far)]
    assert medians[0] < 1 < 3 < medians[1]
    text = table(rows(real, far, "echo"), real, far).text()
    assert "gCNR wall / blood" in text
    assert "mean histograms apart" in text
    assert "correlation" not in text


def test_mri_rows_hold_no_row_that_neither_side_has() -> None:
    sides = [looked((short_axis(seed + start) for seed in range(3)), "mri") for start in (0, 5)]
    names = [one.name for one in rows(*sides, "mri")]
    assert "contrast blood / wall" in names
    assert not [name for name in names if "correlation" in name]


def test_two_draws_share_no_patient(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", 5)
    first = {one.name for one in real_frames(data, "echo", 2, seed=3)}
    others = {one.name for one in real_frames(tmp_path, "echo", 3, seed=3, skip=2)}
    assert (len(first), len(others)) == (2, 3)
    assert not first & others


def test_a_folder_without_the_kind_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataSetError, match=r"index\.csv"):
        list(real_frames(write_set(tmp_path / "set"), "mri", 2, 0))
    assert main(["look", "--real", str(tmp_path), "--kind", "mri"]) == 1
    assert "ACDC" in capsys.readouterr().err


def test_the_command_prints_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_set(tmp_path / "set")
    line = ["look", "--real", str(data), "--against", "noise", "--recordings", "2", "--out", str(tmp_path / "out")]
    assert main([*line, "--sheet", str(tmp_path / "sheet.png")]) == 0
    assert cv2.imread(str(tmp_path / "sheet.png")).std() > 10
    text = capsys.readouterr().out
    assert "effect" in text
    assert "speckle axial, far" in text
    found = json.loads((tmp_path / "out" / "realism.json").read_text())
    assert len(found["tables"][0]["rows"]) > 30
    assert main(["look", "--real", str(data), "--recordings", "0"]) == 2
