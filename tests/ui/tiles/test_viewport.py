import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.ui.tiles.viewport import MAX_ZOOM, Viewport

places = st.floats(-500, 1500)


def test_fit_shows_the_whole_image_in_the_middle():
    view = Viewport.fitted(100, 50, 400, 400)
    assert view.to_widget(-0.5, -0.5) == pytest.approx((0, 100))
    assert view.to_widget(99.5, 49.5) == pytest.approx((400, 300))


def test_tall_pixels_are_drawn_tall():
    view = Viewport.fitted(100, 100, 400, 400, aspect=2.0)
    assert view.scale_y == pytest.approx(2 * view.scale_x)
    assert view.scale_y * 100 == pytest.approx(400)


@given(places, places, st.floats(0.5, 3), st.floats(0.2, 5))
def test_there_and_back(x, y, factor, aspect):
    view = Viewport.fitted(320, 240, 900, 600, aspect).zoomed(factor, 300, 200)
    assert view.to_image(*view.to_widget(x, y)) == pytest.approx((x, y), abs=1e-6)


def test_zoom_is_centred_on_the_point_under_the_mouse():
    view = Viewport.fitted(320, 240, 900, 600)
    before = view.to_image(300, 200)
    assert view.zoomed(2.5, 300, 200).to_image(300, 200) == pytest.approx(before)


def test_zoom_ends_at_the_whole_image_and_at_its_limit():
    view = Viewport.fitted(320, 240, 900, 600)
    assert view.zoomed(2, 10, 10).zoomed(0.01, 700, 10) == view
    assert view.zoomed(1e6, 0, 0).zoom == MAX_ZOOM


def test_panning_stops_at_the_edge():
    view = Viewport.fitted(320, 240, 900, 600).zoomed(4, 450, 300).panned(1e6, -1e6)
    assert (view.centre_x, view.centre_y) == (0, 239)


def test_the_largest_square_of_the_image():
    view = Viewport.fitted(200, 100, 400, 400, 1.0).around(150, 60, 40)
    assert view.scale_x == pytest.approx(10)
    assert view.to_widget(150, 60) == pytest.approx((200, 200))
    assert Viewport.fitted(200, 100, 400, 400).around(100, 50, 900).zoom == 1
