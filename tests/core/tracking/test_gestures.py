"""The gestures benchmark in small: contours of a beating arch, damaged in each way, corrected by its reader."""

from pathlib import Path

import numpy as np
import pytest

from kinecor.core.values.geometry import Contour, resample_line
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Origin, Structure
from tests.core.walls import arch, beat, zooming

FRAMES = 16


@pytest.fixture(scope="module")
def correcting():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
        import correcting

        yield correcting


@pytest.fixture(scope="module")
def truth():
    middle = arch().mean(axis=0)
    places, _ = zooming(beat(0.2, FRAMES))
    tracks = {}
    for structure, scale in ((Structure.LV_ENDO, 1.0), (Structure.LV_EPI, 1.2)):
        shape = middle + scale * (arch() - middle)
        lines = tuple(resample_line(Contour(places(shape, frame)), 96) for frame in range(FRAMES))
        tracks[structure] = ContourTrack(structure, lines, (Origin.MODEL,) * FRAMES, np.ones(FRAMES))
    return tracks


@pytest.mark.parametrize("kind", ["lateral wall off", "apex cut", "annulus slipped", "papillary included"])
def test_a_damaged_beat_takes_few_gestures(correcting, truth, kind):
    tracks, times_s = truth, np.arange(FRAMES) * 0.05
    height = np.ptp(tracks[Structure.LV_ENDO].contours[0].points[:, 1])
    mm_per_px = 85.0 / float(height)
    damaged = correcting.damaged(tracks, kind, 3, FRAMES, mm_per_px, FRAMES // 3, closed=False)
    axis = TimeAxis(times_s)
    part = correcting.Part(damaged, tracks, None, axis, False, (mm_per_px,) * 2, tuple(range(FRAMES)), 0)
    overlap = correcting.Overlap(part)
    assert overlap.worst(damaged[Structure.LV_ENDO])[1] < correcting.WANTED
    gestures, found = correcting.by_propagating(part, overlap, correcting.wheel_drag)
    assert gestures <= 6
    assert overlap.worst(found[Structure.LV_ENDO])[1] >= correcting.WANTED
