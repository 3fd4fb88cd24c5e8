"""Damaged forms of a file: random bytes anywhere, and fields set to values at which readers go wrong."""

import contextlib
import io
import json
import random
import struct
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any
from zlib import crc32

import pydicom
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword

from tests.fuzz.seeds import Seed
from tests.session.samples import tampering

BYTES, FIELDS = "bytes", "fields"


def mutant(seed: Seed, number: int, campaign: int) -> tuple[dict[str, bytes], str]:
    """The files of mutant `number`, and BYTES or FIELDS: how it was made. The same for the same three arguments."""
    rng = random.Random(crc32(seed.format.encode()) ^ number * 2654435761 ^ campaign)
    name = next(iter(seed.files)) if seed.opened else rng.choice(list(seed.files))
    content = seed.files[name]
    made, how = None, FIELDS
    if rng.random() < 0.4:
        with contextlib.suppress(Exception), warnings.catch_warnings():  # not every value can be written
            warnings.simplefilter("ignore")
            made = _fields(name, content, rng)
    if made is None or made == content:
        made, how = damaged_bytes(content, rng), BYTES
    return {**seed.files, name: made}, how


def damaged_bytes(content: bytes, rng: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        if not out:
            break
        at = rng.randrange(len(out))
        length = min(rng.choice((1, 2, 4, 16, 64, 512)), len(out) - at)
        match rng.randrange(8):
            case 0:
                out[at] ^= 1 << rng.randrange(8)
            case 1:
                out[at : at + length] = rng.randbytes(length)
            case 2:
                out[at : at + length] = rng.choice((b"\x00", b"\xff", b"\x7f", b"\x80")) * length
            case 3:
                del out[at : at + length]
            case 4:
                out[at:at] = rng.randbytes(length)
            case 5:
                out[at:at] = out[at : at + length] * rng.choice((1, 2, 64))
            case 6:
                whole = rng.choice((0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE))
                out[at : at + 4] = struct.pack(rng.choice("<>") + "I", whole)
            case 7:
                del out[rng.randrange(len(out)) :]
    return bytes(out)


def _fields(name: str, content: bytes, rng: random.Random) -> bytes:
    if name.endswith(".zip"):
        return _zip(content, rng)
    if name.endswith(".json"):
        return _json(content, rng)
    if name.endswith(".kinecor"):
        return _study(content, rng)
    if name.endswith(".nii"):
        return _nifti(content, rng)
    if name.endswith(".mha"):
        return _metaimage(content, rng)
    if content[128:132] == b"DICM":
        return _dicom(content, rng)
    return damaged_bytes(content, rng)


_WORDS = (
    "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit",
    "PixelRepresentation", "PlanarConfiguration", "PhotometricInterpretation", "FrameTime", "FrameTimeVector",
    "CineRate", "PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient", "SliceThickness", "RescaleSlope",
    "RescaleIntercept", "WindowCenter", "WindowWidth", "HeartRate", "TriggerTime", "NominalInterval", "PatientName",
    "PatientBirthDate", "StudyDate", "StudyInstanceUID", "SOPInstanceUID", "Modality", "SOPClassUID", "PatientAge",
    "SpecificCharacterSet", "CardiacNumberOfImages", "PatientSize", "PatientWeight", "InstanceNumber",
    "ReferencedFileID", "NumericValue", "ValueType",
)  # fmt: skip
_NUMBERS = (0, 1, -1, 2, 3, 255, 65535, 2147483647, 1e-30, 1e30, -1e-5, "nan", "inf", "", "1\\2\\3", "abc", "9" * 40)
_TEXTS = ("", "\x1b[2J", "A" * 70000, "../../../etc/passwd", "\x00", "0", "\udce9"[:0] + "\u202e", "1.2.3", "ISO_IR 13")


def _dicom(content: bytes, rng: random.Random) -> bytes:
    header = pydicom.dcmread(io.BytesIO(content), force=True)
    before = config.settings.writing_validation_mode, config.settings.reading_validation_mode
    config.settings.writing_validation_mode = config.settings.reading_validation_mode = config.IGNORE
    try:
        places = [header, *(item for one in header if one.VR == "SQ" for item in one.value)]
        for _ in range(rng.choice((1, 1, 2, 3))):
            word = rng.choice(_WORDS)
            place = rng.choice([one for one in places if word in one] or places)
            tag, vr = tag_for_keyword(word), dictionary_VR(tag_for_keyword(word) or 0)
            value: Any = rng.choice(_NUMBERS if vr in ("US", "DS", "IS", "FD", "FL", "SS", "UL") else _TEXTS)
            if rng.random() < 0.15 and word in place:
                del place[tag]
                continue
            if vr == "US":
                value = rng.choice((0, 1, 2, 3, 7, 9, 15, 17, 255, 4096, 65535))
            elif vr in ("FD", "FL"):
                value = float(value) if not isinstance(value, str) else 0.0
            element = pydicom.DataElement(tag, vr, None)
            element._value = str(value) if vr in ("DS", "IS") else value
            place[tag] = element
        held = io.BytesIO()
        header.save_as(held, enforce_file_format=False)
        return held.getvalue()
    finally:
        config.settings.writing_validation_mode, config.settings.reading_validation_mode = before


def _nifti(content: bytes, rng: random.Random) -> bytes:
    out = bytearray(content)
    at, form = rng.choice([*((40 + 2 * i, "<h") for i in range(8)), (70, "<h"), (72, "<h"), (108, "<f"), (112, "<f"),
                           (116, "<f"), *((76 + 4 * i, "<f") for i in range(8)), (252, "<h"), (254, "<h"),
                           *((280 + 4 * i, "<f") for i in range(12))])  # fmt: skip
    value = rng.choice((0, 1, -1, 7, 8, 255, 32767, -32768))
    if form == "<f":
        value = rng.choice((0.0, -1.0, 1e-30, 1e30, float("nan"), float("inf"), 3.5))
    out[at : at + struct.calcsize(form)] = struct.pack(form, value)
    return bytes(out)


def _metaimage(content: bytes, rng: random.Random) -> bytes:
    end = content.index(b"ElementDataFile")
    lines = content[:end].decode("latin-1").splitlines()
    at = rng.randrange(len(lines))
    word = lines[at].partition(" = ")[0]
    value = rng.choice(("0", "-1", "1e30", "99999 99999 9 9", "nan nan nan nan", "True", "MET_DOUBLE", "", "x" * 5000))
    lines[at] = f"{word} = {value}"
    return "\n".join(lines).encode("latin-1") + b"\n" + content[end:]


def _zip(content: bytes, rng: random.Random) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as after:
        for member in before.infolist():
            name = rng.choice((member.filename, "../../a.dcm", "/etc/a.dcm", "a" * 300 + ".dcm", "C:\\a.dcm", "\x1b[2J",
                               "con.dcm", "a/../../b.dcm", "one/a.dcm", ".dcm", "DICOMDIR", "x.zip"))  # fmt: skip
            data = before.read(member)
            after.writestr(name, rng.choice((data, data, bytes(40 << 20), b"", damaged_bytes(data, rng))))
    return held.getvalue()


_LEAVES = (None, True, 0, -1, 1e308, 2**70, "", "x" * 1000, [], {}, [[[[]]]], "\udcff", "nan")


def _changed(value: Any, rng: random.Random) -> Any:
    """`value` with one part of it, at any depth, replaced or removed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        if rng.random() < 0.1:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _changed(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        at = rng.randrange(len(value))
        return [*value[:at], _changed(value[at], rng), *value[at + 1 :]]
    return rng.choice(_LEAVES)


def _json(content: bytes, rng: random.Random) -> bytes:
    return json.dumps(_changed(json.loads(content), rng)).encode()


def _study(content: bytes, rng: random.Random) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.kinecor"
        path.write_bytes(content)
        with tampering(path) as connection:
            numbers = [row[0] for row in connection.execute("SELECT number FROM entry")]
            number = rng.choice(numbers)
            payload = connection.execute("SELECT payload FROM entry WHERE number = ?", (number,)).fetchone()[0]
            match rng.randrange(6):
                case 0 | 1 | 2:
                    with contextlib.suppress(ValueError):
                        payload = json.dumps(_changed(json.loads(payload), rng)).encode()
                    connection.execute("UPDATE entry SET payload = ? WHERE number = ?", (payload, number))
                case 3:
                    kind = rng.choice(("undo/1", "redo/1", "set-track/1", "set-notes/1", "pixels/1", "other/9", ""))
                    connection.execute("UPDATE entry SET kind = ? WHERE number = ?", (kind, number))
                case 4:
                    connection.execute("DELETE FROM entry WHERE number = ?", (number,))
                case 5:
                    word = rng.choice(("actor", "recording", "at"))
                    value = rng.choice(("", "\x1b[2J", "model:x@1+y", "A" * 100_000))
                    connection.execute(f"UPDATE entry SET {word} = ? WHERE number = ?", (value, number))
            connection.execute("PRAGMA journal_mode = DELETE")
        return path.read_bytes()
