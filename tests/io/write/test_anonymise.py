import warnings
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.config import disable_value_validation
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.core.values.study import first_study_reading
from kinecor.io.open.recordings import open_path
from kinecor.io.write.anonymise import Key, Picture, Rules, anonymise_file, load_key, plan_copy, write_copies
from tests.io import make_dicom
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import sector_frames, sector_of, write_clip, write_enhanced_stack, write_sector, write_stack

KEY = Key(b"a key of sixteen characters or more")
TIP_PX = 8  # the tip of a sector ends somewhere in there
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
    clip = plant(write_sector(tmp_path / "clip.dcm"))
    anonymise_file(clip, tmp_path / "out", Rules(KEY, dates=dates, characteristics=True))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    content = written.read_bytes() + str(written).encode()
    assert [one for one in secrets_of(clip) if one in content] == ([] if not dates else [b"231501"])
    made = pydicom.dcmread(written)
    assert made.PatientIdentityRemoved == "YES"
    assert (made.PatientSex, made.PatientAge, made.PatientSize) == ("F", "066Y", 1.61)
    assert standard_errors(written) == []


def test_a_stated_age_without_a_birth_date_is_read_and_stays_with_the_characteristics_alone(tmp_path: Path):
    clip = plant(write_sector(tmp_path / "clip.dcm"), PatientBirthDate="", PatientAge="074Y")
    (recording,) = open_path(clip).recordings
    assert first_study_reading("1", [recording]).age_years == 74.0
    for characteristics in (True, False):
        anonymise_file(clip, tmp_path / str(characteristics), Rules(KEY, characteristics=characteristics))
        (written,) = (tmp_path / str(characteristics)).rglob("*.dcm")
        assert pydicom.dcmread(written).get("PatientAge") == ("074Y" if characteristics else None)


