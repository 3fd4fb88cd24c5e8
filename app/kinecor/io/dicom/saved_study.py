"""Where a saved study stands in a DICOM object: private elements of a Raw Data object (PS3.3 A.37, PS3.5 7.8).

No standard object holds a history of edits. Raw Data is what archives store without looking into it, and programs that
do not know the private elements show nothing of it. Reading and writing share this file.
"""

import re
from pathlib import Path
from typing import Final

from pydicom import dcmread
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.io.dicom.header import DicomFile

RAW_DATA: Final = "1.2.840.10008.5.1.4.1.1.66"
DESCRIPTION: Final = "Kinecor saved study"
"""Of its series."""
_GROUP: Final = 0x0071
_CREATOR: Final = "KINECOR SAVED STUDY 1"
_CONTENT: Final = 0x01
_CLASS: Final = re.compile(re.escape(RAW_DATA).encode() + rb"(?![0-9.])")
_MAX_FILE_BYTES: Final = 256 << 20
_META_BYTES: Final = 1024
"""Of the beginning of a file, with its class."""


def put_content(made: Dataset, content: bytes) -> None:
    """Put the bytes of a saved study into an object.

    Args:
        made: the object.
        content: of a `.kinecor` file, packed.

    """
    block = made.private_block(_GROUP, _CREATOR, create=True)
    block.add_new(_CONTENT, "OB", content + b"\0" * (len(content) % 2))


def content_of(file: DicomFile) -> bytes:
    """The bytes of the saved study in an object; they may end with a byte of padding.

    Args:
        file: with its header.

    Raises:
        KinecorError: it holds none, is damaged, or too large.

    """
    damaged = message("Expected an intact saved study, this one is damaged or was changed; send or retrieve it again")
    try:
        if file.path.stat().st_size > _MAX_FILE_BYTES:
            raise KinecorError(
                message(
                    "Expected a saved study of at most {most} MB, this one is larger; copy its .kinecor file instead",
                    most=_MAX_FILE_BYTES >> 20,
                )
            )
        whole = dcmread(file.path, force=True)
        value = whole.private_block(_GROUP, _CREATOR)[_CONTENT].value
    except KinecorError:
        raise
    except Exception as error:  # whatever the damage provokes
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise KinecorError(damaged) from error
    if not isinstance(value, bytes):
        raise KinecorError(damaged)
    return value


def may_hold(path: Path) -> bool:
    """Whether a file begins as a Raw Data object does; reads its first block and nothing else.

    Args:
        path: of any file.

    """
    try:
        with path.open("rb") as file:
            start = file.read(_META_BYTES)
    except OSError:
        return False
    return start[128:132] == b"DICM" and _CLASS.search(start) is not None
