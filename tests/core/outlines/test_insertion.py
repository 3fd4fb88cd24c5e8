from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.outlines.insertion import ASSUMED, found_insertion, insertion
from kinecor.core.values.choices import Insertion
from kinecor.core.values.geometry import Contour, Plane
from kinecor.core.values.track import Structure
from tests import stacks
from tests.stacks import CENTRE_PX, circle, crescent

ALONG, DOWNWARDS = np.array((0.7171, 0.6892, -0.1039)), np.array((-0.3534, 0.2310, -0.9065))
# As short axes are oriented, and the same image turned upside down: up on it is then the patient's back.
UP = Plane((0.0, 0, 0), ALONG, DOWNWARDS)
DOWN = Plane((0.0, 0, 0), -ALONG, -DOWNWARDS)
# What converters write that lost the orientation.
MADE_UP = Plane((0.0, 0, 0), (-1.0, 0, 0), (0.0, -1, 0))


def test_the_upper_end_of_the_septum():
    found = found_insertion(circle(26), crescent(26, 10), 1.5, 1.5)
    assert found.turn == 1
    assert found.angle_deg == pytest.approx(130, abs=12)


def test_a_mirrored_image_turns_the_other_way():
    mirrored = Contour(crescent(26, 10).points * (-1, 1) + (2 * CENTRE_PX[0], 0))
    found = found_insertion(circle(26), mirrored, 1.5, 1.5)
    assert found.turn == -1
    assert found.angle_deg == pytest.approx(50, abs=12)


def test_patient_coordinates_decide_which_end_is_anterior():
    assert found_insertion(circle(26), crescent(26, 10), 1.5, 1.5, UP).angle_deg == pytest.approx(130, abs=12)
    assert found_insertion(circle(26), crescent(26, 10), 1.5, 1.5, MADE_UP).angle_deg == pytest.approx(130, abs=12)
    below = found_insertion(circle(26), crescent(26, 10), 1.5, 1.5, DOWN)
    assert below.angle_deg == pytest.approx(230, abs=12)
    assert below.turn == -1


def test_ventricles_that_do_not_touch_give_no_insertion():
    away = Contour(crescent(26, 10).points - (15, 0))
    assert found_insertion(circle(26), away, 1.5, 1.5) is None


def test_of_a_stack_it_is_the_mean_the_readers_or_assumed():
    reading = stacks.read(stacks.stack())
    found, words = insertion(reading, 0)
    assert found.angle_deg == pytest.approx(130, abs=12)
    assert words == "anterior RV insertion"
    chosen = reading.with_(short_axis=replace(reading.short_axis, insertion=Insertion(77.0, -1)))
    assert insertion(chosen, 0) == (Insertion(77.0, -1), "set by the reader")
    without, words = insertion(stacks.read(stacks.stack(), right=False), 0)
    assert without == ASSUMED
    assert "assumed" in words


def test_the_mean_goes_round_the_circle():
    # The patient's front is to the right of the image, and the septum begins there: 4 degrees on either side of 0.
    ahead = Plane((0.0, 0, 0), (0.0, -np.sqrt(0.5), np.sqrt(0.5)), (-0.8, -np.sqrt(0.18), -np.sqrt(0.18)))
    reading = stacks.read(stacks.stack())
    turned = []
    for number, one in enumerate(reading.slices):
        angle = np.radians(-130 + (4 if number % 2 else -4))
        spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        track = one.tracks[Structure.RV]
        row = tuple(c and Contour((c.points - CENTRE_PX) @ spin + CENTRE_PX) for c in track.contours)
        facts = replace(one.facts, plane=ahead)
        turned.append(one.with_(facts=facts, tracks={**one.tracks, Structure.RV: replace(track, contours=row)}))
    found, _ = insertion(reading.with_(slices=tuple(turned)), 0)
    assert found.turn == 1
    assert (found.angle_deg + 180) % 360 - 180 == pytest.approx(0, abs=12)


def test_a_right_ventricle_that_hardly_touches_gives_no_insertion():
    turn = np.radians(np.linspace(176, 184, 20))
    rim = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    thin = Contour(np.concatenate((rim * 26.3, rim[::-1] * 40)) + CENTRE_PX)
    assert found_insertion(circle(26), thin, 1.5, 1.5) is None
