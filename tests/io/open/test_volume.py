import gc
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def write(path, values, spacing):
    """`values` slowest axis first (t, z, y, x), `spacing` as in the file (x, y, z, t)."""
    image = sitk.GetImageFromArray(values)
    if values.ndim == 4 and image.GetDimension() != 4:
        volumes = [sitk.GetImageFromArray(one) for one in values]
        image = sitk.JoinSeries(volumes)
    image.SetSpacing(spacing)
    sitk.WriteImage(image, str(path))
    return path


def one(path, **options):
    found = open_path(path, cache=FrameCache(), **options)
    assert found.refused == ()
    (recording,) = found.recordings
    return recording


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "mha", "mhd"])
def test_rows_columns_and_order_of_a_loop_are_preserved(tmp_path, ending):
    truth = make.grey_loop(frames=4)
    clip = one(write(tmp_path / f"a.{ending}", truth, (0.25, 0.5, 0.04)), third_axis="time", modality="US")
    assert isinstance(clip, CineSequence)
    assert all((clip.frames[i] == truth[i]).all() for i in range(4))
    assert (clip.calibration.row_mm, clip.calibration.col_mm) == pytest.approx((0.5, 0.25))
    assert np.diff(clip.times_s) == pytest.approx(0.04)
    assert clip.times_origin == "spacing of the time axis"
    assert clip.source.modality == "US"
    assert clip.source.study_id
    assert clip.warnings == ()


@pytest.mark.parametrize("at", [5, -1])
@pytest.mark.parametrize("ending", ["nii", "mha", "mhd"])
def test_the_identity_is_that_of_all_pixels(tmp_path, ending, at):
    truth = make.grey_loop(frames=3, rows=800, columns=800)
    first = one(write(tmp_path / f"a.{ending}", truth, (0.25, 0.5, 0.04)), third_axis="time").source
    assert first.study_id == first.recording_id
    truth.flat[at] ^= 1
    assert (tmp_path / f"a.{ending}").unlink() is None
    other = one(write(tmp_path / f"a.{ending}", truth, (0.25, 0.5, 0.04)), third_axis="time").source
    assert other.recording_id != first.recording_id
    assert other.digest != first.digest


def test_a_single_image(tmp_path):
    truth = make.grey_loop()[0]
    clip = one(write(tmp_path / "a.nii.gz", truth, (0.3, 0.3)))
    assert clip.frames.shape == (1, 24, 32)
    assert (clip.frames[0] == truth).all()


@pytest.mark.parametrize(
    ("step", "options", "kind"),
    [
        (1.0, {}, CineSequence),
        (8.0, {}, Stack),
        (8.0, {"third_axis": "time"}, CineSequence),
        (1.0, {"third_axis": "slice"}, Stack),
        (8.0, {"modality": "US"}, CineSequence),
    ],
)
def test_third_axis(tmp_path, step, options, kind):
    recording = one(write(tmp_path / "a.nii", make.grey_loop(frames=5), (0.3, 0.3, step)), **options)
    assert isinstance(recording, kind)
    decided = [w for w in recording.warnings if "third axis" in w]
    assert bool(decided) is (not options)
    if kind is Stack:
        assert recording.positions_mm.tolist() == pytest.approx([i * step for i in range(5)])
        assert recording.thickness_mm == pytest.approx(step)
        assert recording.phases == 1
    else:
        assert len(recording) == 5
        assert recording.times_origin == ("assumed" if step == 1 else "spacing of the time axis")
        assert step == 1 or "read as milliseconds" in recording.warnings[-1]


def test_four_dimensions(tmp_path):
    values = np.arange(3 * 4 * 6 * 8, dtype=np.int16).reshape(3, 4, 6, 8)
    stack = one(write(tmp_path / "a.nii.gz", values, (1.5, 1.25, 8.0, 0.035)))
    assert (len(stack.slices), stack.phases) == (4, 3)
    assert np.diff(stack.positions_mm) == pytest.approx([8, 8, 8])
    assert np.diff(stack.times_s) == pytest.approx(0.035)
    means = np.array([[one.frames[p].mean() for p in range(3)] for one in stack.slices])
    assert (np.diff(means, axis=0) > 0).all()
    assert (np.diff(means, axis=1) > 0).all()
    assert (stack.slices[0].calibration.row_mm, stack.slices[0].calibration.col_mm) == (1.25, 1.5)
    assert len({one.source.recording_id for one in stack.slices}) == 4
    assert len({one.source.study_id for one in stack.slices} | {stack.study_id}) == 1
    assert stack.study_id


@pytest.mark.parametrize("step", [-8.0, 0.0, float("nan"), float("inf")])
def test_without_a_step_that_slices_can_have_nothing_is_measured(tmp_path, step):
    path = write(tmp_path / "a.nii", np.zeros((3, 4, 6, 8), np.int16), (1.5, 1.5, 8.0, 0.035))
    content = bytearray(path.read_bytes())
    content[76 + 4 * 3 : 76 + 4 * 4] = struct.pack("<f", step)  # pixdim of the third axis
    path.write_bytes(content)
    stack = one(path)
    assert (len(stack.slices), stack.thickness_mm) == (4, None)
    assert {single.calibration for single in stack.slices} == {None}


