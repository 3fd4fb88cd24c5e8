import numpy as np
import pytest

from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.screen import Screen


def test_to_px_and_back() -> None:
    screen = Screen.fitted(Probe(), 300, 360)
    points = np.random.default_rng(0).uniform(-50, 150, (40, 2))
    assert np.allclose(screen.to_mm(screen.to_px(points)), points)
    assert np.allclose(screen.to_px(np.zeros((1, 2))), [screen.apex_px])


def test_depth_runs_down_and_right_is_right_unless_mirrored() -> None:
    probe = Probe()
    plain, mirrored = Screen.fitted(probe), Screen.fitted(probe, mirrored=True)
    point = np.array([[10.0, 60.0]])
    assert plain.to_px(point)[0, 0] - plain.apex_px[0] == pytest.approx(10 / plain.mm_per_px)
    assert mirrored.to_px(point)[0, 0] - mirrored.apex_px[0] == pytest.approx(-10 / plain.mm_per_px)
    assert plain.to_px(point)[0, 1] == mirrored.to_px(point)[0, 1] > plain.apex_px[1]
    assert np.allclose(mirrored.to_mm(mirrored.to_px(point)), point)
    assert np.array_equal(plain.mask()[:, ::-1], mirrored.mask())


@pytest.mark.parametrize(
    ("rows", "columns", "sector"), [(256, 256, 75), (200, 400, 90), (400, 200, 60), (128, 128, 110)]
)
def test_the_fitted_sector_is_within_the_image(rows: int, columns: int, sector: float) -> None:
    probe = Probe(sector_deg=sector)
    screen = Screen.fitted(probe, rows, columns, margin_px=3)
    mask = screen.mask()
    area = 0.5 * probe.sector_rad * probe.depth_mm**2 / screen.mm_per_px**2
    assert mask.sum() == pytest.approx(area, rel=0.02)
    y, x = np.nonzero(mask)
    assert (x.min(), y.min()) >= (2, 2)
    assert x.max() <= columns - 3
    assert y.max() <= rows - 3
    x0, y0, x1, y1 = screen.region
    assert 0 <= x0 <= x.min() <= x0 + 2
    assert 0 <= y0 <= y.min() <= y0 + 2
    assert x.max() < x1 <= min(columns, x.max() + 3)
    assert y.max() < y1 <= min(rows, y.max() + 3)


def test_a_foot_and_a_start_stay_black() -> None:
    screen = Screen.fitted(Probe(), 256, 256, foot_px=40, start_mm=10)
    mask = screen.mask()
    assert not mask[-40:].any()
    radius, _ = screen.polar()
    assert radius[mask].min() >= 10


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="rows must be between"):
        Screen.fitted(Probe(), 16, 256)
    with pytest.raises(ValueError, match="leave nothing"):
        Screen.fitted(Probe(), 64, 64, margin_px=40)
    with pytest.raises(ValueError, match="start_mm"):
        Screen.fitted(Probe(), start_mm=400)
