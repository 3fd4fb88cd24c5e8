"""Data sets for training: what is written is loaded as nnU-Net v2 and MONAI load it, by the rules of their readers."""

import json
import re

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

import kinecor
from kinecor.io.export.bids import LABELS, NNUNET


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    place = tmp_path_factory.mktemp("bids")
    kinecor.phantom("a4c", seed=7, ef=35, frames=24, size=(96, 112), out=place / "in" / "a4c")
    kinecor.phantom("mri", seed=3, frames=6, size=(48, 56), out=place / "in" / "mri")
    result = kinecor.analyse(kinecor.open(place / "in"), device="cpu")
    one = next(each for each in result.recordings if each.view == "A4C" and each.recording.modality == "US")
    changed = one.with_contour("lv_endo", 2, one.contour("lv_endo", 2) * 1.02, author="me")
    kinecor.export(result.with_recording(changed), place / "out", bids=True)
    return place / "out", result


def cases(place):
    return sorted(path.name.removesuffix(".nii.gz") for path in (place / "labelsTr").iterdir())


@pytest.mark.parametrize("modality", NNUNET)
def test_nnunet_v2_would_accept_it(out, modality):
    """The checks of nnU-Net's `verify_dataset_integrity`, by its documentation of the format."""
    place = out[0] / "nnunet" / NNUNET[modality]
    about = json.loads((place / "dataset.json").read_text())
    assert set(about) >= {"channel_names", "labels", "numTraining", "file_ending"}
    assert list(about["channel_names"]) == ["0"]
    assert sorted(about["labels"].values()) == list(range(len(about["labels"])))
    assert about["labels"]["background"] == 0
    assert about["numTraining"] == len(cases(place)) > 0
    assert re.fullmatch(r"Dataset\d{3}_\w+", place.name)
    images = sorted(path.name for path in (place / "imagesTr").iterdir())
    assert images == [f"{case}_0000{about['file_ending']}" for case in cases(place)]
    for case in cases(place):
        image = sitk.ReadImage(str(place / "imagesTr" / f"{case}_0000.nii.gz"))
        labels = sitk.ReadImage(str(place / "labelsTr" / f"{case}.nii.gz"))
        assert image.GetDimension() == labels.GetDimension() == 3
        assert image.GetSize() == labels.GetSize()
        for what in ("GetSpacing", "GetOrigin", "GetDirection"):
            assert np.allclose(getattr(image, what)(), getattr(labels, what)())
        assert set(np.unique(sitk.GetArrayFromImage(labels))) <= set(LABELS.values())
        assert np.isfinite(sitk.GetArrayFromImage(image)).all()
        assert sitk.GetArrayFromImage(labels).any()


def test_ed_and_es_are_the_frames_of_the_recording(out):
    folder, result = out
    one = next(each for each in result.recordings if each.recording.modality == "US")
    place = folder / "nnunet" / NNUNET["US"]
    ed, es = one.beats[0]
    for frame in (ed, es):
        (case,) = [name for name in cases(place) if name.endswith(f"_frame-{frame:04d}")]
        image = sitk.GetArrayFromImage(sitk.ReadImage(str(place / "imagesTr" / f"{case}_0000.nii.gz")))
        labels = sitk.GetArrayFromImage(sitk.ReadImage(str(place / "labelsTr" / f"{case}.nii.gz")))
        assert np.array_equal(image[0], one.recording.frame(frame))
        assert np.array_equal(labels[0], one.mask(frame))


def test_a_stack_is_a_volume_with_its_slices(out):
    folder, result = out
    stack = next(each for each in result.recordings if each.stack)
    place = folder / "nnunet" / NNUNET["MR"]
    volumes = [sitk.ReadImage(str(place / "labelsTr" / f"{case}.nii.gz")) for case in cases(place)]
    shapes = [sitk.GetArrayFromImage(one).shape for one in volumes]
    assert (stack.recording.slices, 48, 56) in shapes
    (volume,) = {one.GetSpacing()[2] for one in volumes if one.GetSize()[2] == stack.recording.slices}
    assert volume == pytest.approx(np.diff(stack.recording.positions_mm)[0], rel=1e-3)


def test_the_bids_folder_is_named_by_its_rules(out):
    folder = out[0] / "bids"
    described = json.loads((folder / "dataset_description.json").read_text())
    assert described["DatasetType"] == "raw"
    assert json.loads((folder / "derivatives/kinecor/dataset_description.json").read_text())["GeneratedBy"]
    people = (folder / "participants.tsv").read_text().split()
    assert people[0] == "participant_id"
    files = [path for path in folder.rglob("*.nii.gz") if "derivatives" not in path.parts]
    assert len(files) == 5
    name = re.compile(r"(sub-[0-9a-z]+)_(ses-[0-9a-z]+)_view-[0-9A-Za-z]+_rec-[0-9a-z]+_cine\.nii\.gz")
    for path in files:
        subject, session = name.fullmatch(path.name).groups()
        assert path.parent == folder / subject / session
        assert subject in people
        sidecar = json.loads(path.with_name(path.name.replace(".nii.gz", ".json")).read_text())
        image = sitk.ReadImage(str(path))
        assert len(sidecar["FrameTimes"]) == image.GetSize()[-1]
        labels = folder / "derivatives/kinecor" / subject / session / path.name.replace("_cine", "_desc-contours_dseg")
        assert sitk.ReadImage(str(labels)).GetSize() == image.GetSize()
    assert "PHANTOM" not in " ".join(path.as_posix() for path in folder.rglob("*"))
