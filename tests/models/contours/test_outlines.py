import numpy as np
import pytest

from kinecor_lab.common.metrics import dice, filled
from kinecor_models.contours.outlines import POINTS, outlines
from tests.models.fields import CENTRE, CUT_Y, HALF, SIZE, WALL, heart


def ellipse_distance(points: np.ndarray, half: tuple[float, float]) -> np.ndarray:
    """Distance of points from an ellipse around CENTRE, in pixels along the ray from the centre."""
    u = (points - CENTRE) / half
    return abs(np.linalg.norm(u, axis=1) - 1) * np.linalg.norm(points - CENTRE, axis=1) / np.linalg.norm(u, axis=1)


def test_the_endocardium_is_on_the_ellipse_between_pixels() -> None:
    endo = outlines(heart()).contours["lv_endo"]
    assert endo is not None
    assert endo.shape == (POINTS["lv_endo"], 2)
    # Away from the corners, where a softmax rounds, the line is good to a tenth of a pixel: no staircase.
    on_wall = endo[endo[:, 1] < CUT_Y - 6]
    assert ellipse_distance(on_wall, HALF).max() < 0.15


def test_hinge_points_are_the_ends() -> None:
    found = outlines(heart()).contours
    endo, epi, atrium = (found[name] for name in ("lv_endo", "lv_epi", "la"))
    assert endo is not None
    assert epi is not None
    assert atrium is not None
    half_chord = HALF[0] * np.sqrt(1 - 0.6**2)
    assert endo[0] == pytest.approx((CENTRE[0] - half_chord, CUT_Y), abs=3)
    assert endo[-1] == pytest.approx((CENTRE[0] + half_chord, CUT_Y), abs=3)
    for other in (epi, atrium):
        assert other[0] == pytest.approx(endo[0], abs=1e-3)
        assert other[-1] == pytest.approx(endo[-1], abs=1e-3)


def test_the_epicardium_goes_round_the_outside() -> None:
    epi = outlines(heart()).contours["lv_epi"]
    assert epi is not None
    on_wall = epi[epi[:, 1] < CUT_Y - 8]
    assert ellipse_distance(on_wall, (HALF[0] + WALL, HALF[1] + WALL)).max() < 0.5


def test_masks_of_the_contours_are_the_classes() -> None:
    probability = heart()
    found, best = outlines(probability).contours, probability.argmax(axis=0)
    masks = {name: filled(points.astype(float), (SIZE, SIZE)) for name, points in found.items() if points is not None}
    assert dice(masks["lv_endo"], best == 1) > 0.985
    assert dice(masks["la"], best == 3) > 0.97
    assert dice(masks["lv_epi"] & ~masks["lv_endo"], best == 2) > 0.95


def test_sub_pixel_shifts_are_followed() -> None:
    still, moved = outlines(heart()).contours["lv_endo"], outlines(heart(shift=(0.3, 0))).contours["lv_endo"]
    assert still is not None
    assert moved is not None
    # Point by point along the walls: the ends slide along the valve plane, the walls only move across.
    walls = slice(8, -8)
    assert (moved - still)[walls, 0].mean() == pytest.approx(0.3, abs=0.02)
    assert moved[[0, -1]] - still[[0, -1]] == pytest.approx(np.array([[0.3, 0], [0.3, 0]]), abs=0.3)


def test_islands_and_holes_are_no_part_of_an_outline() -> None:
    clean, dirty = heart(), heart()
    island, hole = (slice(None), slice(10, 30), slice(10, 40)), (slice(None), slice(90, 100), slice(120, 130))
    dirty[island] = np.array((0, 1, 0, 0), np.float32)[:, None, None]
    dirty[hole] = np.array((0, 0, 1, 0), np.float32)[:, None, None]
    before, after = outlines(clean), outlines(dirty)
    for name in ("lv_endo", "lv_epi", "la"):
        assert after.contours[name] == pytest.approx(before.contours[name], abs=1e-3)
    # What was dropped shows in the reported confidence.
    assert after.confidence["lv_endo"] < before.confidence["lv_endo"] - 0.02


def test_a_false_atrium_above_the_apex_is_not_taken_for_the_atrium() -> None:
    clean, dirty = heart(), heart()
    above = (slice(None), slice(30, 68), slice(100, 156))  # over the apex, and larger than the true one
    dirty[above] = np.array((0, 0, 0, 1), np.float32)[:, None, None]
    dirty[:, 150:190] = np.where(clean[3, 150:190] > 0.5, np.eye(4)[3][:, None, None], np.eye(4)[0][:, None, None])
    found = outlines(dirty.astype(np.float32)).contours
    atrium, endo = found["la"], found["lv_endo"]
    assert atrium is not None
    assert endo is not None
    assert atrium[:, 1].min() > CUT_Y - 5
    assert abs(endo[[0, -1], 1] - CUT_Y).max() < 12


def test_nothing_there_is_none_with_no_confidence() -> None:
    empty = np.zeros((4, SIZE, SIZE), np.float32)
    empty[0] = 1
    found = outlines(empty)
    assert set(found.contours.values()) == {None}
    assert set(found.confidence.values()) == {0.0}


def test_a_cavity_without_atrium_or_wall_still_has_an_outline() -> None:
    probability = heart()
    probability[0] += probability[2] + probability[3]
    probability[2:] = 0
    found = outlines(probability)
    endo = found.contours["lv_endo"]
    assert endo is not None
    assert abs(endo[0, 1] - CUT_Y) < 8
    assert abs(endo[-1, 1] - CUT_Y) < 8
    assert found.contours["la"] is None


def test_a_heart_cut_by_the_edge_of_the_image_is_closed_there() -> None:
    endo = outlines(heart(shift=(0, -70))).contours["lv_endo"]
    assert endo is not None
    assert endo.min() >= -1.0


def test_blurred_probabilities_are_trusted_less() -> None:
    assert outlines(heart(0.1)).confidence["lv_endo"] < outlines(heart(1.0)).confidence["lv_endo"] - 0.05


def test_noise_never_breaks_it() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        noise = rng.random((4, 64, 64), np.float32) ** rng.uniform(1, 8)
        found = outlines(noise / noise.sum(axis=0))
        for points in found.contours.values():
            assert points is None or np.isfinite(points).all()
