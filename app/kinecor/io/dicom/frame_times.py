"""The time of each frame, from the most reliable element of the header."""

from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from kinecor.core.values.arrays import FloatArray
from kinecor.io.dicom.values import element, number, numbers, positive

ASSUMED_RATE_PER_S = 30.0
# Outside these an interval is a slip, not a frame rate: 2000 and 0.2 frames a second.
MIN_INTERVAL_MS, MAX_INTERVAL_MS = 0.5, 5000.0
_FRAME_TIME, _FRAME_TIME_VECTOR = 0x00181063, 0x00181065


@dataclass(frozen=True)
class FrameTimes:
    """Times of a loop's frames.

    Attributes:
        times_s: (frames,) seconds from the first frame.
        origin: the element they come from, or "assumed".
        warnings: about the elements that could not be used.

    """

    times_s: FloatArray
    origin: str
    warnings: tuple[str, ...] = ()


def header_times(header: Dataset, frames: int) -> FrameTimes:
    """Times of an ultrasound loop.

    In this order: what Frame Increment Pointer (0028,0009) names, Frame Time (0018,1063) or Frame Time Vector
    (0018,1065), both in ms; the other of the two; Recommended Display Frame Rate (0008,2144); Cine Rate (0018,0040);
    else 30 frames a second, marked as assumed. See PS3.3 C.7.6.5.
    """
    if frames == 1:
        return FrameTimes(np.zeros(1), "single frame")
    warnings: list[str] = []
    pointer = _pointer(header)
    order = (
        (_vector, _interval) if _FRAME_TIME_VECTOR in pointer and _FRAME_TIME not in pointer else (_interval, _vector)
    )
    for read in (*order, _display_rate, _cine_rate):
        found, complaint = read(header, frames)
        if complaint:
            warnings.append(complaint)
        if found is not None:
            return FrameTimes(found[0], found[1], tuple(warnings))
    warnings.append(f"The file has no frame times; {ASSUMED_RATE_PER_S:g} frames/s are assumed.")
    return FrameTimes(even_times(frames, 1 / ASSUMED_RATE_PER_S), "assumed", tuple(warnings))


def even_times(frames: int, interval_s: float) -> FloatArray:
    """(frames,) seconds, `interval_s` apart, from 0."""
    return np.arange(frames, dtype=np.float64) * interval_s


_Found = tuple[tuple[FloatArray, str] | None, str]


def _pointer(header: Dataset) -> set[int]:
    value = element(header, "FrameIncrementPointer")
    if value is None:
        return set()
    try:
        return {int(value)} if isinstance(value, int) else {int(one) for one in value}
    except (TypeError, ValueError):
        return set()


def _interval(header: Dataset, frames: int) -> _Found:
    interval_ms = number(header, "FrameTime")
    if interval_ms is None or interval_ms == 0:
        return None, ""
    if not MIN_INTERVAL_MS <= interval_ms <= MAX_INTERVAL_MS:
        return None, f"The file's Frame Time of {interval_ms:g} ms is not a frame rate and was ignored."
    return (even_times(frames, interval_ms / 1000), "FrameTime"), ""


def _vector(header: Dataset, frames: int) -> _Found:
    increments_ms = np.asarray(numbers(header, "FrameTimeVector"))
    if not increments_ms.size:
        return None, ""
    if increments_ms.size == frames - 1:
        # Seen in real files: the leading 0 is missing.
        increments_ms = np.concatenate(([0.0], increments_ms))
    if increments_ms.size != frames:
        return (
            None,
            f"The file's Frame Time Vector has {increments_ms.size} times for {frames} frames and was ignored.",
        )
    if (increments_ms[1:] <= 0).any():
        return None, "The file's Frame Time Vector does not increase and was ignored."
    increments_ms[0] = 0.0
    return (np.cumsum(increments_ms) / 1000, "FrameTimeVector"), ""


def _display_rate(header: Dataset, frames: int) -> _Found:
    return _rate(header, frames, "RecommendedDisplayFrameRate")


def _cine_rate(header: Dataset, frames: int) -> _Found:
    return _rate(header, frames, "CineRate")


def _rate(header: Dataset, frames: int, keyword: str) -> _Found:
    rate = positive(header, keyword)
    if rate is None or not MIN_INTERVAL_MS <= 1000 / rate <= MAX_INTERVAL_MS:
        return None, ""
    return (even_times(frames, 1 / rate), keyword), ""
