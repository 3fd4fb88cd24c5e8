import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kinecor_phantoms.lines import enclosed_area
from kinecor_phantoms.warped.outline import outlines, paint_regions
from tests.models.warped_fields import pair

REGIONS = ((3,), (1, 2), (1,))


@pytest.mark.parametrize("view", ["apical", "short axis"])
def test_outlines_give_back_every_pixel(view: str) -> None:
    for frame in pair(view)[:2]:
        anatomy = pair(view)[2]
        borders = outlines(frame.label, anatomy.regions)
        assert np.array_equal(paint_regions(borders, borders.points, anatomy.paints, frame.label.shape), frame.label)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, (9, 11), elements=st.sampled_from([0, 1, 2, 3])))
def test_outlines_give_back_any_label_with_islands_and_holes(label: np.ndarray) -> None:
    borders = outlines(label, ((3,), (2,), (1,)))
    assert np.array_equal(paint_regions(borders, borders.points, (3, 2, 1), label.shape), label)


def test_an_outline_has_no_staircase() -> None:
    y, x = np.mgrid[:80, :80]
    disk = (np.hypot(x - 40.2, y - 39.7) < 25).astype(np.uint8)
    borders = outlines(disk, ((1,),))
    radius = np.hypot(*(borders.points - (40.2, 39.7)).T)
    # Crossings left in the middle of their lines would have 0.29.
    assert radius.std() < 0.18
    assert enclosed_area(borders.points[borders.loops[0][0]]) == pytest.approx(np.pi * 25**2, rel=0.01)


def test_the_labels_on_both_sides_are_known() -> None:
    label = np.zeros((12, 14), np.uint8)
    label[3:9, 3:11], label[4:8, 5:9] = 2, 1
    borders = outlines(label, REGIONS)
    assert borders.largest(0) is None
    assert set(borders.inner[2][0].tolist()) == {1}
    assert set(borders.outer[2][0].tolist()) == {2}
    assert set(borders.outer[1][0].tolist()) == {0}


def test_nothing_has_no_outline() -> None:
    borders = outlines(np.zeros((6, 7), np.uint8), REGIONS)
    assert borders.points.shape == (0, 2)
    assert not paint_regions(borders, borders.points, (3, 2, 1), (6, 7)).any()