def test_one_slice_over_time(tmp_path):
    values = make.grey_loop(frames=5)[:, None]
    clip = one(write(tmp_path / "a.nii.gz", values, (0.3, 0.3, 1.0, 0.02)))
    assert isinstance(clip, CineSequence)
    assert (clip.frames[4] == values[4, 0]).all()


@pytest.mark.parametrize(("interval", "step_s"), [(0.02, 0.02), (33.0, 0.033), (1.0, 1 / 30), (0.0001, 1 / 30)])
def test_time_steps(tmp_path, interval, step_s):
    path = write(tmp_path / "a.mha", make.grey_loop(), (0.3, 0.3, interval))
    clip = one(path, third_axis="time")
    assert np.diff(clip.times_s) == pytest.approx(step_s)


def test_real_values_within_0_to_255_stay(tmp_path):
    truth = make.grey_loop().astype(np.float32)
    clip = one(write(tmp_path / "a.nii", truth, (0.3, 0.3, 1)), third_axis="time")
    assert (clip.frames[1] == truth[1]).all()


def test_other_values_are_windowed_robustly(tmp_path):
    values = make.grey_loop(dtype=np.int16, top=1000, rows=64, columns=64)
    values[0, 5, 5] = 30_000
    clip = one(write(tmp_path / "a.nii", values, (0.3, 0.3, 1)), third_axis="time")
    assert clip.frames[1].max() == 255
    assert clip.frames[1].mean() > 40


def test_unit_spacing_is_a_scale(tmp_path):
    write(tmp_path / "a.nii", make.grey_loop(), (1, 1, 0.03))
    write(tmp_path / "a.mha", make.grey_loop(), (1, 1, 0.03))
    for name in ("a.nii", "a.mha"):
        clip = one(tmp_path / name, third_axis="time")
        assert (clip.calibration.row_mm, clip.calibration.col_mm) == (1, 1)
        assert clip.warnings == ()
    given = one(tmp_path / "a.nii", third_axis="time", spacing_mm=(0.4, 0.5))
    assert (given.calibration.row_mm, given.calibration.col_mm) == (0.4, 0.5)


def changed(path, at, data):
    content = bytearray(path.read_bytes())
    content[at : at + len(data)] = data
    path.write_bytes(content)


def test_unit_spacing_without_a_unit_is_a_scale_with_a_warning(tmp_path):
    write(tmp_path / "a.nii", make.grey_loop(), (1, 1, 0.03))
    changed(tmp_path / "a.nii", 123, b"\0")  # xyzt_units
    clip = one(tmp_path / "a.nii", third_axis="time")
    assert clip.calibration.row_mm == 1
    assert [str(warning) for warning in clip.warnings if "without a unit" in str(warning)]
    write(tmp_path / "b.nii", make.grey_loop(), (0.5, 0.5, 0.03))
    changed(tmp_path / "b.nii", 123, b"\0")
    assert not [warning for warning in one(tmp_path / "b.nii", third_axis="time").warnings if "unit" in str(warning)]


def test_a_header_that_states_no_spacing_gives_no_scale(tmp_path):
    write(tmp_path / "a.mha", make.grey_loop(), (1, 1, 1))
    content = (tmp_path / "a.mha").read_bytes()
    lines = [line for line in content.split(b"\n", 20) if not line.startswith((b"ElementSpacing", b"ElementSize"))]
    (tmp_path / "a.mha").write_bytes(b"\n".join(lines))
    clip = one(tmp_path / "a.mha", third_axis="time")
    assert clip.calibration is None
    assert "states no spacing" in str(clip.calibration_origin)
    write(tmp_path / "a.nii", make.grey_loop(), (1, 1, 1))
    changed(tmp_path / "a.nii", 80, struct.pack("<2f", 0, 0))  # pixdim
    assert one(tmp_path / "a.nii", third_axis="time").calibration is None


def refusal(path):
    found = open_path(path, cache=FrameCache())
    assert found.recordings == ()
    assert "unforeseen" not in found.refused[0].reason
    return found.refused[0].reason


def test_header_that_declares_more_than_the_file(tmp_path):
    path = write(tmp_path / "a.nii", make.grey_loop(), (0.3, 0.3, 1))
    data = bytearray(path.read_bytes())
    data[42:48] = np.array([30_000] * 3, "<i2").tobytes()
    path.write_bytes(data)
    assert "27000000000352 bytes" in refusal(path)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("ending", ["nii", "nii.gz", "mha"])
