"""Ways in which exports, conversions and mixed-up files make a recorded clip another one: grey levels, shape, order.

Files of this kind hold an image that no scanner made, but that opens as any other.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor.core.values.geometry import FloatArray
from kinecor.io.write.ultrasound import Box, UltrasoundLoop
from kinecor_lab.tasks.trust.simulated import EchoClip, EchoSetting, echo_clip
from kinecor_lab.tasks.trust.tampering import Kind, Way

Frames = NDArray[np.uint8]
EchoWay = Way[EchoSetting, EchoClip]
EchoKind = Kind[EchoSetting, EchoClip]

_STRANGER_SEED = 909_000
"""Of another patient's clip, of which frames get into a recording; even, and of no heart of the battery."""


def _way(of: Callable[[EchoClip], UltrasoundLoop]) -> EchoWay:
    return Way(made=lambda clip, _: replace(clip, loop=of(clip)))


def _imaged(of: Callable[[EchoClip], NDArray[np.generic]]) -> EchoWay:
    def made(clip: EchoClip, _: Generator) -> EchoClip:
        frames = np.ascontiguousarray(np.clip(of(clip), 0, 255).astype(np.uint8))
        return replace(clip, loop=replace(clip.loop, frames=frames))

    return Way(made=made)


def _beat(clip: EchoClip) -> int:
    """Frames of a usual beat."""
    return round(60 / clip.truth["HR"] / float(clip.loop.times_s[1]))


def _even(loop: UltrasoundLoop, frames: Frames) -> UltrasoundLoop:
    """The loop with other frames at its frame interval, and the R waves that are within."""
    times_s: FloatArray = np.arange(len(frames), dtype=np.float64) * float(loop.times_s[1])
    waves = tuple(wave_s for wave_s in loop.r_wave_s if wave_s <= times_s[-1])
    return replace(loop, frames=np.ascontiguousarray(frames), times_s=times_s, r_wave_s=waves)


# Grey levels.


def gamma(power: float) -> EchoWay:
    """Another grey map: darker above 1, brighter below."""
    table = np.clip(255 * (np.arange(256) / 255) ** power + 0.5, 0, 255).astype(np.uint8)
    return _imaged(lambda clip: table[clip.loop.frames])


def blurred(px: float) -> EchoWay:
    """Images smoothed by a filter or by enlarging small ones."""
    return _imaged(lambda clip: np.stack([cv2.GaussianBlur(frame, (0, 0), px) for frame in clip.loop.frames]))


def averaged(frames: int) -> EchoWay:
    """Each frame the mean of itself and those before it: persistence, or a converter that blends frames."""

    def change_clip(clip: EchoClip) -> NDArray[np.generic]:
        every = clip.loop.frames.astype(np.float32)
        return np.stack([every[max(0, n - frames + 1) : n + 1].mean(axis=0) for n in range(len(every))])

    return _imaged(change_clip)


# Shape.


def resized(rows: float, columns: float, *, region: bool) -> EchoWay:
    """Pixels that are larger or smaller than the header says, which keeps its scale, and its region unless `region`."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        high, wide = clip.loop.frames.shape[1:]
        size = (round(wide * columns), round(high * rows))
        frames = np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_AREA) for frame in clip.loop.frames])
        return replace(
            clip.loop,
            frames=frames.astype(np.uint8),
            region=_scaled(clip.loop.region, rows, columns, size) if region else clip.loop.region,
            ecg_region=_scaled(clip.loop.ecg_region, rows, columns, size) if clip.loop.ecg_region else None,
        )

    return _way(change_clip)


def _scaled(box: Box, rows: float, columns: float, size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    return round(x0 * columns), round(y0 * rows), min(size[0], round(x1 * columns)), min(size[1], round(y1 * rows))


def _moved(clip: EchoClip, matrix: NDArray[np.floating], first: int) -> NDArray[np.generic]:
    """The images from a frame on under an affine map of the tissue's part; the rest of the screen stays."""
    x0, y0, x1, y1 = clip.loop.region
    out = clip.loop.frames.copy()
    for frame in out[first:]:
        frame[y0:y1, x0:x1] = cv2.warpAffine(frame[y0:y1, x0:x1], matrix, (x1 - x0, y1 - y0))
    return out


