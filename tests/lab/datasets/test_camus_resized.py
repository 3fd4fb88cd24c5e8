import csv
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.camus_resized import camus_resized, squared_pixels
from kinecor_lab.datasets.data_folder import (
    CHOOSING_FOLD,
    FOLDS,
    camus_views,
    fold_of,
    kind_of,
    learning_and_choosing,
)
from kinecor_lab.datasets.samples import DataSetError
from tests.lab.camus import write_camus, write_resized_camus


def test_frames_get_square_pixels_and_keep_their_shape_in_millimetres(tmp_path: Path) -> None:
    folder = write_resized_camus(tmp_path)
    assert kind_of(folder) == "resized"
    found = camus_resized(folder, ["train", "valid"])
    assert {(one.view, one.quality) for one in found} == {("A2C", "Good"), ("A2C", "Poor")}
    one = found[0]
    # 64 x 64 pixels of 1.2 mm x 1.5 mm: 76.8 mm high, 96 mm wide.
    assert one.image.shape == one.label.shape == (64, 80)
    assert one.spacing_mm == 1.2
    assert set(np.unique(one.label)) == {0, 1, 2, 3}


def test_doubtful_millimetres_are_not_given(tmp_path: Path) -> None:
    found = camus_resized(write_resized_camus(tmp_path, agreement=0.97), ["train"])
    assert all(np.isnan(one.spacing_mm) for one in found)
    assert found[0].image.shape == (64, 80)


def test_labels_keep_their_outlines_when_pixels_become_square() -> None:
    label = np.zeros((40, 40), np.uint8)
    cv2.ellipse(label, (20, 20), (8, 12), 0, 0, 360, (1,), -1)
    _, wide = squared_pixels(label, label, 1.0, 2.0)
    assert wide.shape == (40, 80)
    assert (wide == 1).sum() == pytest.approx(2 * (label == 1).sum(), rel=0.02)
    assert set(np.unique(wide)) == {0, 1}


def test_bad_rows_are_named(tmp_path: Path) -> None:
    folder = write_resized_camus(tmp_path)
    with pytest.raises(DataSetError, match="no row of split test"):
        camus_resized(folder, ["test"])
    index = folder / "frames.csv"
    text = index.read_text()
    index.write_text(text.replace("1.2,1.5", "x,1.5", 1))
    with pytest.raises(DataSetError, match="expected numbers"):
        camus_resized(folder, ["train"])
    index.write_text(text.replace("1.2,1.5", "0,1.5", 1))
    with pytest.raises(DataSetError, match="expected spacings above 0"):
        camus_resized(folder, ["train"])
    index.write_text(text)
    cv2.imwrite(str(folder / "labels" / "p0_2CH_ED.png"), np.full((64, 64), 9, np.uint8))
    with pytest.raises(DataSetError, match="up to 9"):
        camus_resized(folder, ["train"])


def test_another_frames_csv_is_no_camus(tmp_path: Path) -> None:
    with (tmp_path / "frames.csv").open("w", newline="") as out:
        csv.writer(out).writerow(["name", "slice"])
    with pytest.raises(DataSetError, match="found none"):
        kind_of(tmp_path)


def test_both_views_of_a_patient_are_on_one_side(tmp_path: Path) -> None:
    folders = [write_camus(tmp_path / "four", 60), write_resized_camus(tmp_path / "two", 60)]
    learn, choose = learning_and_choosing(folders)
    assert {one.view for one in choose} == {one.view for one in learn} == {"A4C", "A2C"}
    chosen = {one.patient for one in choose}
    assert not chosen & {one.patient for one in learn}
    assert {fold_of(patient) for patient in chosen} == {CHOOSING_FOLD}
    reported = {one.patient for one in camus_views(folders[1], ["valid"])}
    assert not reported & (chosen | {one.patient for one in learn})


def test_folds_are_of_like_size_and_never_change() -> None:
    names = [f"patient{number:04}" for number in range(1, 451)]
    counts = np.bincount([fold_of(name) for name in names], minlength=FOLDS)
    assert counts.min() > 25
    assert [fold_of(name) for name in names[:8]] == [5, 1, 9, 2, 8, 8, 8, 5]


def test_a_set_of_a_few_patients_is_chosen_by_its_valid_split(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "few", 3)
    names = {one.patient for one in camus_views(folder, ["train"]) if fold_of(one.patient) == CHOOSING_FOLD}
    assert not names
    assert {one.patient for one in learning_and_choosing([folder])[1]} == {"p2"}
