"""Small synthetic recordings whose ventricle is an ellipse that beats."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.message import NOTHING, message
from kinecor.core.values.reading import Reading, View, first_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Patient, Source
from kinecor.core.values.track import ContourTrack, Origin, Structure

BY = "model:unet@1.0+abcdef0123456789"


def ellipse(x: float, y: float, a: float, b: float, count: int = 64) -> Contour:
    """An ellipse that starts and ends at its two hinge points, left and right of its lowest point."""
    angle = np.deg2rad(110) + np.linspace(0, np.deg2rad(320), count)
    return Contour(np.stack([x + a * np.cos(angle), y + b * np.sin(angle)], axis=1))


def cine(
    frames: int = 12, *, rows: int = 96, columns: int = 128, calibrated: bool = True, colour: bool = False
) -> CineSequence:
    shape = (frames, rows, columns, 3) if colour else (frames, rows, columns)
    pixels = np.random.default_rng(7).integers(0, 120, shape).astype(np.uint8)
    return CineSequence(
        frames=ArrayFrames(pixels),
        times_s=np.arange(frames) * 0.04,
        times_origin="FrameTime",
        calibration=Calibration(0.8, 0.5, message("region of the file")) if calibrated else None,
        calibration_origin=NOTHING if calibrated else message("the file names no scale"),
        source=Source("study/clip.dcm", "1.2.3.4", "1.2.3", "US", "Maker Model 1", Patient("Doe^Jane", "42")),
        warnings=(message("found on opening"),),
        heart_rate_per_min=64.0,
    )


def track(
    structure: Structure, n: int, a: float, b: float, *, y: float = 45, missing: tuple[int, ...] = ()
) -> ContourTrack:
    beat = 1 - 0.25 * np.sin(np.pi * np.arange(n) / max(n - 1, 1))
    contours = tuple(None if t in missing else ellipse(64, y, a * s, b * s) for t, s in enumerate(beat))
    confidence = np.array([0.0 if t in missing else 0.9 for t in range(n)])
    return ContourTrack(structure, contours, (Origin.MODEL,) * n, confidence)


def read(recording: CineSequence, *, missing: tuple[int, ...] = ()) -> Reading:
    n = len(recording)
    tracks = {
        Structure.LV_ENDO: track(Structure.LV_ENDO, n, 16, 28, missing=missing),
        Structure.LV_EPI: track(Structure.LV_EPI, n, 22, 34, missing=missing),
        Structure.LA: track(Structure.LA, n, 14, 10, y=84),
    }
    authors = {f"tracks/{one}": BY for one in tracks} | {"events": BY}
    return first_reading(recording).with_(
        tracks=tracks,
        events=CardiacEvents((Beat(0, n // 2),), Origin.MODEL) if n > 1 else None,
        authors=authors,
        view=View("A4C", 0.98, BY),
    )


def with_identity(recording: CineSequence, *, path: str, recording_id: str, study_id: str = "1.2.3") -> CineSequence:
    source = replace(recording.source, path=path, recording_id=recording_id, study_id=study_id)
    return replace(recording, source=source)


def names(folder: Path) -> list[str]:
    """The contents of a folder, hidden files included."""
    return sorted(one.name for one in folder.iterdir())