def zoomed(times: float, at: float) -> EchoWay:
    """Another depth from a part `at` of the first beat on; the header has one scale."""

    def change_clip(clip: EchoClip) -> NDArray[np.generic]:
        x0, _, x1, _ = clip.loop.region
        matrix = np.array([[times, 0, (1 - times) * (x1 - x0) / 2], [0, times, 0]], np.float64)
        return _moved(clip, matrix, clip.ed[0] + round(at * _beat(clip)))

    return _imaged(change_clip)


# What is drawn over the image.


def _middle(clip: EchoClip) -> tuple[int, int]:
    """Where about the ventricle is: the middle of the region, a little above."""
    x0, y0, x1, y1 = clip.loop.region
    return (x0 + x1) // 2, round(y0 + 0.42 * (y1 - y0))


def written_over(what: str) -> EchoWay:
    """Callipers or a trace of the ECG over the ventricle, in every frame."""

    def change_clip(clip: EchoClip) -> NDArray[np.generic]:
        out, (x, y) = clip.loop.frames.copy(), _middle(clip)
        size = (clip.loop.region[3] - clip.loop.region[1]) / 224
        for number, frame in enumerate(out):
            if what == "ECG":
                _trace(frame, clip, number, y)
                continue
            for dx, dy in ((30, 50), (45, -10), (-40, 25)):
                off = (round(dx * size), round(dy * size))
                first, last = (x - off[0], y - off[1]), (x + off[0], y + off[1])
                cv2.line(frame, first, last, (255,), max(1, round(size)))
                for end in (first, last):
                    cv2.drawMarker(frame, end, (255,), cv2.MARKER_CROSS, 9, 2)
        return out

    return _imaged(change_clip)


def _trace(frame: NDArray[np.uint8], clip: EchoClip, number: int, y: int) -> None:
    x0, _, x1, _ = clip.loop.region
    beat, across = _beat(clip), np.arange(x0, x1)
    phase = (across - x0) / max(x1 - x0, 1) * len(clip.loop.frames) % beat / beat
    high = np.exp(-(((phase - 0.05) / 0.015) ** 2)) - 0.2 * np.exp(-(((phase - 0.45) / 0.06) ** 2))
    points = np.stack([across, y + 20 - 40 * high], axis=1).round().astype(np.int32)
    cv2.polylines(frame, [points], False, (255,), 2)
    now = x0 + round(number / len(clip.loop.frames) * (x1 - x0))
    cv2.line(frame, (now, y - 30), (now, y + 30), (255,), 1)


# Several images in one.


@lru_cache(maxsize=4)
def _stranger(view: str) -> EchoClip:
    """Another patient's clip."""
    return echo_clip(EchoSetting("dilated" if view == "A4C" else "normal", _STRANGER_SEED, view))


def _other(clip: EchoClip, view: str = "A4C") -> Frames:
    """Frames of another patient's clip in the shape of this one's, at its interval."""
    frames, (rows, columns) = _stranger(view).loop.frames, clip.loop.frames.shape[1:]
    return np.stack([cv2.resize(frame, (columns, rows), interpolation=cv2.INTER_AREA) for frame in frames]).astype(
        np.uint8
    )


