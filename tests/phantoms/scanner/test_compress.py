import numpy as np
import pytest

from kinecor_phantoms.scanner.beam_space import BeamSpace
from kinecor_phantoms.scanner.compress import HEADROOM_DB, Compressor, filter_image
from kinecor_phantoms.scanner.look import Look
from kinecor_phantoms.scanner.point_spread import PointSpread
from kinecor_phantoms.scanner.probe import Probe

PROBE = Probe(beams=32, samples=64)


FLAT = (0.0,) * 8


def shown(db: float, tgc_db: tuple[float, ...] = FLAT, gain_db: float = 0.0, **look: object) -> np.ndarray:
    field = np.full((64, 32), 10 ** (db / 20), np.complex64)
    return Compressor(BeamSpace(PROBE), Look(tgc_db=tgc_db, gain_db=gain_db, **look))(field)  # type: ignore[arg-type]


def test_decibels_become_shares_of_the_dynamic_range() -> None:
    assert shown(HEADROOM_DB - 30, dynamic_range_db=60) == pytest.approx(0.5, abs=1e-4)
    assert shown(HEADROOM_DB - 30, dynamic_range_db=60, gain_db=6) == pytest.approx(0.6, abs=1e-4)
    assert shown(40, dynamic_range_db=60) == pytest.approx(1)
    assert shown(-90, dynamic_range_db=60) == pytest.approx(0)


def test_a_slider_acts_at_its_depth() -> None:
    sliders = (0.0, 0, 0, 0, 0, 0, 0, 12)
    lifted = shown(-10, dynamic_range_db=60, tgc_db=sliders, smoothing=0) - shown(-10, dynamic_range_db=60, smoothing=0)
    assert lifted[0] == pytest.approx(0, abs=1e-5)
    assert lifted[-1] == pytest.approx(0.2, abs=1e-4)
    assert lifted[30] == pytest.approx(0, abs=1e-5)


def test_smoothing_preserves_the_mean_and_reduces_speckle() -> None:
    noise = np.random.default_rng(0).random((200, 200), np.float32)
    smooth = filter_image(noise, (np.array([0.5, 0.25], np.float32),) * 2)
    assert smooth.mean() == pytest.approx(noise.mean(), abs=2e-3)
    # Variance falls with the sum of squared taps, 0.375 along each axis.
    assert smooth.var() / noise.var() == pytest.approx(0.375**2, rel=0.06)


def test_an_axis_too_coarse_to_smooth_is_left_alone() -> None:
    noise = np.random.default_rng(0).random((50, 60), np.float32)
    along = filter_image(noise, (np.array([0.5, 0.25], np.float32), np.ones(1, np.float32)))
    assert np.allclose(along[1:-1], 0.5 * noise[1:-1] + 0.25 * (noise[:-2] + noise[2:]), atol=1e-6)


def test_edge_enhancement_steepens_a_step() -> None:
    space = BeamSpace(PROBE)
    field = np.where(np.arange(64)[:, None] < 32, 0.05, 1).repeat(32, axis=1).astype(np.complex64)
    plain = Compressor(space, Look(smoothing=3))(field)[:, 16]
    sharp = Compressor(space, Look(smoothing=3, edge=1))(field)[:, 16]
    assert np.diff(sharp).max() > 1.1 * np.diff(plain).max()
    assert sharp[5] == pytest.approx(plain[5], abs=1e-4)


def test_averaging_fills_the_gaps_between_grains_and_preserves_the_power() -> None:
    rng = np.random.default_rng(0)
    probe = Probe(beams=128, samples=400)
    space = BeamSpace(probe)
    shape = (probe.samples, space.columns)
    field = PointSpread(space)(rng.standard_normal(shape), rng.standard_normal(shape))
    field /= np.sqrt(np.mean(np.abs(field) ** 2))
    bare, averaged = (
        Compressor(space, Look(gain_db=0, dynamic_range_db=60, averaging=share, smoothing=0))(field)[80:]
        for share in (0, 1.0)
    )
    # The logarithm of an exponential distribution has a standard deviation of pi / sqrt(6), 5.57 dB.
    assert bare.std() * 60 == pytest.approx(5.57, abs=0.4)
    assert averaged.std() < 0.7 * bare.std()
    assert np.percentile(averaged, 1) > np.percentile(bare, 1) + 0.1
    assert (10 ** (averaged * 6)).mean() == pytest.approx((10 ** (bare * 6)).mean(), rel=0.05)
