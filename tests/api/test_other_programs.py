"""Masks and segmentations as the libraries under 3D Slicer, ITK-SNAP and napari read them, and corrections back."""

import warnings

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk  # noqa: N813
from pydicom.pixels.utils import pack_bits
from pydicom.uid import generate_uid

import kinecor
from kinecor.analysis.contours.placing import placed_labels
from kinecor.cli import main
from kinecor.core.values.colours import ON_DARK
from kinecor.core.values.labels import Part
from kinecor.core.values.track import Structure
from kinecor.io.contours.read import read_contour_file
from kinecor.io.files.colour import cielab
from tests.io.dicom_check import standard_errors


@pytest.fixture(scope="module")
def written(result, tmp_path_factory):
    out = tmp_path_factory.mktemp("written")
    kinecor.export(result, out, masks=True, seg=True, sr=True, bids=True)
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


def painted_labels(one):
    """The labels of all frames; at ES a reader has widened the cavity by two columns into the wall."""
    labels = labels_of(one)
    at_es = labels[one.beats[0].es]
    cavity = at_es == 1
    wider = cavity.copy()
    for shift in (-2, -1, 1, 2):
        wider |= np.roll(cavity, shift, axis=1)
    at_es[wider & (at_es == 2)] = 1
    return labels


def of_segmentation(painted, source, path):
    """A copy of a DICOM Segmentation with other pixels, as another program stores it in the archive."""
    dataset = pydicom.dcmread(source)
    numbers = {one.SegmentNumber: int(one.SegmentNumber) for one in dataset.SegmentSequence}
    by_name = {"LV cavity": 1, "LV myocardium": 2, "Left atrium": 3}
    label = {one.SegmentNumber: by_name[one.SegmentLabel] for one in dataset.SegmentSequence}
    assert len(numbers) == len(label)
    planes = []
    for groups in dataset.PerFrameFunctionalGroupsSequence:
        frame = groups.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber - 1
        number = groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        planes.append(painted[frame] == label[number])
    dataset.PixelData = pack_bits(np.stack(planes).astype(np.uint8))
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.SeriesInstanceUID = generate_uid()
    dataset.Manufacturer, dataset.ManufacturerModelName = "Elsewhere", "Viewer"
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("by", ["nibabel", "SimpleITK", "DICOM Segmentation"])
def test_a_correction_comes_back(result, written, tmp_path, by):
    one = result.recordings[0]
    path = written / f"masks/{one.id}.nii.gz"
    es = one.beats[0].es
    before, painted = labels_of(one)[es], painted_labels(one)
    if by == "nibabel":
        nibabel = pytest.importorskip("nibabel")
        source = nibabel.load(path)
        corrected = tmp_path / "corrected.nii.gz"
        nibabel.save(nibabel.Nifti1Image(painted.T[:, :, None], source.affine, source.header), corrected)
    elif by == "SimpleITK":
        corrected = tmp_path / "corrected.nrrd"
        image = sitk.GetImageFromArray(painted[:, None], isVector=False)
        image.CopyInformation(sitk.ReadImage(str(path)))
        sitk.WriteImage(image, str(corrected))
    else:
        corrected = of_segmentation(painted, written / f"seg/{one.id}.dcm", tmp_path / "corrected.dcm")
    command = ["analyse", one.recording.path, "--out", str(tmp_path / "out"), "--masks", "--device", "cpu"]
    assert main([*command, "--import-contours", str(corrected)]) == 0
    back = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / f"out/masks/{one.id}.nii.gz")))[:, 0]
    for frame in (one.beats[0].ed, es):
        both = (back[frame] == 1) & (painted[frame] == 1)
        assert 2 * both.sum() / ((back[frame] == 1).sum() + (painted[frame] == 1).sum()) > 0.98
    assert (back[es] == 1).sum() > 1.03 * (before == 1).sum()


def placed(path, one):
    """What a file says of each frame of a recording, as labels of the program."""
    file = read_contour_file(path)
    label_of = {Part.LV_CAVITY: 1, Part.LV_WALL: 2, Part.LA: 3}
    found = placed_labels(file, one.recording._core)
    out = {}
    for (_, frame), values in found.labels.items():
        out[frame] = np.zeros(values.shape, np.uint8)
        for value, part in file.parts.items():
            out[frame][values == value] = label_of[part]
    return out


