import dataclasses

import numpy as np
import pydicom
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.recording import Region
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About, decimal
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from tests.io.dicom_check import standard_errors

ABOUT = About("Normal", "a4c normal 7", "Simulated echo")


def loop(**changes):
    """Five odd-sized frames; an ECG below."""
    frames = np.random.default_rng(0).integers(0, 256, (5, 63, 81), dtype=np.uint8)
    plain = UltrasoundLoop(frames, np.arange(5) / 37, (0.5, 0.4), (3, 4, 70, 50), "A4C", 72.0)
    return dataclasses.replace(plain, **changes)


def opened(tmp_path, written):
    write_ultrasound(tmp_path / "clip.dcm", written, ABOUT)
    found = open_path(tmp_path / "clip.dcm")
    assert not found.refused
    return found.recordings[0]


def test_a_clip_opens_as_it_was(tmp_path):
    written = loop(r_wave_s=(0.02, 0.853), ecg_region=(2, 52, 60, 63), ecg_s=3.0)
    cine = opened(tmp_path, written)
    assert all(np.array_equal(cine.frames[frame], written.frames[frame]) for frame in range(5))
    assert cine.times_s == pytest.approx(written.times_s, abs=1e-12)
    assert cine.times_origin == "FrameTime"
    assert (cine.calibration.row_mm, cine.calibration.col_mm) == pytest.approx((0.5, 0.4))
    assert cine.region == Region(3, 4, 70, 50)
    assert (cine.view, cine.heart_rate_per_min) == ("A4C", 72)
    assert cine.r_wave_s == pytest.approx((0.02, 0.853))
    assert cine.source.modality == "US"
    assert cine.source.patient.name.startswith("Phantom")
    assert cine.warnings == ()


def test_uneven_times_become_a_vector(tmp_path):
    times_s = np.array([0, 0.031, 0.055, 0.1003, 0.12])
    cine = opened(tmp_path, loop(times_s=times_s))
    assert cine.times_origin == "FrameTimeVector"
    assert cine.times_s == pytest.approx(times_s, abs=1e-12)


@pytest.mark.parametrize(
    ("view", "read"),
    [
        ("A2C", "A2C"),
        ("A3C", "A3C"),
        ("PLAX", "PLAX"),
        ("PSAX base", "PSAX"),
        ("PSAX mid", "PSAX"),
        ("PSAX apex", "PSAX"),
        ("SUB4C", None),
        ("IVC", None),
        ("other", None),
        ("", None),
    ],
)
def test_every_view_is_read_as_what_it_is(tmp_path, view, read):
    assert opened(tmp_path, loop(view=view)).view == read


def test_a_still_is_a_clip_of_one_frame(tmp_path):
    cine = opened(tmp_path, loop(frames=loop().frames[:1], times_s=np.zeros(1)))
    assert len(cine) == 1
    assert cine.heart_rate_per_min == 72


def test_the_file_is_marked_as_synthetic(tmp_path):
    opened(tmp_path, loop())
    header = pydicom.dcmread(tmp_path / "clip.dcm")
    assert "Simulated" in header.DerivationDescription
    assert "Research use only" in header.ImageComments
    assert header.QualityControlSubject == "YES"
    assert header.ImageType[0] == "DERIVED"


def test_the_same_simulation_is_the_same_file_and_another_is_not(tmp_path):
    for name, about in (("a", ABOUT), ("b", ABOUT), ("c", About("Normal", "a4c normal 8", "Simulated echo"))):
        write_ultrasound(tmp_path / name, loop(), about)
    files = [(tmp_path / name).read_bytes() for name in "abc"]
    assert files[0] == files[1] != files[2]
    uids = [pydicom.dcmread(tmp_path / name).StudyInstanceUID for name in "ac"]
    assert uids[0] != uids[1]
    assert all(len(uid) <= 64 for uid in uids)


@pytest.mark.parametrize("changes", [{}, {"view": "IVC"}, {"ecg_region": (2, 52, 60, 63)}, {"ecg_s": 3.0}])
def test_the_file_conforms_to_the_standard(tmp_path, changes):
    write_ultrasound(tmp_path / "clip.dcm", loop(r_wave_s=(0.1,), **changes), ABOUT)
    assert standard_errors(tmp_path / "clip.dcm") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"frames": np.zeros((5, 63, 81))},
        {"frames": np.zeros((63, 81), np.uint8)},
        {"times_s": np.arange(4) / 37},
        {"times_s": np.arange(5) / 37 + 0.1},
        {"times_s": np.zeros(5)},
        {"spacing_mm": (0.5, 0.0)},
        {"region": (3, 4, 82, 50)},
        {"ecg_region": (9, 60, 5, 63)},
    ],
)
def test_what_does_not_fit_is_refused(changes):
    with pytest.raises(ValueError, match=r"frames|region|spacing"):
        loop(**changes)


def test_a_missing_folder_is_reported(tmp_path):
    with pytest.raises(KinecorError, match="cannot be written"):
        write_ultrasound(tmp_path / "none" / "clip.dcm", loop(), ABOUT)


@pytest.mark.parametrize("value", [0.0, 1 / 3, 1e3 / 37, -123.456789012345, 1e-12, 1234567890123.4567])
def test_decimal_strings_are_short_and_near(value):
    assert len(decimal(value)) <= 16
    assert float(decimal(value)) == pytest.approx(value, rel=1e-9)
