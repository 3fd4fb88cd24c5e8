"""De-identified copies of DICOM recordings (PS3.15 Annex E, basic profile), by a list of what may stay.

What is not on the list goes, whatever it is: free text, private elements, people, places, dates, and elements that
later editions of the standard add. Identifiers become pseudonyms that follow from a key, so that files of one patient
stay together from run to run, and only the holder of the key can reproduce them.

Ultrasound often has the patient's name in the picture. Pixels outside the sector are blanked, and text that is found in
it (see `burned_in`). Where no sector is found, or too few frames show it for tissue to move, there is no copy, unless a
person has seen what it would show.
"""

import hmac
import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian, MRImageStorage

import kinecor
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.recording import Patient
from kinecor.io.dicom.header import DicomFile, number, patient, read_dicom, text, view_of
from kinecor.io.dicom.layout import PixelLayout, read_layout
from kinecor.io.dicom.loop import check_is_recording, display_frames
from kinecor.io.dicom.pixels import DicomPixels
from kinecor.io.dicom.source_file import source_header
from kinecor.io.files.atomic import whole, whole_folder, write_text
from kinecor.io.files.cache import FrameCache
from kinecor.io.mr.slices import long_axis_view
from kinecor.io.write.burned_in import examine_recording
from kinecor.io.write.codes import VIEWS, Code
from kinecor.io.write.lettering import CLIP_FRAMES, lettering
from kinecor.io.write.vocabulary import Stacks, allowed_element, is_date, is_time

# fmt: off
_STAYS: Final = frozenset((
    "SOPClassUID", "ImageType", "Modality", "Manufacturer", "ManufacturerModelName",
    "SeriesNumber", "AcquisitionNumber", "InstanceNumber", "SamplesPerPixel", "PhotometricInterpretation",
    "PlanarConfiguration", "NumberOfFrames", "FrameIncrementPointer", "Rows", "Columns", "BitsAllocated", "BitsStored",
    "HighBit", "PixelRepresentation", "PixelSpacing", "PixelAspectRatio", "ImagerPixelSpacing", "FrameTime",
    "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate", "HeartRate", "RWaveTimeVector",
    "SequenceOfUltrasoundRegions", "UltrasoundColorDataPresent", "NumberOfStages", "NumberOfViewsInStage",
    "SliceThickness", "RepetitionTime", "EchoTime", "EchoTrainLength", "FlipAngle", "MagneticFieldStrength",
    "ScanningSequence", "SequenceVariant", "ScanOptions", "MRAcquisitionType", "SpacingBetweenSlices", "TriggerTime",
    "NominalInterval", "CardiacNumberOfImages", "ImagePositionPatient", "ImageOrientationPatient", "SliceLocation",
    "TemporalPositionIdentifier", "NumberOfTemporalPositions", "WindowCenter", "WindowWidth", "VOILUTFunction",
    "RescaleIntercept", "RescaleSlope", "RescaleType", "LossyImageCompression", "LossyImageCompressionRatio",
    "LossyImageCompressionMethod", "SmallestImagePixelValue", "LargestImagePixelValue", "BodyPartExamined",
    # Ultrasound regions
    "RegionSpatialFormat", "RegionDataType", "RegionFlags", "RegionLocationMinX0", "RegionLocationMinY0",
    "RegionLocationMaxX1", "RegionLocationMaxY1", "ReferencePixelX0", "ReferencePixelY0",
    "ReferencePixelPhysicalValueX", "ReferencePixelPhysicalValueY", "PhysicalUnitsXDirection",
    "PhysicalUnitsYDirection", "PhysicalDeltaX", "PhysicalDeltaY", "TransducerFrequency",
    # Enhanced MR
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "FrameContentSequence",
    "CardiacSynchronizationSequence", "PixelMeasuresSequence", "PixelValueTransformationSequence",
    "MRImageFrameTypeSequence", "MREchoSequence", "PlaneOrientationSequence", "PlanePositionSequence",
    "FrameVOILUTSequence", "FrameType", "EffectiveEchoTime", "NominalCardiacTriggerDelayTime",
    "TemporalPositionIndex", "RRIntervalTimeNominal", "DimensionIndexValues", "StackID", "InStackPositionNumber",
    "DimensionIndexSequence", "DimensionOrganizationSequence", "DimensionIndexPointer", "FunctionalGroupPointer",
    "DimensionOrganizationType",
))
_UIDS: Final = (
    "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "DimensionOrganizationUID",
)
_EMPTY: Final = (
    "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID",
)
_DATES: Final = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
_TIMES: Final = ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")
# fmt: on
FOLDER: Final = "anonymised"
"""Where copies are written, below the folder that is chosen."""
NOT_DICOM: Final = message("only DICOM can be anonymised: what other files say of the patient is not known")
UNCLEAR: Final = message(
    "no ultrasound sector is found in its pictures, so text and tissue cannot be separated: patient data may be burned "
    "into them, and it is left out unless a person has looked at them"
)
NOTHING_MOVES: Final = message(
    "too few frames show it for anything to move, so that faint text may be hidden in its tissue: it is left out "
    "unless a person has looked at its pictures"
)
_BASIC = Code("113100", "DCM", "Basic Application Confidentiality Profile")
_CLEAN_PIXELS = Code("113101", "DCM", "Clean Pixel Data Option")
_KEEP_CHARACTERISTICS = Code("113108", "DCM", "Retain Patient Characteristics Option")
_KEEP_INTERVALS = Code("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option")
_OLDEST_YEARS = 89
_MAX_SHIFT_DAYS = 3650
_SHORTEST_KEY = 16
_MR_CLASSES: Final = frozenset((MRImageStorage, EnhancedMRImageStorage))
"""Scanners write no text into their images; a copy of the screen is another class."""
_PIXELS_GROUP = 0x7FE0
_LONGEST_SHOWN = 60
_STRIPE, _STRIPE_PX = (200, 40, 40), 6


