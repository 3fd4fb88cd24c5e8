import numpy as np
import pytest

from kinecor.core.values.kind import KINDS
from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import NODE_PX, open_two_searches
from kinecor_models.motion.model import MANY, MotionModel, less_still, mean_square, motion_grid, open_motion


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


def _hazy(frames=24, step=1.0):
    """Speckle that goes to and fro by `step` pixels a frame, seen through a haze that stands still."""
    swing = np.abs((np.arange(frames) + frames // 2) % frames - frames // 2)
    haze, muscle = _clip(1).frames[0].astype(np.float64).T, _clip(frames // 2 + 1, (step, 0.0)).frames
    return ClipInput(np.stack([np.uint8(0.55 * muscle[at] + 0.45 * haze) for at in swing])), np.diff(swing) * step


def _found_along_x(model, clip):
    """Mean motion to the right between frames, in image pixels."""
    found = model(clip, _quiet, (30, 30, 130, 130))
    return found.displacement[:, 20:-20, 20:-20, 0].mean(axis=(1, 2)) * found.grid.step_px[0]


def test_motion_behind_what_stands_still_is_found():
    clip, true = _hazy()
    share, more = (np.abs(_found_along_x(open_motion(name), clip)).mean() / np.abs(true).mean() for name in NAMES)
    assert share < 0.8
    assert more > share + 0.12
    assert more < 1.02


NAMES = "dis", "moving"


@pytest.mark.parametrize("frames", [2, MANY - 1])
def test_a_few_frames_do_not_show_what_stands_still(frames):
    one, other = (_found_along_x(open_motion(name), _clip(frames)) for name in NAMES)
    np.testing.assert_array_equal(one, other)


def test_a_tenth_of_a_second_does_not_show_what_stands_still():
    clip = ClipInput(_clip(24).frames, interval_s=0.004)
    one, other = (_found_along_x(open_motion(name), clip) for name in NAMES)
    np.testing.assert_array_equal(one, other)


def test_a_loop_that_stands_still_stays_still():
    still = ClipInput(np.repeat(_clip(1).frames, 24, axis=0))
    assert np.abs(_found_along_x(open_motion("moving"), still)).max() < 0.01


def test_a_share_of_the_mean_is_taken_off_and_brightness_stays():
    clip = ClipInput(np.clip(_clip(6).frames, 90, 180))
    grid = motion_grid(clip, 128, (30, 30, 130, 130))
    squares = [grid.sampled(frame) for frame in clip.frames]
    mean = mean_square(clip, grid)
    np.testing.assert_allclose(mean, np.mean(squares, axis=0), atol=0.51)
    for before, after in zip(squares, less_still(squares, mean, 0.4), strict=True):
        expected = before - 0.4 * mean.astype(float) + 0.4 * mean.mean()
        np.testing.assert_allclose(after, np.clip(expected, 0, 255), atol=0.51)
        assert after.mean() == pytest.approx(before.mean(), abs=1)


def test_a_long_loop_s_mean_is_of_some_of_its_frames():
    frames = np.zeros((300, 64, 64), np.uint8)
    frames[::2] = 100
    read = []

    class Counted:
        def __len__(self):
            return len(frames)

        def __getitem__(self, frame):
            read.append(frame)
            return frames[frame]

    clip = ClipInput(Counted())
    mean_square(clip, motion_grid(clip, 128, (10, 10, 50, 50)))
    assert 64 <= len(read) < 128
    assert read == sorted(set(read))


def test_apical_echo_is_searched_less_what_stands_still_and_mri_as_it_is():
    by_name = {one.name: one.motion for one in KINDS}
    assert by_name["apical loop"] == "moving"
    assert {name for name, motion in by_name.items() if motion == "moving"} == {"apical loop", "other view"}
    assert open_motion("moving").author != open_motion("dis").author


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
