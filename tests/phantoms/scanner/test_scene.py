import numpy as np
import pytest

from kinecor_phantoms.scanner.scene import Echoes, signs


def test_points_and_strengths_must_fit_each_other() -> None:
    points = np.zeros((5, 3), np.float32)
    assert len(Echoes(points, np.ones(5, np.float32)).strength) == 5
    with pytest.raises(ValueError, match=r"shape \(n, 3\)"):
        Echoes(np.zeros((5, 2), np.float32), np.ones(5, np.float32))
    with pytest.raises(ValueError, match="5 scatterers"):
        Echoes(points, np.ones(4, np.float32))


def test_signs_are_even_and_of_unit_power() -> None:
    drawn = signs(np.random.default_rng(0), 10_000)
    assert set(np.unique(drawn)) == {-1, 1}
    assert abs(drawn.mean()) < 0.04