@dataclass(frozen=True, slots=True)
class Key:
    """What pseudonyms follow from; whoever has it can tell which pseudonym a known identifier has."""

    secret: bytes

    def _digest(self, kind: str, value: str) -> bytes:
        return hmac.new(self.secret, f"{kind}\0{value}".encode(), sha256).digest()

    def uid(self, original: str) -> str:
        """A UID under 2.25 in place of another.

        Args:
            original: any UID.

        """
        return f"2.25.{int.from_bytes(self._digest('uid', original)[:15], 'big')}"

    def pseudonym(self, identity: str) -> str:
        """A patient's pseudonym.

        Args:
            identity: of the patient, see `Patient.identity`.

        """
        return f"ANON-{self._digest('patient', identity).hex()[:12].upper()}"

    def shift_days(self, identity: str) -> int:
        """By how many days a patient's dates are earlier, 1 to 3650.

        Args:
            identity: of the patient, see `Patient.identity`.

        """
        return 1 + int.from_bytes(self._digest("dates", identity)[:4], "big") % _MAX_SHIFT_DAYS


def load_key(path: Path) -> Key:
    """The key in a file; a new one where there is no such file, readable by its owner only.

    Args:
        path: of the file.

    Raises:
        KinecorError: the file cannot be read or written, or holds no key.

    """
    try:
        if not path.exists():
            with whole(path, private=True) as temporary:
                temporary.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
        found = path.read_bytes().strip()
    except OSError as error:
        raise KinecorError(
            message(
                "the key {path} cannot be read or written ({reason}): name another file",
                path=verbatim(str(path)),
                reason=verbatim(error.strerror or str(error)),
            )
        ) from error
    if len(found) < _SHORTEST_KEY:
        raise KinecorError(
            message(
                "{path} holds no key: expected {least} characters or more, got {count}",
                path=verbatim(str(path)),
                least=_SHORTEST_KEY,
                count=len(found),
            )
        )
    return Key(found)


@dataclass(frozen=True, slots=True)
class Rules:
    """How to anonymise.

    Attributes:
        key: see Key.
        dates: whether dates stay, each patient's shifted by a number of days of their own; times of day stay.
        characteristics: whether sex, age (89 at most), height and weight stay.
        confirmed: digests of copies' pictures that are not shown to be clean, and that a person has looked at.
        unclear: whether other such pictures are written, too, masked and without a statement that they are clean.

    """

    key: Key
    dates: bool = False
    characteristics: bool = False
    confirmed: frozenset[str] = frozenset()
    unclear: bool = False


