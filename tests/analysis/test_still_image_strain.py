"""A still image that moves as a whole, through the motion model and all: it has no strain but that of its zoom."""

import numpy as np
import pytest
from scipy.ndimage import affine_transform, gaussian_filter

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import motion_edits
from kinecor.core.strain.wall_strain import lengths, strain_percent
from kinecor.core.tracking.wall_points import wall_points
from kinecor.core.values.errors import no_tick
from kinecor.core.values.reading import Facts, Reading
from kinecor.core.values.recording import TimeAxis
from kinecor_models.contract import ClipInput
from tests.core.walls import MIDDLE, tracks

FRAMES = 13


def pose(kind, frame):
    """(2, 2) turn and zoom of (x, y), and shift, of an image at a frame."""
    swing = np.sin(np.pi * frame / (FRAMES - 1))
    angle = np.radians(8 * swing) if kind == "turn" else 0.0
    zoom = 1 - 0.12 * swing if kind == "zoom" else 1.0
    shift = np.array([9.0, -6.0]) * swing if kind == "shift" else np.zeros(2)
    return zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]), shift


def clip(kind):
    grain = gaussian_filter(np.random.default_rng(0).normal(0, 1, (300, 320)), 2.0)
    grain = np.clip(120 + 45 * grain / grain.std(), 0, 255)
    frames = []
    for frame in range(FRAMES):
        turned, shift = pose(kind, frame)
        back = np.linalg.inv(turned)[::-1, ::-1]  # of (row, column)
        middle = MIDDLE[::-1]
        frames.append(affine_transform(grain, back, middle - back @ (middle + shift[::-1]), order=1, mode="reflect"))
    return np.stack(frames).astype(np.uint8)


@pytest.mark.parametrize(("kind", "strain"), [("shift", 0.0), ("turn", 0.0), ("zoom", -12.0)])
def test_a_still_image_has_the_strain_of_its_zoom(kind, strain):
    def places(points, frame):
        turned, shift = pose(kind, frame)
        return MIDDLE + (points - MIDDLE) @ turned.T + shift

    times_s = np.arange(FRAMES) * 0.03
    reading = Reading(Facts("r", 300, 320, times_s, "FrameTime"), tracks=tracks(places, FRAMES))
    (edit,) = motion_edits(ClipInput(clip(kind), interval_s=0.03), reading, Models(), no_tick)
    endo, epi = reading.tracks.values()
    found = wall_points(endo, epi, edit.motion, TimeAxis(times_s), closed=False)
    curve = strain_percent(lengths(found.points_px), 0)[:, 0]
    assert curve[FRAMES // 2] == pytest.approx(strain, abs=0.3)
    if not strain:
        assert np.abs(curve).max() < 0.3
    assert found.quality.mean() > 0.6
