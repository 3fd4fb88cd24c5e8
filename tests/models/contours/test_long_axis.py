import numpy as np
import pytest

from kinecor_models.contours import long_axis
from kinecor_models.contours.long_axis import LongAxisModel, path_between_hinges, valve_of, view_of
from kinecor_models.contract import ClipInput, load_card

SIZE = 160


def cut_ellipse(turn_deg=0.0):
    """A closed outline of an ellipse without its lower quarter, turned, and the two corners."""
    angles = np.linspace(0, 2 * np.pi, 721)[:-1]
    points = np.stack([24 * np.sin(angles), -44 * np.cos(angles)], axis=1)
    points[:, 1] = np.minimum(points[:, 1], 26)
    half = 24 * np.sqrt(1 - (26 / 44) ** 2)
    turn = np.deg2rad(turn_deg)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    return (points @ rotation + 80).astype(np.float32), np.array([[-half, 26], [half, 26]]) @ rotation + 80


def fields(turn_deg=0.0):
    """Probabilities of a ventricle with a wall and an atrium beyond its cut, and a grey image of both."""
    outline, corners = cut_ellipse(turn_deg)
    probability = np.full((6, SIZE, SIZE), 0.002, np.float32)
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    turn = np.deg2rad(turn_deg)
    # Back into the upright frame.
    u = (x - 80) * np.cos(turn) + (y - 80) * np.sin(turn)
    v = (y - 80) * np.cos(turn) - (x - 80) * np.sin(turn)
    inside = (u / 24) ** 2 + (v / 44) ** 2 <= 1
    cavity = inside & (v <= 26)
    atrium = (np.abs(u) <= 20) & (v > 26) & (v < 56)
    wall = ((u / 32) ** 2 + (v / 52) ** 2 <= 1) & ~inside & (v <= 26)
    classes = np.select([cavity, wall, atrium], [1, 2, 3], 0)
    for channel in range(6):
        probability[channel][classes == channel] = 0.99
    image = np.where(cavity | (classes == 3), 200, 40).astype(np.uint8)
    return probability / probability.sum(axis=0), image, outline, corners


@pytest.mark.parametrize("turn_deg", [0, 70, 180, 250])
def test_hinge_points_are_at_the_corners_whichever_way_the_image_is_shown(turn_deg):
    probability, image, outline, corners = fields(turn_deg)
    wall = path_between_hinges(outline, probability, image)
    assert wall.shape == (long_axis.POINTS, 2)
    ends = wall[[0, -1]]
    assert ends[0, 0] <= ends[1, 0]
    off = min(np.hypot(*(ends - way).T).max() for way in (corners, corners[::-1]))
    assert off < 3.0
    # By way of the apex: the path is nearly the whole outline without the cut.
    assert np.linalg.norm(np.diff(wall, axis=0), axis=1).sum() > 150


def test_without_any_evidence_the_valve_is_at_an_end():
    outline, _ = cut_ellipse()
    around = outline[:: len(outline) // 180]
    first, last = valve_of(around, np.zeros(len(around)))
    middle = (around[first] + around[last]) / 2
    assert abs(middle[1] - 80) > 20


@pytest.mark.parametrize(
    ("right", "atrium", "view"),
    [(0.3, 0.2, "A4C"), (0.001, 0.0, "A2C"), (0.3, 0.0001, "A3C"), (0.3, 0.02, None), (0.02, 0.05, None)],
)
def test_chambers_name_the_view(right, atrium, view):
    assert view_of(right, atrium) == view


class Still:
    """Answers every image with the same probabilities."""

    def __init__(self, probability):
        self.probability = probability

    def __call__(self, images):
        for _ in images:
            yield self.probability


@pytest.mark.parametrize("spacing_mm", [1.5, None])
def test_every_phase_has_a_contour_in_the_image(spacing_mm):
    probability, image, _, _ = fields()
    model = LongAxisModel(load_card("lv-lax"), Still(probability))
    ticks = []
    out = model(ClipInput([image] * 5, interval_s=0.04, spacing_mm=spacing_mm), lambda *done: ticks.append(done))
    assert ticks[-1] == (5, 5)
    assert len(out.contours["lv_endo"]) == 5
    assert all(one is not None for one in out.contours["lv_endo"])
    assert (out.confidence["lv_endo"] > 0.9).all()
    side = out.grid.x1 - out.grid.x0
    assert side == pytest.approx(long_axis.FIELD_MM / 1.5 if spacing_mm else 160, abs=2)


def test_an_image_without_a_ventricle_has_no_contour():
    empty = np.zeros((6, SIZE, SIZE), np.float32)
    empty[0] = 1
    model = LongAxisModel(load_card("lv-lax"), Still(empty))
    out = model(ClipInput([np.zeros((100, 120), np.uint8)] * 2), lambda *_: None)
    assert out.contours["lv_endo"] == [None, None]
    assert out.view is None
