import numpy as np
import pytest

from kinecor_phantoms.lines import enclosed_area
from kinecor_phantoms.warped.draw import drawn_cine, drawn_rhythm, drawn_weakness
from tests.models.warped_fields import path

VIEWS = ["apical", "short axis"]


@pytest.mark.parametrize("view", VIEWS)
def test_one_seed_one_cine(view: str) -> None:
    one, again, other = (drawn_cine(path(view), np.random.default_rng(seed), 8) for seed in (3, 3, 4))
    assert np.array_equal(one.frames, again.frames)
    assert np.array_equal(one.labels, again.labels)
    assert not np.array_equal(one.frames, other.frames)
    assert len(one.frames) == len(one.labels) == len(one.times_s) == 8


@pytest.mark.parametrize("view", VIEWS)
def test_cavities_shrink_by_little_or_much(view: str) -> None:
    shares = []
    for seed in range(8):
        cine = drawn_cine(path(view), np.random.default_rng(seed), 12)
        areas = [enclosed_area(cine.contour("lv_endo", i)) for i in range(12)]
        shares.append(min(areas) / enclosed_area(path(view).contours["lv_endo"]))
    assert np.ptp(shares) > 0.15


def test_labels_are_where_contours_are() -> None:
    for seed in range(4):
        cine = drawn_cine(path("short axis"), np.random.default_rng(seed), 6)
        for i in range(6):
            assert enclosed_area(cine.contour("lv_endo", i)) == pytest.approx(
                (cine.labels[i] == 3).sum(), rel=0.06, abs=12
            )


def test_a_weak_place_is_on_the_wall() -> None:
    place = drawn_weakness(path("apical"), np.random.default_rng(0))
    line = path("apical").contours["lv_endo"]
    assert np.linalg.norm(line - place.at_px, axis=1).min() == 0
    assert 5 < place.radius_px < 60


def test_rhythms_are_mostly_regular() -> None:
    rng = np.random.default_rng(1)
    spreads = []
    for _ in range(60):
        lengths = [beat.end_s - beat.start_s for beat in drawn_rhythm(rng, 5).beats]
        spreads.append(np.std(lengths) / np.mean(lengths))
    assert 0.6 < np.mean(np.array(spreads) < 0.07) < 0.98