class Picture(StrEnum):
    """What is known of text in the pictures of a copy."""

    AS_IT_IS = "as it is"
    """An MR image, in which no text was found: nothing was changed."""
    SECTOR = "sector"
    """All but the sector was blanked, and what text was found in it."""
    STILL = "still"
    """As SECTOR, of so few frames that nothing moves: faint text in the sector is not shown to be gone, and no person
    has looked."""
    CONFIRMED = "confirmed"
    """No sector was found, or nothing moves; a person has looked at the picture."""
    UNCLEAR = "unclear"
    """No sector was found, and no person has looked."""


NOT_SHOWN_CLEAN: Final = {Picture.UNCLEAR: UNCLEAR, Picture.STILL: NOTHING_MOVES}
"""Pictures of which there is no copy unless a person has looked at them, and why."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one file.

    Attributes:
        name: of the copy.
        removed, replaced: keywords, or tags of what has none; never values.
        blanked_px: pixels of the image area that were blanked.
        picture: see Picture.

    """

    name: str
    removed: tuple[str, ...]
    replaced: tuple[str, ...]
    blanked_px: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class Element:
    """An element that a copy does not have as it is.

    Attributes:
        name: keyword, or the tag of what has none.
        was: its value, shortened.
        becomes: the value in the copy; None where the copy has no such element.

    """

    name: str
    was: str
    becomes: str | None


@dataclass(frozen=True, eq=False)
class Planned:
    """A de-identified copy that is not written: it shows what the original says, and is for its owner's eyes only.

    Attributes:
        copy: what would be written.
        elements: what is removed or replaced, by name.
        pseudonym: of the patient.
        earlier_days: by how many days dates are earlier; None where they are removed.
        frames: (t, rows, columns) or (t, rows, columns, 3), uint8; as they are shown now.
        blanked: (rows, columns); pixels that are black in all frames of the copy. None where no picture is changed.
        kind: see Picture.
        digest: of the pictures of the copy; whoever has looked at them confirms it.

    """

    copy: Dataset
    elements: tuple[Element, ...]
    pseudonym: str
    earlier_days: int | None
    frames: BytesArray
    blanked: NDArray[np.bool_] | None
    kind: Picture
    digest: str

    @property
    def blanked_px(self) -> int:
        """How many pixels of the image area are blanked."""
        return 0 if self.blanked is None else int(self.blanked.sum())

    def picture(self, frame: int | None = 0) -> BytesArray:
        """A frame, (rows, columns, 3) RGB; None for the brightest of each pixel over all frames.

        What is blanked is under red stripes; where no sector was found it is black, as in the copy.

        Args:
            frame: from 0 on.

        """
        chosen = self.frames.max(axis=0) if frame is None else self.frames[frame]
        rgb = chosen if chosen.ndim == 3 else np.repeat(chosen[..., None], 3, axis=2)
        shown = rgb.astype(np.uint8, copy=True)
        if self.blanked is None:
            return shown
        if self.kind in {Picture.UNCLEAR, Picture.CONFIRMED}:
            shown[self.blanked] = 0
            return shown
        rows, columns = np.indices(self.blanked.shape)
        stripes = (rows + columns) // _STRIPE_PX % 2 == 0
        shown[self.blanked & stripes] = _STRIPE
        rest = self.blanked & ~stripes
        shown[rest] = shown[rest] // 2 + np.array(_STRIPE, np.uint8) // 4
        return shown


def plan_copy(path: Path, rules: Rules) -> Planned:
    """A de-identified copy of a DICOM recording, with what is changed; pixels are uncompressed.

    It is planned, and can be looked at, also where `anonymise_file` would not write it.

    Args:
        path: of the recording.
        rules: of de-identification.

    Raises:
        KinecorError: it is no recording, or cannot be decoded.
        OSError: it cannot be read.

    """
    file = read_dicom(path)
    check_is_recording(file)
    source = source_header(str(path))
    who = patient(source)
    made = _header(source, who, rules)
    frames, blanked, kind = _pixels(file, made)
    digest = sha256(made.PixelData).hexdigest()
    if kind in NOT_SHOWN_CLEAN and digest in rules.confirmed:
        kind = Picture.CONFIRMED
    clean = kind in {Picture.SECTOR, Picture.CONFIRMED}
    if clean:
        made.BurnedInAnnotation = "NO"
    codes = [_BASIC, *([_CLEAN_PIXELS] if clean else [])]
    codes += [_KEEP_CHARACTERISTICS] if rules.characteristics else []
    codes += [_KEEP_INTERVALS] if rules.dates else []
    made.DeidentificationMethodCodeSequence = [code.item for code in codes]
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    elements = tuple(sorted(_elements(source, made), key=lambda element: element.name))
    days = rules.key.shift_days(who.identity) if rules.dates else None
    return Planned(made, elements, str(made.PatientID), days, frames, blanked, kind, digest)


