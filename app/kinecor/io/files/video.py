"""A video's frames through OpenCV, in any order, correct before fast.

OpenCV does not seek exactly, so captures only walk forward. The first walk, which counts frames, is in a process of its
own: what makes a decoder crash or hang does so there, and the file is refused. ffmpeg conceals damage, and says so on
the standard error output only, so a process of its own walks through the video once more and listens.
"""

import logging
import multiprocessing
import os
import re
import tempfile
import threading
import time
from collections import OrderedDict
from functools import cache as once
from pathlib import Path
from typing import Any

import numpy as np

from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.message import message
from kinecor.io.files.cache import CachedFrames, FrameCache
from kinecor.io.files.isolated import DecoderDiedError, DecoderFailedError, Decoders, is_apart
from kinecor.io.files.packing import MAX_FRAME_PIXELS

_log = logging.getLogger(__name__)
# A quarter of an hour at 25 a second: more is no loop.
MAX_VIDEO_FRAMES = 25_000
_DAMAGED = message(
    "Expected an AVI or MP4 video, this one is damaged or its codec is not known; export it as MP4 (H.264)"
)
# Playback, analysis and thumbnails each walk through the video at a different place.
_MAX_WALKERS = 3
_LISTEN_LIMIT_S = 180.0
# The first walk answers after so long, and is given up when it has not answered for WALK_LIMIT_S.
_PIECE_S = 1.0
WALK_LIMIT_S = 20.0
"""A decoder that steps over no frame for so long is ended."""
# Videos that are being opened at the same time.
_MAX_UNDER_WAY = 8
# "[mpeg4 @ 0x55d0c8] ac-tex damaged at 2 2": who reports it, of which stream.
_REPORT = re.compile(rb"^\[[\w,]+ @ 0x", re.MULTILINE)
# A decoder is at most so many frames ahead of the one it delivers, and reports what it meets there.
_AHEAD = 4


class UndecodableVideoError(KinecorError):
    """A video from which not one frame can be decoded."""

    def __init__(self) -> None:
        super().__init__(_DAMAGED)


def frame_stamps(path: Path, tick: Tick) -> tuple[list[float], float]:
    """The time of every frame, in ms, as the container stamps it, and its frame rate.

    Frames are counted by walking through the file once, since containers misstate their number.

    Args:
        path: of the video.
        tick: may raise Cancelled.

    Raises:
        UndecodableVideoError: there is no frame.
        KinecorError: the video is too long or its image too large.
        Cancelled: by `tick`, called as tick(0, 0) now and then.

    """
    stamps: list[float] = []
    here: _Walk | None = None
    ended = False
    try:
        while not ended:
            answer = None if here else _stamps_apart(path, len(stamps))
            if answer is None:  # no process of its own
                if here is None:
                    here, stamps = _Walk(Walker(path)), []
                following, rate_per_s, ended = here.walk(_PIECE_S)
            else:
                first, following, rate_per_s, ended = answer
                del stamps[first:]
            stamps += following
            if len(stamps) > MAX_VIDEO_FRAMES:
                raise KinecorError(
                    message(
                        "Expected a loop of at most {most} frames, the video is longer; cut it",
                        most=MAX_VIDEO_FRAMES,
                    )
                )
            tick(0, 0)
    finally:
        if here is not None:
            here.walker.close()
    if not stamps:
        Walker(path).close()  # says why, where it cannot be opened
        raise UndecodableVideoError
    return stamps, rate_per_s


_Answer = tuple[int, list[float], float, bool]
"""The place of the first of these frames, their stamps in ms, the frame rate, and whether the video ended."""


@once
def _counter() -> Decoders:
    return Decoders(1, WALK_LIMIT_S)


def _stamps_apart(path: Path, start: int) -> _Answer | None:
    """The next frames by a process of its own; None where there can be none.

    Args:
        path: of the video.
        start: how many frames are known.

    """
    if multiprocessing.current_process().daemon:  # may not start another one
        return None
    try:
        return _counter().run(_walk_apart, os.fsencode(path), start, threading.get_ident())
    except DecoderFailedError:
        return 0, [], 0.0, True


