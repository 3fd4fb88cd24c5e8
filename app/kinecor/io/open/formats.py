"""The table of file formats other than DICOM: what they are called, how their names end, and what opens them.

A new format is one entry here and a function that opens a file of it (CONTRIBUTING has the recipe). DICOM is recognised
by its content, and opened by `recordings`, since its files make recordings together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kinecor.core.values.calibration import Options
from kinecor.core.values.errors import Tick
from kinecor.core.values.recording import Recording
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.candidate import DICOM, Candidate
from kinecor.io.open.headerless import open_still, open_video
from kinecor.io.open.volume import open_volume

Opener = Callable[[Candidate, FrameCache, Options, Tick], Recording]
"""Opens one file. Raises KinecorError for one that cannot be used, OSError, and Cancelled by the tick."""


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Files of one kind.

    Attributes:
        kind: one word for it, unique.
        names: what people call the formats.
        endings: of file names, in lower case.
        open: see Opener.
        picture: whether such a file next to recordings is a thumbnail or an export of them: then it is passed over.

    """

    kind: str
    names: tuple[str, ...]
    endings: tuple[str, ...]
    open: Opener
    picture: bool = False


FORMATS: Final = (
    FileFormat("volume", ("NIfTI", "MetaImage"), (".nii", ".nii.gz", ".mhd", ".mha"), open_volume),
    FileFormat("video", ("AVI", "MP4"), (".avi", ".mp4", ".m4v", ".mov"), open_video),
    FileFormat("still", ("PNG", "JPEG"), (".png", ".jpg", ".jpeg"), open_still, picture=True),
)
BY_KIND: Final = {file_format.kind: file_format for file_format in FORMATS}


def format_of(name: str) -> FileFormat | None:
    """The format of a file by the ending of its name; None for another, DICOM's included.

    Args:
        name: of the file.

    """
    return next((file_format for file_format in FORMATS if name.lower().endswith(file_format.endings)), None)


def format_names(*, pictures: bool) -> str:
    """What can be opened, e.g. "DICOM, NIfTI, MetaImage, AVI, MP4".

    Args:
        pictures: whether formats of single images are named, too.

    """
    names = (name for file_format in FORMATS if pictures or not file_format.picture for name in file_format.names)
    return ", ".join((DICOM.upper(), *names))
