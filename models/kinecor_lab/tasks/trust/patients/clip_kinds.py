"""Ways to tamper with real clips and stills, without a simulator: bands, turned sectors, two patients, less motion."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.apical.robust_cases import gained
from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS, scaled
from kinecor_lab.tasks.trust.kinds.export import EchoKind, EchoWay
from kinecor_lab.tasks.trust.simulated import EchoClip
from kinecor_lab.tasks.trust.tampering import Kind, Way, unchanged

Frames = NDArray[np.uint8]
Stranger = Callable[[], EchoClip]
"""Another patient's clip, made as the one that is tampered with."""


def _imaged(of: Callable[[EchoClip, Generator], NDArray[np.generic]]) -> EchoWay:
    def made(clip: EchoClip, rng: Generator) -> EchoClip:
        frames = np.ascontiguousarray(np.clip(of(clip, rng), 0, 255).astype(np.uint8))
        return replace(clip, loop=replace(clip.loop, frames=frames))

    return Way(made=made)


def banded(depth: float, bands: int) -> EchoWay:
    """Dark bands across the image, as of a gain that was set band by band.

    Args:
        depth: share of the brightness that is lost in the middle of a band.
        bands: how many there are from top to bottom.

    """

    def change_clip(clip: EchoClip, rng: Generator) -> NDArray[np.generic]:
        rows = clip.loop.frames.shape[1]
        phase = rng.uniform(0, 2 * np.pi)
        loss = depth * (0.5 + 0.5 * np.sin(2 * np.pi * bands * np.arange(rows) / rows + phase))
        return np.asarray(clip.loop.frames * (1 - loss)[None, :, None])

    return _imaged(change_clip)


def turned(degrees: float) -> EchoWay:
    """The image turned about the top of its sector, as by a probe that is tilted."""

    def change_clip(clip: EchoClip, rng: Generator) -> NDArray[np.generic]:
        x0, y0, x1, _ = clip.loop.region
        way = 1 if rng.integers(2) else -1
        matrix = cv2.getRotationMatrix2D(((x0 + x1) / 2, float(y0)), way * degrees, 1.0)
        size = clip.loop.frames.shape[:0:-1]
        return np.stack([cv2.warpAffine(frame, matrix, size) for frame in clip.loop.frames])

    return _imaged(change_clip)


def shortened(share: float) -> EchoWay:
    """The apex drawn towards the base by a share of the image's height, as in a plane that misses it.

    The outline of the sector stays, so that its shape agrees with the header.
    """

    def change_clip(clip: EchoClip, _: Generator) -> NDArray[np.generic]:
        y0, y1 = clip.loop.region[1::2]
        rows, columns = clip.loop.frames.shape[1:]
        y, x = np.mgrid[:rows, :columns].astype(np.float32)
        depth = np.clip((y - y0) / max(y1 - y0, 1), 0, 1)
        # Most is drawn down where the apex is, nothing at the top and from the annulus on.
        down = np.interp(depth, (0.0, 0.25, 0.65, 1.0), (0.0, share, 0.0, 0.0)).astype(np.float32)
        from_y = y - down * (y1 - y0)
        lit = clip.loop.frames.max(axis=0) > 0
        moved = [cv2.remap(frame, x, from_y, cv2.INTER_LINEAR) for frame in clip.loop.frames]
        return np.asarray(np.stack(moved) * lit)

    return _imaged(change_clip)


def fitted(other: Frames, shape: tuple[int, ...]) -> Frames:
    """An image in the shape of another one, its height kept at that of the other's."""
    rows, columns = shape
    times = rows / other.shape[0]
    matrix = np.array([[times, 0, (columns - times * other.shape[1]) / 2], [0, times, 0]])
    return np.asarray(cv2.warpAffine(other, matrix, (columns, rows)), np.uint8)


def of_two_patients(stranger: Stranger, *, at: str) -> EchoWay:
    """ED of one patient and ES of another: of a still one of the two, of a loop the diastole or the systole."""

    def change_clip(clip: EchoClip, _: Generator) -> NDArray[np.generic]:
        other, frames = stranger(), clip.loop.frames.copy()
        ed, es = clip.ed[0], clip.es[0]
        half = (es - ed) // 2
        theirs = [fitted(frame, frames.shape[1:]) for frame in other.loop.frames]
        for number in range(len(frames)):
            systolic = abs(number - es) <= half
            if systolic == (at == "ES"):
                source = other.es[0] + number - es if systolic else other.ed[0] + number - ed
                frames[number] = theirs[int(np.clip(source, 0, len(theirs) - 1))]
        return frames

    return _imaged(change_clip)


