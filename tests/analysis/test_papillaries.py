from dataclasses import replace

import cv2
import numpy as np
import pytest

from kinecor.analysis.strategy import MOST, measured_muscle, muscle_pixels
from kinecor.core.table.stack_inputs import convention
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Muscle, Papillaries
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.recording import ArrayFrames, Stack
from kinecor.core.values.track import Origin, Structure
from kinecor.core.volumes.stack_volumes import stack_curves
from kinecor.session.edits import SetMuscle, SetPapillaries
from tests.stacks import CENTRE_PX, Heart, positions, read, stack

PLACES = positions(slices=5)
PHASES = 8
ONE_BEAT = CardiacEvents((Beat(0, 4),), Origin.MODEL)
MUSCLE_PX = 4


def painted(muscles: int = 2, blood: int = 180, wall: int = 60) -> tuple[Stack, Heart]:
    """A stack whose images show the heart of its contours, with round papillaries of constant size."""
    empty, heart = stack(PLACES, phases=PHASES), Heart()
    slices = []
    for cine, place in zip(empty.slices, PLACES, strict=True):
        pixels = np.full((PHASES, 96, 96), 100, np.uint8)
        centre = tuple(round(16 * x) for x in CENTRE_PX)
        for phase in range(PHASES):
            radius = heart.radius(place, phase) / 1.5
            for size, grey in ((radius + 6, wall), (radius, blood)):
                if radius > 0:
                    cv2.circle(pixels[phase], centre, round(16 * size), (grey,), -1, shift=4)
            for turn in np.linspace(0, 2 * np.pi, muscles, endpoint=False) if radius > 9 else ():
                at = [round(16 * (c + 5 * f(turn))) for c, f in zip(CENTRE_PX, (np.cos, np.sin), strict=True)]
                cv2.circle(pixels[phase], at, 16 * MUSCLE_PX - 8, (wall,), -1, shift=4)
        slices.append(replace(cine, frames=ArrayFrames(pixels)))
    return replace(empty, slices=tuple(slices)), heart


def test_dark_muscle_within_the_outline_is_measured() -> None:
    recording, heart = painted()
    found = np.array(measured_muscle(recording.slices, read(recording, heart, events=ONE_BEAT)).share)
    assert found.shape == (5, PHASES)
    for number, place in enumerate(PLACES):
        for phase in (0, 4):
            inside = np.pi * (heart.radius(place, phase) / 1.5) ** 2
            expected = 2 * np.pi * (MUSCLE_PX - 0.5) ** 2 / inside if inside > np.pi * 81 else 0.0
            assert found[number, phase] == pytest.approx(expected, abs=0.05)


def test_the_pixels_that_count_as_muscle_are_those_of_the_share() -> None:
    recording, heart = painted()
    reading = read(recording, heart, events=ONE_BEAT)
    share = np.array(measured_muscle(recording.slices, reading).share)
    cine, one = recording.slices[2], reading.slices[2]
    mask = muscle_pixels(cine, one)[0]
    assert mask is not None
    endo = one.tracks[Structure.LV_ENDO].contours[0]
    assert endo is not None
    assert mask.sum() / endo.area_px2 == pytest.approx(share[2, 0], abs=0.01)
    assert (np.asarray(cine.frames[0])[mask] < 120).all()
    assert muscle_pixels(recording.slices[0], reading.slices[0])[0] is None


def test_blood_alone_and_a_uniform_image_have_no_muscle() -> None:
    recording, heart = painted(muscles=0)
    assert np.array(measured_muscle(recording.slices, read(recording, heart, events=ONE_BEAT)).share).max() < 0.04
    flat, heart = painted(blood=65)
    assert measured_muscle(flat.slices, read(flat, heart, events=ONE_BEAT)).share == ((0.0,) * PHASES,) * 5
    full, heart = painted(muscles=40)
    assert np.array(measured_muscle(full.slices, read(full, heart, events=ONE_BEAT)).share).max() <= MOST


def test_the_other_convention_moves_muscle_from_the_cavity_to_the_wall() -> None:
    reading = read(stack(PLACES), Heart())
    share = Muscle(((0.0,) * 20, (0.1,) * 20, (0.2,) * 20, *((0.0,) * 20,) * 2))
    plain = stack_curves(reading)
    known = SetMuscle(share).apply(reading, "model:x")
    assert stack_curves(known).endo == pytest.approx(plain.endo)  # measured, but not requested
    other = SetPapillaries(Papillaries.MYOCARDIUM).apply(known, "Ann")
    moved = stack_curves(other)
    areas = plain.areas[Structure.LV_ENDO]
    lost = areas[1] * 0.1 * 8 + areas[2] * 0.2 * 8
    assert plain.endo - moved.endo == pytest.approx(lost, rel=1e-9)
    assert moved.wall - plain.wall == pytest.approx(lost, rel=1e-6)
    rows = {row.code: row for row in measurements(other)}
    before = {row.code: row for row in measurements(known)}
    assert rows["EDV"].quantity.value < before["EDV"].quantity.value - 3
    assert rows["LVM"].quantity.value > before["LVM"].quantity.value + 3
    assert "papillaries in myocardium (dark pixels within the outline)" in rows["EDV"].method
    assert "trabeculae in cavity" in rows["RVEDV"].method
    # Without a measurement the contours are taken to follow the convention, as before.
    drawn = SetPapillaries(Papillaries.MYOCARDIUM).apply(reading, "Ann")
    assert stack_curves(drawn).endo == pytest.approx(plain.endo)
    assert convention(drawn) == "papillaries in myocardium"


def test_muscle_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        SetMuscle(Muscle(((0.1,) * 20,))).apply(read(stack(PLACES)), "Ann")
    for wrong in (((0.1, 1.2),), ((0.1,), (0.1, 0.2)), ((-0.1,),)):
        with pytest.raises(ValueError, match="from 0 to 1"):
            Muscle(wrong)
