from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.study import first_study_reading
from kinecor.io.open.recordings import open_path
from kinecor.io.write.anonymise import Key, Rules, anonymise_file, load_key, static_graphics
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import write_clip, write_stack

KEY = Key(b"a key of sixteen characters or more")
PLANTED = {
    "PatientName": "PLANTNAME^Jane",
    "PatientID": "PLANTID",
    "PatientBirthDate": "19531111",
    "PatientAge": "099Y",
    "PatientSex": "F",
    "PatientSize": "1.61",
    "AccessionNumber": "PLANTACCESSION",
    "InstitutionName": "PLANTINSTITUTION",
    "InstitutionAddress": "PLANTADDRESS",
    "ReferringPhysicianName": "PLANTREFERRER^Dr",
    "OperatorsName": "PLANTOPERATOR",
    "StationName": "PLANTSTATION",
    "DeviceSerialNumber": "PLANTSERIAL",
    "StudyDescription": "PLANTSTUDY",
    "SeriesDescription": "PLANTSERIES",
    "ProtocolName": "PLANTPROTOCOL",
    "ImageComments": "PLANTCOMMENTS",
    "PatientComments": "PLANTREMARK",
    "DerivationDescription": "PLANTDERIVED",
    "AdditionalPatientHistory": "PLANTHISTORY",
    "TextComments": "PLANTTEXT",
    "StudyID": "PLANTSTUDYID",
    "StudyDate": "20191231",
    "StudyTime": "231501",
    "ContentDate": "20191230",
    "AcquisitionDateTime": "20191231231502",
}


def plant(path: Path, **more: object) -> Path:
    """Identifying values of every kind, nested and private ones, in a file."""
    header = pydicom.dcmread(path)
    for keyword, value in (PLANTED | more).items():
        setattr(header, keyword, value)
    nested = Dataset()
    nested.ScheduledProcedureStepDescription = "PLANTNESTED"
    header.RequestAttributesSequence = [nested]
    if "SequenceOfUltrasoundRegions" in header:
        header.SequenceOfUltrasoundRegions[0].add_new(0x00091010, "LO", "PLANTPRIVATENESTED")
    header.private_block(0x0099, "PLANTCREATOR", create=True).add_new(1, "LO", "PLANTPRIVATE")
    header.save_as(path)
    return path


def secrets_of(path: Path) -> list[bytes]:
    header = pydicom.dcmread(path)
    values = [str(value).split("^")[0] for key, value in PLANTED.items() if key not in ("PatientSex", "PatientSize")]
    values += [header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID]
    return [b"PLANT", *(one.encode() for one in values)]


@pytest.mark.parametrize("dates", [False, True])
def test_nothing_planted_stays_in_the_file(tmp_path: Path, dates: bool):
    clip = plant(write_clip(tmp_path / "clip.dcm"))
    anonymise_file(clip, tmp_path / "out", Rules(KEY, dates=dates, characteristics=True))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    content = written.read_bytes() + str(written).encode()
    assert [one for one in secrets_of(clip) if one in content] == ([] if not dates else [b"231501"])
    made = pydicom.dcmread(written)
    assert made.PatientIdentityRemoved == "YES"
    assert (made.PatientSex, made.PatientAge, made.PatientSize) == ("F", "066Y", 1.61)
    assert standard_errors(written) == []


def test_a_stated_age_without_a_birth_date_is_read_and_stays_with_the_characteristics_alone(tmp_path: Path):
    clip = plant(write_clip(tmp_path / "clip.dcm"), PatientBirthDate="", PatientAge="074Y")
    (recording,) = open_path(clip).recordings
    assert first_study_reading("1", [recording]).age_years == 74.0
    for characteristics in (True, False):
        anonymise_file(clip, tmp_path / str(characteristics), Rules(KEY, characteristics=characteristics))
        (written,) = (tmp_path / str(characteristics)).rglob("*.dcm")
        assert pydicom.dcmread(written).get("PatientAge") == ("074Y" if characteristics else None)


