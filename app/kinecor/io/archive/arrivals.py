"""Instances that arrive are written whole or not at all, one folder a study; what is complete is not fetched again."""

import errno
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

import pydicom
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.archive.query import check_uid
from kinecor.io.archive.transfer import Outcome
from kinecor.io.dicom.header import silence_pydicom, text
from kinecor.io.files.atomic import whole
from kinecor.io.files.incomplete import Incomplete, clear_mark, incomplete, mark_incomplete

LIST: Final = ".kinecor-received.jsonl"
# Tags that say what an instance is; reading stops at the pixels.
_IDENTITY: Final = ["SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality"]

# What another compression of the same pixels changes.
_OF_COMPRESSION: Final = (
    "PixelData", "LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod",
    "PlanarConfiguration", "PhotometricInterpretation",
)  # fmt: skip


class DiskFullError(KinecorError):
    """Too little room on the disk."""


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
        self.root, self._free_bytes = root, free_bytes
        self._lock = threading.RLock()
        self._held: dict[str, dict[str, Held]] = {}

    def folder(self, study_uid: str) -> Path:
        """The folder of a study, whether or not it exists."""
        return self.root / check_uid(study_uid)

    def held(self, study_uid: str) -> Mapping[str, Held]:
        """What is complete on disk of a study, by SOP Instance UID; files that changed since do not count."""
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
        """Mark a study that arrives in unknown number; False where it is marked already."""
        with self._lock:
            folder = self.folder(study_uid)
            if incomplete(folder) is not None:
                return False
            self._made(folder)
            mark_incomplete(folder, Incomplete(None, source))
            return True

    def finish(self, study_uid: str) -> None:
        """Mark a study as complete."""
        with self._lock:
            clear_mark(self.folder(study_uid))

    def take(self, content: bytes) -> tuple[Outcome, Held]:
        """Write an instance; where one of its UID is here already, that one stays.

        Args:
            content: of the DICOM file (PS3.10).

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
        digest = hashlib.sha256(content).hexdigest()
        with self._lock:
            self.held(study)
            before = self._held[study].get(uid)
            if before is not None:
                same = before.sha256 == digest or _same(before.path, content)
                return (Outcome.ALREADY if same else Outcome.CONFLICT), before
            held = Held(
                folder / f"{uid}.dcm",
                uid,
                text(head, "SeriesInstanceUID"),
                text(head, "SOPClassUID"),
                text(head, "Modality"),
                len(content),
                digest,
            )
            self._made(folder)
            self._check_room(len(content))
            try:
                with whole(held.path, private=True) as temporary:
                    temporary.write_bytes(content)
            except KinecorError as error:
                if isinstance(error.__cause__, OSError):
                    raise _unwritable(folder, error.__cause__) from error
                raise
            self._note(folder, held)
            self._held[study][uid] = held
            return Outcome.STORED, held

    def _made(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(folder, error) from error

    def _check_room(self, size: int) -> None:
        free = shutil.disk_usage(self.root).free
        if free - size < self._free_bytes:
            raise DiskFullError(
                message(
                    "The disk of {path} is full ({free} MB free, {reserved} MB stay free): make room, then retrieve "
                    "again; what has arrived is not fetched twice",
                    path=verbatim(str(self.root)),
                    free=free >> 20,
                    reserved=self._free_bytes >> 20,
                )
            )

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
            raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> KinecorError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(
            message(
                "The disk of {path} is full: make room, then retrieve again; what has arrived is not fetched twice",
                path=verbatim(str(folder)),
            )
        )
    return KinecorError(
        message(
            "{path} cannot be written ({reason}): choose a folder that can be written to",
            path=verbatim(str(folder)),
            reason=verbatim(error.strerror or str(error)),
        )
    )


def _verified(folder: Path) -> dict[str, Held]:
    """What the list of a folder names and is unchanged on disk."""
    found: dict[str, Held] = {}
    try:
        lines = (folder / LIST).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in lines:
        try:
            one = json.loads(line)
            path = folder / Path(one["file"]).name
            held = Held(
                path, one["uid"], one["series"], one["class"], one["modality"], int(one["bytes"]), one["sha256"]
            )
            with path.open("rb") as file:
                whole_size = os.fstat(file.fileno()).st_size == held.size_bytes
                intact = whole_size and hashlib.file_digest(file, "sha256").hexdigest() == held.sha256
        except (ValueError, KeyError, TypeError, OSError):
            continue
        if intact:
            found[held.uid] = held
    return found


def study_of(content: bytes) -> str:
    """The Study Instance UID of a DICOM file.

    Raises:
        KinecorError: it has none, or cannot be read.

    """
    return check_uid(text(_head(content), "StudyInstanceUID"))


def _head(content: bytes) -> Dataset:
    """The elements that say what an instance is.

    Raises:
        KinecorError: they cannot be read, or are missing.

    """
    silence_pydicom()
    try:
        head = pydicom.dcmread(BytesIO(content), specific_tags=_IDENTITY, stop_before_pixels=True)
        complete = all(text(head, one) for one in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID"))
    except Exception as error:  # pydicom meets garbage with many kinds of exception
        raise KinecorError(
            message("Expected a DICOM instance, what arrived is damaged or cut off: it was not stored")
        ) from error
    if not complete:
        raise KinecorError(
            message("Expected an instance with class, instance and study UID, one is missing: it was not stored")
        )
    return head


def _same(path: Path, content: bytes) -> bool:
    """Whether two files are one instance, written differently: another transfer syntax, group lengths.

    Pixels are compared where both are uncompressed, else everything else is.
    """
    try:
        one, other = pydicom.dcmread(path), pydicom.dcmread(BytesIO(content))
        syntaxes = [of.file_meta.TransferSyntaxUID for of in (one, other)]
        if syntaxes[0] != syntaxes[1] and any(syntax.is_compressed for syntax in syntaxes):
            for of in (one, other):
                for name in _OF_COMPRESSION:
                    if name in of:
                        del of[name]
        return bool(one == other)
    except Exception:  # one of them cannot be parsed: they differ in bytes, which is all that is known
        return False
