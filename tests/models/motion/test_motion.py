import numpy as np
import pytest

from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import NODE_PX, open_two_searches
from kinecor_models.motion.model import MotionModel, motion_grid, open_motion


def _clip(frames=4, shift=(1.5, -1.0), side=160):
    """Speckle that goes by `shift` pixels (x, y) from frame to frame."""
    rng = np.random.default_rng(0)
    spectrum = np.fft.fft2(rng.normal(size=(side, side)))
    fy, fx = np.meshgrid(*(np.fft.fftfreq(side),) * 2, indexing="ij")
    smooth = spectrum * np.exp(-(fx**2 + fy**2) * 2 * (np.pi * 2.5) ** 2)
    out = []
    for frame in range(frames):
        moved = np.fft.ifft2(smooth * np.exp(-2j * np.pi * frame * (fx * shift[0] + fy * shift[1]))).real
        out.append(np.clip(128 + 40 * moved / moved.std(), 0, 255).astype(np.uint8))
    return ClipInput(np.stack(out))


def _quiet(done, total):
    pass


def test_what_moves_is_followed_there_and_back():
    clip = _clip()
    seen = []
    model = open_motion()
    found = model(clip, lambda done, total: seen.append((done, total)), (30, 30, 130, 130))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    side = found.grid.size // NODE_PX
    assert found.displacement.shape == found.back.shape == (3, side, side, 2)
    assert found.error.shape == found.back_error.shape == (3, side, side)
    points = np.array([[60.0, 70.0], [90.5, 81.25]])
    there, error = found.moved(points, 0)
    assert there == pytest.approx(points + np.array((1.5, -1.0)), abs=0.15)
    assert (error < 0.2).all()
    home, _ = found.moved(there, 1, back=True)
    assert home == pytest.approx(points, abs=0.15)


def test_displacement_at_nodes_is_in_network_pixels():
    found = open_motion()(_clip(2), _quiet, (40, 40, 120, 120))
    step = found.grid.step_px[0]
    inner = found.displacement[0, 20:-20, 20:-20]
    assert np.median(inner, axis=(0, 1)) * step == pytest.approx([1.5, -1.0], abs=0.1)
    assert found.nodes[0, 1] - found.nodes[0, 0] == pytest.approx([NODE_PX, 0])
    assert found.nodes[3, 5] == pytest.approx([5 * NODE_PX + (NODE_PX - 1) / 2, 3 * NODE_PX + (NODE_PX - 1) / 2])


def test_a_single_frame_has_no_motion():
    found = open_motion()(_clip(1), _quiet)
    assert len(found.displacement) == len(found.error) == 0
    with pytest.raises(IndexError, match="from frame 0"):
        found.moved(np.zeros((1, 2)), 0)


def test_unlike_frames_are_rejected():
    one, other = _clip(1).frames[0], _clip(1).frames[0].T[::-1]
    found = open_motion()(ClipInput(np.stack([one, other])), _quiet, (30, 30, 130, 130))
    alike = open_motion()(_clip(2), _quiet, (30, 30, 130, 130))
    assert np.median(found.error) > 5 * np.median(alike.error)


def test_the_square_holds_the_box_in_true_proportions():
    grid = motion_grid(ClipInput(np.zeros((1, 200, 300), np.uint8), aspect=2.0), 128, (100, 50, 150, 75))
    assert grid.x0 < 100 < 150 < grid.x1
    assert grid.y0 < 50 < 75 < grid.y1
    assert grid.step_px[0] == pytest.approx(2 * grid.step_px[1], rel=0.05)


@pytest.mark.parametrize(("box", "size"), [((70, 70, 90, 90), 128), ((30, 30, 130, 130), 200), ((5, 5, 155, 155), 256)])
def test_the_square_is_somewhat_finer_than_the_image(box, size):
    found = open_motion()(_clip(2), _quiet, box)
    assert found.grid.size == pytest.approx(size, abs=8)
    assert found.grid.size % 4 == 0


def test_two_searches_follow_as_one_does():
    model = MotionModel(open_two_searches(), 256, "test")
    found = model(_clip(2), _quiet, (30, 30, 130, 130))
    assert found.node_px == 4
    points = np.array([[60.0, 70.0], [90.5, 81.25]])
    there, error = found.moved(points, 0)
    assert there == pytest.approx(points + np.array((1.5, -1.0)), abs=0.15)
    assert (error < 0.2).all()


def test_other_names_are_refused():
    with pytest.raises(ValueError, match="dis"):
        open_motion("nothing")


def test_the_network_that_ships_follows_what_moves():
    model = open_motion("network", "cpu")
    assert model.author.startswith("model:motion@")
    found = model(_clip(frames=2), _quiet, (30, 30, 130, 130))
    points = np.array([[60.0, 70.0], [90.5, 81.25]])
    there, error = found.moved(points, 0)
    assert there == pytest.approx(points + np.array((1.5, -1.0)), abs=0.4)
    assert error.max() < 0.4
