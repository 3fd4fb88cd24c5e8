"""Masks and segmentations as the libraries under 3D Slicer, ITK-SNAP and napari read them, and corrections back."""

import warnings

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

import kinecor
from kinecor.cli import main


@pytest.fixture(scope="module")
def written(result, tmp_path_factory):
    out = tmp_path_factory.mktemp("written")
    kinecor.export(result, out, masks=True, seg=True, bids=True)
    return out


def labels_of(one):
    return np.stack([one.mask(frame) for frame in range(one.recording.frames)])


def test_every_library_reads_the_labels_of_the_program(result, written):
    nibabel = pytest.importorskip("nibabel")
    highdicom = pytest.importorskip("highdicom")
    for one in result.recordings:
        expected = labels_of(one)
        path = written / f"masks/{one.id}.nii.gz"
        # As the guide hands them to napari: time, row, column.
        assert np.array_equal(np.asarray(nibabel.load(path).dataobj)[:, :, 0].T, expected)
        assert np.array_equal(sitk.GetArrayFromImage(sitk.ReadImage(str(path)))[:, 0], expected)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seg = highdicom.seg.segread(written / f"seg/{one.id}.dcm")
        ((*_, instance),) = seg.get_source_image_uids()
        found = seg.get_pixels_by_source_frame(
            instance,
            list(range(1, len(expected) + 1)),
            combine_segments=True,
            skip_overlap_checks=True,
            assert_missing_frames_are_empty=True,
        )
        assert np.array_equal(found, expected)


def test_images_for_others_lie_on_the_grid_of_their_masks(result, written):
    nibabel = pytest.importorskip("nibabel")
    images = [nibabel.load(path) for path in sorted(written.glob("bids/**/*_cine.nii.gz"))]
    masks = [nibabel.load(written / f"masks/{one.id}.nii.gz") for one in result.recordings]
    assert len(images) == len(masks)
    for image in images:
        assert any(
            image.shape == mask.shape
            and np.allclose(image.affine, mask.affine)
            and np.allclose(image.header.get_zooms(), mask.header.get_zooms())
            for mask in masks
        )


@pytest.mark.parametrize("by", ["nibabel", "SimpleITK"])
def test_a_correction_comes_back(result, written, folder, tmp_path, by):
    one = result.recordings[0]
    path = written / f"masks/{one.id}.nii.gz"
    es = one.beats[0].es
    painted = labels_of(one)
    # A reader widens the cavity by two columns into the wall, on one frame.
    cavity = painted[es] == 1
    wider = cavity.copy()
    for shift in (-2, -1, 1, 2):
        wider |= np.roll(cavity, shift, axis=1)
    painted[es][wider & (painted[es] == 2)] = 1
    if by == "nibabel":
        nibabel = pytest.importorskip("nibabel")
        before = nibabel.load(path)
        corrected = tmp_path / "corrected.nii.gz"
        nibabel.save(nibabel.Nifti1Image(painted.T[:, :, None], before.affine, before.header), corrected)
    else:
        corrected = tmp_path / "corrected.nrrd"
        image = sitk.GetImageFromArray(painted[:, None], isVector=False)
        image.CopyInformation(sitk.ReadImage(str(path)))
        sitk.WriteImage(image, str(corrected))
    command = ["analyse", one.recording.path, "--out", str(tmp_path / "out"), "--masks", "--device", "cpu"]
    assert main([*command, "--import-contours", str(corrected)]) == 0
    back = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / f"out/masks/{one.id}.nii.gz")))[:, 0]
    for frame in (one.beats[0].ed, es):
        both = (back[frame] == 1) & (painted[frame] == 1)
        assert 2 * both.sum() / ((back[frame] == 1).sum() + (painted[frame] == 1).sum()) > 0.98
    assert (back[es] == 1).sum() > 1.03 * cavity.sum()
