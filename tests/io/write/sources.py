"""Recordings in DICOM files, as sources of derived objects, with readings of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pydicom

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.core.values.recording import Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About, Person
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic
from kinecor.io.write.ultrasound import UltrasoundLoop, write_ultrasound
from kinecor.io.write.values import Read
from tests import stacks
from tests.readings import BY, ellipse

AT = datetime(2026, 11, 22, 14, 5, 6, tzinfo=UTC)


def write_clip(path: Path, view: str = "A4C", *, instance: int = 1, **header: object) -> Path:
    """A clip of 12 frames of 96 x 128 whose header has `header` besides; clips of all views are of one study."""
    frames = np.random.default_rng(7).integers(0, 120, (12, 96, 128), dtype=np.uint8)
    loop = UltrasoundLoop(frames, np.arange(12) * 0.08, (1.6, 1.2), (0, 0, 128, 96), view, 64.0)
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
    about = About("Stack", "stack", "Test stack", person=Person(50, "F", 170.0, 70.0))
    write_classic(folder, MrSeries("SAX", slices, 75.0), about, 1)
    return folder


def read_stack(folder: Path) -> Read:
    """The stack as opened, with exact contours."""
    (recording,) = open_path(folder).recordings
    assert isinstance(recording, Stack)
    return Read(recording, stacks.read(recording))
