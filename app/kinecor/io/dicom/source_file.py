"""A DICOM file read as a whole but for its pixels: for objects made from it, and for reports."""

from functools import lru_cache

import pydicom
from pydicom.dataset import Dataset

from kinecor.core.values.errors import KinecorError
from kinecor.io.dicom.header import silence_pydicom


@lru_cache(maxsize=512)
def source_header(path: str) -> Dataset:
    """All elements of a source file before its pixels, text decoded.

    Raises:
        KinecorError: the file has gone or cannot be read any more.

    """
    silence_pydicom()
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        header.decode()
    except Exception as error:  # whatever became of the file since it was opened
        raise KinecorError(
            f"{path} cannot be read again: a DICOM object made from it copies patient and study from there"
        ) from error
    return header
