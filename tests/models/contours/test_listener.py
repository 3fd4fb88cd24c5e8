import numpy as np
import pytest
import torch

from kinecor_models.contours.listener import HALF, ListenerModel, features, normalise_strips, offset, open_listener
from kinecor_models.contract import load_card
from kinecor_models.nets.listener_net import CHANNELS, ListenerNet

PLACES, DEEP = 32, 2 * HALF + 1


def strips(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (count, PLACES, DEEP)).astype(np.float32)


def wall(shift: float, noise: float = 6.0, seed: int = 0) -> np.ndarray:
    """A dark cavity, a bright border and a grey wall, whose border is `shift` steps beyond the middle."""
    depth = np.arange(-HALF, HALF + 1) - shift
    line = 40 + 60 / (1 + np.exp(-depth)) + 90 * np.exp(-((depth / 2) ** 2))
    rng = np.random.default_rng(seed)
    return (np.broadcast_to(line, (PLACES, DEEP)) + noise * rng.standard_normal((PLACES, DEEP))).astype(np.float32)


def test_the_product_computes_what_was_trained() -> None:
    torch.manual_seed(1)
    net = ListenerNet()
    model = ListenerModel(load_card("listener"), {name: one.numpy() for name, one in net.state_dict().items()})
    seen, unknown = strips(5), np.linspace(0, 1, 5)
    own = np.broadcast_to(normalise_strips(strips(1, 3)), seen.shape)
    found = features(own, normalise_strips(seen), unknown.astype(np.float32))
    assert found.shape == (5, PLACES, CHANNELS)
    with torch.no_grad():
        wanted = offset(net(torch.from_numpy(found))[0].numpy(), unknown.astype(np.float32))
    np.testing.assert_allclose(model(strips(1, 3)[0], seen, unknown), wanted, atol=2e-5)


@pytest.mark.parametrize("shift", [-3.0, 2.0, 4.0])
def test_a_line_moves_to_where_the_image_looks_as_at_the_line_that_was_drawn(shift: float) -> None:
    moved = open_listener()(wall(0.0), wall(shift, seed=1)[None], np.array([0.9]))[0]
    assert float(np.median(moved)) * np.sign(shift) > abs(shift) / 3


def test_a_line_that_is_right_stays() -> None:
    moved = open_listener()(wall(0.0), wall(0.0, seed=1)[None], np.array([0.9]))[0]
    assert np.abs(moved).max() < 1.0


def test_what_a_person_says_is_not_moved() -> None:
    assert np.abs(open_listener()(wall(0.0), wall(3.0)[None], np.array([0.0]))).max() == 0
