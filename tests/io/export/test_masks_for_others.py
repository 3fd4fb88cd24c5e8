"""Masks as other programs read them: dimensions, spacings, units, place and values, by their own rules."""

import gzip
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.values.geometry import Plane
from kinecor.core.values.reading import Reading
from kinecor.io.export.contours import write_masks
from kinecor.io.write.labels import label_frame, stack_labels
from tests import stacks
from tests.readings import cine, read

MM, SECONDS = 2, 8
PLANE = Plane(np.array([10.0, -20.0, 30.0]), np.array([0.0, 1.0, 0.0]), np.array([0.0, 0.0, -1.0]))


def placed_loop() -> Reading:
    before = read(cine(6))
    return before.with_(facts=replace(before.facts, plane=PLANE))


def by_the_standard(path: Path) -> tuple[np.ndarray, tuple[float, ...], int, np.ndarray]:
    """Values (x, y, z, t), spacings, units and the matrix to R, A, S: NIfTI-1 as 3D Slicer and ITK-SNAP read it.

    Both take dim[3] for slices and dim[4] for time, pixdim[4] for the step of time in the unit of xyzt_units.
    """
    data = gzip.decompress(path.read_bytes())
    dims = struct.unpack("<8h", data[40:56])
    assert dims[0] == 4
    spacing = struct.unpack("<8f", data[76:108])[1:5]
    start = int(struct.unpack("<f", data[108:112])[0])
    assert struct.unpack("<h", data[70:72])[0] == 2  # unsigned bytes
    assert struct.unpack("<h", data[254:256])[0] > 0  # there is an sform
    matrix = np.array(struct.unpack("<12f", data[280:328])).reshape(3, 4)
    values = np.frombuffer(data, np.uint8, int(np.prod(dims[1:5])), start).reshape(dims[1:5], order="F")
    return values, spacing, data[123], matrix


def test_a_loop_is_a_sequence_of_one_slice(tmp_path: Path) -> None:
    reading = placed_loop()
    write_masks(tmp_path / "m.nii.gz", reading)
    values, spacing, units, matrix = by_the_standard(tmp_path / "m.nii.gz")
    assert values.shape == (128, 96, 1, 6)
    assert spacing == pytest.approx((0.5, 0.8, 1.0, 0.04))
    assert units == MM | SECONDS
    for frame in range(6):
        assert np.array_equal(values[:, :, 0, frame].T, label_frame(reading, frame))
    for x, y in ((0, 0), (100, 50)):
        left, back, up = PLANE.in_patient(np.array([[x * 0.5, y * 0.8]]))[0]
        assert matrix @ (x, y, 0, 1) == pytest.approx((-left, -back, up), abs=1e-3)


def test_a_stack_is_a_sequence_of_volumes(tmp_path: Path) -> None:
    reading = stacks.read(stacks.stack())
    write_masks(tmp_path / "m.nii.gz", reading)
    values, spacing, units, matrix = by_the_standard(tmp_path / "m.nii.gz")
    assert values.shape == (96, 96, 12, 20)
    assert spacing == pytest.approx((1.5, 1.5, 8.0, 0.04))
    assert units == MM | SECONDS
    assert np.array_equal(values.transpose(3, 2, 1, 0), stack_labels(reading))
    for number, one in enumerate(reading.slices):
        plane = one.facts.plane
        assert plane is not None
        left, back, up = plane.in_patient(np.array([[15.0, 30.0]]))[0]
        assert matrix @ (10, 20, number, 1) == pytest.approx((-left, -back, up), abs=1e-3)


@pytest.mark.parametrize("what", ["loop", "stack"])
def test_nibabel_and_simpleitk_read_the_same(tmp_path: Path, what: str) -> None:
    nibabel = pytest.importorskip("nibabel")
    write_masks(tmp_path / "m.nii.gz", placed_loop() if what == "loop" else stacks.read(stacks.stack()))
    image, other = nibabel.load(tmp_path / "m.nii.gz"), sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    assert image.header.get_xyzt_units() == ("mm", "sec")
    assert image.header.get_zooms() == pytest.approx(other.GetSpacing())
    assert np.array_equal(np.asarray(image.dataobj).T, sitk.GetArrayFromImage(other))
    place = other.TransformIndexToPhysicalPoint((3, 5, 0, 0))
    assert image.affine @ (3, 5, 0, 1) == pytest.approx((-place[0], -place[1], place[2], 1), abs=1e-3)
