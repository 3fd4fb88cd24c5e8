import numpy as np
import pytest

from kinecor_models.contract import ClipInput
from kinecor_models.engines.engine import one_by_one
from kinecor_models.localisation.framing import (
    FIELD_MM,
    Heart,
    close_grid,
    consistent_hearts,
    find,
    moving,
    outlying_ventricles,
)
from tests.models.sax_fields import SIZE, beating, engine


def test_the_heart_is_found_in_a_wide_image() -> None:
    frames = beating(8, shape=(320, 400), centre=(270.0, 120.0))
    heart = find(ClipInput(frames), one_by_one(engine), SIZE)
    # The middle of both ventricles: the right one reaches 36 px to the left of the cavity's edge.
    assert heart.x == pytest.approx(258, abs=5)
    assert heart.y == pytest.approx(120, abs=3)
    assert heart.extent_px == pytest.approx(86, abs=12)
    assert heart.confidence > 0.6


def test_without_a_find_what_moves_counts_and_says_so() -> None:
    nothing = lambda square: np.stack([np.ones(square.shape), *[np.zeros(square.shape)] * 3]).astype(np.float32)  # noqa: E731
    heart = find(ClipInput(beating(8, centre=(150.0, 60.0))), one_by_one(nothing), SIZE)
    assert (heart.x, heart.y) == pytest.approx((125, 60), abs=15)  # between both edges that move
    assert heart.confidence < 0.3


def test_a_still_image_is_looked_at_in_its_middle() -> None:
    still = [np.zeros((100, 140), np.uint8)] * 4
    assert moving(still) == Heart(69.5, 49.5, 0.0, 0.0)


def test_the_close_look_preserves_the_scale_and_gives_large_hearts_room() -> None:
    clip = ClipInput(beating(2), spacing_mm=1.25)
    grid = close_grid(clip, Heart(100, 90, 60, 0.9), SIZE, (200, 220))
    assert grid.x1 - grid.x0 == round(FIELD_MM / 1.25)
    assert (grid.x0 + grid.x1) / 2 == pytest.approx(100, abs=1)
    large = close_grid(clip, Heart(100, 90, 150, 0.9), SIZE, (200, 220))
    assert large.x1 - large.x0 > 150 * 1.3
    # Without a scale the longer side of the image is taken for 380 mm.
    guessed = close_grid(ClipInput(beating(2)), Heart(100, 90, 60, 0.9), SIZE, (200, 220))
    assert guessed.x1 - guessed.x0 == pytest.approx(110, abs=1)


def test_a_slice_led_astray_is_brought_back_by_the_others() -> None:
    hearts = [Heart(100 + 3 * i, 90 - i, 80, 0.9) for i in range(9)]
    hearts[4] = Heart(30, 160, 50, 0.8)
    hearts[8] = Heart(10, 10, 0, 0.1)
    out = consistent_hearts(hearts)
    assert (out[4].x, out[4].y) == pytest.approx((112, 86), abs=4)
    assert (out[8].x, out[8].y) == pytest.approx((124, 82), abs=4)
    assert (out[2].x, out[2].y) == pytest.approx((106, 88), abs=2)
    assert {heart.extent_px for heart in out} == {80}


def test_too_few_sure_slices_leave_everything_as_it_is() -> None:
    hearts = [Heart(10, 10, 50, 0.9), Heart(50, 50, 50, 0.9), Heart(0, 0, 0, 0.1)]
    assert consistent_hearts(hearts) == hearts


def test_a_ventricle_off_the_line_of_the_others_is_sought_on_it() -> None:
    ventricles = [(100.0 + 2 * i, 90.0 - i, 30.0) for i in range(7)]
    assert outlying_ventricles(ventricles) == {}
    ventricles[6] = (60.0, 100.0, 22.0)
    ((number, (x, y, radius)),) = outlying_ventricles([*ventricles, None]).items()
    assert number == 6
    assert (x, y) == pytest.approx((112, 84), abs=4)
    assert radius == 30
    assert outlying_ventricles(ventricles[4:]) == {}  # too few to decide which are right


def test_what_is_larger_than_any_heart_is_not_one() -> None:
    clip = ClipInput(beating(8, shape=(320, 400), centre=(270.0, 120.0)), spacing_mm=1.4)
    assert find(clip, one_by_one(engine), SIZE).confidence > 0.6
    assert find(ClipInput(clip.frames, spacing_mm=4.0), one_by_one(engine), SIZE).confidence < 0.3
