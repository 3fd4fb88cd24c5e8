"""A DICOM file read as a whole but for its pixels: for objects made from it, and for reports."""

from functools import lru_cache
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.dicom.header import silence_pydicom


def source_header(path: str) -> Dataset:
    """All elements of a source file before its pixels, text decoded.

    Args:
        path: of a file that a recording was opened from.

    Raises:
        KinecorError: the file has gone or cannot be read any more.

    """
    try:
        return whole_header(path)
    except Exception as error:  # whatever became of the file since it was opened
        raise KinecorError(
            message(
                "{path} cannot be read again: a DICOM object made from it copies patient and study from there",
                path=verbatim(path),
            )
        ) from error


def whole_header(path: str) -> Dataset:
    """As `source_header`, with whatever error comes of a damaged file.

    Args:
        path: of the file.

    """
    # Another file of the same name may be of another patient.
    state = Path(path).stat()
    return _read(path, state.st_ino, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=512)
def _read(path: str, *_state: int) -> Dataset:
    silence_pydicom()
    header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    header.decode()
    return header