def test_truncated(tmp_path, part, ending, capfd):
    noise = np.random.default_rng(0).integers(0, 255, (4, 30, 40), np.uint8)
    path = write(tmp_path / f"a.{ending}", noise, (0.3, 0.3, 1))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    refusal(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("ending", ["nii", "nii.gz", "mha"])
@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_any_plane_of_four_dimensions_in_any_order(tmp_path, ending, limit):
    truth = np.random.default_rng(0).integers(0, 255, (5, 3, 20, 30), np.uint8)
    path = write(tmp_path / f"a.{ending}", truth, (1.2, 1.2, 8, 0.04))
    (stack,) = open_path(path, cache=FrameCache(limit)).recordings
    for phase, number in ((4, 2), (0, 0), (3, 1), (0, 2)):
        assert (stack.slices[number].frames[phase] == truth[phase, number]).all()
    with pytest.raises(IndexError):
        stack.slices[0].frames[5]


@pytest.mark.parametrize("ending", ["nii", "nii.gz"])
def test_many_files_are_not_all_held(tmp_path, ending):
    for number in range(8):
        noise = np.random.default_rng(number).integers(0, 255, (16, 256, 256), np.uint8)
        write(tmp_path / f"{number}.{ending}", noise, (0.3, 0.3, 0.04))
    cache = FrameCache(4 << 20)
    tracemalloc.start()
    try:
        found = open_path(tmp_path, cache=cache, third_axis="time")
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 6 << 20
    finally:
        tracemalloc.stop()
    assert len(found.recordings) == 8
    assert cache.held_bytes <= 4 << 20
    assert all(one.frames[15].any() for one in found.recordings)


def test_the_limit_is_one_of_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr("kinecor.io.open.volume.MAX_BYTES", 3 << 20)
    write(tmp_path / "a.nii", np.zeros((4, 512, 512), np.uint8), (0.3, 0.3, 0.04))
    write(tmp_path / "b.nii", np.zeros((4, 512, 512), np.float64), (0.3, 0.3, 0.04))
    assert one(tmp_path / "a.nii", third_axis="time").frames.shape == (4, 512, 512)
    assert "at most 3 MB" in refusal(tmp_path / "b.nii")


def test_a_file_that_disappears_is_reported(tmp_path):
    path = write(tmp_path / "a.nii", make.grey_loop(), (0.3, 0.3, 0.04))
    clip = open_path(path, cache=FrameCache(0), third_axis="time").recordings[0]
    path.unlink()
    with pytest.raises(KinecorError, match="copy or export"):
        _ = clip.frames[2]


def test_junk(tmp_path):
    for name in ("a.nii", "a.nii.gz", "a.mha", "a.mhd"):
        (tmp_path / name).write_bytes(b"junk" * 100)
        refusal(tmp_path / name)


def test_metaimage_without_its_pixels(tmp_path):
    path = write(tmp_path / "a.mhd", make.grey_loop(), (0.3, 0.3, 1))
    (tmp_path / "a.raw").unlink()
    assert "'a.raw' next to it" in refusal(path)
    path.write_text(path.read_text().replace("a.raw", "/etc/passwd"))
    assert "next to it" in refusal(path)


def test_label_maps_in_a_folder_are_passed_over(tmp_path):
    write(tmp_path / "a.nii.gz", make.grey_loop(), (0.3, 0.3, 1))
    write(tmp_path / "a_gt.nii.gz", make.grey_loop(), (0.3, 0.3, 1))
    assert one(tmp_path).source.path.endswith("a.nii.gz")


@pytest.mark.parametrize("patient", ["patient0015", "patient0285"])
@pytest.mark.parametrize("phase", ["ED", "ES"])
def test_camus_comes_upright(shared_data, patient, phase):
    import cv2

    clip = one(shared_data / "camus-a4c" / "nifti" / f"{patient}_4CH_{phase}.nii.gz", modality="US")
    upright = cv2.imread(str(shared_data / "camus-a4c" / "images" / f"{patient}_4CH_{phase}.png"), 0)
    small = cv2.resize(clip.frames[0], upright.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.corrcoef(small.ravel(), upright.ravel())[0, 1] > 0.99
    assert clip.calibration.row_mm == pytest.approx(0.308)


def test_a_name_that_is_not_utf_8_is_refused_not_fatal(tmp_path):
    whole = tmp_path / "whole.nii"
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((3, 8, 9), np.uint8)), str(whole))
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/odd-\xff.nii"))
    whole.rename(odd)
    (refused,) = open_path(odd).refused
    assert "rename the file" in refused.reason


def test_slices_of_a_volume_have_their_positions(tmp_path):
    image = sitk.JoinSeries([sitk.GetImageFromArray(np.zeros((3, 20, 24), np.uint8)) for _ in range(4)])
    turned = np.eye(4)
    turned[:3, :3] = [[0, 0, 1], [1, 0, 0], [0, 1, 0]]
    image.SetSpacing((1.5, 1.5, 8.0, 0.04))
    image.SetOrigin((10.0, 20.0, 30.0, 0.0))
    image.SetDirection(turned.ravel().tolist())
    sitk.WriteImage(image, str(tmp_path / "v.nii.gz"))
    (stack,) = open_path(tmp_path / "v.nii.gz").recordings
    assert stack.slices[2].plane.origin_mm == pytest.approx((26, 20, 30))
    assert stack.slices[2].plane.along_x == pytest.approx((0, 1, 0))
    assert stack.slices[2].plane.along_y == pytest.approx((0, 0, 1))