class Walker:
    """One capture that walks forward from the first frame; use from one thread at a time.

    Raises:
        KinecorError: the video cannot be opened.

    """

    def __init__(self, path: Path) -> None:
        # ffmpeg writes its own complaints to stderr unless it is silenced before its first use.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self._capture: Any = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        self.next = 0
        """The frame that comes next."""
        if not self._capture.isOpened():
            raise UndecodableVideoError
        width, height = (
            self._capture.get(dimension) for dimension in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        if not 0 < width * height <= MAX_FRAME_PIXELS:
            raise KinecorError(
                message(
                    "Expected a video of at most {most} pixels, got {width:.0f} x {height:.0f}",
                    most=MAX_FRAME_PIXELS,
                    width=width,
                    height=height,
                )
            )
        self.rate_per_s = float(self._capture.get(cv2.CAP_PROP_FPS))
        """As the container states it; 0 where it does not."""

    def skip(self) -> bool:
        """Step over the next frame; False at the end."""
        self.next += 1
        return bool(self._capture.grab())

    @property
    def time_ms(self) -> float:
        """The time stamp of the frame stepped over last."""
        import cv2

        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC))

    def image(self) -> BytesArray:
        """The frame stepped over last as RGB.

        Raises:
            KinecorError: it is damaged.

        """
        import cv2

        good, image = self._capture.retrieve()
        if not good:
            raise KinecorError(
                message("Frame {frame}: the video is damaged here; export the video again", frame=self.next)
            )
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()


class _Walk:
    """A walk that has not come to its end."""

    def __init__(self, walker: Walker) -> None:
        self.walker = walker
        self.frames = 0

    def walk(self, limit_s: float) -> tuple[list[float], float, bool]:
        """Stamps of the next frames, in ms, the frame rate, and whether the video ended; for as long as `limit_s`."""
        until_s = time.monotonic() + limit_s
        stamps: list[float] = []
        while good := self.walker.skip():
            stamps.append(self.walker.time_ms)
            self.frames += 1
            if time.monotonic() > until_s or self.frames > MAX_VIDEO_FRAMES:
                break
        if not good:
            self.walker.close()
        return stamps, self.walker.rate_per_s, not good


_under_way: OrderedDict[tuple[bytes, int], _Walk] = OrderedDict()
"""In a process of its own: walks by file and thread of the caller, the one asked for last at the end."""


def _walk_apart(data: bytes, start: int, caller: int) -> _Answer | None:
    """The next frames, from the first where a walk had to begin anew; None in a process that has more to do."""
    if not is_apart():
        return None
    name = bytes(data)
    walk = _under_way.pop((name, caller), None)
    if walk is None or walk.frames != start:
        if walk is not None:
            walk.walker.close()
        walk = _Walk(Walker(Path(os.fsdecode(name))))
    first = walk.frames
    stamps, rate_per_s, ended = walk.walk(_PIECE_S)
    if not ended:
        _under_way[name, caller] = walk
        while len(_under_way) > _MAX_UNDER_WAY:
            _under_way.popitem(last=False)[1].walker.close()
    return first, stamps, rate_per_s, ended


@once
def _listener() -> Decoders:
    return Decoders(1, _LISTEN_LIMIT_S)


def damaged_frames(path: Path, count: int) -> frozenset[int]:
    """Frames (0-based) whose decoder reports damage, and those after them that are predicted from them.

    What it reports after the last frame, such as one that cannot be decoded at all, counts for the last frame. Nothing
    is found where no process can be started to listen, or where it takes longer than _LISTEN_LIMIT_S.

    Args:
        path: of the video.
        count: of its frames.

    Raises:
        Cancelled: see `isolated.cancellable`.

    """
    if multiprocessing.current_process().daemon:  # may not start another one
        return frozenset()
    try:
        found, keys = _listener().run(_listen, os.fsencode(path))
    except (DecoderDiedError, DecoderFailedError, ImportError) as error:
        _log.warning("the decoder of a video was not listened to: %s", error)
        return frozenset()
    if len(keys) >= count and all(keys):  # each frame is coded by itself
        return frozenset(min(frame, count - 1) for frame in found)
    out: set[int] = set()
    for frame in found:
        first = min(frame, count - 1)
        last = next((index for index, key in enumerate(keys[:count]) if key and index > first + _AHEAD), count)
        out.update(range(first, last))
    return frozenset(out)


