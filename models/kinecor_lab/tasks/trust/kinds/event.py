"""Loops whose beats are easily taken for others: cut anywhere, of unlike volume, under another rate in the header.

Each is of two beats, so that the loop holds an ED and its ES wherever it begins.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.io.write.ultrasound import UltrasoundLoop
from kinecor_lab.tasks.trust.kinds.export import EchoKind, EchoWay
from kinecor_lab.tasks.trust.simulated import EchoClip, EchoSetting
from kinecor_lab.tasks.trust.tampering import Kind, Way

BEATS: Final = 2


def _with_beats(setting: EchoSetting) -> EchoSetting:
    """At least two beats."""
    return replace(setting, beats=max(setting.beats, BEATS))


def _way(change: Callable[[EchoClip], UltrasoundLoop]) -> EchoWay:
    return Way(made=lambda clip, _: replace(clip, loop=change(clip)), setting=_with_beats)


def _beat_frames(clip: EchoClip) -> int:
    """Frames of a usual beat."""
    return round(60 / clip.truth["HR"] / float(clip.loop.times_s[1]))


def _part(clip: EchoClip, first: int, stop: int) -> UltrasoundLoop:
    """Frames `first` to before `stop` of a loop at their own times, with the R waves within."""
    count = len(clip.loop.frames)
    first = min(max(first, 0), count - 8)
    frames = np.arange(first, min(max(stop, first + 8), count))
    start_s, end_s = (float(clip.loop.times_s[at]) for at in frames[[0, -1]])
    waves = tuple(wave - start_s for wave in clip.loop.r_wave_s if start_s <= wave <= end_s)
    return replace(
        clip.loop, frames=clip.loop.frames[frames], times_s=clip.loop.times_s[frames] - start_s, r_wave_s=waves
    )


def begins_after_ed(share: float) -> EchoWay:
    """Two beats, of which the first begins a share of a beat after its ED."""

    def change(clip: EchoClip) -> UltrasoundLoop:
        return _part(clip, clip.ed[0] + round(share * _beat_frames(clip)), len(clip.loop.frames))

    return _way(change)


def ends_before_es(share: float) -> EchoWay:
    """A beat and a share of the next one's systole; R waves are not recorded."""

    def change(clip: EchoClip) -> UltrasoundLoop:
        systole = clip.es[0] - clip.ed[0]
        return replace(_part(clip, clip.ed[0], clip.ed[0] + _beat_frames(clip) + round(share * systole)), r_wave_s=())

    return _way(change)


def unlike(share: float) -> EchoWay:
    """The first beat is shown smaller by a share, in all directions, and grows to its size in diastole.

    As where the probe or breathing shows less of the ventricle; R waves are not recorded.
    """

    def change(clip: EchoClip) -> UltrasoundLoop:
        x0, y0, x1, y1 = clip.loop.region
        frames = clip.loop.frames.copy()
        from_frame, to_frame = clip.es[0], clip.ed[0] + _beat_frames(clip)
        for frame, image in enumerate(frames):
            grown = float(np.clip((frame - from_frame) / max(to_frame - from_frame, 1), 0, 1))
            image[y0:y1, x0:x1] = _zoomed(image[y0:y1, x0:x1], 1 - share * (1 - grown))
        return replace(clip.loop, frames=frames, r_wave_s=())

    return _way(change)


def _zoomed(image: NDArray[np.uint8], times: float) -> NDArray[np.uint8]:
    """An image scaled about the middle of its upper edge, where the probe is."""
    matrix = np.array([[times, 0, (1 - times) * image.shape[1] / 2], [0, times, 0]], np.float64)
    return np.asarray(cv2.warpAffine(image, matrix, image.shape[::-1]), np.uint8)


def rated(times: float) -> EchoWay:
    """Two beats under another rate in the header, which states no R waves."""
    return _way(lambda clip: replace(clip.loop, heart_rate_per_min=clip.truth["HR"] * times, r_wave_s=()))


def slow_and_unlike(share: float) -> EchoWay:
    """Beats half as fast as the header says, the first one shown smaller."""

    def change(clip: EchoClip) -> UltrasoundLoop:
        made = unlike(share).made
        smaller = made(clip, np.random.default_rng(0)).loop if made is not None else clip.loop
        return replace(smaller, times_s=2 * smaller.times_s, heart_rate_per_min=clip.truth["HR"])

    return _way(change)


EVENT_KINDS: Final[tuple[EchoKind, ...]] = (
    Kind(
        "two beats, begins after ED",
        "report",
        {f"{share:.0%}": begins_after_ed(share) for share in (0.1, 0.2, 0.3)},
    ),
    Kind(
        "ends in the next systole",
        "choose",
        {f"{share:.0%}": ends_before_es(share) for share in (0.3, 0.6, 0.9)},
    ),
    Kind("first beat smaller", "report", {f"{share:.0%}": unlike(share) for share in (0.05, 0.08, 0.12)}),
    Kind("two beats, rate in the header", "choose", {"x 2": rated(2.0), "x 0.5": rated(0.5)}),
    Kind("slow beats, the first smaller", "report", {f"{share:.0%}": slow_and_unlike(share) for share in (0.05, 0.1)}),
)
"""In the order of the table."""
