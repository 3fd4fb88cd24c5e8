"""Instances on their way in: written to the disk as they arrive, so that memory stays flat whatever their size."""

import errno
import os
import shutil
import threading
import uuid
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.atomic import TemporaryFolder, clear_stale

_LOOK_EVERY_BYTES: Final = 16 << 20


class DiskFullError(KinecorError):
    """Too little room on the disk."""


class Spool:
    """A hidden folder for what is not complete yet; that of a killed process is removed at the next start.

    Args:
        root: on the disk where complete instances go, so that they only have to be renamed; None for the system's
            temporary folder.
        free_bytes: that stay free on that disk.

    """

    def __init__(self, root: Path | None = None, free_bytes: int = 0) -> None:
        self._root, self._free_bytes = root, free_bytes
        self._lock = threading.Lock()
        self._folder: TemporaryFolder | None = None

    def clear(self) -> None:
        """Remove what killed processes left."""
        clear_stale(self._root)

    def file(self) -> "SpooledFile":
        """A new, empty file; what fails is raised by its `finish`."""
        return SpooledFile(self)

    def new_path(self) -> Path:
        """A name for a file in the folder, which is made where there is none yet.

        Raises:
            OSError: the folder cannot be made.

        """
        with self._lock:
            if self._folder is None or not self._folder.path.is_dir():
                self.clear()
                if self._root is not None:
                    self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._folder = TemporaryFolder(self._root)
            return self._folder.path / f"{uuid.uuid4().hex}.dcm"

    def check_room(self, size: int = 0) -> None:
        """Check that the reserve of the disk stays free.

        Args:
            size: bytes that are about to be written.

        Raises:
            DiskFullError: it does not.

        """
        if self._root is None or not self._root.exists():
            return
        free = shutil.disk_usage(self._root).free
        if free - size < self._free_bytes:
            raise DiskFullError(
                message(
                    "The disk of {path} is full ({free} MB free, {reserved} MB stay free): make room, then retrieve "
                    "again; what has arrived is not fetched twice",
                    path=verbatim(str(self._root)),
                    free=free >> 20,
                    reserved=self._free_bytes >> 20,
                )
            )

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        with self._lock:
            if self._folder is not None:
                self._folder.remove()
                self._folder = None


class SpooledFile(BytesIO):
    """An instance that is being written; pynetdicom takes it for the memory that it collects a data set in.

    What goes wrong is remembered and not raised, so that the rest of the message is taken from the line and the sender
    gets an answer.
    """

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self._spool, self._size, self._looked_at = spool, 0, 0
        self._error: KinecorError | None = None
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        try:
            self._path = spool.new_path()
            self._file = os.fdopen(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
            spool.check_room()
        except (OSError, KinecorError) as error:
            self._fail(error)

    def write(self, data: Any) -> int:
        """Add bytes; they are dropped once something has failed.

        Args:
            data: bytes.

        """
        count = len(data)
        if self._file is not None:
            try:
                if self._size - self._looked_at >= _LOOK_EVERY_BYTES:
                    self._spool.check_room()
                    self._looked_at = self._size
                self._file.write(data)
                self._size += count
            except (OSError, KinecorError) as error:
                self._fail(error)
        return count

    def finish(self) -> Path:
        """The file, complete; whoever asks for it renames or removes it.

        Raises:
            DiskFullError: there was too little room.
            KinecorError: it could not be written.

        """
        if self._file is not None:
            try:
                self._file.close()
                self._file = None
            except OSError as error:
                self._fail(error)
        if self._error is not None:
            raise self._error
        assert self._path is not None
        return self._path

    def discard(self) -> None:
        """Remove the file; nothing where it was renamed."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _fail(self, error: OSError | KinecorError) -> None:
        self._error = error if isinstance(error, KinecorError) else unwritable(self._path or Path(), error)
        self.discard()


def unwritable(place: Path, error: OSError) -> KinecorError:
    """What to say where a file or folder cannot be written.

    Args:
        place: the file or folder.
        error: of writing it.

    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFullError(
            message(
                "The disk of {path} is full: make room, then retrieve again; what has arrived is not fetched twice",
                path=verbatim(str(place)),
            )
        )
    return KinecorError(
        message(
            "{path} cannot be written ({reason}): choose a folder that can be written to",
            path=verbatim(str(place)),
            reason=verbatim(error.strerror or str(error)),
        )
    )


def stream_data_set(association: Any, spool: Spool) -> "SpooledFile | None":
    """Let the data set of the C-STORE request that is arriving go to the disk from here on.

    To be called for each PDU before it is taken: the data set of a request of one PDU stays in memory.

    Args:
        association: of pynetdicom.
        spool: where to.

    Returns:
        The file, where one was begun now.

    """
    incoming = association.dimse.message
    if type(incoming).__name__ != "C_STORE_RQ" or type(incoming.data_set) is not BytesIO:
        return None
    before = incoming.data_set.getvalue()
    if not before:
        return None
    from pynetdicom.dsutils import create_file_meta, encode_file_meta

    command = incoming.command_set
    context = association._accepted_cx.get(incoming.context_id)
    if context is None or "AffectedSOPClassUID" not in command or "AffectedSOPInstanceUID" not in command:
        return None  # pynetdicom refuses it
    meta = create_file_meta(
        sop_class_uid=command.AffectedSOPClassUID,
        sop_instance_uid=command.AffectedSOPInstanceUID,
        transfer_syntax=context.transfer_syntax[0],
    )
    file = spool.file()
    file.write(bytes(128) + b"DICM" + encode_file_meta(meta))
    file.write(before)
    incoming.data_set = file
    return file


def arrived_file(event: Any, spool: Spool) -> SpooledFile:
    """What a C-STORE request of pynetdicom brought, as a DICOM file, complete or with what went wrong.

    Args:
        event: of pynetdicom.
        spool: holds files while they arrive.

    """
    data = event.request.DataSet
    if isinstance(data, SpooledFile):
        return data
    file = spool.file()
    file.write(event.encoded_dataset())
    return file
