"""Instances that arrive are written whole or not at all, one folder a study; what is complete is not fetched again."""

import errno
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pydicom
from pydicom.dataset import Dataset

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message
from kinecor.io.archive.query import check_uid
from kinecor.io.archive.spool import Spool, unwritable
from kinecor.io.archive.transfer import Outcome
from kinecor.io.dicom.header import silence_pydicom, text
from kinecor.io.files.atomic import STALE_AFTER_S, flush
from kinecor.io.files.incomplete import Incomplete, clear_mark, incomplete, mark_incomplete

LIST: Final = ".kinecor-received.jsonl"
# Tags that say what an instance is; reading stops at the pixels.
_IDENTITY: Final = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"]

# What another compression of the same pixels changes.
_OF_COMPRESSION: Final = (
    "PixelData", "LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod",
    "PlanarConfiguration", "PhotometricInterpretation",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """An instance on disk.

    Attributes:
        path: of its file.
        uid: SOP Instance UID.
        series_uid, sop_class, modality: from its header.
        size_bytes, sha256: of the file.

    """

    path: Path
    uid: str
    series_uid: str
    sop_class: str
    modality: str
    size_bytes: int
    sha256: str


class Arrivals:
    """The studies received into a folder; safe for several threads.

    A file gets its name when it is complete and on the disk. A list in the folder of its study says size and digest,
    so that an interrupted transfer goes on where it ended. As long as instances are missing, the folder is marked, and
    opening it says so.
    """

    def __init__(self, root: Path, free_bytes: int = 0) -> None:
        self.root = root
        self.spool = Spool(root, free_bytes)
        """Where instances are until they are complete."""
        self._lock = threading.RLock()
        self._held: dict[str, dict[str, Held]] = {}

    def folder(self, study_uid: str) -> Path:
        """The folder of a study, whether or not it exists.

        Args:
            study_uid: of the study.

        """
        return self.root / check_uid(study_uid)

    def held(self, study_uid: str) -> Mapping[str, Held]:
        """What is complete on disk of a study, by SOP Instance UID; files that changed since do not count.

        Args:
            study_uid: of the study.

        """
        with self._lock:
            known = self._held.get(study_uid)
            if known is None:
                known = self._held[study_uid] = _verified(self.folder(study_uid))
            return dict(known)

    def expect(self, study_uid: str, wanted: Collection[str], source: str, *, all_of_it: bool = True) -> None:
        """Mark a study as incomplete as long as something that was asked for is not here; else as complete.

        Args:
            study_uid: which.
            wanted: SOP Instance UIDs that are asked for now.
            source: where they come from.
            all_of_it: whether these are all of the study; if not, what was asked for earlier is still expected.

        """
        with self._lock:
            folder = self.folder(study_uid)
            before = None if all_of_it else incomplete(folder)
            earlier = frozenset[str]() if before is None else before.expected
            expected = None if earlier is None else earlier | set(wanted)
            if expected is None or expected - self.held(study_uid).keys():
                self._made(folder)
                mark_incomplete(folder, Incomplete(expected, source))
            else:
                clear_mark(folder)

    def begin(self, study_uid: str, source: str) -> bool:
        """Mark a study that arrives in unknown number; False where it is marked already.

        Args:
            study_uid: of the study.
            source: who sends it.

        """
        with self._lock:
            folder = self.folder(study_uid)
            if incomplete(folder) is not None:
                return False
            self._made(folder)
            mark_incomplete(folder, Incomplete(None, source))
            return True

    def finish(self, study_uid: str) -> None:
        """Mark a study as complete.

        Args:
            study_uid: of the study.

        """
        with self._lock:
            clear_mark(self.folder(study_uid))

    def take(self, content: bytes | Path) -> tuple[Outcome, Held]:
        """Keep an instance; where one of its UID is here already, that one stays.

        Args:
            content: of the DICOM file (PS3.10), or a file of `spool`, which is renamed.

        Returns:
            What became of it, and what is on disk now.

        Raises:
            DiskFullError: there is too little room.
            KinecorError: it does not say which instance of which study it is, is cut off, or cannot be written.

        """
        head = _head(content)
        study, uid = text(head, "StudyInstanceUID"), text(head, "SOPInstanceUID")
        folder = self.folder(study)
        check_uid(uid, instance=True)
        if isinstance(content, Path):
            return self._keep(content, head, folder)
        file = self.spool.file()
        file.write(content)
        try:
            return self._keep(file.finish(), head, folder)
        finally:
            file.discard()

    def _keep(self, arrived: Path, head: Dataset, folder: Path) -> tuple[Outcome, Held]:
        study, uid = text(head, "StudyInstanceUID"), text(head, "SOPInstanceUID")
        try:
            with arrived.open("rb") as file:
                digest, size = hashlib.file_digest(file, "sha256").hexdigest(), os.fstat(file.fileno()).st_size
        except OSError as error:
            raise unwritable(arrived, error) from error
        with self._lock:
            self.held(study)
            before = self._held[study].get(uid)
            if before is not None:
                same = before.sha256 == digest or _same(before.path, arrived)
                return (Outcome.ALREADY if same else Outcome.CONFLICT), before
            held = Held(
                folder / f"{uid}.dcm",
                uid,
                text(head, "SeriesInstanceUID"),
                text(head, "SOPClassUID"),
                text(head, "Modality"),
                size,
                digest,
            )
            self._made(folder)
            self._check_room(0)
            try:
                flush(arrived)
                self._rename(arrived, held.path)
                flush(folder)
            except OSError as error:
                raise unwritable(folder, error) from error
            self._note(folder, held)
            self._held[study][uid] = held
            return Outcome.STORED, held

    def _rename(self, arrived: Path, target: Path) -> None:
        try:
            arrived.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            # It was written to another disk: copied next to its place first, so that it appears there whole.
            near = self.spool.new_path()
            try:
                shutil.copyfile(arrived, near)
                near.chmod(0o600)
                flush(near)
                near.replace(target)
            finally:
                near.unlink(missing_ok=True)

    def _made(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(folder, error) from error

    def _check_room(self, size: int) -> None:
        self.spool.check_room(size)

    def _note(self, folder: Path, held: Held) -> None:
        line = json.dumps(
            {
                "file": held.path.name,
                "uid": held.uid,
                "series": held.series_uid,
                "class": held.sop_class,
                "modality": held.modality,
                "bytes": held.size_bytes,
                "sha256": held.sha256,
            }
        )
        try:
            # One write, after a line that may have been cut off; without its line a file is only fetched again.
            descriptor = os.open(folder / LIST, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, f"\n{line}\n".encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            raise unwritable(folder, error) from error


def _verified(folder: Path) -> dict[str, Held]:
    """What the list of a folder names and is unchanged on disk."""
    held_recordings: dict[str, Held] = {}
    _clear_partial(folder)
    try:
        lines = (folder / LIST).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return held_recordings
    for line in lines:
        try:
            stored = json.loads(line)
            path = folder / Path(stored["file"]).name
            uid, series, sop_class, modality = (str(stored[name]) for name in ("uid", "series", "class", "modality"))
            held = Held(path, uid, series, sop_class, modality, int(stored["bytes"]), str(stored["sha256"]))
            with path.open("rb") as file:
                whole_size = os.fstat(file.fileno()).st_size == held.size_bytes
                intact = whole_size and hashlib.file_digest(file, "sha256").hexdigest() == held.sha256
        except UNREADABLE:
            continue
        if intact:
            held_recordings[held.uid] = held
    return held_recordings


# What versions before this one wrote first, next to the instances.
_PARTIAL = re.compile(r"\.[0-9.]+-[0-9a-f]{12}\.dcm")


def _clear_partial(folder: Path) -> None:
    """Remove what a killed process of an earlier version left half written."""
    with suppress(OSError):
        for path in folder.glob(".*-*.dcm"):
            if _PARTIAL.fullmatch(path.name) and time.time() - path.stat().st_mtime > STALE_AFTER_S:
                path.unlink(missing_ok=True)


def study_of(content: bytes | Path) -> str:
    """The Study Instance UID of a DICOM file.

    Args:
        content: of the file, or its path.

    Raises:
        KinecorError: it has none, or cannot be read.

    """
    return check_uid(text(_head(content), "StudyInstanceUID"))


def _head(content: bytes | Path) -> Dataset:
    """The elements that say what an instance is.

    Raises:
        KinecorError: they cannot be read, or are missing.

    """
    silence_pydicom()
    try:
        file = content if isinstance(content, Path) else BytesIO(content)
        head = pydicom.dcmread(file, specific_tags=_IDENTITY, stop_before_pixels=True)
        complete = all(text(head, keyword) for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"))
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise KinecorError(
            message("Expected a DICOM instance, what arrived is damaged or cut off: it was not stored")
        ) from error
    if not complete:
        raise KinecorError(
            message("Expected an instance with class, instance and study UID, one is missing: it was not stored")
        )
    return head


def _same(path: Path, other_path: Path) -> bool:
    """Whether two files are one instance, written differently: another transfer syntax, group lengths.

    Pixels are compared where both are uncompressed, else everything else is.
    """
    try:
        first, second = (pydicom.dcmread(single_path, defer_size=_DEFER_BYTES) for single_path in (path, other_path))
        syntaxes = [dataset.file_meta.TransferSyntaxUID for dataset in (first, second)]
        compressed = syntaxes[0] != syntaxes[1] and any(syntax.is_compressed for syntax in syntaxes)
        digests = [
            b"" if compressed else _pixel_bytes(dataset, file)
            for dataset, file in ((first, path), (second, other_path))
        ]
        for single_dataset in (first, second):
            for name in _OF_COMPRESSION if compressed else ("PixelData",):
                if name in single_dataset:
                    del single_dataset[name]
        return digests[0] == digests[1] and bool(first == second)
    except Exception:  # one of them cannot be parsed: they differ in bytes, which is all that is known
        return False


_DEFER_BYTES: Final = 1 << 20
_UNDEFINED: Final = 0xFFFF_FFFF


def _pixel_bytes(dataset: Dataset, path: Path) -> bytes:
    """The digest of the bytes of the pixels, read in pieces; empty without pixels."""
    element: Any = dataset.get_item("PixelData", keep_deferred=True) if "PixelData" in dataset else None
    if element is None:
        return b""
    if element.value is not None:
        return hashlib.sha256(element.value).digest()
    length, digest = int(element.length), hashlib.sha256()
    if length == _UNDEFINED:  # fragments: up to the end of the file
        length = path.stat().st_size
    with path.open("rb") as file:
        file.seek(element.value_tell)
        while length and (piece := file.read(min(length, _DEFER_BYTES))):
            digest.update(piece)
            length -= len(piece)
    return digest.digest()