def exchanged(clip: EchoClip, _: Generator) -> EchoClip:
    """ED shown where ES was, and ES where ED was."""
    frames, ed, es = clip.loop.frames.copy(), clip.ed[0], clip.es[0]
    frames[[ed, es]] = frames[[es, ed]]
    return replace(clip, loop=replace(clip.loop, frames=frames))


def blended(share: float) -> EchoWay:
    """A share of ED in ES and as much of ES in ED, as of frames that were averaged over half a beat."""

    def change_clip(clip: EchoClip, _: Generator) -> NDArray[np.generic]:
        frames = clip.loop.frames.astype(np.float32)
        out, ed, es = frames.copy(), clip.ed[0], clip.es[0]
        out[es] = (1 - share) * frames[es] + share * frames[ed]
        out[ed] = (1 - share) * frames[ed] + share * frames[es]
        return out

    return _imaged(change_clip)


def less_motion(share: float) -> EchoWay:
    """The ventricle goes a share of its way from ED to ES and back: frames between are interpolated."""

    def change_clip(clip: EchoClip, _: Generator) -> NDArray[np.generic]:
        frames, ed, es = clip.loop.frames.astype(np.float32), clip.ed[0], clip.es[0]
        last = len(frames) - 1
        knots = np.interp(np.arange(len(frames)), (0, ed, es, last), (ed, ed, ed + share * (es - ed), ed))
        low = np.floor(knots).astype(int)
        part = (knots - low)[:, None, None]
        return np.asarray((1 - part) * frames[low] + part * frames[np.minimum(low + 1, last)])

    return _imaged(change_clip)


def renamed(clip: EchoClip, _: Generator) -> EchoClip:
    """An apical view under the name of another one."""
    other = {"A4C": "A2C", "A2C": "A4C"}.get(clip.loop.view, "A3C")
    return replace(clip, loop=replace(clip.loop, view=other))


def _brightened(decibels: float) -> EchoWay:
    change = gained(decibels)
    return _imaged(lambda clip, rng: change.of(clip.loop.frames, rng))


_OF_SCALE: Final[tuple[EchoKind, ...]] = (
    Kind("scale x 1.3", "report", {"": scaled(1.3, 1.3)}),
    Kind("scale x 0.7", "report", {"": scaled(0.7, 0.7)}),
    Kind("scale x 1.25", "report", {"": scaled(1.25, 1.25)}),
)
SCALES: Final = tuple(kind.name for kind in _OF_SCALE)
"""Kinds that are of the machine: both planes of a patient have them."""

_OF_STILLS: Final = frozenset(
    {
        "scale of one axis",
        "region beside the image",
        "compression",
        "noise",
        "low gain",
        "shadow over a wall",
        "drop-out",
        "mirrored",
        "upside down",
        "wall cut off",
        "apex cut off",
        "base cut off",
        "grey levels changed",
        "smoothed",
        "drawn over",
    }
)
"""Kinds of the battery that change one image by itself."""


def _of_images(stranger: Stranger) -> tuple[EchoKind, ...]:
    return (
        Kind("banding", "report", {"40 %": banded(0.4, 4), "75 %": banded(0.75, 3), "60 %, fine": banded(0.6, 9)}),
        Kind("sector turned", "report", {"8 degrees": turned(8), "16 degrees": turned(16)}),
        Kind("foreshortened view imitated", "report", {"8 %": shortened(0.08), "14 %": shortened(0.14)}),
        Kind(
            "two patients at ED and ES",
            "report",
            {at: of_two_patients(stranger, at=at) for at in ("ES", "ED")},
        ),
        Kind("high gain", "report", {"+10 dB": _brightened(10), "+18 dB": _brightened(18)}),
        Kind("named as another view", "report", {"": Way(made=renamed)}),
    )


def kinds_of_stills(stranger: Stranger) -> list[EchoKind]:
    """Kinds for ED and ES of a patient as stills."""
    return [
        *_OF_SCALE,
        *(echo_kind for echo_kind in ECHO_KINDS if echo_kind.name in _OF_STILLS),
        *_of_images(stranger),
        Kind("ED and ES exchanged", "report", {"": Way(made=exchanged)}),
        Kind("ED and ES blended", "report", {"25 %": blended(0.25), "40 %": blended(0.4)}),
    ]


def kinds_of_loops(stranger: Stranger) -> list[EchoKind]:
    """Kinds for loops that are not of single images: times, orders, motion."""
    known = {kind.name for kind in kinds_of_stills(stranger)} | {"two patients in one beat", "two views in one loop"}
    return [
        Kind("motion lessened", "report", {"x 0.6": less_motion(0.6), "x 0.8": less_motion(0.8)}),
        *(kind for kind in _of_images(stranger) if kind.name == "two patients at ED and ES"),
        *(
            echo_kind
            for echo_kind in ECHO_KINDS
            if echo_kind.name not in known and all(way.setting is unchanged for way in echo_kind.ways.values())
        ),
    ]
