import numpy as np
import pytest

from kinecor_phantoms.warped.flow import Flow


def _swirl(strength: float = 14.0) -> Flow:
    """A smooth field on 60 x 70 pixels that squeezes and turns, still at its edge."""
    y, x = np.mgrid[:60, :70]
    z = (x - 34.5) + 1j * (y - 29.5)
    fade = (np.sin(np.pi * x / 69) * np.sin(np.pi * y / 59)) ** 2
    return Flow((10, -5), (strength / 20 * (-0.8 + 0.6j) * z * fade).astype(np.complex64) * (fade > 1e-9))


POINTS = np.random.default_rng(3).uniform((20, 5), (70, 50), (200, 2))


def test_drifting_back_undoes_drifting() -> None:
    flow = _swirl()
    there = flow.moved(POINTS, 1.0)
    assert np.linalg.norm(there - POINTS, axis=1).max() > 4
    assert flow.moved(there, -1.0) == pytest.approx(POINTS, abs=0.01)


def test_drifting_on_adds_up() -> None:
    flow = _swirl()
    assert flow.moved(flow.moved(POINTS, 0.37), 0.63) == pytest.approx(flow.moved(POINTS, 1.0), abs=0.01)


def test_a_steady_turn_is_a_turn() -> None:
    y, x = np.mgrid[:81, :81]
    z = (x - 40) + 1j * (y - 40)
    disk = np.clip((39.0 - abs(z)) / 3, 0, 1)
    flow = Flow((0, 0), (0.5j * z * disk).astype(np.complex64))
    angle = np.linspace(0, 6, 20)
    circle = 40 + 25 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    turned = 40 + 25 * np.stack([np.cos(angle + 0.5), np.sin(angle + 0.5)], axis=1)
    assert flow.moved(circle, 1.0) == pytest.approx(turned, abs=0.002)


def test_nothing_moves_outside_the_field() -> None:
    far = np.array([(-40.0, 3.0), (500.0, 20.0)])
    assert _swirl().moved(far, 1.0) == pytest.approx(far, abs=1e-3)


def test_images_come_from_where_points_went() -> None:
    flow = _swirl()
    phases = np.array([0.4, -0.1, 1.0, 0.0])
    found = dict(flow.origins((50, 90), phases))
    assert sorted(found) == [0, 1, 2, 3]
    for i, phase in enumerate(phases):
        origin = found[i]
        there = flow.moved(np.stack([origin.real, origin.imag], axis=-1).reshape(-1, 2).astype(float), phase)
        y, x = np.mgrid[:50, :90]
        assert there == pytest.approx(np.stack([x, y], axis=-1).reshape(-1, 2), abs=0.02)


def test_growth_is_the_change_of_area_and_folds_show() -> None:
    growths = _swirl(4.0).least_growths([0.5, 1.0])
    assert 0 < growths[1] < growths[0] < 1
    rng = np.random.default_rng(0)
    rough = np.zeros((40, 40), np.complex64)
    rough[2:-2, 2:-2] = rng.normal(0, 6, (36, 36)) + 1j * rng.normal(0, 6, (36, 36))
    assert Flow((0, 0), rough).least_growths([1.0])[0] <= 0


def test_fields_that_are_not_still_at_their_edge_are_refused() -> None:
    with pytest.raises(ValueError, match="still at its edge"):
        Flow((0, 0), np.ones((4, 4), np.complex64))
    with pytest.raises(ValueError, match="2 x 2"):
        Flow((0, 0), np.zeros(4, np.complex64))
