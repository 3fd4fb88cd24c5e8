import numpy as np
import pytest

from kinecor.core.outlines.cross_reference import APEX, to_apex, to_right_side
from kinecor.core.values.geometry import Plane

# Patient coordinates: left, posterior, superior. A transverse image: columns to the left, rows to the back.
TRANSVERSE = Plane((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
# A sagittal image: columns to the back, rows to the feet.
SAGITTAL = Plane((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def test_the_apex_points_left_front_and_down():
    assert np.linalg.norm(APEX) == pytest.approx(1)
    left, posterior, superior = APEX
    assert left > 0 > posterior
    assert superior < 0
    # In a transverse image that is right and up, in a sagittal one left and down.
    assert to_apex(TRANSVERSE)[0] > 0 > to_apex(TRANSVERSE)[1]
    assert to_apex(SAGITTAL)[0] < 0 < to_apex(SAGITTAL)[1]


def test_without_a_position_in_the_file_it_is_oriented_as_in_an_echo():
    assert to_apex(None).tolist() == [0, -1]
    assert to_right_side(None, "A2C").tolist() == [1, 0]
    assert to_right_side(SAGITTAL, "PSAX").tolist() == [1, 0]


def test_walls_are_where_they_are_in_the_patient():
    # The anterior wall of a two-chamber image is on top, where an echo has it on the right.
    assert to_right_side(SAGITTAL, "A2C")[1] < -0.9
    # The lateral wall of a four-chamber image is to the right and behind, the septum of a three-chamber in front.
    x, y = to_right_side(TRANSVERSE, "A4C")
    assert x > 0.8
    assert y > 0
    assert to_right_side(TRANSVERSE, "A3C")[0] < 0


def test_what_is_seen_head_on_says_nothing():
    across = np.array(APEX)
    sideways = np.cross(across, (0.0, 0.0, 1.0))
    sideways /= np.linalg.norm(sideways)
    short_axis = Plane((0.0, 0.0, 0.0), tuple(sideways), tuple(np.cross(across, sideways)))
    assert to_apex(short_axis).tolist() == [0, -1]
