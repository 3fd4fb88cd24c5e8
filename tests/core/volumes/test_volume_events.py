import numpy as np

from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import ImageFacts, RecordingFacts
from kinecor.core.values.track import Origin
from kinecor.core.volumes.loop_volumes import volume_events
from tests import stacks
from tests.readings import cine, read


def test_marks_of_the_contours_whatever_is_in_force():
    reading = read(cine()).with_(events=CardiacEvents((Beat(1, 2),), Origin.EDITED))
    found = volume_events(reading)
    assert found is not None
    assert found.origin is Origin.MODEL
    assert [beat.es for beat in found.beats] in ([5], [6])


def with_r_wave(recording, time_s):
    reading = read(recording)
    return reading.with_(facts=type(reading.facts)(**{**vars(reading.facts), "r_wave_s": (time_s,)}))


def test_r_waves_of_the_header_place_ed():
    found = volume_events(with_r_wave(cine(frames=24), 0.04))
    assert found is not None
    assert found.beats[0].ed == 1


def test_an_r_wave_in_mid_ejection_is_of_another_clock_and_ignored():
    found = volume_events(with_r_wave(cine(), 0.12))
    assert found is not None
    assert found.beats[0].ed == 0


def test_a_stack_goes_round():
    found = volume_events(stacks.read(stacks.stack()))
    assert found is not None
    (beat,) = found.beats
    assert min(beat.ed, stacks.PHASES - beat.ed) <= 1
    assert np.isclose(beat.es, 10, atol=1)


def test_nothing_without_contours():
    assert volume_events(first_reading(cine())) is None


def test_no_mark_is_put_on_a_damaged_frame():
    reading = read(cine())
    before = volume_events(reading)
    assert before is not None
    es = before.beats[0].es

    found = volume_events(reading.with_images(RecordingFacts(ImageFacts(measured=True, damaged=(es,)))))

    assert found is not None
    assert abs(found.beats[0].es - es) == 1
    assert found.beats[0].ed == before.beats[0].ed


def test_a_stack_puts_no_mark_on_a_phase_that_is_damaged_in_a_slice():
    reading = stacks.read(stacks.stack())
    (before,) = volume_events(reading).beats
    harmed = ImageFacts(measured=True, damaged=(before.es,))
    slices = (harmed, *[ImageFacts(measured=True)] * (len(reading.slices) - 1))

    (found,) = volume_events(reading.with_images(RecordingFacts(ImageFacts(measured=True), slices))).beats

    assert abs(found.es - before.es) == 1
