"""Images of a short axis that move as a whole have no strain but that of their zoom, whatever the way there."""

import numpy as np
import pytest
from scipy.ndimage import affine_transform, gaussian_filter

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import Round, slice_motion_edits
from kinecor.core.strain.short_axis import stack_strain
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.errors import no_tick
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Facts, Reading, StackFacts
from kinecor.core.values.track import Origin
from kinecor_models.contract import ClipInput
from tests.core.short_axis_walls import MIDDLE, SIDE_PX, swing, tracks, turned

PHASES, SLICES = 10, 3
TIMES_S = np.arange(PHASES) * 0.08


def pose(kind, frame):
    """(2, 2) turn and zoom of (x, y), and shift, of the image at a phase."""
    amount = swing(frame, PHASES)
    shift = np.array([5.0, -4.0]) * amount if kind == "shift" else np.zeros(2)
    zoom = 1 - 0.12 * amount if kind == "zoom" else 1.0
    return zoom * turned(8 * amount if kind == "turn" else 0.0), shift


def clip(kind, seed):
    grain = gaussian_filter(np.random.default_rng(seed).normal(0, 1, (SIDE_PX, SIDE_PX)), 2.0)
    grain = np.clip(120 + 45 * grain / grain.std(), 0, 255)
    frames = []
    for frame in range(PHASES):
        moved, shift = pose(kind, frame)
        back = np.linalg.inv(moved)[::-1, ::-1]  # of (row, column)
        middle = MIDDLE[::-1]
        frames.append(affine_transform(grain, back, middle - back @ (middle + shift[::-1]), order=1, mode="reflect"))
    return ClipInput(np.stack(frames).astype(np.uint8))


@pytest.mark.parametrize(("kind", "strain"), [("shift", 0.0), ("turn", 0.0), ("zoom", -12.0)])
def test_a_still_image_has_the_strain_of_its_zoom(kind, strain):
    def places(points, frame):
        moved, shift = pose(kind, frame)
        return MIDDLE + (points - MIDDLE) @ moved.T + shift

    scale = Calibration(1.5, 1.5, "made")
    facts = Facts("s", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", in_stack=True)
    ones = tuple(Reading(facts, tracks=tracks(places, PHASES), calibration=scale) for _ in range(SLICES))
    where = StackFacts(np.arange(SLICES) * 10.0, 8.0)
    whole = Facts("r", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", stack=where)
    reading = Reading(whole, slices=ones, calibration=scale, events=CardiacEvents((Beat(0, 5),), Origin.MODEL))
    ticks = []
    for edit in slice_motion_edits(
        [clip(kind, seed) for seed in range(SLICES)], reading, Models(), lambda done, of: ticks.append((done, of))
    ):
        reading = edit.apply(reading, "model:motion")
    assert len(reading.slices[0].motion) == PHASES
    assert ticks[-1] == (SLICES * (PHASES + 1), SLICES * (PHASES + 1))
    found = stack_strain(reading)
    assert found.circumferential_percent[5] == pytest.approx(strain, abs=0.3)
    if not strain:
        assert np.abs(found.circumferential_percent).max() < 0.3
    # The images are noise, unlike those the network was trained on; segments share its error.
    assert np.nanmax(np.abs(found.regions.percent[5] - strain)) < 2.5
    assert np.nanmean(np.abs(found.regions.percent[5] - strain)) < 1.2
    assert np.nanmean(found.regions.quality) > 0.6


def test_frames_go_round():
    once = clip("turn", 0).frames
    again = Round(once)
    assert len(again) == PHASES + 1
    np.testing.assert_array_equal(again[PHASES], once[0])


def test_a_slice_without_a_wall_has_no_motion():
    facts = Facts("s", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", in_stack=True)
    whole = Facts("r", SIDE_PX, SIDE_PX, TIMES_S, "TriggerTime", stack=StackFacts(np.zeros(1), 8.0))
    assert slice_motion_edits([clip("turn", 0)], Reading(whole, slices=(Reading(facts),)), Models(), no_tick) == []
