import numpy as np
import pytest

from kinecor.core.outlines.wall_outline import wall_of
from kinecor.core.values.geometry import Contour
from kinecor.core.values.track import ContourTrack, Origin, Structure

TURN = np.linspace(np.pi, 2 * np.pi, 120)


def half_ellipse(radius, height):
    return Contour(np.stack([100 + radius * np.cos(TURN), 150 + height * np.sin(TURN)], axis=1))


def wall(*frames, height=80):
    """Of (radius, thickness) a frame: a thick-walled half ellipse."""
    endo = tuple(half_ellipse(radius, height) for radius, _ in frames)
    epi = tuple(half_ellipse(radius + thickness, height + thickness) for radius, thickness in frames)
    n = len(frames)
    return wall_of(
        *(
            ContourTrack(s, c, (Origin.MODEL,) * n, np.ones(n))
            for s, c in ((Structure.LV_ENDO, endo), (Structure.LV_EPI, epi))
        ),
        closed=False,
    )


def test_a_layer_has_a_constant_share_of_the_wall_s_volume():
    # Low on a tall wall it is a cylinder: one whose wall thickens from 10 to 14 has a constant cross section.
    outer = 32.0
    inner = float(np.sqrt(outer**2 - (40**2 - 30**2)))
    found = wall((30.0, 10.0), (inner, outer - inner), height=600).layer(0.5, 0)
    reach = [100 - np.interp(-120, -line[:60, 1], line[:60, 0]) for line in found]
    assert reach[0] == pytest.approx(35, abs=0.3)
    assert reach[1] == pytest.approx(np.sqrt(inner**2 + (35**2 - 30**2)), abs=0.3)
    assert reach[1] > (inner + outer) / 2 + 0.3  # farther out than half of the thickness


def test_depth_of_nothing_and_all_are_the_outlines():
    found = wall((30.0, 10.0), (25.0, 14.0))
    np.testing.assert_allclose(found.layer(0.0, 0), found.inner, atol=0.02)
    outer = found.layer(1.0, 0)
    apex = outer[:, 60, 1] - found.inner[:, 60, 1]
    np.testing.assert_allclose(apex, [-10, -14], atol=0.6)


def test_mid_wall_of_a_wall_that_does_not_change_is_half_way():
    found = wall((30.0, 10.0), (30.0, 10.0))
    half = found.inner + 0.5 * found.thickness[..., None] * found.normals
    off = np.abs(found.layer(0.5, 0)[:, 60] - half[:, 60]).max()
    assert off < 0.4


def test_frames_without_a_wall_are_not_a_number():
    found = wall((30.0, 10.0), (25.0, 14.0))
    assert found.there.all()
    n = 2
    endo = ContourTrack(Structure.LV_ENDO, (half_ellipse(30, 80), None), (Origin.MODEL,) * n, np.ones(n))
    epi = ContourTrack(Structure.LV_EPI, (half_ellipse(40, 90),) * 2, (Origin.MODEL,) * n, np.ones(n))
    half = wall_of(endo, epi, closed=False)
    assert half.there.tolist() == [True, False]
    assert np.isnan(half.layer(0.5, 0)[1]).all()
