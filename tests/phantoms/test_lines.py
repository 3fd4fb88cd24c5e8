import numpy as np
import pytest

from kinecor_phantoms.lines import arc_length, at_arcs, close_loop, longest_run, nearest, normals, space_evenly

BEND = np.array([(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)])


def test_length_and_places_along_a_line() -> None:
    assert arc_length(BEND).tolist() == [0, 3, 7]
    assert at_arcs(BEND, np.array([1.0, 5.0])).tolist() == [[1, 0], [3, 2]]
    assert space_evenly(BEND, 8)[-1].tolist() == [3, 4]
    assert len(close_loop(BEND)) == 4


def test_normals_point_right_of_the_way() -> None:
    assert normals(np.array([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)])) == pytest.approx(np.tile((0.0, 1.0), (3, 1)))


def test_the_longest_run_goes_round_the_end_and_over_gaps() -> None:
    flags = np.array([1, 1, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1], np.bool_)
    assert longest_run(flags, 1).tolist() == [11, 0, 1]
    assert longest_run(flags, 2).tolist() == [8, 9, 10, 11, 0, 1]
    assert longest_run(np.zeros(5, np.bool_), 2) is None
    assert longest_run(np.ones(5, np.bool_), 2).tolist() == [0, 1, 2, 3, 4]
    assert longest_run(np.array([1, 1, 0, 1], np.bool_), 2) is None


def test_the_nearest_place_is_between_points() -> None:
    foot, piece = nearest(BEND, np.array([(1.0, 2.0), (5.0, 3.0), (-1.0, -1.0)]))
    assert foot.tolist() == [[1, 0], [3, 3], [0, 0]]
    assert piece.tolist() == [0, 1, 0]
