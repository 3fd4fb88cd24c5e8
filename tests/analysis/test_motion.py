import numpy as np

from kinecor.analysis.models import Models
from kinecor.analysis.strategy import in_pixels, motion_edits
from kinecor.core.values.errors import no_tick
from kinecor.core.values.reading import Facts, Reading
from kinecor.session.edits import SetMotion
from kinecor_models.contract import ClipInput, Grid
from kinecor_models.motion.model import MotionOutput
from tests.core.walls import tracks
from tests.session.samples import motion

FRAMES = 4


def shifting(dx, dy):
    """A grainy image that moves by a number of pixels per frame."""
    rng = np.random.default_rng(0)
    grain = rng.normal(0, 1, (400, 400))
    for axis in (0, 1):
        grain = sum(np.roll(grain, k, axis) for k in range(-3, 4)) / 7
    grain = np.clip(128 + grain / grain.std() * 40, 0, 255)
    return np.stack([np.roll(grain, (f * dy, f * dx), (0, 1))[40:300, 40:320].astype(np.uint8) for f in range(FRAMES)])


def reading(frames=FRAMES, walls=True):
    facts = Facts("r", 260, 280, np.arange(frames) * 0.02, "FrameTime")
    return Reading(facts, tracks=tracks(lambda points, _: points, frames) if walls else {})


def test_a_shift_is_found_in_pixels_of_the_image():
    (edit,) = motion_edits(ClipInput(shifting(3, -2)), reading(), Models(), no_tick)
    assert isinstance(edit, SetMotion)
    found, _ = edit.motion.at(0, np.array([[120.0, 120.0], [180.0, 150.0]]))
    np.testing.assert_allclose(found, [[3, -2]] * 2, atol=0.3)
    assert max(edit.motion.error_px.shape[1:]) <= 32
    assert edit.motion.by.startswith("model:")


def test_nodes_are_where_the_network_has_them():
    grid = Grid(24, 10, 20, 58, 68, 24, 24)  # two pixels of the image for one of the network
    there, error = np.zeros((1, 12, 12, 2), np.float32), np.full((1, 12, 12), 0.25, np.float32)
    output = MotionOutput(there, there, error, error, grid)
    there[0] = output.nodes * [0.1, 0.2]
    found = in_pixels(output, "me")
    place = np.array([[30.0, 40.0]])
    wanted = grid.to_network(place)[0] * [0.1, 0.2] * 2
    moved, off = found.at(0, place)
    np.testing.assert_allclose(moved[0], wanted, atol=0.02)
    assert off[0] == 0.5
    assert found.by == "me"


def test_without_a_wall_nothing_moves():
    clip = ClipInput(shifting(1, 1))
    assert motion_edits(clip, reading(walls=False), Models(), no_tick) == []
    before = reading(walls=False).with_(motion=motion(FRAMES))
    assert motion_edits(clip, before, Models(), no_tick) == [SetMotion(None)]
