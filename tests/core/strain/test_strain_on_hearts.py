"""Strain from perfect contours and perfect tracking of simulated hearts, against what is true of them."""

import numpy as np
import pytest

from kinecor.core.outlines.wall_outline import centreline
from kinecor.core.strain.wall_strain import lengths, strain_percent
from kinecor.core.values.geometry import Contour
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import apical
from kinecor_phantoms.heart.plane_truth import LAYERS, plane_truth
from kinecor_phantoms.heart.population import draw


@pytest.fixture(scope="module", params=["normal", "dilated", "infarct"])
def four_chamber(request):
    """(truth in the plane, end-systolic frame) of a heart at four times, a millimetre a pixel."""
    heart = draw(request.param, 4, still=True)
    es_s = heart.rhythm.beats[0].aortic_close_s
    beating = heart.at(np.array([0.0, 0.5 * es_s, es_s]))
    anatomies = [Anatomy(beating, frame) for frame in range(3)]
    plane = apical("A4C", -heart.shape.apical_wall_mm - 10)
    return plane_truth(beating, anatomies, plane, lambda mm: mm + np.array([128.0, 0.0]), (256, 256)), 2


def test_tracked_points_give_the_material_s_strain_but_for_the_plane(four_chamber):
    truth, es = four_chamber
    middle = truth.wall_points[:, LAYERS.index(0.5)].astype(np.float64)
    found = strain_percent(lengths(middle), 0)[es, 0]
    # Points leave the plane by twist: what an image shows of the line is a little shorter.
    assert found == pytest.approx(truth.strain_percent["longitudinal"][es], abs=0.8)


def test_the_contours_centreline_gives_it_too(four_chamber):
    truth, es = four_chamber
    endo, epi = (truth.contours[name] for name in ("lv_endo", "lv_epi"))
    lines = np.stack([centreline(Contour(endo[frame]), Contour(epi[frame])) for frame in (0, es)])
    found = strain_percent(lengths(lines), 0)[1, 0]
    assert found == pytest.approx(truth.strain_percent["longitudinal"][es], abs=1.5)