def test_without_retaining_there_is_neither_date_nor_characteristic(tmp_path: Path):
    anonymise_file(plant(write_sector(tmp_path / "clip.dcm")), tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    made = pydicom.dcmread(written)
    assert (made.PatientSex, made.PatientBirthDate, made.StudyDate, made.StudyTime) == ("", "", "", "")
    assert "PatientAge" not in made
    assert "PatientSize" not in made
    codes = [one.CodeValue for one in made.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101"]


def test_pseudonyms_and_shifted_dates_follow_from_the_key(tmp_path: Path):
    first, second = (plant(write_sector(tmp_path / f"{n}.dcm", instance=n), ContentDate=f"2019121{n}") for n in (1, 2))
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
    clip = write_name(write_sector(tmp_path / "clip.dcm"), (2, 140))
    pixels = pydicom.dcmread(clip).pixel_array
    change = anonymise_file(clip, tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    made = pydicom.dcmread(written)
    sector = sector_of(*pixels.shape[1:], TIP_PX)
    assert np.array_equal(made.pixel_array[:, sector], pixels[:, sector])
    assert not made.pixel_array[:, ~grown(sector_of(*pixels.shape[1:]))].any()
    assert made.BurnedInAnnotation == "NO"
    assert [one.CodeValue for one in made.DeidentificationMethodCodeSequence] == ["113100", "113101"]
    assert change.picture is Picture.SECTOR
    assert sector.size - sector_of(*pixels.shape[1:]).sum() > change.blanked_px > sector.size // 2
    (before,), (after,) = open_path(clip).recordings, open_path(written).recordings
    assert after.calibration == before.calibration
    assert after.view == before.view == "A4C"
    assert np.array_equal(after.times_s, before.times_s)


def grown(sector: np.ndarray) -> np.ndarray:
    return cv2.dilate(sector.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0


def write_name(path: Path, place: tuple[int, int], level: int = 220, frames: slice = slice(None)) -> Path:
    """Burn a name into frames of a file, at (column, row) of its lower left end."""
    header = pydicom.dcmread(path)
    pixels = header.pixel_array.copy()
    for frame in pixels.reshape(-1, *pixels.shape[-2:])[frames]:
        cv2.putText(frame, "PLANTNAME", place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, level, 1)
    header.PixelData = pixels.tobytes()
    header.save_as(path)
    return path


@pytest.mark.parametrize(
    ("place", "level", "shown", "count"),
    [
        ((50, 90), 250, slice(None), 12),  # in the sector, in all frames
        ((50, 90), 0, slice(None), 12),  # dark on tissue
        ((50, 90), 250, slice(3, 5), 12),  # in two frames
        ((50, 90), 250, slice(None), 1),  # a still
        ((50, 90), 250, slice(None), 3),  # a short clip
        ((100, 30), 30, slice(None), 12),  # dim, over the edge of the sector
    ],
)
def test_a_name_in_the_sector_is_blanked(tmp_path: Path, place, level: int, shown: slice, count: int):
    clip = write_sector(tmp_path / "clip.dcm")
    sound = pydicom.dcmread(clip).pixel_array[:count]
    header = pydicom.dcmread(clip)
    header.NumberOfFrames, header.PixelData = count, sound.tobytes()
    header.save_as(clip)
    write_name(clip, place, level, shown)
    pixels = pydicom.dcmread(clip).pixel_array.reshape(sound.shape)
    anonymise_file(clip, tmp_path / "out", Rules(KEY, unclear=True))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    made = pydicom.dcmread(written).pixel_array.reshape(sound.shape)
    letters = (np.abs(pixels.astype(int) - sound) > 6).any(axis=0)
    assert letters.sum() > 100
    assert not made[:, letters].any()
    free = sector_of(*sound.shape[1:], TIP_PX)
    free &= ~(cv2.dilate(letters.astype(np.uint8), np.ones((31, 201), np.uint8)) > 0)
    same = (made == sound)[:, free].all(axis=0)
    assert same.mean() > 0.9  # of a still, some speckle may be taken for text
    assert not made[:, free][:, ~same].any()


def test_a_picture_without_a_sector_is_left_out_until_a_person_has_looked(tmp_path: Path):
    clip = write_clip(tmp_path / "clip.dcm", BurnedInAnnotation="NO")
    with pytest.raises(KinecorError, match="no ultrasound sector is found"):
        anonymise_file(clip, tmp_path / "out", Rules(KEY))
    assert not list(tmp_path.glob("out/*/*"))
    planned = plan_copy(clip, Rules(KEY))
    assert planned.kind is Picture.UNCLEAR
    kept = {}
    for name, rules in (
        ("confirmed", Rules(KEY, confirmed=frozenset([planned.digest]))),
        ("unclear", Rules(KEY, unclear=True)),
    ):
        assert anonymise_file(clip, tmp_path / name, rules).picture.value == name
        (written,) = (tmp_path / name).rglob("*.dcm")
        made = pydicom.dcmread(written)
        kept[name] = made.get("BurnedInAnnotation"), [one.CodeValue for one in made.DeidentificationMethodCodeSequence]
    assert kept == {"confirmed": ("NO", ["113100", "113101"]), "unclear": (None, ["113100"])}


@pytest.mark.parametrize(("count", "kind"), [(1, Picture.STILL), (7, Picture.STILL), (8, Picture.SECTOR)])
def test_of_a_still_there_is_no_copy_until_a_person_has_looked(tmp_path: Path, count: int, kind: Picture):
    clip = write_sector(tmp_path / "clip.dcm", BurnedInAnnotation="NO")
    header = pydicom.dcmread(clip)
    header.NumberOfFrames, header.PixelData = count, header.pixel_array[:count].tobytes()
    header.save_as(clip)
    planned = plan_copy(clip, Rules(KEY))
    assert planned.kind is kind
    if kind is Picture.STILL:
        with pytest.raises(KinecorError, match="faint text may be hidden"):
            anonymise_file(clip, tmp_path / "refused", Rules(KEY))
        assert not (tmp_path / "refused").exists()
    claims = {}
    for name, rules in (
        ("not looked at", Rules(KEY, unclear=True)),
        ("confirmed", Rules(KEY, confirmed=frozenset([planned.digest]))),
    ):
        anonymise_file(clip, tmp_path / name, rules)
        (written,) = (tmp_path / name).rglob("*.dcm")
        made = pydicom.dcmread(written)
        codes = [one.CodeValue for one in made.DeidentificationMethodCodeSequence]
        claims[name] = made.get("BurnedInAnnotation"), codes
    said, unsaid = ("NO", ["113100", "113101"]), (None, ["113100"])
    assert claims == {"not looked at": said if kind is Picture.SECTOR else unsaid, "confirmed": said}


def test_many_bits_stay_as_they_are_stored(tmp_path: Path):
    frames = sector_frames().astype(np.uint16) * 7 + 3
    clip = make_dicom.write_loop(tmp_path / "clip.dcm", frames, bits=12, WindowCenter="900", WindowWidth="1800")
    anonymise_file(clip, tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    made = pydicom.dcmread(written)
    assert (made.BitsStored, made.WindowCenter) == (12, 900)
    sector = sector_of(*frames.shape[1:], TIP_PX)
    assert np.array_equal(made.pixel_array[:, sector], frames[:, sector])
    assert not made.pixel_array[:, 2:10, 2:10].any()


def test_words_of_machines_are_from_a_list_and_free_text_goes(tmp_path: Path):
    clip = write_sector(
        tmp_path / "clip.dcm",
        ManufacturerModelName="PLANT Clinic iE33 04.11.1957",
        Manufacturer="Philips of PLANTTOWN",
        SoftwareVersions=["PLANTVERSION", "04.11.1957"],
        ImageType=["ORIGINAL", "PRIMARY", "PLANTJANE", "0001"],
        BodyPartExamined="PLANTHEART",
        ScanOptions="PLANTSCAN",
        HeartRate="64",
    )
    header = pydicom.dcmread(clip)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header.add_new("SliceThickness", "LO", "PLANTNUMBER")
        header.StudyTime = "PLANTTIME"
        header.AcquisitionDateTime = "20191231PLANT"
        header.save_as(clip)
        anonymise_file(clip, tmp_path / "out", Rules(KEY, dates=True))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    content, made = written.read_bytes(), pydicom.dcmread(written)
    assert b"PLANT" not in content
    assert b"1957" not in content
    assert (made.Manufacturer, made.ManufacturerModelName, made.HeartRate) == ("Philips", "iE33", 64)
    assert list(made.ImageType) == ["ORIGINAL", "PRIMARY", "OTHER", "0001"]
    assert not {"SoftwareVersions", "BodyPartExamined", "ScanOptions", "SliceThickness"} & set(made.dir())


def plant_everywhere(path: Path) -> Path:
    """A word and a number in every element that the standard has, in items within items, and around the elements."""
    header = pydicom.dcmread(path)
    word, kept = "PLANT7781204", {"SpecificCharacterSet", "NumberOfFrames", "SamplesPerPixel", "PlanarConfiguration"}
    for tag, (several, _, _, _, keyword) in DicomDictionary.items():
        kind = several.split(" or ")[0]
        if tag >> 16 in (0, 2, 0x7FE0) or keyword in kept or keyword in header or not keyword or kind in {"AT", "NONE"}:
            continue
        if kind == "SQ":
            item = Dataset()
            header.add(DataElement(tag, kind, [item]))
            for _ in range(6):
                item.PatientName = item.SeriesDescription = word
                inner = Dataset()
                item.add(DataElement(tag, kind, [inner]))
                item = inner
            item.PatientName = word
        else:
            numbers = {"IS": "7781204", "DS": "7781204", "UL": 7781204, "SL": 7781204, "FD": 7781204.0, "FL": 7781204.0}
            numbers |= {"US": 778, "SS": 778, "OB": word.encode(), "OW": word.encode(), "UN": word.encode()}
            if kind in {"OF", "OD", "OL", "OV", "SV", "UV"}:
                continue
            header.add(DataElement(tag, kind, numbers.get(kind, word)))
    for group in range(0x6000, 0x6020, 2):  # overlays, and the curves that came before them
        for element, kind, value in ((0x22, "LO", word), (0x1500, "LO", word), (0x3000, "OW", word.encode() * 40)):
            header.add_new((group << 16) + element, kind, value)
            header.add_new((group - 0x1000 << 16) + element, kind, value)
    block = header.private_block(0x0099, word, create=True)
    for element, kind in enumerate(("LO", "OB", "UN", "OW", "UT"), 1):
        block.add_new(element, kind, word.encode() if kind in {"OB", "UN", "OW"} else word)
    header.preamble = word.encode().ljust(128)
    header.file_meta.SourceApplicationEntityTitle = word
    header.file_meta.PrivateInformationCreatorUID, header.file_meta.PrivateInformation = "1.2.7781204", word.encode()
    for number, keyword in enumerate(("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")):
        setattr(header, keyword, f"1.2.7781204.{number}")
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.add_new(0xFFFCFFFC, "OB", word.encode())
    named = path.with_name(f"{word}.dcm")
    header.save_as(named)
    return named


def test_no_element_of_the_standard_no_overlay_and_no_name_of_a_file_carries_a_name_or_number(tmp_path: Path):
    with warnings.catch_warnings(), disable_value_validation():
        warnings.simplefilter("ignore")
        planted = plant_everywhere(write_sector(tmp_path / "clip.dcm"))
        assert planted.read_bytes().count(b"PLANT7781204") > 4000
        rules = Rules(KEY, dates=True, characteristics=True, unclear=True)
        write_copies([("recording 1", planted)], tmp_path / "out", rules, no_tick)
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(written) == 2
    for path in written:
        content = path.read_bytes() + str(path.relative_to(tmp_path)).encode()
        assert b"PLANT" not in content
        assert b"7781204" not in content
    made = pydicom.dcmread(next(path for path in written if path.suffix == ".dcm"))
    assert [str(element.tag) for element in made.iterall() if "7781204" in str(element.value)] == []


def name_of(rows: int, columns: int) -> np.ndarray:
    """(rows, columns) where a name is written."""
    letters = np.zeros((rows, columns), np.uint8)
    cv2.putText(letters, "SMITH 1961", (columns // 4, rows // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1, 1)
    return letters > 0


@pytest.mark.parametrize(("level", "centre"), [(4000, 300), (0, 3000)])
def test_of_an_mr_image_whose_window_hides_a_name_there_is_no_copy(tmp_path: Path, level: int, centre: int):
    letters = name_of(160, 160)
    image = np.random.default_rng(2).integers(1000, 1050, letters.shape).astype(np.uint16)
    about = {"BitsStored": 12, "HighBit": 11, "WindowCenter": centre, "WindowWidth": 500}
    kinds = {}
    for name, shown in (("sound", image), ("named", np.where(letters, level, image).astype(np.uint16))):
        header = pydicom.dcmread(next(write_stack(tmp_path / "mr").rglob("*.dcm")))
        header.update(about)
        header.Rows, header.Columns = shown.shape
        # The highest bit holds an overlay, as in files of before 2004.
        header.PixelData = (shown | (letters.astype(np.uint16) << 15)).astype("<u2").tobytes()
        header.save_as(tmp_path / f"{name}.dcm")
        planned = plan_copy(tmp_path / f"{name}.dcm", Rules(KEY))
        assert planned.copy.pixel_array.max() < 4096
        kinds[name] = planned.kind
    assert kinds == {"sound": Picture.AS_IT_IS, "named": Picture.UNCLEAR}


def test_text_of_a_clip_that_its_window_hides_is_blanked(tmp_path: Path):
    frames = sector_frames()
    letters = name_of(*frames.shape[1:])
    frames[:, letters] = 12  # as dark as the darkest tissue, which its window shows black
    frames[:, sector_of(*frames.shape[1:]) & ~letters] += 30
    clip = make_dicom.write_loop(tmp_path / "clip.dcm", frames, WindowCenter="200", WindowWidth="60")
    planned = plan_copy(clip, Rules(KEY))
    assert planned.blanked is not None
    assert planned.blanked[letters].all()


def test_names_of_stacks_become_numbers(tmp_path: Path):
    made = pydicom.dcmread(write_enhanced_stack(tmp_path / "mr.dcm"))
    for number, one in enumerate(made.PerFrameFunctionalGroupsSequence):
        one.FrameContentSequence[0].StackID = ("PLANTJANE", "PLANTJOHN")[number % 2]
    made.save_as(tmp_path / "mr.dcm")
    anonymise_file(tmp_path / "mr.dcm", tmp_path / "out", Rules(KEY))
    (written,) = (tmp_path / "out").rglob("*.dcm")
    assert b"PLANT" not in written.read_bytes()
    groups = pydicom.dcmread(written).PerFrameFunctionalGroupsSequence
    assert [one.FrameContentSequence[0].StackID for one in groups][:4] == ["1", "2", "1", "2"]


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
