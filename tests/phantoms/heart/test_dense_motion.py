import numpy as np
import pytest

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import apical, short_axis
from kinecor_phantoms.heart.plane_truth import LAYERS, plane_truth
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.recording import LV_MYOCARDIUM

MM_PER_PX = 0.8


@pytest.fixture(scope="module", params=["long", "short"])
def truth(request):
    heart = draw("normal", 6)
    es_s = heart.rhythm.beats[0].aortic_close_s
    beating = heart.at(np.array([0.0, es_s / 2, es_s]))
    plane = apical("A4C", -20.0) if request.param == "long" else short_axis(0.5 * heart.shape.length_mm)
    middle = (80, 0) if request.param == "long" else (80, 80)
    to_px = lambda mm: mm / MM_PER_PX + np.array(middle)  # noqa: E731
    return plane_truth(beating, [Anatomy(beating, f) for f in range(3)], plane, to_px, (180, 160))


def test_it_is_known_in_the_wall_alone(truth):
    found = truth.displacement_mm(1, 2)
    assert found.shape == (180, 160, 3)
    assert np.array_equal(np.isfinite(found).all(axis=2), truth.labels[1] == LV_MYOCARDIUM)
    assert np.array_equal(np.isnan(found).any(axis=2), truth.labels[1] != LV_MYOCARDIUM)


def test_to_the_same_frame_nothing_moves(truth):
    assert np.nanmax(np.abs(truth.displacement_mm(1, 1))) < 1e-6


def test_it_takes_the_wall_s_points_where_they_go(truth):
    # Points of the wall are in the plane at the first frame; between pixels displacement is interpolated.
    points = truth.wall_points[0, LAYERS.index(0.5)][6:-6:6].astype(float)
    later = truth.wall_points[2, LAYERS.index(0.5)][6:-6:6].astype(float)
    out_mm = truth.wall_points_out_mm[2, LAYERS.index(0.5)][6:-6:6]
    found = truth.displacement_mm(0, 2)
    for (x, y), there, out in zip(points, later, out_mm, strict=True):
        i, j = int(y), int(x)
        a, b = y - i, x - j
        near = (1 - a) * ((1 - b) * found[i, j] + b * found[i, j + 1]) + a * (
            (1 - b) * found[i + 1, j] + b * found[i + 1, j + 1]
        )
        np.testing.assert_allclose(near[:2] / MM_PER_PX, there - (x, y), atol=0.05)
        assert near[2] == pytest.approx(out, abs=0.05)
