from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor_lab.datasets.samples import DataSetError, camus_png
from tests.lab.camus import write_camus


def test_splits_hold_different_patients(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "set")
    learn, check = camus_png(folder, ["train"]), camus_png(folder, ["valid"])
    assert len(learn) == 8
    assert len(check) == 4
    assert not {s.patient for s in learn} & {s.patient for s in check}
    assert learn[0].sector.mean() > 0.3


def test_a_folder_without_an_index_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match=r"expected index\.csv"):
        camus_png(tmp_path, ["train"])


def test_an_index_without_a_column_is_reported(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "set")
    index = folder / "index.csv"
    index.write_text(index.read_text().replace("spacing_mm", "mm"))
    with pytest.raises(DataSetError, match="spacing_mm is missing"):
        camus_png(folder, ["train"])


def test_a_missing_or_damaged_image_is_named(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "set")
    (folder / "images" / "p1_4CH_ED.png").write_bytes(b"not a picture")
    with pytest.raises(DataSetError, match="p1_4CH_ED"):
        camus_png(folder, ["train"])


def test_a_label_of_another_size_or_with_foreign_values_is_refused(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "set")
    cv2.imwrite(str(folder / "labels" / "p0_4CH_ED.png"), np.zeros((5, 5), np.uint8))
    with pytest.raises(DataSetError, match=r"label of \(120, 150\)"):
        camus_png(folder, ["train"])
    cv2.imwrite(str(folder / "labels" / "p0_4CH_ED.png"), np.full((120, 150), 9, np.uint8))
    with pytest.raises(DataSetError, match="up to 9"):
        camus_png(folder, ["train"])


def test_a_patient_in_two_splits_is_refused(tmp_path: Path) -> None:
    folder = write_camus(tmp_path / "set")
    index = folder / "index.csv"
    index.write_text(index.read_text().replace("p0,A4C,ES,train", "p0,A4C,ES,valid"))
    with pytest.raises(DataSetError, match="p0 stands in two splits"):
        camus_png(folder, ["train"])


def test_an_unknown_split_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="train"):
        camus_png(write_camus(tmp_path / "set"), ["test"])