def test_without_retaining_there_is_neither_date_nor_characteristic(tmp_path: Path):
    anonymise_file(plant(write_clip(tmp_path / "clip.dcm")), tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    made = pydicom.dcmread(written)
    assert (made.PatientSex, made.PatientBirthDate, made.StudyDate, made.StudyTime) == ("", "", "", "")
    assert "PatientAge" not in made
    assert "PatientSize" not in made
    codes = [one.CodeValue for one in made.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101"]


def test_pseudonyms_and_shifted_dates_follow_from_the_key(tmp_path: Path):
    first, second = (plant(write_clip(tmp_path / f"{n}.dcm", instance=n), ContentDate=f"2019121{n}") for n in (1, 2))
    made = []
    for folder, key in (("a", KEY), ("b", KEY), ("c", Key(b"another key of some length"))):
        for clip in (first, second):
            anonymise_file(clip, tmp_path / folder, Rules(key, dates=True))
        files = [pydicom.dcmread(one) for one in sorted((tmp_path / folder).rglob("*.dcm"))]
        assert len({one.PatientID for one in files}) == len({one.StudyInstanceUID for one in files}) == 1
        days = sorted(int(one.ContentDate) for one in files)
        assert days[1] - days[0] in (1, 70, 71, 72, 73, 8870)  # a day later, perhaps of the next month or year
        made.append((files[0].PatientID, {one.SOPInstanceUID for one in files}, files[0].StudyDate))
    assert made[0] == made[1]
    assert made[0][0] != made[2][0]
    assert not made[0][1] & made[2][1]


def test_the_image_is_as_it_was_and_text_is_not(tmp_path: Path):
    clip = write_clip(tmp_path / "clip.dcm")
    header = pydicom.dcmread(clip)
    pixels = header.pixel_array.copy()
    pixels[:, 2:8, 10:60] = 230  # above the region: a name
    pixels[:, 40:44, 100:120] = 200  # inside it: text that never changes
    header.PixelData = pixels.tobytes()
    header.SequenceOfUltrasoundRegions[0].RegionLocationMinY0 = 12
    header.save_as(clip)
    change = anonymise_file(clip, tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    found = pydicom.dcmread(written).pixel_array
    assert not found[:, :12].any()
    assert not found[:, 40:44, 100:120].any()
    kept = np.ones((96, 128), bool)
    kept[:12] = False
    kept[37:47, 97:123] = False
    assert np.array_equal(found[:, kept], pixels[:, kept])
    assert change.blanked_px >= 12 * 128 + 4 * 20
    (before,), (after,) = open_path(clip).recordings, open_path(written).recordings
    assert after.calibration == before.calibration
    assert after.view == before.view == "A4C"
    assert np.array_equal(after.times_s, before.times_s)


def test_tissue_is_no_text():
    frames = np.random.default_rng(1).integers(40, 90, (12, 30, 30), dtype=np.uint8)
    found = static_graphics(frames)
    assert found is not None
    assert not found.any()
    assert static_graphics(frames[:4]) is None


def test_a_picture_that_may_show_a_name_is_left_out(tmp_path: Path):
    clip = write_clip(tmp_path / "clip.dcm")
    header = pydicom.dcmread(clip)
    header.NumberOfFrames, header.PixelData = 3, header.pixel_array[:3].tobytes()
    header.BurnedInAnnotation = "YES"
    del header.SequenceOfUltrasoundRegions
    header.save_as(clip)
    with pytest.raises(KinecorError, match="patient data may be burned into it"):
        anonymise_file(clip, tmp_path / "out", Rules(KEY))
    assert not list(tmp_path.glob("out/*/*"))


def test_a_stack_opens_as_it_was(tmp_path: Path):
    source = write_stack(tmp_path / "mr")
    for file in source.rglob("*.dcm"):
        anonymise_file(file, tmp_path / "out", Rules(KEY))
    (before,), (after,) = open_path(source).recordings, open_path(tmp_path / "out").recordings
    assert np.array_equal(after.positions_mm, before.positions_mm)
    assert np.array_equal(after.times_s, before.times_s)
    for one, other in zip(before.slices, after.slices, strict=True):
        assert np.array_equal(one.frames[3], other.frames[3])


def test_a_key_is_made_once_and_is_no_one_else_s(tmp_path: Path):
    path = tmp_path / "keys" / "my.key"
    assert load_key(path) == load_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert load_key(tmp_path / "other.key") != load_key(path)
    (tmp_path / "short").write_text("abc")
    with pytest.raises(KinecorError, match="holds no key: expected 16 characters or more, got 3"):
        load_key(tmp_path / "short")


def test_letters_that_compression_makes_flicker_are_text():
    noise = np.random.default_rng(2)
    frames = noise.integers(0, 12, (12, 40, 40), dtype=np.uint8)
    frames[:, 10:14, 5:25] = noise.integers(185, 215, (12, 4, 20), dtype=np.uint8)
    frames[:, 24:] = noise.integers(40, 250, (12, 16, 40), dtype=np.uint8)  # speckle
    found = static_graphics(frames)
    assert found[10:14, 5:25].all()
    assert not found[28:].any()
