from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor.core.volumes.loop_volumes import biplane_disks_volume, disk_diameters
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Drift
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.heart.truth import beats_in, biplane_ml, biplane_volumes_ml, disks, heart_truth
from tests.hearts import arch_mm, at_ed_and_es, heart


@pytest.mark.parametrize("population", ["normal", "infarct"])
def test_disks_are_those_of_the_program(population):
    beating = at_ed_and_es(population)
    four, two = (arch_mm(beating, 1, view) for view in ("A4C", "A2C"))
    mine, mine_mm = disks(four)
    theirs, theirs_mm = disk_diameters(Contour(four))
    assert mine == pytest.approx(theirs)
    assert mine_mm == pytest.approx(theirs_mm)
    spacing_mm = np.array([1.0, 1.0])
    biplane = biplane_disks_volume(Contour(four), Contour(two), spacing_mm, spacing_mm)
    assert biplane_ml(four, two) == pytest.approx(biplane / 1000)


def test_biplane_is_near_the_true_volume_and_goes_with_the_heart():
    breathing = draw("normal", 4)
    assert breathing.drift != Drift()
    beating = breathing.at([0.0, breathing.rhythm.beats[0].aortic_close_s])
    anatomies = [Anatomy(beating, frame) for frame in (0, 1)]
    found = biplane_volumes_ml(beating, anatomies)
    assert found == pytest.approx(beating.volume_ml, rel=0.06)
    still = draw("normal", 4, still=True).at(beating.times_s)
    assert biplane_volumes_ml(still, [Anatomy(still, frame) for frame in (0, 1)]) == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize(("first_s", "last_s", "count"), [(0.0, 5.0, 3), (0.5, 1.5, 1), (0.2, 0.25, 0), (0.1, 0.4, 1)])
def test_beats_with_an_event_in_the_recording_are_listed(first_s, last_s, count):
    one = heart("normal", 1, beats=3, rate_per_min=60)
    assert len(beats_in(one.at([first_s, last_s]))) == count


@pytest.mark.parametrize("rhythm", ["sinus", "ectopic", "fibrillation"])
def test_walls_that_contract_together_are_fullest_and_emptiest_at_the_valves_events(rhythm):
    one = replace(heart("normal", 1, rhythm=rhythm, beats=4), delay_s=np.zeros(18))
    for beat in beats_in(one.at([0.0, one.rhythm.duration_s])):
        assert beat.fullest_s == pytest.approx(beat.ed_s, abs=0.01)
        assert beat.emptiest_s == pytest.approx(beat.es_s, abs=0.01)


def test_a_late_wall_makes_the_ventricle_emptiest_after_the_valve_shuts():
    beat = beats_in(heart("dyssynchronous", 3).at([0.0, 0.5]))[0]
    assert beat.emptiest_s > beat.es_s + 0.02


def test_the_truth_of_a_heart_hangs_together():
    one = heart("normal", 1)
    times_s = np.linspace(0, one.rhythm.duration_s, 5)
    beating = one.at(times_s)
    truth = heart_truth(beating, [Anatomy(beating, frame) for frame in range(5)])
    assert truth.volume_ml == pytest.approx(beating.volume_ml)
    assert truth.right_volume_ml.shape == truth.biplane_ml.shape == (5,)
    assert np.argmin(truth.right_volume_ml) == np.argmin(truth.volume_ml)
    assert truth.strain_percent["longitudinal"][0] == pytest.approx(0, abs=0.01)
    assert truth.segment_strain_percent["radial"].shape == (5, 18)
    assert truth.mass_g == beating.mass_g
