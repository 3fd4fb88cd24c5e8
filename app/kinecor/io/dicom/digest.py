"""Digests that identify a recording's pixels: sha256 over the bytes that hold them."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from kinecor.core.values.errors import Tick, no_tick
from kinecor.io.dicom.pixels import DicomPixels

# Hashed in some 12 ms; a loop whose encoded frames are larger together is identified by as many of them as fit.
MOST_BYTES = 16 << 20
LEAST_FRAMES = 3
_BLOCK = 4 << 20


def content_digest(paths: Sequence[Path], tick: Tick = no_tick) -> str:
    """sha256 (hex) over the whole content of the files, one after the other; about a second for each GB.

    Raises:
        OSError: a file cannot be read.
        Cancelled: by `tick`, called as tick(0, 0) every few megabytes.

    """
    digest = sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                tick(0, 0)
        digest.update(b"%d;" % path.stat().st_size)
    return digest.hexdigest()


def pixel_digest(frames: Sequence[tuple[DicomPixels, int]], most_bytes: int = MOST_BYTES) -> str:
    """sha256 (hex) over a DICOM loop's pixels as the file encodes them, so that nothing needs to be decoded.

    It covers how samples are laid out, the length of every frame's encoded bytes, and these bytes themselves: of
    all frames where they are at most `most_bytes` together, else of frames spread evenly from the first to the last,
    as many as fit and three at least. Compressed frames of a loop differ in length, so a change in a frame that is
    skipped is still detected in all but contrived cases; the first frame of a large clip is on screen 100 ms sooner.

    Args:
        frames: the file and the number within it of every frame, in order.
        most_bytes: see above.

    Raises:
        OSError: a file cannot be read.

    """
    digest = sha256()
    lengths = np.array([pixels.encoded_length(frame) for pixels, frame in frames], np.int64)
    layout = frames[0][0].layout
    shape = (layout.rows, layout.columns, layout.samples, layout.allocated, layout.stored, layout.signed)
    digest.update(repr((*shape, layout.photometric, layout.planar)).encode())
    digest.update(lengths.astype("<i8").tobytes())
    chosen = np.arange(len(frames))
    total = int(lengths.sum())
    if total > most_bytes:
        count = max(LEAST_FRAMES, len(frames) * most_bytes // total)
        chosen = np.unique(np.linspace(0, len(frames) - 1, count).round().astype(int))
    for index in chosen:
        pixels, frame = frames[int(index)]
        digest.update(pixels.encoded(frame))
    return digest.hexdigest()


def named_by(digest: str) -> str:
    """The identity of a recording that has no UID: its digest, shortened."""
    return f"sha256-{digest[:24]}"
