"""AVI and MP4 through OpenCV, with access to any frame that is correct before it is fast."""

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.cine import CineSequence
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.io.dicom.frame_times import ASSUMED_RATE_PER_S, even_times
from kinecor.io.files.cache import FrameCache
from kinecor.io.files.options import Options
from kinecor.io.open.find import Candidate
from kinecor.io.open.plain import plain_cine, plain_source
from kinecor.io.open.video_frames import DAMAGED, VideoFrames, Walker

# A quarter of an hour at 25 a second: more is no loop.
MAX_VIDEO_FRAMES = 25_000


def open_video(candidate: Candidate, cache: FrameCache, options: Options, tick: Tick = no_tick) -> CineSequence:
    """A colour loop. Frames are counted by walking through the file once, since containers misstate their number.

    Raises:
        KinecorError: the video is damaged, empty, too long, or of a codec that is not known.
        OSError: it cannot be read.
        Cancelled: by `tick`.

    """
    stamps_ms, rate_per_s = _counted(candidate, tick)
    count = len(stamps_ms)
    if count == 0:
        raise KinecorError(DAMAGED)
    frames = VideoFrames(candidate, count, cache)
    times_s, origin = _times(stamps_ms, rate_per_s)
    warnings: tuple[str, ...] = ()
    if origin == "assumed":
        warnings = (f"The video does not tell its frame times; {ASSUMED_RATE_PER_S:g} frames a second are assumed.",)
    source = plain_source(candidate, options, tick)
    return plain_cine(source, frames, times_s, origin, options, "A video carries no scale", warnings)


def _counted(candidate: Candidate, tick: Tick) -> tuple[list[float], float]:
    """The time of every frame, in ms, as the container stamps it, and its frame rate."""
    walker = Walker(candidate)
    try:
        stamps: list[float] = []
        while walker.skip():
            stamps.append(walker.time_ms)
            if len(stamps) > MAX_VIDEO_FRAMES:
                raise KinecorError(f"Expected a loop of at most {MAX_VIDEO_FRAMES} frames, the video is longer; cut it")
            if not len(stamps) % 16:
                tick(0, 0)
        return stamps, walker.rate_per_s
    finally:
        walker.close()


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
