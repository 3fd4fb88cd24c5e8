import numpy as np
import pytest

from kinecor_phantoms.echo.other_scenes import TissueScene
from kinecor_phantoms.scanner.probe import Probe

PROBE = Probe(depth_mm=160.0)
TIMES_S = np.arange(4) / 10


def scene(vein, seed=0):
    return TissueScene(TIMES_S, PROBE, np.random.default_rng(seed), vein=vein, scatterers=12_000)


@pytest.mark.parametrize("vein", [True, False])
def test_tissue_fills_the_sector_and_breathes(vein):
    made = scene(vein)
    first, last = made.echoes(0), made.echoes(3)
    assert len(first.strength) == 12_000
    assert np.isfinite(first.strength).all()
    assert np.hypot(*first.points_mm[:, :2].T).max() < 180
    moved = np.linalg.norm(last.points_mm - first.points_mm, axis=1)
    assert 0 < moved.max() < 15
    assert (made.echoes(2).strength == made.echoes(2).strength).all()


def test_a_vein_is_a_dark_band_at_mid_depth():
    made = scene(vein=True)
    echoes = made.echoes(0)
    x, y = made._rest_mm[:, 0], made._rest_mm[:, 1]
    band = np.abs(y - 0.52 * 160 - made._tilt * x) < 2.5
    inside = np.mean(echoes.strength[band & (np.abs(x) < 40)] ** 2)
    assert inside < 0.1 * np.mean(echoes.strength[~band] ** 2)


def test_seeds_give_other_scenes():
    one, other = (scene(False, seed).echoes(0) for seed in (0, 1))
    assert (one.points_mm != other.points_mm).any()
