"""AVI and MP4 through OpenCV, with access to any frame that is correct before it is fast."""

import os
import threading
from typing import Any

import numpy as np

from kinecor.core.arrays import BytesArray, FloatArray
from kinecor.core.cine import CineSequence
from kinecor.core.errors import KinecorError
from kinecor.io.cache import CachedFrames, FrameCache
from kinecor.io.dicom_layout import MAX_FRAME_PIXELS
from kinecor.io.find import Candidate
from kinecor.io.frame_times import ASSUMED_RATE_PER_S, even_times
from kinecor.io.options import Options
from kinecor.io.plain import plain_cine, plain_source

# A quarter of an hour at 25 a second: more is no loop.
MAX_VIDEO_FRAMES = 25_000
_DAMAGED = "Expected an AVI or MP4 video, this one is damaged or its codec is not known; export it as MP4 (H.264)"


def open_video(candidate: Candidate, cache: FrameCache, options: Options) -> CineSequence:
    """A colour loop. Frames are counted by walking through the file once, since containers misstate their number.

    Raises:
        KinecorError: the video is damaged, empty, too long, or of a codec that is not known.

    """
    video = _Video(candidate)
    stamps_ms = video.count()
    count = len(stamps_ms)
    if count == 0:
        raise KinecorError(_DAMAGED)
    first = video.decode(0)
    times_s, origin = _times(stamps_ms, video.rate_per_s)
    warnings: tuple[str, ...] = ()
    if origin == "assumed":
        warnings = (f"The video does not tell its frame times; {ASSUMED_RATE_PER_S:g} frames a second are assumed.",)
    frames = CachedFrames(video.decode, (count, *first.shape), cache)
    return plain_cine(
        plain_source(candidate, options), frames, times_s, origin, options, "A video carries no scale", warnings
    )


class _Video:
    """One capture that walks forward; going back starts over. Seeking by time or key frame is not exact in OpenCV."""

    def __init__(self, candidate: Candidate) -> None:
        self._candidate = candidate
        self._lock = threading.Lock()
        self._capture: Any = None
        self._next = 0
        self.rate_per_s = 0.0

    def count(self) -> list[float]:
        """The time of every frame, in ms, as the container stamps it."""
        with self._lock:
            self._start()
            stamps: list[float] = []
            while self._capture.grab():
                stamps.append(self._capture_time_ms())
                if len(stamps) > MAX_VIDEO_FRAMES:
                    raise KinecorError(
                        f"Expected a loop of at most {MAX_VIDEO_FRAMES} frames, the video is longer; cut it"
                    )
            self._capture.release()
            self._capture = None
            return stamps

    def decode(self, frame: int) -> BytesArray:
        """Frame `frame` as RGB."""
        import cv2

        with self._lock:
            if self._capture is None or frame < self._next:
                self._start()
            while self._next < frame:
                if not self._capture.grab():
                    raise KinecorError(f"Frame {frame}: the video ends before it; export the video again")
                self._next += 1
            good, picture = self._capture.read()
            self._next += 1
        if not good:
            raise KinecorError(f"Frame {frame}: the video is damaged here; export the video again")
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)

    def _start(self) -> None:
        # ffmpeg writes its own complaints to stderr unless told not to, before its first use.
        os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
        import cv2

        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        if self._capture is not None:
            self._capture.release()
        self._capture = cv2.VideoCapture(str(self._candidate.path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise KinecorError(_DAMAGED)
        width, height = (self._capture.get(one) for one in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if not 0 < width * height <= MAX_FRAME_PIXELS:
            raise KinecorError(f"Expected a video of at most {MAX_FRAME_PIXELS} pixels, got {width:.0f} x {height:.0f}")
        self.rate_per_s = float(self._capture.get(cv2.CAP_PROP_FPS))
        self._next = 0

    def _capture_time_ms(self) -> float:
        import cv2

        return float(self._capture.get(cv2.CAP_PROP_POS_MSEC))


def _times(stamps_ms: list[float], rate_per_s: float) -> tuple[FloatArray, str]:
    """The container's stamps where they increase, else its rate, else an assumed one."""
    count = len(stamps_ms)
    if count == 1:
        return np.zeros(1), "single frame"
    stamps_s = (np.asarray(stamps_ms) - stamps_ms[0]) / 1000
    steps = np.diff(stamps_s)
    if (steps > 0).all() and steps.max() < 5:
        return stamps_s, "video time stamps"
    if 0.2 <= rate_per_s <= 2000:
        return even_times(count, 1 / rate_per_s), "video frame rate"
    return even_times(count, 1 / ASSUMED_RATE_PER_S), "assumed"
