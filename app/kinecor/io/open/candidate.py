"""A file worth opening."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DICOM: Final = "dicom"


@dataclass(frozen=True)
class Candidate:
    """A file worth opening.

    Attributes:
        path: of its bytes.
        shown: the path to show, which may name a zip.
        kind: DICOM, or the `kind` of a format of formats.py.
        keep: a temporary folder that must live as long as the file is read, or None.
        partial: whether files of its folder are still arriving.

    """

    path: Path
    shown: str
    kind: str
    keep: Any = None
    partial: bool = False
