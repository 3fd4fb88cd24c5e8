"""Live sources: frames as they come from a folder that is written to, a camera, a named pipe, or a replayed recording.

Nothing is stored. A source is read on its own thread by `Newest`, which holds the newest frame only: who is slow misses
frames and never falls behind.
"""

import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import urlsplit

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message, verbatim
from kinecor.io.open.find import natural_key

IMAGES: Final = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".dcm")
_POLL_S = 0.004
_GIVE_UP_S = 1.0
_MAX_PX = 4096
Stop = Callable[[], bool]
Source = Callable[[Stop], Iterator[BytesArray]]
"""Frames (rows, columns) or (rows, columns, 3) RGB uint8 as they come, until the source ends or `stop()` is true."""


def open_live(source: str, *, loop: bool = False) -> Source:
    """The source that `source` names.

    Args:
        source: a folder, a named pipe (YUV4MPEG2), a camera's number or device, the URL of a video stream, or a
            recording to replay at its speed.
        loop: whether a recording begins again at its end.

    Raises:
        KinecorError: there is no such source.

    """
    if source.isdecimal():
        return _camera(int(source), source)
    if "://" in source:
        return _camera(source, _whose(source))
    path = Path(source)
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise KinecorError(
            message(
                "{source}: expected a folder, a named pipe, a camera (0, 1, ... or its device), a stream "
                "(rtsp://...) or a recording, nothing is there; check the name",
                source=verbatim(source),
            )
        ) from error
    if stat.S_ISDIR(mode):
        before = {
            single_path.name for single_path in path.iterdir()
        }  # here, so that nothing written after this call is missed
        return lambda stop: _folder(path, before, stop)
    if stat.S_ISFIFO(mode):
        return lambda stop: _pipe(path, stop)
    if stat.S_ISCHR(mode):
        return _camera(source, source)
    return _replay(path, loop=loop)


def _folder(path: Path, before: Collection[str], stop: Stop) -> Iterator[BytesArray]:
    """Images that were not in a folder `before`, each once, by name; an incomplete one is awaited."""
    seen = set(before)
    late: dict[str, float] = {}
    while not stop():
        paths = sorted(
            (
                single_path
                for single_path in path.iterdir()
                if single_path.suffix.lower() in IMAGES and single_path.name not in seen
            ),
            key=lambda path: natural_key(path.name),
        )
        for file in paths:
            image = _image(file)
            if image is not None:
                seen.add(file.name)
                yield image
            elif time.monotonic() - late.setdefault(file.name, time.monotonic()) > _GIVE_UP_S:
                seen.add(file.name)  # no image, or its writer has gone
            else:
                break
        if not paths:
            time.sleep(_POLL_S)


def _image(path: Path) -> BytesArray | None:
    """An image, or None while it is not complete."""
    if path.suffix.lower() == ".dcm":
        from kinecor.io.open.recordings import open_path

        opened = open_path(path).recordings
        return np.asarray(opened[0].cines[0].frames[0], np.uint8) if opened else None
    import cv2

    try:
        content = path.read_bytes()
    except OSError:
        return None
    if not _whole(path.suffix.lower(), content):
        return None
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
    return None if found is None else np.asarray(found[..., ::-1], np.uint8)


def _whole(ending: str, content: bytes) -> bool:
    """Whether the end of an image is there; decoders fill what is missing with grey."""
    if ending == ".png":
        return content[-8:-4] == b"IEND"
    return content.rstrip(b"\0")[-2:] == b"\xff\xd9" if ending in (".jpg", ".jpeg") else len(content) > 0


