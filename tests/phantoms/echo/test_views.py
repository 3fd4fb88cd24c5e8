import numpy as np
import pytest

from kinecor_phantoms.echo.views import HEART_VIEWS, VIEWS, Stand, view_plane
from kinecor_phantoms.heart.section import Section
from tests.hearts import anatomy, at_ed_and_es, heart


@pytest.mark.parametrize("population", ["normal", "dilated", "child"])
@pytest.mark.parametrize("view", HEART_VIEWS)
def test_every_view_shows_the_ventricle_within_its_depth(population, view):
    beating = at_ed_and_es(population)
    plane, depth_mm = view_plane(view, beating.heart, Stand())
    found = Section(beating, 0, plane, anatomy(beating, 0)).contours()
    outline = found["lv_epi"]
    assert outline is not None
    depth = np.hypot(*outline.T)
    assert depth.min() > 1
    assert depth.max() < depth_mm
    assert np.abs(np.arctan2(outline[:, 0], outline[:, 1])).max() < np.deg2rad(60)


def test_short_axes_are_one_above_the_other():
    shape = heart("normal").shape
    heights = [
        view_plane(f"PSAX {level}", heart("normal"), Stand())[0].origin_mm[2] for level in ("apex", "mid", "base")
    ]
    assert 0 < heights[0] < heights[1] < heights[2] < shape.length_mm


def test_leaning_an_apical_plane_foreshortens_the_ventricle():
    beating = at_ed_and_es("normal")
    lengths = []
    for lean in (0.0, 12.0, 20.0):
        plane, _ = view_plane("A4C", beating.heart, Stand(foreshortening_deg=lean))
        line = Section(beating, 0, plane, anatomy(beating, 0)).arch(0.0)
        base = (line[0] + line[-1]) / 2
        lengths.append(np.hypot(*(line - base).T).max())
    assert lengths[0] > lengths[1] + 3 > lengths[2] + 6


def test_swinging_rotates_the_image_about_the_transducer():
    still, swung = (view_plane("A2C", heart("normal"), Stand(swing_deg=d))[0] for d in (0.0, 10.0))
    assert swung.origin_mm == pytest.approx(still.origin_mm)
    assert swung.out == pytest.approx(still.out)


@pytest.mark.parametrize("name", ["foreshortening_deg", "turn_deg", "swing_deg", "away_mm"])
@pytest.mark.parametrize("value", [-31.0, 61.0, np.nan])
def test_a_hand_holds_within_ranges(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Stand(**{name: value})


def test_views_without_a_heart_have_no_plane():
    assert set(VIEWS) - set(HEART_VIEWS) == {"IVC", "other"}
    with pytest.raises(ValueError, match="view must be one of A4C, A2C"):
        view_plane("IVC", heart("normal"), Stand())
