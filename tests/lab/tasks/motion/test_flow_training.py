import json

import numpy as np
import pytest
import torch

from kinecor_lab.tasks.motion.data import labelled
from kinecor_lab.tasks.motion.pairs import (
    KNOWN,
    NODES,
    SCALE,
    SIDE_PX,
    UNKNOWN,
    WALL,
    FlowPairs,
    joined,
    nodes,
    packed,
    read_pairs,
    write_pairs,
)
from kinecor_lab.tasks.motion.samples import batch_of, cut, sample, turned
from kinecor_lab.tasks.motion.synthetic import forwards, random_field, synthetic
from kinecor_lab.tasks.motion.train import FlowPlan, batch_maker, network, shares, train_flow
from kinecor_phantoms.warped.frame import SHORT_AXIS, LabelledFrame


def _wall_image(side=160):
    """A bright closed wall about a grey pool, with texture."""
    rng = np.random.default_rng(2)
    y, x = np.mgrid[0:side, 0:side] - side / 2
    radius = np.hypot(x, y)
    label = np.where(radius < 20, 3, np.where(radius < 34, 2, 0)).astype(np.uint8)
    image = 60 + 80 * (label == 3) + 15 * rng.standard_normal((side, side))
    return LabelledFrame(np.clip(image, 0, 255).astype(np.uint8), label)


