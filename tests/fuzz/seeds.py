"""Sound files of every format, small, from which mutants are made."""

import io
import itertools
import lzma
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import SimpleITK as sitk  # noqa: N813
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import MediaStorageDirectoryStorage

from kinecor.session.journal import Journal
from kinecor.session.store import Store
from tests.io import make_dicom as make
from tests.session.samples import ALL_EDITS, first

RECORDING, STUDY, RESULT = "recording", "study", "result"


@dataclass(frozen=True)
class Seed:
    """A sound file, or a folder of them.

    Attributes:
        format: its name in tables.
        files: by name; the first is the one that is damaged.
        opened: the name that is opened; "" is the folder.
        target: RECORDING, STUDY or RESULT.
        checked: whether the format lets a decoder notice damage; without, any bytes are pixels.

    """

    format: str
    files: dict[str, bytes]
    opened: str
    target: str = RECORDING
    checked: bool = True


def _frames(colour: bool = False) -> np.ndarray:
    """Four frames with speckle and a moving bright bar, 48 x 64."""
    rng = np.random.default_rng(3)
    base = cv2.GaussianBlur(rng.integers(0, 200, (48, 64), np.uint8), (0, 0), 1.5)
    frames = np.repeat(base[None], 4, axis=0)
    for number, frame in enumerate(frames):
        frame[:, 8 + 4 * number : 14 + 4 * number] = 240
    return np.stack([frames, frames // 2, 255 - frames], axis=-1) if colour else frames


# By name: transfer syntax, photometric interpretation, whether in colour.
_SYNTAXES = {
    "DICOM uncompressed": (make.EXPLICIT, "MONOCHROME2", False),
    "DICOM deflated": (make.DEFLATED, "RGB", True),
    "DICOM RLE": (make.RLE, "RGB", True),
    "DICOM JPEG": (make.JPEG_BASELINE, "YBR_FULL_422", True),
    "DICOM JPEG lossless": (make.JPEG_LOSSLESS, "MONOCHROME2", False),
    "DICOM JPEG-LS": (make.JPEG_LS, "MONOCHROME2", False),
    "DICOM JPEG 2000": (make.JPEG_2000, "YBR_ICT", True),
    "DICOM HTJ2K": (make.HTJ2K_LOSSLESS, "MONOCHROME2", False),
    "DICOM JPEG XL": (make.JPEG_XL, "RGB", True),
}


def _loop(name: str) -> Seed:
    syntax, photometric, colour = _SYNTAXES[name]
    with tempfile.TemporaryDirectory() as folder:
        how = {"photometric": photometric, **_uids(1)}
        path = make.write_loop(Path(folder) / "a.dcm", _frames(colour), syntax=syntax, **how)
        content = path.read_bytes()
    native = syntax in (make.EXPLICIT, make.DEFLATED)
    return Seed(name, {"a.dcm": content}, "a.dcm", checked=not native)


def _uids(number: int) -> dict[str, str]:
    names = ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    return {name: f"1.2.826.0.1.{number}.{place}" for place, name in enumerate(names)}


def _mri() -> Seed:
    files = {}
    with tempfile.TemporaryDirectory() as folder:
        make.write_study(Path(folder) / "s")
        for path in sorted((Path(folder) / "s").rglob("*")):
            if path.is_file():
                files[path.name] = path.read_bytes()
    return Seed("DICOM cine MRI", files, "", checked=False)


def _dicomdir() -> Seed:
    loop = _loop("DICOM uncompressed")
    record = Dataset()
    record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", ["IMAGES", "A"]
    listing = Dataset()
    listing.file_meta = FileMetaDataset()
    listing.file_meta.TransferSyntaxUID = make.EXPLICIT
    listing.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    listing.file_meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.9"
    listing.DirectoryRecordSequence = [record]
    held = io.BytesIO()
    listing.save_as(held, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return Seed("DICOMDIR", {"DICOMDIR": held.getvalue(), "IMAGES/A": loop.files["a.dcm"]}, "DICOMDIR")


def _zip() -> Seed:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, number in (("one/a.dcm", 1), ("two/b.dcm", 2)):
            with tempfile.TemporaryDirectory() as folder:
                path = make.write_loop(Path(folder) / "a.dcm", _frames(), **_uids(number))
                archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return Seed("zip", {"a.zip": held.getvalue()}, "a.zip")


def _volume(ending: str) -> Seed:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        image = sitk.JoinSeries([sitk.GetImageFromArray(_frames()[:3]) for _ in range(4)])
        image.SetSpacing((1.5, 1.5, 8.0, 0.04))
        sitk.WriteImage(image, str(path))
        content = path.read_bytes()
    name = {"nii": "NIfTI", "nii.gz": "NIfTI, packed", "mha": "MetaImage"}[ending]
    return Seed(name, {f"a.{ending}": content}, f"a.{ending}", checked=ending == "nii.gz")


def _still(ending: str) -> Seed:
    content = cv2.imencode(f".{ending}", _frames(True)[0])[1].tobytes()
    return Seed(ending.upper().replace("JPG", "JPEG still"), {f"a.{ending}": content}, f"a.{ending}")


def _video(ending: str, codec: str) -> Seed:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), 25.0, (64, 48))
        for number in range(12):
            video.write(np.roll(_frames(True)[0], 2 * number, axis=1))
        video.release()
        content = path.read_bytes()
    return Seed(f"{ending.upper()} ({codec})", {f"a.{ending}": content}, f"a.{ending}")


def _report() -> Seed:
    """A structured report of our own, read back next to its recording."""
    from kinecor.io.write.echo_report import echo_report
    from tests.io.write.sources import AT, read_clip, write_clip

    with tempfile.TemporaryDirectory() as folder:
        clip = write_clip(Path(folder) / "a.dcm")
        made = echo_report([read_clip(clip)], AT)
        made.SOPInstanceUID = "1.2.826.0.1.7"
        made.file_meta = FileMetaDataset()
        made.file_meta.TransferSyntaxUID = make.EXPLICIT
        made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID
        made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
        held = io.BytesIO()
        made.save_as(held, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return Seed("DICOM SR", {"sr.dcm": held.getvalue()}, "sr.dcm")


def _segmentation() -> Seed:
    from kinecor.io.write.segmentation import write_segmentation
    from tests.io.write.sources import read_clip, write_clip

    with tempfile.TemporaryDirectory() as folder:
        clip = write_clip(Path(folder) / "a.dcm")
        write_segmentation(Path(folder) / "seg.dcm", read_clip(clip), datetime(2026, 1, 1, tzinfo=UTC))
        content = (Path(folder) / "seg.dcm").read_bytes()
    return Seed("DICOM SEG", {"seg.dcm": content}, "seg.dcm")


def _study() -> Seed:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.kinecor"
        with Store.open(path) as store:
            journal = Journal(store)
            journal.open(first())
            for edit in ALL_EDITS:
                try:
                    journal.do("1.2.3", edit, "Anna")
                except ValueError:
                    continue  # not every sample fits after the others
            journal.undo("1.2.3", "Anna")
            journal.redo("1.2.3", "Anna")
        content = path.read_bytes()
    return Seed("study file", {"a.kinecor": content}, "a.kinecor", STUDY)


def _earlier_study() -> Seed:
    saved = Path(__file__).parents[1] / "session/saved/apical.kinecor.xz"
    return Seed("study file, version 1", {"a.kinecor": lzma.decompress(saved.read_bytes())}, "a.kinecor", STUDY)


def _result() -> Seed:
    from kinecor.core.values.reading import first_reading
    from kinecor.io.export.result import cine_entry, document, write_result
    from kinecor.io.open.recordings import open_path
    from kinecor.session.audit import Head
    from tests.io.write.sources import read_clip, write_clip

    with tempfile.TemporaryDirectory() as folder:
        clip = write_clip(Path(folder) / "a.dcm")
        read = read_clip(clip)
        (cine,) = open_path(clip).recordings
        entry = cine_entry("a", cine.cines[0], read.reading or first_reading(cine.cines[0]))
        made = document([entry], ["1.2.3"], [read.reading], heads={"1.2.3": Head(3, "0" * 64)})
        write_result(Path(folder) / "result.json", made)
        content = (Path(folder) / "result.json").read_bytes()
    return Seed("result.json", {"result.json": content}, "result.json", RESULT)


_MAKERS: dict[str, Callable[[], Seed]] = {
    **{name: (lambda name=name: _loop(name)) for name in _SYNTAXES},
    "DICOM cine MRI": _mri,
    "DICOM SR": _report,
    "DICOM SEG": _segmentation,
    "DICOMDIR": _dicomdir,
    "zip": _zip,
    "NIfTI": lambda: _volume("nii"),
    "NIfTI, packed": lambda: _volume("nii.gz"),
    "MetaImage": lambda: _volume("mha"),
    "PNG": lambda: _still("png"),
    "JPEG still": lambda: _still("jpg"),
    "AVI (MJPG)": lambda: _video("avi", "MJPG"),
    "MP4 (mp4v)": lambda: _video("mp4", "mp4v"),
    "study file": _study,
    "study file, version 1": _earlier_study,
    "result.json": _result,
}
FORMATS = tuple(_MAKERS)


def seed_of(name: str) -> Seed:
    """The seed of a format; UIDs are counted in place of drawn, so that it has the same bytes every time.

    What the program itself writes differs in times of writing and identifiers all the same.
    """
    counted = itertools.count(1)
    with mock.patch.object(make, "generate_uid", side_effect=lambda: f"1.2.826.0.1.3680043.{next(counted)}"):
        return _MAKERS[name]()
