"""Masks among recordings are listed, never opened as images."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.io.files.label_values import are_labels
from kinecor.io.open.recordings import open_path

RNG = np.random.default_rng(5)
IMAGES = RNG.integers(0, 200, (6, 40, 50)).astype(np.uint8)
LABELS = np.zeros((6, 40, 50), np.uint8)
LABELS[:, 10:30, 10:30] = 2
LABELS[:, 14:26, 14:26] = 1


def write(path: Path, values: np.ndarray) -> None:
    sitk.WriteImage(sitk.GetImageFromArray(values), str(path))


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("ending", [".nii.gz", ".nii", ".mha"])
def test_a_mask_beside_its_images_is_a_document(tmp_path: Path, ending: str, kind: type) -> None:
    write(tmp_path / f"a{ending}", IMAGES)
    write(tmp_path / f"a_seg{ending}", LABELS.astype(kind))
    opened = open_path(tmp_path)
    assert [Path(one.source.path).name for one in opened.recordings] == [f"a{ending}"]
    assert not opened.refused
    (document,) = opened.documents
    assert document.series.kind == "labels"
    assert document.title == f"a_seg{ending}"
    assert document.study_id == opened.recordings[0].source.study_id
    assert not opened.reports


def test_a_mask_alone_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for name, values in (("m.nii.gz", LABELS), ("m.png", LABELS[0] * 100)):
        write(tmp_path / name, values)
        opened = open_path(tmp_path / name)
        assert not opened.recordings
        (refused,) = opened.refused
        assert "Import contours" in str(refused.reason)


def test_what_labels_are() -> None:
    assert are_labels([LABELS[0]])
    assert are_labels([np.zeros((4, 4)), np.eye(4) * 255])
    assert are_labels([np.array([[0, 500], [205, 600]])])
    assert not are_labels([np.zeros((4, 4))])
    assert not are_labels([IMAGES[0]])
    assert not are_labels([np.arange(0, 250, 50)[None]])
    assert are_labels([np.arange(0, 150, 50)[None]])
    assert not are_labels([np.eye(4) / 2])
    assert not are_labels([np.eye(4) + 1])
    assert not are_labels([np.zeros((4, 4, 3), np.uint8)])