@pytest.mark.parametrize("crop", [False, True])
def test_a_segmentation_by_slicers_own_library(result, tmp_path, crop):
    slicerio = pytest.importorskip("slicerio", reason="pip install slicerio")
    one = result.recordings[0]
    es = one.beats[0].es
    painted = painted_labels(one)[es]
    row_mm, column_mm = one.spacing_mm
    corner = [int(axis.min()) if crop else 0 for axis in np.nonzero(painted)][::-1]
    ends = [
        int(axis.max()) + 1 if crop else size for axis, size in zip(np.nonzero(painted), painted.shape, strict=True)
    ][::-1]
    part = painted.T[corner[0] : ends[0], corner[1] : ends[1], None]
    matrix = np.diag([column_mm, row_mm, 1.0, 1.0])
    matrix[:2, 3] = corner[0] * column_mm, corner[1] * row_mm
    segmentation = slicerio.create_segmentation(part.shape, matrix)
    segmentation["referenceImageExtentOffset"] = [*corner, 0]
    for value, name in ((3, "Left atrium"), (1, "LV cavity"), (2, "LV myocardium")):
        slicerio.add_segment(segmentation, part == value, {"id": f"Segment_{value}", "name": name})
    path = tmp_path / f"frame{es + 1:02d}.seg.nrrd"
    slicerio.write_segmentation(str(path), segmentation)
    assert np.array_equal(placed(path, one)[es], painted)


def test_a_sequence_by_slicers_own_library(result, tmp_path):
    slicerio = pytest.importorskip("slicerio", reason="pip install slicerio")
    one = result.recordings[0]
    painted = painted_labels(one)
    matrix = np.diag([*one.spacing_mm[::-1], 1.0, 1.0])
    frames = [{"voxels": plane.T[:, :, None].copy(), "ijkToLPS": matrix} for plane in painted]
    slicerio.write_volume(str(tmp_path / "mask.seq.nrrd"), slicerio.create_sequence(frames))
    (tmp_path / "mask.seq.ctbl").write_text(
        "1 LV_cavity 255 0 0 255\n2 LV_myocardium 0 255 0 255\n3 left_atrium 0 0 255 255\n"
    )
    back = placed(tmp_path / "mask.seq.nrrd", one)
    assert all(np.array_equal(back[frame], plane) for frame, plane in enumerate(painted))


def test_labels_of_itk_snap_keep_their_names(result, written, tmp_path):
    """A reader renumbers the labels, and saves descriptions next to the segmentation."""
    one = result.recordings[0]
    painted = painted_labels(one)
    source = sitk.ReadImage(str(written / f"masks/{one.id}.nii.gz"))
    image = sitk.GetImageFromArray(np.array([0, 7, 4, 2], np.uint16)[painted][:, None], isVector=False)
    image.CopyInformation(source)
    sitk.WriteImage(image, str(tmp_path / "snap.nii.gz"))
    head = "################################################\n# ITK-SnAP Label Description File\n# File format:\n"
    rows = ((0, 0, "Clear Label"), (2, 1, "Left atrium"), (4, 1, "LV myocardium"), (7, 1, "LV cavity"))
    lines = [f'{value:5d}   255    0    0        {shown}  1  1    "{name}"' for value, shown, name in rows]
    (tmp_path / "snap.txt").write_text(head + "\n".join(lines) + "\n")
    back = placed(tmp_path / "snap.nii.gz", one)
    assert all(np.array_equal(back[frame], plane) for frame, plane in enumerate(painted))


def test_a_checker_of_the_standard_accepts_the_segmentations(written):
    for path in (written / "seg").glob("*.dcm"):
        assert standard_errors(path) == []


def test_what_ohif_is_sent_belongs_to_the_study_of_its_images(result, written):
    """A viewer of archives lists an object under the study and the images that it names."""
    images = {one.id: pydicom.dcmread(one.recording.path, stop_before_pixels=True) for one in result.recordings}
    objects = [*(written / f"seg/{name}.dcm" for name in images), *sorted((written / "sr").glob("*.dcm"))]
    assert len(objects) == 3
    study = {image.StudyInstanceUID for image in images.values()}
    for path in objects:
        dataset = pydicom.dcmread(path)
        assert {dataset.StudyInstanceUID} == study
        assert dataset.PatientID == next(iter(images.values())).PatientID
    for name, image in images.items():
        dataset = pydicom.dcmread(written / f"seg/{name}.dcm")
        (series,) = dataset.ReferencedSeriesSequence
        assert series.SeriesInstanceUID == image.SeriesInstanceUID
        assert {one.ReferencedSOPInstanceUID for one in series.ReferencedInstanceSequence} == {image.SOPInstanceUID}
        # OHIF draws in the colours of the file: those of the window.
        shown = {one.SegmentLabel: list(one.RecommendedDisplayCIELabValue) for one in dataset.SegmentSequence}
        assert shown["LV cavity"] == list(cielab(ON_DARK[Structure.LV_ENDO]))
        assert shown["LV myocardium"] == list(cielab(ON_DARK[Structure.LV_EPI]))
    evidence = pydicom.dcmread(objects[-1]).CurrentRequestedProcedureEvidenceSequence
    named = {
        one.ReferencedSOPInstanceUID
        for of_study in evidence
        for series in of_study.ReferencedSeriesSequence
        for one in series.ReferencedSOPSequence
    }
    assert named == {image.SOPInstanceUID for image in images.values()}
