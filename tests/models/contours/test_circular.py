import cv2
import numpy as np
import pytest

from kinecor_models.contours.circular import CircularModel, box_ventricle, with_cavity
from kinecor_models.contours.outlines import area
from kinecor_models.contours.sax import closed_outlines
from kinecor_models.contract import ClipInput, ModelCard

SIZE = 76
CARD = ModelCard("circular", "0", "", "", "", "", "", (), "", (), {}, SIZE)


def closed_wall(inner_px, outer_px, gap=False):
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    radius = np.hypot(x, y)
    wall = (1 / (1 + np.exp(2 * (inner_px - radius)))) / (1 + np.exp(2 * (radius - outer_px)))
    if gap:
        wall[(np.abs(y) < 2) & (x > 0)] = 0
    return wall.astype(np.float32)


def beating(phases=20, rows=160, columns=180, x=110, y=70):
    out = np.zeros((phases, rows, columns), np.uint8)
    for phase in range(phases):
        size = 22 + 6 * np.cos(2 * np.pi * phase / phases)
        cv2.circle(out[phase], (x, y), 34, (60,), -1)
        cv2.circle(out[phase], (x, y), round(size), (220,), -1)
    return out


def nothing(_clip):
    return None


def test_what_the_wall_encloses_is_cavity():
    probability = with_cavity(closed_wall(12, 20))
    assert np.allclose(probability.sum(axis=0), 1)
    found = closed_outlines(probability)
    assert area(found.contours["lv_endo"]) == pytest.approx(np.pi * 12**2, rel=0.05)
    assert area(found.contours["lv_epi"]) == pytest.approx(np.pi * 20**2, rel=0.05)
    assert found.contours["rv"] is None


def test_a_wall_with_a_gap_encloses_nothing():
    found = closed_outlines(with_cavity(closed_wall(12, 20, gap=True)))
    assert found.contours["lv_endo"] is None


def test_where_the_finder_sees_nothing_the_box_surrounds_what_beats_and_is_round():
    clip = ClipInput(beating(), spacing_mm=1.0)
    grid = box_ventricle(clip, SIZE, nothing)
    middle = ((grid.x0 + grid.x1) / 2, (grid.y0 + grid.y1) / 2)
    assert middle == pytest.approx((110, 70), abs=4)
    assert grid.x1 - grid.x0 == pytest.approx(112, abs=1)


def test_the_box_is_in_millimetres_whatever_the_pixels():
    images = np.stack([cv2.resize(one, None, fx=0.5, fy=0.8) for one in beating()])
    grid = box_ventricle(ClipInput(images, aspect=0.625, spacing_mm=2.0), SIZE, nothing)
    assert (grid.x0 + grid.x1) / 2 == pytest.approx(55, abs=3)
    assert (grid.y0 + grid.y1) / 2 == pytest.approx(56, abs=4)
    assert grid.x1 - grid.x0 == pytest.approx(56, abs=1)
    assert grid.y1 - grid.y0 == pytest.approx(90, abs=1)


def test_the_finder_is_asked_before_motion():
    grid = box_ventricle(ClipInput(beating(), spacing_mm=1.0), SIZE, lambda _: (60.0, 90.0))
    assert ((grid.x0 + grid.x1) / 2, (grid.y0 + grid.y1) / 2) == pytest.approx((60, 90), abs=1)


def test_where_nothing_is_seen_the_box_is_in_the_middle_of_what_moves():
    still = np.full((8, 100, 100), 40, np.uint8)
    still[4:, 20:40, 60:80] = 90
    grid = box_ventricle(ClipInput(still, spacing_mm=1.5), SIZE, nothing)
    assert ((grid.x0 + grid.x1) / 2, (grid.y0 + grid.y1) / 2) == pytest.approx((69.5, 29.5), abs=4)


def test_every_phase_has_its_contours_where_the_network_draws_them():
    calls = []

    def wall(squares):
        calls.append(squares.shape)
        return np.stack([closed_wall(10 + phase % 3, 20) for phase in range(len(squares))])

    ticks = []
    clip = ClipInput(beating(), spacing_mm=1.0)
    found = CircularModel(CARD, wall, nothing)(clip, lambda *done: ticks.append(done))
    assert calls == [(20, SIZE, SIZE)]
    assert ticks == [(done, 20) for done in range(21)]
    assert all(line is not None for line in found.contours["lv_endo"])
    assert found.contours["rv"] == [None] * 20
    assert found.confidence["lv_endo"].min() > 0.5
    middle = found.grid.to_image(found.contours["lv_epi"][0]).mean(axis=0)
    assert middle == pytest.approx((110, 70), abs=5)
