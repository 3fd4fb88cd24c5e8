import numpy as np
import pytest

from kinecor_phantoms.scanner.backdrop import Clutter, noise_level, noise_piece, noise_pool, waves
from kinecor_phantoms.scanner.beam_space import BeamSpace
from kinecor_phantoms.scanner.probe import Probe

SPACE = BeamSpace(Probe(beams=96, samples=300))
SHAPE = (300, 96)


def test_noise_has_unit_power_and_is_another_for_each_frame() -> None:
    rng = np.random.default_rng(0)
    pool = noise_pool(SPACE, rng)
    one, other = (noise_piece(pool, SHAPE, rng) for _ in range(2))
    assert one.shape == SHAPE
    assert float(np.mean(np.abs(one) ** 2)) == pytest.approx(1, rel=0.1)
    assert abs(np.vdot(one, other)) / one.size < 0.05


def test_noise_grows_with_depth_to_the_requested_level() -> None:
    level = noise_level(SPACE, -20)
    assert level[-1] == pytest.approx(0.1)
    assert np.all(np.diff(level) >= 0)
    assert level[0] < 0.3 * level[-1]


def test_clutter_dies_away_and_half_of_it_turns() -> None:
    rng = np.random.default_rng(2)
    shape = (2, *SHAPE)
    speckle = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)
    clutter = Clutter(SPACE, (speckle[0], speckle[1]), 0.0, 15.0, rng)
    power = [
        float(np.mean(np.abs(clutter.at(0)[rows]) ** 2)) for rows in (slice(4, 40), slice(80, 120), slice(200, 300))
    ]
    assert power[0] > 10 * power[1] > 100 * power[2]
    now, soon, later = (clutter.at(time) for time in (0.0, 0.02, 0.6))
    assert np.abs(now - soon).mean() < 0.1 * np.abs(now).mean() < np.abs(now - later).mean()


def test_waves_are_smooth_and_of_about_unit_variance() -> None:
    fields = [waves(SPACE, np.random.default_rng(seed), (3, 4)) for seed in range(60)]
    assert np.mean([field.var() for field in fields]) == pytest.approx(1, rel=0.3)
    assert max(float(np.abs(np.diff(field, axis=0)).max()) for field in fields) < 0.2
