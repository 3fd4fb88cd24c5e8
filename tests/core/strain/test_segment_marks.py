from itertools import combinations

import numpy as np
import pytest

from kinecor.core.strain.drawing import ON_DARK, ON_WHITE, short_name

CONTOURS = ("#f0e442", "#56b4e9", "#e58bb8")
# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "usual": np.eye(3),
    "deuteranopia": np.array(
        [(0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)]
    ),
    "protanopia": np.array(
        [(0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)]
    ),
}
TO_XYZ = np.array([(0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505)])


def lab(colour, sight):
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(SIGHT[sight] @ linear, 0, 1)
    x, y, z = np.cbrt(np.maximum(TO_XYZ @ seen / (0.9505, 1.0, 1.089), 1e-6))
    return np.array((116 * y - 16, 500 * (x - y), 200 * (y - z)))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [ON_DARK, ON_WHITE])
def test_no_two_segments_look_alike(colours, sight):
    apart = {pair: np.linalg.norm(lab(pair[0], sight) - lab(pair[1], sight)) for pair in combinations(colours, 2)}
    assert min(apart.values()) > 15, min(apart, key=apart.get)


@pytest.mark.parametrize("sight", SIGHT)
def test_none_looks_like_a_contour(sight):
    apart = [np.linalg.norm(lab(a, sight) - lab(b, sight)) for a in ON_DARK for b in CONTOURS]
    assert min(apart) > 15


def test_lines_stand_out_from_their_ground():
    assert min(lab(one, "usual")[0] for one in ON_DARK) > 45
    assert max(lab(one, "usual")[0] for one in ON_WHITE) < 76


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Basal inferoseptal", "bIS"),
        ("Mid anterolateral", "mAL"),
        ("Apical anterior", "apA"),
        ("Basal inferior", "bI"),
        ("Mid anteroseptal", "mAS"),
        ("Apical right", "apR"),
    ],
)
def test_short_names(name, short):
    assert short_name(name) == short