def _elements(source: Dataset, made: Dataset) -> Iterator[Element]:
    for element in source:
        name = element.keyword or f"({element.tag.group:04x},{element.tag.element:04x})"
        if element.tag not in made:
            if element.tag.group != _PIXELS_GROUP:
                yield Element(name, _shown(element), None)
        elif str(made[element.tag].value) != str(element.value):
            yield Element(name, _shown(element), _shown(made[element.tag]))


def _shown(value: Any) -> str:
    if value.VR == "SQ":
        return f"{len(value.value)} items"
    if isinstance(value.value, bytes):
        return f"{len(value.value)} bytes"
    text = " ".join(str(value.value).split())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def anonymise_file(path: Path, folder: Path, rules: Rules) -> Change:
    """Write a de-identified copy of a DICOM recording to `folder`, named by its new UID.

    Args:
        path: of the recording.
        folder: of the copies.
        rules: of de-identification.

    Raises:
        KinecorError: see `plan_copy`; its pictures may show text, as no sector is found or nothing moves in them; or it
            cannot be written.
        OSError: it cannot be read.

    """
    planned = plan_copy(path, rules)
    if planned.kind in NOT_SHOWN_CLEAN and not rules.unclear:
        raise KinecorError(NOT_SHOWN_CLEAN[planned.kind])
    made = planned.copy
    target = folder / made.StudyInstanceUID / f"{made.SOPInstanceUID}.dcm"
    with whole(target, private=True) as temporary:
        made.save_as(temporary, implicit_vr=False, little_endian=True, enforce_file_format=True)
    removed = tuple(element.name for element in planned.elements if element.becomes is None)
    replaced = tuple(element.name for element in planned.elements if element.becomes is not None)
    return Change(target.name, removed, replaced, planned.blanked_px, planned.kind)


def _header(source: Dataset, who: Patient, rules: Rules) -> Dataset:
    """Everything but the pixels."""
    key = rules.key
    if not text(source, "StudyInstanceUID") or not text(source, "SOPInstanceUID"):
        raise KinecorError(message("the file has no Study or SOP Instance UID: it cannot be anonymised consistently"))
    made = _allowed(source, key, Stacks())
    made.SpecificCharacterSet = "ISO_IR 192"
    for keyword in _EMPTY:
        setattr(made, keyword, "")
    made.PatientID = key.pseudonym(who.identity or text(source, "StudyInstanceUID"))
    made.PatientName = f"{made.PatientID}^"
    if "FrameOfReferenceUID" in made:
        made.PositionReferenceIndicator = ""
    if "ImageOrientationPatient" not in made and "SharedFunctionalGroupsSequence" not in made:
        made.PatientOrientation = ""
    view = view_of(source)
    if view is not None:
        made.ViewName = view
        made.ViewCodeSequence = [VIEWS[view].item]
    if text(made, "Modality") == "MR":
        named = long_axis_view((text(source, "SeriesDescription"), text(source, "ProtocolName")))
        made.SeriesDescription = f"cine {named}" if named else "cine"
    if rules.characteristics:
        _keep_characteristics(source, made, who)
    if rules.dates:
        _shift_dates(source, made, key.shift_days(who.identity))
    made.LongitudinalTemporalInformationModified = "MODIFIED" if rules.dates else "REMOVED"
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = f"Kinecor {kinecor.__version__}: PS3.15 basic profile, by a list of what stays"
    return made