def side_by_side() -> EchoWay:
    """Two views next to each other, together as wide as one was; the scale is that of the clip alone."""

    def change_clip(clip: EchoClip) -> NDArray[np.generic]:
        rows, columns = clip.loop.frames.shape[1:]
        other = _other(clip, "A2C")
        both = np.concatenate([clip.loop.frames, other[np.arange(len(clip.loop.frames)) % len(other)]], axis=2)
        half = np.stack([cv2.resize(image, (columns, rows // 2), interpolation=cv2.INTER_AREA) for image in both])
        return np.pad(half, ((0, 0), (rows // 4, rows - rows // 2 - rows // 4), (0, 0)))

    return _imaged(change_clip)


def appended(view: str, share: float) -> EchoWay:
    """Frames of another patient's clip after a share of this one's."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        own = clip.loop.frames[: round(share * len(clip.loop.frames))]
        return _even(clip.loop, np.concatenate([own, _other(clip, view)]))

    return _way(change_clip)


def spliced(view: str) -> EchoWay:
    """Systole of one patient, diastole of another."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        stranger = _stranger(view)
        cut = (clip.ed[0] + clip.es[0]) // 2
        after = (stranger.ed[0] + stranger.es[0]) // 2
        return _even(clip.loop, np.concatenate([clip.loop.frames[:cut], _other(clip, view)[after:]]))

    return _way(change_clip)


def pasted(share: float) -> EchoWay:
    """A share of a beat, from ED on, pasted after itself twice."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        part = clip.loop.frames[clip.ed[0] : clip.ed[0] + round(share * _beat(clip))]
        return _even(clip.loop, np.concatenate([part] * 3))

    return _way(change_clip)


def from_es(after: float) -> EchoWay:
    """From ES to a share of a beat after it: the ventricle fills, and does not eject."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        last = clip.es[0] + max(8, round(after * _beat(clip)))
        return _even(replace(clip.loop, r_wave_s=()), clip.loop.frames[clip.es[0] : last])

    return _way(change_clip)


def interlaced(frames: int) -> EchoWay:
    """Odd rows of a later frame, as of half images of a video."""

    def change_clip(clip: EchoClip) -> NDArray[np.generic]:
        out = clip.loop.frames.copy()
        later = np.minimum(np.arange(len(out)) + frames, len(out) - 1)
        out[:, 1::2] = clip.loop.frames[later, 1::2]
        return out

    return _imaged(change_clip)


def slowed(times: float, *, rated: bool) -> EchoWay:
    """Slow motion: other frame times, with a heart rate that agrees, or none."""

    def change_clip(clip: EchoClip) -> UltrasoundLoop:
        return replace(
            clip.loop,
            times_s=clip.loop.times_s * times,
            heart_rate_per_min=clip.truth["HR"] / times if rated else None,
            r_wave_s=tuple(times * wave_s for wave_s in clip.loop.r_wave_s) if rated else (),
        )

    return _way(change_clip)


EXPORT_KINDS: Final[tuple[EchoKind, ...]] = (
    Kind("grey levels changed", "choose", {"gamma 0.45": gamma(0.45), "gamma 2.2": gamma(2.2)}),
    Kind("smoothed", "choose", {"2 px": blurred(2), "4 px": blurred(4)}),
    Kind("frames averaged", "choose", {"3": averaged(3), "6": averaged(6), "10": averaged(10)}),
    Kind(
        "resized without the scale",
        "choose",
        {
            "1.25": resized(1.25, 1.25, region=True),
            "1.25, region as before": resized(1.25, 1.25, region=False),
            "0.8": resized(0.8, 0.8, region=True),
        },
    ),
    Kind(
        "resized along one axis",
        "choose",
        {"rows 1.25": resized(1.25, 1, region=True), "columns 0.75": resized(1, 0.75, region=True)},
    ),
    Kind("zoom changed", "choose", {"1.15 at ES": zoomed(1.15, 0.25), "1.3 in diastole": zoomed(1.3, 0.6)}),
    Kind("drawn over", "choose", {"callipers": written_over("callipers"), "ECG": written_over("ECG")}),
    Kind("two images side by side", "choose", {"at half size": side_by_side()}),
    Kind(
        "another patient's frames appended",
        "choose",
        {"all": appended("A4C", 1.0), "after 60 %": appended("A4C", 0.6)},
    ),
    Kind("two views in one loop", "choose", {"appended": appended("A2C", 1.0), "in systole": spliced("A2C")}),
    Kind("two patients in one beat", "choose", {"in systole": spliced("A4C")}),
    Kind("part of a beat pasted", "choose", {"55 %": pasted(0.55), "75 %": pasted(0.75)}),
    Kind("from ES on", "choose", {"45 %": from_es(0.45), "65 %": from_es(0.65)}),
    Kind("rows of two frames", "choose", {"2 later": interlaced(2), "5 later": interlaced(5)}),
    Kind(
        "slow motion",
        "choose",
        {"x 2, no rate": slowed(2, rated=False), "x 2": slowed(2, rated=True), "x 0.6": slowed(0.6, rated=True)},
    ),
)
"""In the order of the table."""
