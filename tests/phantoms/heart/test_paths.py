import numpy as np
import pytest

from kinecor_lab.simulators.differences import wall_points
from kinecor_phantoms.heart.paths import Paths
from tests.hearts import at_ed_and_es


def test_single_precision_follows_double_within_micrometres():
    beating = at_ed_and_es("infarct")
    points = wall_points(beating.heart.shape, 800, np.random.default_rng(0))
    paths = Paths(beating, points)
    for frame in (0, 1):
        found = paths.places_mm(frame)
        assert found.dtype == np.float32
        assert found == pytest.approx(beating.motion.place(points, frame), abs=1e-3)


def test_some_of_the_points_can_be_chosen():
    beating = at_ed_and_es()
    paths = Paths(beating, wall_points(beating.heart.shape, 50, np.random.default_rng(1)))
    chosen = np.arange(50) % 3 == 0
    some = paths.chosen(chosen)
    assert len(some) == 17
    assert some.places_mm(1).tolist() == pytest.approx(paths.places_mm(1)[chosen])
