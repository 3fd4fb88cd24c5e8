"""What a scanner's settings, a poor window or a file format do to a picture that has been taken.

Grey levels are taken as log-compressed echo of DYNAMIC_DB decibels, so that gain adds to them and a shadow takes away.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Frames = NDArray[np.uint8]

DYNAMIC_DB = 60.0
_LEVELS_PER_DB = 255 / DYNAMIC_DB


def _same(frames: Frames) -> Frames:
    return frames


@dataclass(frozen=True, eq=False)
class Change:
    """A change of pictures.

    Attributes:
        name: as the table tells it.
        of: takes (t, rows, columns) uint8 and a source of chance, gives the same shape.
        of_labels: what becomes of label maps of that shape.

    """

    name: str
    of: Callable[[Frames, Generator], Frames]
    of_labels: Callable[[Frames], Frames] = _same


def lit(frames: Frames) -> NDArray[np.bool_]:
    """(rows, columns) where the sector shows something in any frame, small gaps closed."""
    some = (frames.max(axis=0) > 2).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(some, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))) > 0


def _whole(levels: NDArray[np.floating], sector: NDArray[np.bool_]) -> Frames:
    return np.where(sector, np.clip(levels + 0.5, 0, 255), 0).astype(np.uint8)


def gained(gain_db: float) -> Change:
    """More or less gain."""

    def of(frames: Frames, _: Generator) -> Frames:
        return _whole(frames + np.float32(gain_db * _LEVELS_PER_DB), lit(frames))

    return Change(f"gain {gain_db:+.0f} dB", of)


def curved(name: str, curve: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Change:
    """Another grey map: `curve` takes and gives shares 0..1 of white."""
    table = np.clip(curve(np.arange(256) / 255) * 255 + 0.5, 0, 255).astype(np.uint8)
    return Change(f"grey map {name}", lambda frames, _: np.asarray(table[frames], np.uint8))


def noisy(levels: float) -> Change:
    """Electronic noise that grows with depth: standard deviation in grey levels at the bottom."""

    def of(frames: Frames, rng: Generator) -> Frames:
        grows = np.linspace(0, levels, frames.shape[1], dtype=np.float32)[:, None]
        return _whole(frames + rng.standard_normal(frames.shape, np.float32) * grows, lit(frames))

    return Change(f"noise, SD {levels:.0f} levels at the bottom", of)


def shadowed(angle_deg: float, width_deg: float, loss_db: float) -> Change:
    """A wedge from the tip of the sector in which echoes are lost; positive angles are on the right."""

    def of(frames: Frames, _: Generator) -> Frames:
        sector = lit(frames)
        rows, columns = np.nonzero(sector)
        y, x = np.mgrid[: frames.shape[1], : frames.shape[2]].astype(np.float32)
        top = rows == rows.min() if len(rows) else rows
        tip_x, tip_y = (float(columns[top].mean()), float(rows.min())) if len(rows) else (0.0, 0.0)
        off = np.degrees(np.arctan2(x - tip_x, np.maximum(y - tip_y, 1))) - angle_deg
        share = 1 / (1 + np.exp(np.clip(4 * (abs(off) - width_deg / 2), -30, 30)))
        return _whole(frames - share * np.float32(loss_db * _LEVELS_PER_DB), sector)

    return Change(f"shadow of {width_deg:.0f} degrees, {loss_db:.0f} dB", of)


def dropped(loss_db: float) -> Change:
    """Echoes missing at two places, left and right of the middle, as where the beam runs along a wall."""

    def of(frames: Frames, _: Generator) -> Frames:
        sector = lit(frames)
        rows, columns = (np.flatnonzero(sector.any(axis=axis)) for axis in (1, 0))
        if not len(rows):
            return frames
        high, wide = np.ptp(rows), np.ptp(columns)
        y, x = np.mgrid[: frames.shape[1], : frames.shape[2]].astype(np.float32)
        share = np.zeros_like(x)
        for across, down in ((0.4, 0.4), (0.62, 0.5)):
            away = np.hypot(x - columns[0] - across * wide, y - rows[0] - down * high)
            share = np.maximum(share, np.exp(-((away / (0.08 * high)) ** 2) / 2))
        return _whole(frames - share * np.float32(loss_db * _LEVELS_PER_DB), sector)

    return Change(f"drop-out at two places, {loss_db:.0f} dB", of)


def jpeg(quality: int) -> Change:
    """Stored as JPEG and read again."""

    def of(frames: Frames, _: Generator) -> Frames:
        stored = (cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])[1] for frame in frames)
        return np.stack([np.asarray(cv2.imdecode(one, cv2.IMREAD_GRAYSCALE), np.uint8) for one in stored])

    return Change(f"JPEG quality {quality}", of)


def cut_off(share: float) -> Change:
    """Less depth: the lowest share of the picture is not shown."""

    def of(frames: Frames) -> Frames:
        out = frames.copy()
        out[:, round(frames.shape[1] * (1 - share)) :] = 0
        return out

    return Change(f"depth less {100 * share:.0f} %", lambda frames, _: of(frames), of)


def _turned(frames: Frames) -> Frames:
    return np.ascontiguousarray(frames[:, :, ::-1])


UNCHANGED = Change("as it is", lambda frames, _: frames)
MIRRORED = Change("mirrored", lambda frames, _: _turned(frames), _turned)
CHANGES = (
    UNCHANGED,
    gained(-10),
    gained(10),
    curved("dark (gamma 1.6)", lambda share: share**1.6),
    curved("bright (gamma 0.6)", lambda share: share**0.6),
    curved("contrasty (S)", lambda share: share * share * (3 - 2 * share)),
    cut_off(0.15),
    shadowed(18, 12, 25),
    shadowed(-15, 20, 25),
    dropped(25),
    noisy(20),
    noisy(40),
    jpeg(50),
    jpeg(20),
    jpeg(8),
    MIRRORED,
)
