"""How much a small file may unpack to: what a packer makes of nothing but zeros is no recording."""

import shutil
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import Message, join_texts, message, number, verbatim

_ALWAYS_BYTES: Final = 256 << 20
"""Unpacked without asking how small it was: drawn masks pack a thousandfold."""
_MAX_RATIO: Final = 100
"""Images of a scanner pack two- to tenfold, mostly black ones thirtyfold."""
_FREE_SHARE: Final = 0.5
"""Of the disk's free space, what one file may take."""
MAX_FRAME_PIXELS: Final = 1 << 26
"""A frame larger than 8192 x 8192 is no echo and no MR slice, but would take gigabytes."""


def check_unpacked(packed_bytes: int, unpacked_bytes: int, folder: Path | None = None) -> None:
    """Refuse to unpack a file to far more than its size suggests, or than the disk has room for.

    Args:
        packed_bytes: size of the file.
        unpacked_bytes: what it unpacks to, by its header or so far.
        folder: where it is unpacked to; None where it is unpacked in memory.

    Raises:
        KinecorError: it is too much.

    """
    most = max(_ALWAYS_BYTES, _MAX_RATIO * packed_bytes)
    if unpacked_bytes > most:
        raise KinecorError(
            message(
                "Expected a packed file of {size} to hold at most {most}, this one holds "
                "more; export it without compression",
                size=megabytes(packed_bytes),
                most=megabytes(most),
            )
        )
    if folder is not None and unpacked_bytes > _FREE_SHARE * shutil.disk_usage(folder).free:
        raise KinecorError(
            message(
                "Expected room for {size} in {folder}, the disk is almost full; free some space",
                size=megabytes(unpacked_bytes),
                folder=verbatim(str(folder)),
            )
        )


def megabytes(count: int) -> Message:
    """Bytes as a reader reads them: "3 MB", below one "40 kB".

    Args:
        count: of bytes.

    """
    if count >= 1e6:
        return join_texts(number(count / 1e6, ".0f"), " MB")
    return join_texts(number(count / 1e3, ".0f"), " kB")
