import dataclasses

import numpy as np
import pydicom
import pytest

from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic, write_enhanced
from tests.io.dicom_check import standard_errors

ABOUT = About("Dilated", "mri dilated 3", "Simulated cine MRI")
ACROSS, DOWN = np.array([0.8, 0.6, 0.0]), np.array([0.0, 0.0, -1.0])
NORMAL = np.cross(ACROSS, DOWN)
TRIGGER_MS = 12.5 + 200 * np.arange(4)


def slices(count=3, dtype=np.uint8, across=ACROSS, down=DOWN):
    """`count` slices 10 mm apart, 4 phases of 20 x 24 pixels."""
    rng = np.random.default_rng(0)
    return tuple(
        MrSlice(
            rng.integers(0, 250, (4, 20, 24)).astype(dtype),
            TRIGGER_MS,
            (1.5, 1.25),
            8.0,
            np.array([-30.5, 20.25, 11.0]) + 10 * place * np.cross(across, down),
            across,
            down,
        )
        for place in range(count)
    )


def series(count=3, dtype=np.uint8):
    return MrSeries("cine SAX", slices(count, dtype), 75.0)


def long_axis():
    return MrSeries("cine 4CH", slices(1, across=DOWN, down=NORMAL), 75.0)


def write(folder, what, number, enhanced):
    if enhanced:
        write_enhanced(folder / f"{number}.dcm", what, ABOUT, number)
        return [folder / f"{number}.dcm"]
    return write_classic(folder / str(number), what, ABOUT, number)


@pytest.mark.parametrize("enhanced", [False, True])
def test_a_study_opens_as_a_stack_and_a_long_axis(tmp_path, enhanced):
    written = series()
    write(tmp_path, written, 1, enhanced)
    write(tmp_path, long_axis(), 2, enhanced)
    found = open_path(tmp_path)
    assert not found.refused
    stack = next(one for one in found.recordings if isinstance(one, Stack))
    cine = next(one for one in found.recordings if isinstance(one, CineSequence))
    assert len(found.recordings) == 2
    assert np.diff(stack.positions_mm) == pytest.approx([10, 10])
    assert stack.thickness_mm == pytest.approx(8)
    assert stack.times_s == pytest.approx((TRIGGER_MS - TRIGGER_MS[0]) / 1000, abs=1e-9)
    for made, read in zip(written.slices, stack.slices, strict=True):
        assert all(np.array_equal(read.frames[phase], made.frames[phase]) for phase in range(4))
        assert (read.calibration.row_mm, read.calibration.col_mm) == pytest.approx((1.5, 1.25))
        assert read.heart_rate_per_min == pytest.approx(75)
        assert (read.times_origin, read.source.modality) == ("TriggerTime", "MR")
    assert stack.warnings == ()
    assert cine.source.study_id == stack.study_id
    assert np.array_equal(cine.frames[2], long_axis().slices[0].frames[2])


@pytest.mark.parametrize("enhanced", [False, True])
def test_values_of_deep_images_are_preserved(tmp_path, enhanced):
    written = series(dtype=np.uint16)
    bright = dataclasses.replace(written.slices[0], frames=written.slices[0].frames * 200)
    paths = write(tmp_path, dataclasses.replace(written, slices=(bright, *written.slices[1:])), 1, enhanced)
    read = pydicom.dcmread(paths[0])
    assert read.BitsStored == 16
    pixels = read.pixel_array if not enhanced else read.pixel_array[0]
    assert np.array_equal(pixels, bright.frames[0])


@pytest.mark.parametrize("enhanced", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_file_conforms_to_the_standard(tmp_path, enhanced, dtype):
    for number, what in ((1, series(dtype=dtype)), (2, long_axis())):
        paths = write(tmp_path, what, number, enhanced)
        assert standard_errors(paths[-1]) == []


def test_classic_images_are_named_by_slice_and_phase_and_share_their_series(tmp_path):
    paths = write_classic(tmp_path / "sax", series(), ABOUT, 4)
    assert [path.name for path in paths[:5]] == [
        "s01-p001.dcm", "s01-p002.dcm", "s01-p003.dcm", "s01-p004.dcm", "s02-p001.dcm",
    ]  # fmt: skip
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    assert len({one.SOPInstanceUID for one in headers}) == len(headers) == 12
    assert len({one.SeriesInstanceUID for one in headers}) == 1
    assert [one.InstanceNumber for one in headers] == list(range(1, 13))
    assert {float(one.SpacingBetweenSlices) for one in headers} == {10.0}
    assert {int(one.NominalInterval) for one in headers} == {800}
    assert {int(one.CardiacNumberOfImages) for one in headers} == {4}
    assert all("Simulated" in one.ImageComments for one in headers)


@pytest.mark.parametrize(
    "changes",
    [
        {"frames": np.zeros((4, 20, 24))},
        {"trigger_ms": TRIGGER_MS[:3]},
        {"trigger_ms": TRIGGER_MS[::-1]},
        {"trigger_ms": TRIGGER_MS - 20},
        {"position_mm": np.zeros(2)},
        {"across": DOWN},
        {"across": 2 * ACROSS},
        {"spacing_mm": (0.0, 1.0)},
        {"thickness_mm": float("nan")},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match=r"frames|phases|position|spacing"):
        dataclasses.replace(slices(1)[0], **changes)


def test_slices_of_different_size_are_no_series():
    small = dataclasses.replace(slices(1)[0], frames=np.zeros((4, 10, 24), np.uint8))
    with pytest.raises(ValueError, match="one size"):
        MrSeries("cine SAX", (*slices(2), small), 75.0)
    with pytest.raises(ValueError, match="one size"):
        MrSeries("cine SAX", (), 75.0)