def _whose(url: str) -> str:
    """Host and port of a URL, without the password that it may hold; of a file, its name."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2] or Path(parts.path).name


def _camera(which: int | str, name: str) -> Source:
    """What OpenCV captures; `name` is for messages."""
    import cv2

    def frames(stop: Stop) -> Iterator[BytesArray]:
        device = cv2.VideoCapture(which)
        device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not the oldest that waits
        try:
            if not device.isOpened():
                raise KinecorError(
                    message(
                        "camera {name} cannot be opened: check that it is connected and not in use", name=verbatim(name)
                    )
                )
            while not stop():
                there, frame = device.read()
                if not there:
                    raise KinecorError(
                        message(
                            "camera {name} gives no more frames: check its cable, then begin again", name=verbatim(name)
                        )
                    )
                yield np.asarray(frame[..., ::-1], np.uint8)
        finally:
            device.release()

    return frames


def _pipe(path: Path, stop: Stop) -> Iterator[BytesArray]:
    """The luma of a YUV4MPEG2 stream, as `ffmpeg ... -pix_fmt gray -f yuv4mpegpipe PIPE` writes it."""
    with path.open("rb", buffering=1 << 20) as pipe:
        rows, columns, chroma = _y4m_header(pipe.readline(256), path)
        while not stop():
            head = pipe.readline(256)
            if not head:
                return  # the writer has closed it
            if not head.startswith(b"FRAME"):
                raise KinecorError(
                    message(
                        "{path}: expected a frame of YUV4MPEG2, got {start}: begin the stream again",
                        path=verbatim(str(path)),
                        start=verbatim(repr(head[:8])),
                    )
                )
            luma = _exactly(pipe, rows * columns)
            if luma is None or _exactly(pipe, chroma) is None:
                return
            yield np.frombuffer(luma, np.uint8).reshape(rows, columns)


def _y4m_header(line: bytes, path: Path) -> tuple[int, int, int]:
    """(rows, columns, bytes of chroma that follow the luma of a frame)."""
    wrong = KinecorError(
        message(
            "{path}: expected a YUV4MPEG2 stream of 8 bits: ffmpeg -i INPUT -pix_fmt gray -f yuv4mpegpipe {path}",
            path=verbatim(str(path)),
        )
    )
    parts = line.decode("ascii", "replace").split()
    if not parts or parts[0] != "YUV4MPEG2":
        raise wrong
    stated = {part[0]: part[1:] for part in parts[1:]}
    try:
        rows, columns = int(stated["H"]), int(stated["W"])
    except (KeyError, ValueError):
        raise wrong from None
    kind = stated.get("C", "420")
    half = ((rows + 1) // 2) * ((columns + 1) // 2)
    chroma = {"mono": 0, "420": 2 * half, "420jpeg": 2 * half, "420mpeg2": 2 * half, "420paldv": 2 * half}
    chroma |= {"422": 2 * rows * ((columns + 1) // 2), "444": 2 * rows * columns}
    if kind not in chroma or not (0 < rows <= _MAX_PX and 0 < columns <= _MAX_PX):
        raise wrong
    return rows, columns, chroma[kind]


def _exactly(pipe: BinaryIO, count: int) -> bytes | None:
    """So many bytes, or None where the stream ends before."""
    content = pipe.read(count)
    return content if len(content) == count else None


def _replay(path: Path, *, loop: bool) -> Source:
    from kinecor.io.open.recordings import open_path

    opened = open_path(path)
    if not opened.recordings:
        raise KinecorError(
            opened.refused[0].reason
            if opened.refused
            else message("{path} holds no recording", path=verbatim(str(path)))
        )
    cine = opened.recordings[0].cines[0]

    def frames(stop: Stop) -> Iterator[BytesArray]:
        steps = np.diff(cine.times_s).tolist()
        steps.append(steps[-1] if steps else 1.0)
        due_s = time.monotonic()
        while True:
            for frame, step_s in enumerate(steps):
                image = np.asarray(cine.frames[frame], np.uint8)
                if (wait_s := due_s - time.monotonic()) > 0:
                    time.sleep(wait_s)
                if stop():
                    return
                yield image
                due_s += step_s
            if not loop:
                return

    return frames


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A frame of a live source.

    Attributes:
        number: of the frame, from 0; numbers that are missing were passed over.
        image: (rows, columns) or (rows, columns, 3) RGB uint8.
        at_s: when it arrived, by time.monotonic().
        interval_s: usual time from frame to frame so far; 0 before two have arrived.

    """

    number: int
    image: BytesArray
    at_s: float
    interval_s: float


class Newest:
    """Reads a source on a thread of its own and hands out its newest frame."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._changed = threading.Condition()
        self._newest: Arrived | None = None
        self._error: BaseException | None = None
        self._ended = self._stopped = False
        # A pipe without a writer blocks for good: the thread must not hold up the program's end.
        self._thread = threading.Thread(target=self._read, name="kinecor-live-source", daemon=True)
        self._thread.start()

    def next(self, after: int, timeout_s: float = 0.1) -> Arrived | None:
        """The newest frame after number `after`; None where none came in time, or the source has ended.

        Args:
            after: number of the frame that was taken last, -1 before the first.
            timeout_s: how long to wait.

        Raises:
            KinecorError: the source failed.

        """
        with self._changed:
            self._changed.wait_for(lambda: self._ended or (self._newest and self._newest.number > after), timeout_s)
            if self._newest is not None and self._newest.number > after:
                return self._newest
            if self._error is not None:
                raise self._error
            return None

    @property
    def ended(self) -> bool:
        """Whether no more frames come."""
        return self._ended

    def close(self, timeout_s: float = 2.0) -> None:
        """Stop reading.

        Args:
            timeout_s: how long to wait for the thread.

        """
        self._stopped = True
        self._thread.join(timeout_s)

    def _read(self) -> None:
        number, last_s, interval_s = 0, 0.0, 0.0
        try:
            for image in self._source(lambda: self._stopped):
                now_s = time.monotonic()
                step_s = now_s - last_s if number else 0.0
                # Slow enough to be steady, quick enough to follow another rate within seconds.
                interval_s = step_s if number < 2 else interval_s + 0.05 * (min(step_s, 4 * interval_s) - interval_s)
                with self._changed:
                    self._newest = Arrived(number, image, now_s, interval_s)
                    self._changed.notify_all()
                number, last_s = number + 1, now_s
        except KinecorError as error:
            self._error = error
        except OSError as error:
            self._error = KinecorError(
                message(
                    "the live source cannot be read any more ({reason}): begin again",
                    reason=verbatim(error.strerror or str(error)),
                )
            )
        finally:
            with self._changed, suppress(RuntimeError):
                self._ended = True
                self._changed.notify_all()
