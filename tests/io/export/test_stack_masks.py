from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Origin, Structure
from kinecor.io.export.contours import write_masks
from kinecor.io.write.labels import stack_labels
from tests import stacks
from tests.readings import names


def test_labels_of_all_slices_and_phases() -> None:
    labels = stack_labels(stacks.read(stacks.stack()))
    assert labels.shape == (20, 12, 96, 96)
    assert set(np.unique(labels)) == {0, 1, 2, 4}
    assert not labels[:, 0].any()
    heart, place = stacks.Heart(), stacks.positions()[4]
    exact = np.pi * heart.radius(place, 10) ** 2 / stacks.SPACING_MM**2
    assert (labels[10, 4] == 1).sum() == pytest.approx(exact, rel=0.02)


def test_a_cavity_that_closed_is_painted_as_wall() -> None:
    reading = stacks.read(stacks.stack())
    one = reading.slices[10]
    track = one.tracks[Structure.LV_ENDO].replaced(10, (None,), Origin.MODEL)
    closed = one.with_(tracks={**one.tracks, Structure.LV_ENDO: track})
    labels = stack_labels(reading.with_(slices=(*reading.slices[:10], closed, *reading.slices[11:])))
    assert (labels[10, 10] == 2).any()
    assert not (labels[10, 10] == 1).any()


def test_the_file_has_patient_coordinates(tmp_path: Path) -> None:
    reading = stacks.read(stacks.stack())
    write_masks(tmp_path / "m.nii.gz", reading)
    image = sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    assert image.GetSize() == (96, 96, 12, 20)
    assert image.GetSpacing() == pytest.approx((1.5, 1.5, 8.0, 0.04))
    # Slices run down the body here, against the normal.
    assert image.GetOrigin()[:3] == pytest.approx((0, 0, 4.0))
    assert image.TransformIndexToPhysicalPoint((0, 0, 3, 0))[:3] == pytest.approx((0, 0, -20.0))
    assert np.array_equal(sitk.GetArrayFromImage(image), stack_labels(reading))
    assert names(tmp_path) == ["m.nii.gz"]


def test_a_missing_slice_is_an_empty_one(tmp_path: Path) -> None:
    places = np.delete(stacks.positions(), 5)
    whole, gap = stacks.read(stacks.stack()), stacks.read(stacks.stack(places))
    expected = stack_labels(whole)
    expected[:, 5] = 0
    assert np.array_equal(stack_labels(gap), expected)
    write_masks(tmp_path / "m.nii.gz", gap)
    image = sitk.ReadImage(str(tmp_path / "m.nii.gz"))
    assert image.GetSize() == (96, 96, 12, 20)
    assert image.TransformIndexToPhysicalPoint((0, 0, 11, 0))[2] == pytest.approx(-places[-1])


def test_uneven_steps_make_no_grid() -> None:
    uneven = stacks.positions() + np.where(np.arange(12) > 5, 4.0, 0.0)
    assert stack_labels(stacks.read(stacks.stack(uneven))).shape[1] == 12


def test_slices_of_two_sizes_have_no_common_grid(tmp_path: Path) -> None:
    reading = stacks.read(stacks.stack())
    odd = reading.slices[3].with_(facts=replace(reading.slices[3].facts, rows=90))
    mixed = reading.with_(slices=(*reading.slices[:3], odd, *reading.slices[4:]))
    with pytest.raises(KinecorError, match="90 x 96 and 96 x 96"):
        write_masks(tmp_path / "m.nii.gz", mixed)
    assert names(tmp_path) == []
