"""DICOM video: one MPEG-2, MPEG-4 or HEVC stream in the pixel data (PS3.5 8.2.5 to 8.2.10), decoded through OpenCV.

The stream is copied to a temporary file, since OpenCV reads no other; what says when, of whom and at which scale is the
header, as for other recordings.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import BinaryIO, Final

import numpy as np

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, message, verbatim
from kinecor.io.dicom.header import ASSUMED_RATE_PER_S, DicomFile, FrameTimes, even_times, header_times, syntax_name
from kinecor.io.dicom.layout import Fragment, PixelLayout, read_stream
from kinecor.io.files.atomic import TemporaryFolder
from kinecor.io.files.cache import FrameCache
from kinecor.io.files.packing import check_unpacked
from kinecor.io.files.video import UndecodableVideoError, VideoFrames, frame_stamps

_BLOCK: Final = 1 << 20
_PACKET: Final = 188
"""Bytes of a packet of an MPEG transport stream."""
_RATE_TOLERANCE: Final = 0.02
"""Of the frame interval: 29.97 and 30 frames a second are the same rate, 25 and 30 are not."""


@dataclass(frozen=True)
class StreamFrames:
    """The frames of a DICOM video.

    Attributes:
        layout: as the header declares it, with the number of frames that were found.
        frames: decoded on demand.
        times: of the header, else of the stream.
        digest: sha256 (hex) over layout and stream.

    """

    layout: PixelLayout
    frames: VideoFrames
    times: FrameTimes
    digest: str


def read_video(file: DicomFile, cache: FrameCache, tick: Tick) -> StreamFrames:
    """The frames of a file whose transfer syntax is a video's.

    Args:
        file: with its header.
        cache: for decoded frames.
        tick: may raise Cancelled.

    Raises:
        KinecorError: the stream is damaged, is cut off, is of another kind or size than the header says, or is larger
            than the disk has room for.
        OSError: it cannot be read.
        Cancelled: by `tick`, called as tick(0, 0) now and then; the temporary file is removed.

    """
    layout, pieces = read_stream(file)
    keep = TemporaryFolder()
    path = keep.path / "stream"
    try:
        path.touch(mode=0o600, exist_ok=False)
        with file.path.open("rb") as source, path.open("wb") as to:
            digest = _copied(source, to, layout, pieces, keep, tick)
        with path.open("rb") as stream:
            _check_kind(stream.read(2 * _PACKET + 1), file)
        stamps_ms, rate_per_s = frame_stamps(path, tick)
        layout = _counted(layout, len(stamps_ms))
        frames = VideoFrames(path, len(stamps_ms), cache, (keep, file.keep))
    except UndecodableVideoError:
        keep.remove()
        raise KinecorError(
            message(
                "Expected a video ({syntax}), its stream is damaged or its codec is not known; export "
                "the recording as JPEG or uncompressed",
                syntax=verbatim(syntax_name(file.syntax)),
            )
        ) from None
    except BaseException:
        keep.remove()
        raise
    if frames.shape[1:3] != (layout.rows, layout.columns):
        raise KinecorError(
            message(
                "Expected {columns} x {rows} pixels, the video has {shape} x {shape_2}; the header is "
                "wrong, export the recording again",
                columns=layout.columns,
                rows=layout.rows,
                shape=frames.shape[2],
                shape_2=frames.shape[1],
            )
        )
    return StreamFrames(layout, frames, _times(file, stamps_ms, rate_per_s), digest)


def _copied(
    source: BinaryIO, to: BinaryIO, layout: PixelLayout, pieces: tuple[Fragment, ...], keep: TemporaryFolder, tick: Tick
) -> str:
    """Copy the stream; sha256 (hex) over its layout and bytes."""
    total = sum(length for _, length in pieces)
    check_unpacked(total, total, keep.path)
    digest = sha256(repr((layout.syntax, layout.rows, layout.columns)).encode())
    for at, length in pieces:
        source.seek(at)
        while length > 0 and (block := source.read(min(length, _BLOCK))):
            to.write(block)
            digest.update(block)
            length -= len(block)
            tick(0, 0)
    return digest.hexdigest()


def _check_kind(start: bytes, file: DicomFile) -> None:
    """Refuse what is no stream that DICOM allows: ffmpeg also plays lists of other files, and fetches them."""
    elementary = start.startswith((b"\0\0\1", b"\0\0\0\1"))  # a program stream, too
    packets = start[:1] == b"G" and start[_PACKET : _PACKET + 1] in {b"G", b""}
    if not (elementary or packets or start[4:8] == b"ftyp"):
        raise KinecorError(
            message(
                "Expected a video stream ({syntax}), got something else; the transfer syntax in the "
                "header is wrong or the file is damaged, export the recording again",
                syntax=verbatim(syntax_name(file.syntax)),
            )
        )


def _counted(layout: PixelLayout, found: int) -> PixelLayout:
    """The layout with all frames found; a header that says one frame may simply not know."""
    if found != layout.frames and layout.frames != 1:
        raise KinecorError(
            message(
                "Expected {frames} frames, {value} can be decoded from the video; it was cut off or is "
                "damaged, copy or export the recording again",
                frames=layout.frames,
                value=found,
            )
        )
    return layout if found == layout.frames else replace(layout, frames=found)


def _times(file: DicomFile, stamps_ms: list[float], rate_per_s: float) -> FrameTimes:
    """The header's times; the stream's own where it has none, and a warning where the two differ."""
    times = header_times(file.header, len(stamps_ms))
    own_s, origin = stream_times(stamps_ms, rate_per_s)
    if len(stamps_ms) == 1 or origin == "assumed":
        return times
    if times.origin == "assumed":
        return FrameTimes(own_s, origin, times.warnings[:-1])
    said_s, ours_s = times.times_s[-1], own_s[-1]
    if abs(said_s - ours_s) <= _RATE_TOLERANCE * said_s:
        return times
    warning = message(
        "By the file's {element} its frames last {header_duration:.2f} s, by the video in it {video_duration:.2f} s: "
        "the "
        "times of the header are used, check the heart rate.",
        element=times.origin,
        header_duration=float(said_s),
        video_duration=float(ours_s),
    )
    return FrameTimes(times.times_s, times.origin, (*times.warnings, warning))


def stream_times(stamps_ms: list[float], rate_per_s: float) -> tuple[FloatArray, Message]:
    """Times of frames in s, and where they are from: a container's stamps where they increase, else its rate.

    Where both are unusable, the times are assumed.

    Args:
        stamps_ms: of every frame.
        rate_per_s: frames a second; 0 where the container does not say.

    """
    count = len(stamps_ms)
    if count == 1:
        return np.zeros(1), message("single frame")
    stamps_s = (np.asarray(stamps_ms) - stamps_ms[0]) / 1000
    steps = np.diff(stamps_s)
    if (steps > 0).all() and steps.max() < 5:
        return stamps_s, message("video time stamps")
    if 0.2 <= rate_per_s <= 2000:
        return even_times(count, 1 / rate_per_s), message("video frame rate")
    return even_times(count, 1 / ASSUMED_RATE_PER_S), message("assumed")
