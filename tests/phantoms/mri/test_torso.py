import numpy as np

from kinecor_phantoms.mri.field_effects import FieldEffects
from kinecor_phantoms.mri.signals import VENDORS, levels
from kinecor_phantoms.mri.torso import Torso
from kinecor_phantoms.mri.waves import Waves, cover


def _transverse(size: int = 90, pixel_mm: float = 5.0, height_mm: float = 0.0) -> np.ndarray:
    at = (np.arange(size) - (size - 1) / 2) * pixel_mm
    x, y = np.meshgrid(at, at)
    return np.stack([x, y, np.full_like(x, height_mm)], axis=-1).astype(np.float32)


def test_waves_on_a_grid_are_the_same_wherever_the_grid_begins() -> None:
    waves = Waves(np.random.default_rng(0), 60.0, 8)
    grid = _transverse()
    whole = waves(grid).reshape(90, 90)
    np.testing.assert_allclose(waves(grid[10:40, 20:60]).reshape(30, 40), whole[10:40, 20:60], atol=2e-3)
    assert 0.6 < whole.std() < 1.4


def test_cover_is_the_share_of_a_pixel() -> None:
    np.testing.assert_allclose(cover(np.array([-1.0, -0.5, 0.0, 0.5, 3.0]), 2.0), [0, 0.25, 0.5, 0.75, 1])


def test_a_patient_has_air_outside_and_lung_fat_and_blood_inside() -> None:
    level = levels(VENDORS["A"])
    for seed in range(4):
        torso = Torso(1.0, (40.0, 75.0), np.random.default_rng(seed))
        chest = torso.signal(_transverse(height_mm=20.0), 5.0, level)
        belly = torso.signal(_transverse(height_mm=-95.0), 5.0, level)
        assert abs(chest[0]).max() == 0
        lit = chest[chest != 0]
        assert (abs(lit) < 0.2).mean() > 0.15  # lungs
        assert (lit < -0.6).mean() > 0.05  # fat, out of phase
        assert (belly < -0.3).sum() > 0
        assert (abs(belly) < 0.2).mean() < (abs(chest) < 0.2).mean()


def test_fields_are_even_when_off_and_one_at_the_heart_when_on() -> None:
    vendor, grid = VENDORS["A"], _transverse(91, 4.0)
    even = FieldEffects(1.0, 0.0, 0.0, vendor, np.random.default_rng(0)).brightness(grid)
    assert (even == 1).all()
    coil = FieldEffects(1.0, 1.0, 0.0, vendor, np.random.default_rng(0)).brightness(grid)
    assert abs(coil[45, 45] - 1) < 1e-5
    assert coil[45 - 22, 45] > 1.15 * coil[45, 45]  # the front, nearer to the coils
    bands = FieldEffects(1.0, 0.0, 1.0, vendor, np.random.default_rng(0)).brightness(grid)
    assert bands[45, 45] > 0.9
    assert abs(bands).min() < 0.15
