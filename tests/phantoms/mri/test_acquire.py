from dataclasses import replace

import numpy as np
import pytest

from kinecor_phantoms.mri.acquire import acquire, window
from tests.phantoms.mri.scans import CLEAN


def _box(rows: int = 96, columns: int = 104) -> np.ndarray:
    image = np.zeros((1, 1, rows, columns), np.float32)
    image[..., 30:60, 40:70] = 1
    return image


def test_all_of_k_space_without_window_gives_the_signal_back() -> None:
    assert window(64, 1.0, 0.0, 0.0).min() == 1
    image = np.random.default_rng(0).random((1, 2, 96, 104), np.float32) + 0.1
    found = acquire(image, CLEAN, 0.0, np.random.default_rng(0))
    # Along the phase direction some lines are never measured: compare what is.
    lines = window(96, CLEAN.acquired * 0.88, 0.0, 0.0) > 0
    filtered = np.abs(np.fft.ifft2(np.fft.fft2(image[0]) * lines[:, None]))
    np.testing.assert_allclose(found, filtered, atol=1e-4)


def test_less_of_k_space_rings_at_edges() -> None:
    found = acquire(_box(), replace(CLEAN, acquired=0.5), 0.0, np.random.default_rng(0))
    assert found[0, 35:55, 45:65].max() > 1.05
    assert found[0, 45].max() > 1.05
    smooth = acquire(_box(), replace(CLEAN, acquired=0.5), 1.0, np.random.default_rng(0))
    assert smooth.max() < 1.03


@pytest.mark.parametrize("noise", [0.02, 0.1])
def test_noise_is_rician_and_of_the_requested_strength(noise: float) -> None:
    rng = np.random.default_rng(1)
    bright = acquire(np.ones((1, 4, 96, 104), np.float32), replace(CLEAN, noise=noise, acquired=0.7), 0.3, rng)
    dark = acquire(np.zeros((1, 4, 96, 104), np.float32), replace(CLEAN, noise=noise, acquired=0.7), 0.3, rng)
    assert bright.std() == pytest.approx(noise, rel=0.06)
    # Rayleigh: mean sqrt(pi / 2), deviation sqrt(2 - pi / 2).
    assert dark.mean() == pytest.approx(noise * np.sqrt(np.pi / 2), rel=0.06)
    assert dark.std() == pytest.approx(noise * np.sqrt(2 - np.pi / 2), rel=0.08)


def test_ghosts_are_in_the_phase_direction_only() -> None:
    clean = acquire(_box(), CLEAN, 0.0, np.random.default_rng(2))[0]
    ghost = acquire(_box(), replace(CLEAN, ghosting=0.1), 0.0, np.random.default_rng(2))[0]
    added = np.abs(ghost - clean)
    assert added[:, 45:65].max() > 0.05
    assert added[:, :35].max() < 0.02


def test_beats_that_differ_ghost_and_beats_that_do_not_do_not() -> None:
    other = np.roll(_box(), 5, axis=-1)
    same = acquire(np.concatenate([_box(), _box()]), CLEAN, 0.0, np.random.default_rng(0))
    np.testing.assert_allclose(same, acquire(_box(), CLEAN, 0.0, np.random.default_rng(0)), atol=1e-5)
    mixed = acquire(np.concatenate([_box(), other]), CLEAN, 0.0, np.random.default_rng(0))[0]
    # Every other line from another beat: half a field of view away, where the beats differ.
    assert mixed[(30 + 48 + 15) % 96, 40:45].mean() > 0.3
    assert 0.3 < mixed[45, 41:44].mean() < 0.7