def _allowed(source: Dataset, key: Key, stacks: Stacks) -> Dataset:
    """The elements that may stay and what they may say, items of sequences by the same lists, with new UIDs."""
    made = Dataset()
    for single_element in source:
        if single_element.keyword in _UIDS and single_element.value:
            setattr(made, single_element.keyword, key.uid(str(single_element.value)))
        elif single_element.keyword == "StackID":
            made.StackID = stacks.number(str(single_element.value))
        elif single_element.keyword in _STAYS and dictionary_VR(single_element.tag) == "SQ":
            if single_element.VR == "SQ":
                setattr(made, single_element.keyword, [_allowed(item, key, stacks) for item in single_element.value])
        elif single_element.keyword in _STAYS and (element := allowed_element(single_element)) is not None:
            made.add(element)
    return made


def _keep_characteristics(source: Dataset, made: Dataset, who: Patient) -> None:
    made.PatientSex = who.sex if who.sex in ("M", "F", "O") else ""
    if who.age_years is not None:
        made.PatientAge = f"{min(int(who.age_years), _OLDEST_YEARS):03d}Y"
    for keyword in ("PatientSize", "PatientWeight"):
        if (found := number(source, keyword)) is not None:
            setattr(made, keyword, f"{found:g}")


def _shift_dates(source: Dataset, made: Dataset, days: int) -> None:
    for keyword in _DATES:
        if shifted := _shifted(text(source, keyword), days):
            setattr(made, keyword, shifted)
    for keyword in _TIMES:
        if is_time(time := text(source, keyword)):
            setattr(made, keyword, time)
    whole_time = text(source, "AcquisitionDateTime")
    if shifted := _shifted(whole_time[:8], days):
        made.AcquisitionDateTime = shifted + (whole_time[8:] if is_time(whole_time[8:]) else "")


def _shifted(date: str, days: int) -> str:
    if not is_date(date):
        return ""
    try:
        return f"{datetime.strptime(date, '%Y%m%d') - timedelta(days=days):%Y%m%d}"  # noqa: DTZ007 - a day, no moment
    except ValueError:
        return ""


def _pixels(file: DicomFile, made: Dataset) -> tuple[BytesArray, NDArray[np.bool_] | None, Picture]:
    """Decode, blank, store; the frames as they are shown, what is blanked (None for nothing), and what is known."""
    layout, table = read_layout(file)
    pixels = DicomPixels(file.path, layout, table, file.keep)
    displayed = display_frames(pixels, file.header, FrameCache())
    shown = np.stack([np.asarray(displayed[frame]) for frame in range(layout.frames)])
    # Stored samples stay as they are where that can be; a palette is written out.
    if layout.photometric == "PALETTE COLOR":
        frames: NDArray[Any] = shown.copy()
    else:
        frames = np.stack([pixels.samples(frame) for frame in range(layout.frames)])
    blanked: NDArray[np.bool_] | None
    if text(made, "SOPClassUID") in _MR_CLASSES:
        # On black, where it is plain, and also where the window of the header shows nothing of it.
        blanked = lettering(shown, eager=False) | lettering(_over_their_range(frames), eager=False)
        said = text(file.header, "BurnedInAnnotation") == "YES"
        kind = Picture.UNCLEAR if said or blanked.any() else Picture.AS_IT_IS
        blanked = None if kind is Picture.AS_IT_IS else blanked
    else:
        study = examine_recording(shown, file.header)
        moves = Picture.SECTOR if len(shown) >= CLIP_FRAMES else Picture.STILL
        blanked, kind = study.blanked, Picture.UNCLEAR if study.sector is None else moves
        stored = _over_their_range(frames)
        if not np.array_equal(stored, shown):  # text that the window of the header hides
            blanked |= examine_recording(stored, file.header).text
    if blanked is not None:
        frames[:, blanked] = 0 if frames.ndim == 4 else _black(layout)
    grey = layout.photometric if layout.photometric.startswith("MONOCHROME") else "MONOCHROME2"
    colour = frames.ndim == 4
    _store(made, frames, "RGB" if colour else grey, 8 if colour else layout.stored, signed=layout.signed)
    return shown, blanked, kind


def _over_their_range(frames: NDArray[Any]) -> BytesArray:
    """Frames, (t, rows, columns) or with a fourth axis of colours, as grey levels from their least to their most."""
    if frames.dtype == np.uint8:
        return frames
    low, high = int(frames.min()), int(frames.max())
    return np.asarray((frames.astype(np.float32) - low) * (255 / max(high - low, 1)), np.uint8)