def _listen(data: bytes) -> tuple[list[int], list[bool]]:
    """Frames with errors by ffmpeg, and which packets are key frames; none in a process that has more to do."""
    if not is_apart():
        return [], []
    os.environ.pop("OPENCV_FFMPEG_LOGLEVEL", None)  # errors, on the standard error output
    import cv2

    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    found: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        before = os.dup(2)
        with (Path(folder) / "log").open("ab") as log:
            os.dup2(log.fileno(), 2)
        try:
            with (Path(folder) / "log").open("rb") as said:
                threads = [cv2.CAP_PROP_N_THREADS, 1]  # else it is frames ahead of the one that is delivered
                name = os.fsdecode(bytes(data))
                capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG, threads)
                frame, good = 0, True
                while good:
                    good = capture.grab()
                    if _REPORT.search(said.read()):
                        found.append(frame)
                    frame += 1
                capture.release()
                packets, keys = cv2.VideoCapture(name, cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1]), []
                while found and packets.grab():
                    keys.append(bool(packets.get(cv2.CAP_PROP_LRF_HAS_KEY_FRAME)))
                packets.release()
        finally:
            os.dup2(before, 2)
            os.close(before)
    return found, keys


class VideoFrames(CachedFrames):
    """A video's frames; every reader walks on where it was.

    Going back starts over. Frames passed on the way to another are left in the cache, as many as it may hold: a walk
    from the start is paid once for all the steps back that follow.

    Args:
        path: the video.
        count: of its frames; see `frame_stamps`.
        cache: where decoded frames are held.
        keep: what must live as long as this object, such as a temporary folder.

    Raises:
        KinecorError: the first frame cannot be decoded.

    """

    def __init__(self, path: Path, count: int, cache: FrameCache, keep: object = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        # The one used last at the end.
        self._resting: list[Walker] = []
        walker = Walker(path)
        if not walker.skip():
            raise UndecodableVideoError
        first = walker.image()
        self._resting.append(walker)
        # After the walkers, which have the file open: it is removed once they are closed.
        self._keep = keep
        self._damaged: frozenset[int] | None = None
        super().__init__(self._unused, (count, *first.shape), cache)
        self._room = cache.share_bytes // first.nbytes
        self.hold(0, first)

    def repaired(self, frame: int) -> bool:
        """See `damaged_frames`; asked for the first time, it walks through the video.

        Args:
            frame: from 0.

        """
        if self._damaged is None:
            self._damaged = damaged_frames(self._path, self.shape[0])
        return frame in self._damaged

    @staticmethod
    def _unused(frame: int) -> BytesArray:
        raise NotImplementedError(frame)

    def _decoded(self, frame: int) -> BytesArray:
        walker = self._taken(frame)
        # One less than there is room for, so that the requested frame does not displace the one before it.
        keep_from = frame - self._room + 1
        try:
            while walker.next < frame:
                if not walker.skip():
                    raise KinecorError(
                        message("Frame {frame}: the video ends before it; export the video again", frame=frame + 1)
                    )
                passed = walker.next - 1
                if passed >= keep_from and self.held(passed) is None:
                    self.hold(passed, walker.image())
            if not walker.skip():
                raise KinecorError(
                    message("Frame {frame}: the video is damaged here; export the video again", frame=frame + 1)
                )
            image = walker.image()
        except BaseException:
            walker.close()
            raise
        with self._lock:
            self._resting.append(walker)
            while len(self._resting) > _MAX_WALKERS:
                self._resting.pop(0).close()
        return image

    def _taken(self, frame: int) -> Walker:
        """The nearest walker that has not passed `frame` yet, else a new one."""
        with self._lock:
            behind = [walker for walker in self._resting if walker.next <= frame]
            if behind:
                nearest = max(behind, key=lambda walker: walker.next)
                self._resting.remove(nearest)
                return nearest
        return Walker(self._path)
