import numpy as np

from kinecor_models.contours.sax import Doubtful, filled_between
from kinecor_models.contract import ClipOutput, Grid

GRID = Grid(64, 0, 0, 64, 64, 64, 64)
LINE = np.zeros((96, 2), np.float32)
VAGUE = np.ones((96, 2), np.float32)


def slice_with(*seen: bool) -> ClipOutput:
    row = [LINE if one else None for one in seen]
    return ClipOutput({"rv": row}, {"rv": np.array([0.9 * one for one in seen], np.float32)}, GRID)


def doubtful(*seen: bool) -> Doubtful:
    return Doubtful(
        {"rv": [VAGUE if one else None for one in seen]}, {"rv": np.array([0.2 * one for one in seen], np.float32)}
    )


def test_a_vague_contour_counts_only_between_two_slices_that_have_the_structure() -> None:
    found = [slice_with(True, True, False), slice_with(False, False, False), slice_with(True, False, True)]
    out = filled_between(found, [doubtful(True, True, True)] * 3)
    assert out[0] is found[0]
    assert out[2] is found[2]
    assert out[1].contours["rv"][0] is VAGUE
    assert out[1].contours["rv"][1:] == [None, None]
    assert out[1].confidence["rv"].tolist() == [np.float32(0.2), 0, 0]
    assert found[1].contours["rv"] == [None] * 3


def test_a_sure_contour_stays_and_nothing_comes_from_nothing() -> None:
    found = [slice_with(True, True)] * 3
    assert filled_between(found, [doubtful(True, True)] * 3) == found
    empty = [slice_with(True), slice_with(False), slice_with(True)]
    assert filled_between(empty, [doubtful(False)] * 3) == empty


def test_the_ends_of_a_stack_and_other_phases_are_left_alone() -> None:
    found = [slice_with(False, False), slice_with(True, True), slice_with(True)]
    assert filled_between(found, [doubtful(True, True), doubtful(True, True), doubtful(True)]) == found
    odd = [slice_with(True), slice_with(False, False), slice_with(True)]
    assert filled_between(odd, [doubtful(True), doubtful(True, True), doubtful(True)]) == odd
