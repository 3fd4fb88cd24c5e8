from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.track import Origin, Structure
from kinecor.io.write.derived import UnidentifiedError
from kinecor.io.write.labels import label_frame, stack_labels
from kinecor.io.write.segmentation import SEGMENTS, write_segmentation
from kinecor.io.write.values import Read
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import AT, changed, read_clip, read_stack, write_clip, write_stack
from tests.readings import cine, read

NAMES = {one.name: one.label for one in SEGMENTS}


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_clip(write_clip(tmp_path_factory.mktemp("clip") / "clip.dcm"))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Read:
    return read_stack(write_stack(tmp_path_factory.mktemp("mr")))


@pytest.fixture(scope="module")
def of_loop(loop: Read, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seg") / "loop.dcm"
    write_segmentation(path, loop, AT)
    return path


@pytest.fixture(scope="module")
def of_stack(stack: Read, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seg") / "stack.dcm"
    write_segmentation(path, stack, AT)
    return path


def test_another_reader_finds_the_masks_of_a_loop(loop: Read, of_loop: Path):
    opened = highdicom.seg.segread(of_loop)
    labels = {one.SegmentNumber: NAMES[one.SegmentLabel] for one in opened.SegmentSequence}
    found = np.zeros((12, 96, 128), np.uint8)
    for pixels, groups in zip(opened.pixel_array, opened.PerFrameFunctionalGroupsSequence, strict=True):
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        assert source.ReferencedSOPInstanceUID == loop.recording.instances[0].sop_instance
        found[source.ReferencedFrameNumber - 1][pixels != 0] = labels[
            groups.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        ]
    expected = [label_frame(loop.reading, frame) for frame in range(12)]
    assert np.array_equal(found, expected)
    assert set(np.unique(found)) == {0, 1, 2, 3}


def test_another_reader_finds_the_masks_of_a_stack_in_their_places(stack: Read, of_stack: Path):
    opened = highdicom.seg.segread(of_stack)
    labels = {one.SegmentNumber: NAMES[one.SegmentLabel] for one in opened.SegmentSequence}
    expected = stack_labels(stack.reading)
    found = np.zeros_like(expected)
    for pixels, groups in zip(opened.pixel_array, opened.PerFrameFunctionalGroupsSequence, strict=True):
        segment, place, time = groups.FrameContentSequence[0].DimensionIndexValues
        instance = stack.recording.slices[place - 1].instances[time - 1]
        source = groups.DerivationImageSequence[0].SourceImageSequence[0]
        assert source.ReferencedSOPInstanceUID == instance.sop_instance
        image = pydicom.dcmread(instance.path, stop_before_pixels=True)
        assert groups.PlanePositionSequence[0].ImagePositionPatient == image.ImagePositionPatient
        found[time - 1, place - 1][pixels != 0] = labels[segment]
    assert np.array_equal(found, expected)
    shared = opened.SharedFunctionalGroupsSequence[0]
    assert shared.PlaneOrientationSequence[0].ImageOrientationPatient == image.ImageOrientationPatient
    assert shared.PixelMeasuresSequence[0].PixelSpacing == image.PixelSpacing
    assert opened.FrameOfReferenceUID == image.FrameOfReferenceUID


def test_segments_say_how_they_were_made(loop: Read, tmp_path):
    endo = loop.reading.tracks[Structure.LV_ENDO]
    drawn = replace(endo, origins=(Origin.EDITED,) * 12)
    write_segmentation(
        tmp_path / "seg.dcm",
        changed(loop, loop.reading.with_(tracks={**loop.reading.tracks, Structure.LV_ENDO: drawn})),
        AT,
    )
    made = {one.SegmentLabel: one for one in pydicom.dcmread(tmp_path / "seg.dcm").SegmentSequence}
    assert made["LV cavity"].SegmentAlgorithmType == "MANUAL"
    assert "SegmentAlgorithmName" not in made["LV cavity"]
    assert made["LV myocardium"].SegmentAlgorithmType == "SEMIAUTOMATIC"
    assert made["Left atrium"].SegmentAlgorithmType == "AUTOMATIC"
    assert made["Left atrium"].SegmentAlgorithmName == "unet@1.0"


@pytest.mark.parametrize("which", ["of_loop", "of_stack"])
def test_the_checker_finds_no_error(which: str, request: pytest.FixtureRequest):
    assert standard_errors(request.getfixturevalue(which)) == []


def test_without_contours_or_identifiers_nothing_is_written(loop: Read, tmp_path):
    with pytest.raises(KinecorError, match="has no contours"):
        write_segmentation(tmp_path / "seg.dcm", changed(loop, loop.reading.with_(tracks={})), AT)
    recording = cine()
    with pytest.raises(UnidentifiedError, match="a segmentation must refer to them"):
        write_segmentation(tmp_path / "seg.dcm", Read(recording, read(recording)), AT)
    assert not list(tmp_path.iterdir())
