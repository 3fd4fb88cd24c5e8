"""Masks of other programs: formats, names of labels, what is refused."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.labels import LabelFile, Part
from kinecor.io.contours.images import read_label_image
from kinecor.io.contours.read import read_contour_file

LABELS = np.zeros((4, 20, 30), np.uint8)  # slices, rows, columns
LABELS[1:, 5:15, 8:20] = 2
LABELS[1:, 7:12, 10:17] = 1


def written(path: Path, values: np.ndarray = LABELS, **about: object) -> Path:
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((0.5, 0.8, 6.0)[: values.ndim])
    if "origin" in about:
        image.SetOrigin(about["origin"])
    for key, value in about.items():
        if key != "origin":
            image.SetMetaData(key, str(value))
    sitk.WriteImage(image, str(path))
    return path


def values_of(file: LabelFile) -> np.ndarray:
    shape = (file.times, file.places, *file.planes[0].values.shape)
    out = np.zeros(shape, np.int64)
    for one in file.planes:
        out[one.time, one.place] = one.values
    return out


@pytest.mark.parametrize("ending", [".nii", ".nii.gz", ".mha", ".nrrd"])
def test_every_format_has_its_labels(tmp_path: Path, ending: str) -> None:
    file = read_label_image(written(tmp_path / f"m{ending}", origin=(3.0, 4.0, 5.0)))
    assert np.array_equal(values_of(file)[0], LABELS)
    assert file.values == (1, 2)
    assert file.axis_unknown
    assert file.planes[0].spacing_mm == pytest.approx((0.8, 0.5))
    assert file.planes[0].place == 1  # the empty slice has no plane, and its place stays
    assert file.planes[0].plane is not None
    assert file.planes[0].plane.origin_mm == pytest.approx((3, 4, 11))


def test_a_mask_as_png(tmp_path: Path) -> None:
    file = read_label_image(written(tmp_path / "m.png", LABELS[1]))
    assert np.array_equal(file.planes[0].values, LABELS[1])
    assert file.planes[0].plane is None


def test_a_matrix_of_one_says_nothing_of_the_place(tmp_path: Path) -> None:
    assert read_label_image(written(tmp_path / "m.nii.gz")).planes[0].plane is None


def test_a_file_without_a_matrix_has_no_place(tmp_path: Path) -> None:
    path = written(tmp_path / "m.nii", origin=(3.0, 4.0, 5.0))
    data = bytearray(path.read_bytes())
    data[252:256] = struct.pack("<2h", 0, 0)
    path.write_bytes(data)
    assert read_label_image(path).planes[0].plane is None


def test_the_frame_of_acdc_is_in_the_name(tmp_path: Path) -> None:
    assert read_label_image(written(tmp_path / "patient001_frame12_gt.nii.gz")).frame_number == 11
    assert read_label_image(written(tmp_path / "frames.nii.gz")).frame_number is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.label", ' 0  0  0  0  0  0  0  "Clear Label"\n 1 255 0 0 1  1  1  "LVC"\n 2  0 255 0 1  1  1  "MLV"\n'),
        ("m.ctbl", "# Color\n0 Background 0 0 0 0\n1 LV_cavity 255 0 0 255\n2 LV_myocardium 0 255 0 255\n"),
        ("dataset.json", json.dumps({"labels": {"background": 0, "LVC": 1, "MLV": 2}})),
        ("dataset.json", json.dumps({"labels": {"0": "background", "1": "left ventricle", "2": "myocardium"}})),
    ],
)  # fmt: skip
def test_names_of_labels_beside_the_image(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    file = read_label_image(written(tmp_path / "m.nii.gz"))
    assert {value: file.parts[value] for value in (1, 2)} == {1: Part.LV_CAVITY, 2: Part.LV_WALL}


def test_segments_of_slicer_have_their_names(tmp_path: Path) -> None:
    path = written(
        tmp_path / "m.seg.nrrd",
        Segment0_Name="LV wall", Segment0_LabelValue=2, Segment0_Layer=0,
        Segment1_Name="LV cavity", Segment1_LabelValue=1, Segment1_Layer=0,
    )  # fmt: skip
    file = read_label_image(path)
    assert file.parts == {1: Part.LV_WALL, 2: Part.LV_CAVITY}
    assert np.array_equal(values_of(file)[0], np.array([0, 2, 1])[LABELS])


def write_sequence(path: Path, frames: np.ndarray, kind: str = "list") -> Path:
    """A volume sequence as 3D Slicer saves it: the first axis of the file is time, then x, y, z."""
    times, slices, rows, columns = frames.shape
    header = [
        "NRRD0004", "type: unsigned char", "dimension: 4", "space: left-posterior-superior",
        f"sizes: {times} {columns} {rows} {slices}", f"kinds: {kind} domain domain domain",
        "space directions: none (0.5,0,0) (0,0.8,0) (0,0,1)", "space origin: (0,0,0)", "encoding: raw",
    ]  # fmt: skip
    values = np.ascontiguousarray(np.moveaxis(frames, 0, -1))
    path.write_bytes("\n".join(header).encode() + b"\n\n" + values.tobytes())
    return path


def test_a_sequence_of_slicer_has_its_times(tmp_path: Path) -> None:
    frames = np.stack([LABELS[2:3], LABELS[:1], np.roll(LABELS[2:3], 3, axis=2)])
    file = read_label_image(write_sequence(tmp_path / "mask.seq.nrrd", frames))
    assert (file.times, file.places) == (3, 1)
    assert not file.axis_unknown
    assert np.array_equal(values_of(file), frames)
    with pytest.raises(KinecorError, match="holds vectors"):
        read_label_image(write_sequence(tmp_path / "colour.nrrd", frames, "RGB-color"))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.zeros((3, 20, 30), np.uint8), "background alone"),
        (LABELS.astype(np.float32) / 3, "whole numbers"),
        (-LABELS.astype(np.int16), "from 0 to 65535"),
    ],
)
def test_what_holds_no_labels_is_refused(tmp_path: Path, values: np.ndarray, why: str) -> None:
    with pytest.raises(KinecorError, match=why):
        read_label_image(written(tmp_path / "m.nii.gz", values))


def test_damaged_and_foreign_files_are_refused_in_a_sentence(tmp_path: Path) -> None:
    cut_off = written(tmp_path / "m.nii.gz")
    cut_off.write_bytes(cut_off.read_bytes()[:60])
    (tmp_path / "x.nrrd").write_bytes(b"NRRD0004\nnothing")
    (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    (tmp_path / "x.json").write_text('{"a": 1}')
    (tmp_path / "x.txt").write_text("words")
    (tmp_path / "x.dcm").write_bytes(bytes(128) + b"DICM")
    (tmp_path / "empty.nii").write_bytes(b"")
    for name in ("m.nii.gz", "x.nrrd", "x.png", "x.json", "x.txt", "x.dcm", "empty.nii", "missing.nii", "."):
        with pytest.raises(KinecorError) as refused:
            read_contour_file(tmp_path / name)
        assert len(str(refused.value)) > 20
