"""A file of contours of any kind that is read, by its content and its ending."""

from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.labels import ContourFile, LabelFile
from kinecor.core.values.message import message, verbatim
from kinecor.io.contours.images import ENDINGS, read_label_image
from kinecor.io.contours.points import read_contour_points
from kinecor.io.contours.segmentation import read_segmentation
from kinecor.io.dicom.header import looks_like_dicom
from kinecor.io.open.find import unreadable

FILE_ENDINGS: Final = (".dcm", *ENDINGS, ".json")
"""Of files of contours, in lower case; DICOM is recognised without an ending as well."""
FORMAT_NAMES: Final = "DICOM Segmentation, NIfTI, MetaImage, NRRD, PNG, JSON"


def read_contour_file(path: Path, tick: Tick = no_tick) -> LabelFile | ContourFile:
    """Labels or points of a file.

    Args:
        path: of the file.
        tick: called while a large one is read.

    Raises:
        KinecorError: it is not there, cannot be read, is damaged, or holds no contours.
        Cancelled: by `tick`.

    """
    try:
        with path.open("rb") as file:
            start = file.read(132)
        ending = path.name.lower()
        if ending.endswith(".json"):
            return read_contour_points(path)
        if ending.endswith(ENDINGS):
            return read_label_image(path, tick)
        if looks_like_dicom(start):
            return read_segmentation(path)
    except IsADirectoryError:
        raise KinecorError(
            message("{path} is a folder: choose the file that holds the contours", path=verbatim(str(path)))
        ) from None
    except OSError as error:
        raise KinecorError(unreadable(error)) from error
    raise KinecorError(
        message(
            "{file}: expected contours ({formats}), this is another kind of file",
            file=verbatim(path.name),
            formats=verbatim(FORMAT_NAMES),
        )
    )