def _black(layout: PixelLayout) -> int:
    """The stored value that is darkest."""
    low = -(1 << (layout.stored - 1)) if layout.signed else 0
    return low + (1 << layout.stored) - 1 if layout.photometric == "MONOCHROME1" else low


def _store(made: Dataset, frames: NDArray[Any], photometric: str, stored: int, *, signed: bool) -> None:
    kind = np.dtype(np.uint8 if stored <= 8 else np.int16 if signed else np.uint16)
    made.Rows, made.Columns = frames.shape[1:3]
    if len(frames) > 1 or "NumberOfFrames" in made:
        made.NumberOfFrames = len(frames)
    made.SamplesPerPixel, made.PhotometricInterpretation = (3 if frames.ndim == 4 else 1), photometric
    if frames.ndim == 4:
        made.PlanarConfiguration = 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 8 * kind.itemsize, stored, stored - 1
    made.PixelRepresentation = int(signed)
    content = np.ascontiguousarray(frames, kind.newbyteorder("<")).tobytes()
    made.PixelData = content + b"\0" * (len(content) % 2)
    made["PixelData"].VR = "OB" if kind.itemsize == 1 else "OW"


def write_copies(
    files: Sequence[tuple[str, Path | None]], out: Path, rules: Rules, tick: Tick
) -> tuple[Path, dict[str, Message]]:
    """Write de-identified copies to `out`/anonymised, and `anonymised.json` with what was changed next to it.

    Args:
        files: (what a file is called in messages, which name nobody; its path, or None where it is no DICOM).
        out: the folder; `anonymised` in it must be empty or not there.
        rules: see Rules.
        tick: called with (files done, files).

    Returns:
        The folder of the copies, and by name of a file why it was left out.

    Raises:
        KinecorError: the folder is not empty, or cannot be written.
        Cancelled: by `tick`; nothing was written.

    """
    changes: list[Change] = []
    refused: dict[str, Message] = {}
    with whole_folder(out / FOLDER) as temporary:
        for number, (name, path) in enumerate(files):
            tick(number, len(files))
            why = NOT_DICOM
            if path is not None:
                try:
                    changes.append(anonymise_file(path, temporary, rules))
                    continue
                except KinecorError as error:
                    why = _unnamed(error.message, str(path))
                except OSError as error:
                    why = verbatim(error.strerror) if error.strerror else message("it cannot be read")
            refused[name] = why
    write_changes(out / f"{FOLDER}.json", changes, refused, rules)
    return out / FOLDER, refused


def _unnamed(text: Message, path: str) -> Message:
    """A message without the path of the file, which may name the patient."""
    parts = [
        _unnamed(part, path) if isinstance(part, Message) else message("the file") if part == path else part
        for part in text.parts
    ]
    values = {
        name: _unnamed(value, path) if isinstance(value, Message) else value for name, value in text.values.items()
    }
    cleaned = tuple(part if isinstance(part, Message) else part.replace(path, "the file") for part in parts)
    return Message(text.template, text.plural_template, text.plural_count, text.context, values, cleaned, text.form)


def write_changes(path: Path, changes: Sequence[Change], refused: Mapping[str, str], rules: Rules) -> None:
    """Write what was removed and replaced (names of elements, never values) and what was left out, as JSON.

    Args:
        path: of the JSON file.
        changes: of all copies.
        refused: the reason, by path.
        rules: that were followed.

    Raises:
        KinecorError: the file cannot be written there.

    """
    document = {
        "schema": 1,
        "software": {"name": "kinecor", "version": kinecor.__version__},
        "profile": "PS3.15 Basic Application Confidentiality Profile, by a list of what stays",
        "retained": [name for name, on in (("dates", rules.dates), ("characteristics", rules.characteristics)) if on],
        "removed": dict(sorted(Counter(keyword for change in changes for keyword in change.removed).items())),
        "replaced": dict(sorted(Counter(keyword for change in changes for keyword in change.replaced).items())),
        "files": [
            {"name": change.name, "blanked_px": change.blanked_px, "picture": change.picture.value}
            for change in changes
        ],
        "left_out": [{"file": name, "why": why} for name, why in refused.items()],
    }
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