def _shift(flow=(3.0, -2.0), seed=0):
    """A pair of images, the second moved by whole pixels."""
    rng = np.random.default_rng(seed)
    one = rng.integers(0, 255, (SIDE_PX, SIDE_PX)).astype(np.uint8)
    other = np.roll(one, (int(flow[1]), int(flow[0])), (0, 1))
    known = np.full((1, NODES, NODES), KNOWN, np.uint8)
    known[0, 20:40, 10:30] = WALL
    motion = packed(np.broadcast_to(np.array(flow), (1, NODES, NODES, 2)))
    guesses = np.stack([motion, motion // 2], axis=1)
    return FlowPairs(np.stack([one, other]), np.array([[0, 1]], np.int32), motion, known, guesses)


def test_pairs_come_back_from_a_file(tmp_path):
    one, other = _shift(), _shift((1.0, 4.0), 1)
    write_pairs(tmp_path / "a.npz", one)
    write_pairs(tmp_path / "b.npz", other)
    both = read_pairs([tmp_path / "a.npz", tmp_path / "b.npz"])
    assert len(both) == 2
    assert both.ends.tolist() == [[0, 1], [2, 3]]
    assert (both.frames[both.ends[1, 1]] == other.frames[1]).all()
    assert both.motion[1, 0, 0] / SCALE == pytest.approx([1, 4])
    assert both.guesses[1, 1, 0, 0] / SCALE == pytest.approx([0.5, 2])
    with pytest.raises(ValueError, match="none"):
        joined([])


def test_nodes_are_middles_of_squares():
    assert nodes()[:2].tolist() == [[0.5, 0.5], [2.5, 0.5]]
    assert nodes()[NODES].tolist() == [0.5, 2.5]


@pytest.mark.parametrize("seed", range(8))
def test_a_turned_pair_still_moves_as_it_says(seed):
    pairs = _shift()
    fields = pairs.motion.astype(np.float32) / SCALE
    images, fields, known = turned(pairs.frames, fields, pairs.known[0], np.random.default_rng(seed))
    dx, dy = fields[0, 30, 30].astype(int)
    assert (np.roll(images[0], (dy, dx), (0, 1)) == images[1])[8:-8, 8:-8].all()
    assert (known == WALL).sum() == 400


def test_a_crop_holds_wall_and_the_matching_motion():
    pairs, rng = _shift(), np.random.default_rng(0)
    for _ in range(5):
        images, fields, known = cut(pairs.frames, pairs.motion, pairs.known[0], 32, rng)
        assert images.shape == (2, 32, 32)
        assert fields.shape == (1, 16, 16, 2)
        assert (known == WALL).any()


def test_samples_weigh_the_wall_and_slow_pairs_more():
    slow, fast = (sample(_shift(flow), 0)[3] for flow in ((0.0, 0.0), (6.0, 8.0)))
    assert slow[0, 30, 20] == pytest.approx(4 * slow[0, 0, 0])
    assert slow[0, 0, 0] > 10 * fast[0, 0, 0]


def test_the_same_step_is_the_same_batch():
    pairs = {"a": _shift(), "b": _shift((1.0, 1.0), 4)}
    plan = FlowPlan(steps=10, batch=3, side=64, seed=7)
    one, again, other = (batch_maker(plan, pairs)(step) for step in (2, 2, 3))
    assert all(torch.equal(a, b) for a, b in zip(one, again, strict=True))
    assert not torch.equal(one[0], other[0])
    assert [tuple(part.shape) for part in one[:3]] == [(3, 2, 64, 64), (3, 4, 32, 32), (3, 2, 32, 32)]
    assert batch_maker(plan, pairs)(9)[0].shape == (3, 2, SIDE_PX, SIDE_PX)
    _, guesses, motion, _ = batch_of(pairs, {"b": 1}, 4, (7, 0))
    assert np.unique(motion.abs().numpy()).tolist() == [1.0]
    assert torch.equal(guesses[:, :2], motion)
    assert torch.equal(guesses[:, 2:], motion / 2)


def test_a_field_turned_round_leads_back():
    arriving = random_field(np.random.default_rng(5), 60)
    going = forwards(arriving)
    y, x = np.mgrid[10:50, 10:50]
    to = np.rint(np.stack([x, y], -1) + going[10:50, 10:50]).astype(int).clip(0, 59)
    assert np.median(np.abs(arriving[to[..., 1], to[..., 0]] - going[10:50, 10:50])) < 0.1


def test_synthetic_pairs_move_as_they_say():
    frames = labelled([(_wall_image(), _wall_image())], SHORT_AXIS)
    found = [pair for pair, _ in zip(synthetic(frames, 3), range(6), strict=False)]
    gains = []
    for pair in found:
        assert pair.motion.shape == (1, NODES, NODES, 2)
        assert set(np.unique(pair.known)) <= {UNKNOWN, KNOWN, WALL}
        assert pair.guesses.shape == (1, 2, NODES, NODES, 2)
        assert 0.03 < (pair.known == WALL).mean() < 0.5
        motion, known = pair.motion[0] / SCALE, pair.known[0] == WALL
        r, c = np.nonzero(known)
        y, x = 2 * r, 2 * c
        to = np.rint(np.stack([x, y], 1) + motion[known]).astype(int)
        inside = ((to >= 0) & (to < SIDE_PX)).all(axis=1)
        here = pair.frames[0][y, x][inside].astype(float)
        there, still = pair.frames[1][to[inside, 1], to[inside, 0]], pair.frames[1][y, x][inside]
        gains.append(abs(here - still).mean() - abs(here - there).mean())
    assert np.mean(gains) > 0


def test_hearts_follow_school():
    at_school, later = (shares({"synthetic": _shift(), "made": _shift()}, schooling=it) for it in (True, False))
    assert at_school["synthetic"] > 5 * at_school["made"]
    assert later["synthetic"] < later["made"]


@pytest.mark.parametrize("kind", ["refiner", "stack"])
def test_a_stopped_training_goes_on(tmp_path, kind):
    pairs = {"synthetic": _shift(), "made": _shift((1.0, 0.0), 3)}
    plan = FlowPlan(kind, width=2, steps=3, batch=1, side=32)
    lines = []
    train_flow(plan, pairs, pairs, tmp_path, validate_every=1, say=lines.append)
    assert len(lines) == 3
    best = torch.load(tmp_path / "best.pt", weights_only=True)
    assert json.loads(best["settings"])["width"] == 2
    train_flow(plan, pairs, pairs, tmp_path, validate_every=1, say=lines.append)
    assert "resuming after step 3" in lines[3]
    with pytest.raises(ValueError, match="another plan"):
        train_flow(FlowPlan(kind, width=2, steps=4, batch=1), pairs, pairs, tmp_path)


def test_another_kind_of_network_is_refused():
    with pytest.raises(ValueError, match="refiner or stack"):
        network(FlowPlan("plain"))
