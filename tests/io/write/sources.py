"""Recordings in DICOM files, as sources of derived objects, with readings of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pydicom

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About, Person
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic, write_enhanced
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from kinecor.io.write.values import Read
from tests import stacks
from tests.readings import BY, ellipse

AT = datetime(2026, 11, 22, 14, 5, 6, tzinfo=UTC)


def write_clip(path: Path, view: str = "A4C", *, instance: int = 1, **header: object) -> Path:
    """A clip of 12 frames of 96 x 128 whose header has `header` besides; clips of all views are of one study."""
    frames = np.random.default_rng(7).integers(0, 120, (12, 96, 128), dtype=np.uint8)
    return _written(path, frames, view, instance, header)


SECTOR = (12, 144, 192)
"""Frames, rows and columns of `write_sector`."""


def sector_frames(seed: int = 7) -> np.ndarray:
    """Speckle that moves within a sector of 76 degrees, black around it."""
    rng = np.random.default_rng(seed)
    speckle = cv2.GaussianBlur(rng.normal(0, 1, (*SECTOR[1:], SECTOR[0])).astype(np.float32), (0, 0), 2.0)
    frames = np.clip(70 + 25 * speckle.transpose(2, 0, 1) / speckle.std(), 12, 255).astype(np.uint8)
    frames[:, ~sector_of(SECTOR[1], SECTOR[2])] = 0
    return frames


def sector_of(rows: int, columns: int, from_px: float = 0.0) -> np.ndarray:
    """(rows, columns) the pixels of the sector of `sector_frames`, from a distance to its apex on."""
    y, x = np.mgrid[0:rows, 0:columns]
    dx, dy = x - columns / 2, y - 6
    radius = np.hypot(dx, dy)
    return (np.abs(dx) <= 0.78 * dy) & (radius <= rows - 24.5) & (radius >= from_px)


def write_sector(path: Path, view: str = "A4C", *, instance: int = 1, **header: object) -> Path:
    """As `write_clip`, of a sector with black around it: 12 frames of 144 x 192."""
    return _written(path, sector_frames(), view, instance, header)


def _written(path: Path, frames: np.ndarray, view: str, instance: int, header: dict[str, object]) -> Path:
    rows, columns = frames.shape[1:]
    loop = UltrasoundLoop(frames, np.arange(12) * 0.08, (1.6, 1.2), (0, 0, columns, rows), view, 64.0)
    write_ultrasound(path, loop, About("Test", f"clip {view} {instance}", "Test study", heart="one"), instance)
    if header:
        stored = pydicom.dcmread(path)
        for keyword, value in header.items():
            setattr(stored, keyword, value)
        stored.save_as(path)
    return path


def read_clip(path: Path, view: str = "A4C") -> Read:
    """The clip as opened, with contours that beat in it from one end-diastole to the next."""
    (recording,) = open_path(path).recordings
    size = 1 - 0.125 * (1 - np.cos(2 * np.pi * np.arange(12) / 12))
    contours = {
        Structure.LV_ENDO: [ellipse(64, 36, 16 * one, 28 * one) for one in size],
        Structure.LV_EPI: [ellipse(64, 36, 22 * one, 34 * one) for one in size],
        Structure.LA: [ellipse(64, 76, 14 / one, 10 / one) for one in size],
    }
    tracks = {
        one: ContourTrack(one, tuple(found), (Origin.MODEL,) * 12, np.full(12, 0.96)) for one, found in contours.items()
    }
    authors = {f"tracks/{one}": BY for one in tracks} | {"events": BY}
    events = CardiacEvents((Beat(0, 6),), Origin.MODEL)
    reading = first_reading(recording).with_(tracks=tracks, events=events, authors=authors)
    return Read(recording, reading.with_(view=View(view, None, "header")))


def changed(one: Read, reading: Reading) -> Read:
    return replace(one, reading=reading)


def pixels(paths: Sequence[Path]) -> list[np.ndarray]:
    return [pydicom.dcmread(path).pixel_array for path in paths]


def write_stack(folder: Path) -> Path:
    """A short-axis stack of 6 slices x 20 phases as single images."""
    write_classic(folder, _series(), _ABOUT_STACK, 1)
    return folder


def write_enhanced_stack(path: Path) -> Path:
    """The same as one enhanced object."""
    write_enhanced(path, _series(), _ABOUT_STACK, 1)
    return path


_ABOUT_STACK = About("Stack", "stack", "Test stack", person=Person(50, "F", 170.0, 70.0))


def _series() -> MrSeries:
    pixels = np.random.default_rng(3).integers(0, 200, (20, stacks.SIZE_PX, stacks.SIZE_PX), dtype=np.uint16)
    slices = tuple(
        MrSlice(
            frames=pixels,
            trigger_ms=np.arange(20) * 40.0,
            spacing_mm=(stacks.SPACING_MM, stacks.SPACING_MM),
            thickness_mm=8.0,
            position_mm=np.array([-10.0, 20.0, -place]),
            across=np.array([1.0, 0.0, 0.0]),
            down=np.array([0.0, -1.0, 0.0]),
        )
        for place in stacks.positions(14.0, 6)
    )
    return MrSeries("SAX", slices, 75.0)


def read_stack(folder: Path) -> Read:
    """The stack as opened, with exact contours."""
    (recording,) = open_path(folder).recordings
    assert isinstance(recording, Stack)
    return Read(recording, stacks.read(recording))
