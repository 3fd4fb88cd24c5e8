from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.table import value_of
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, View, body, choices
from kinecor.core.values.track import Motion, Origin, Structure
from kinecor.core.volumes.extent import proposed_extent
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.symptoms.kinds import SYMPTOMS, Changed, move_base_in, with_symptoms
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def stack() -> Reading:
    sound = stacks.read(stacks.stack())
    sound = sound.with_(events=CardiacEvents((Beat(0, 10),), Origin.MODEL))
    return sound.with_(short_axis=replace(choices(sound), extent=proposed_extent(sound)))


def loop(swing: float = 0.25) -> Reading:
    reading = reading_of(beating(swing=swing), calibration=HALF_MM, events=two_beats(), heart_rate_per_min=75.0)
    shape = (reading.facts.frames - 1, 31, 31)
    return reading.with_(motion=Motion((0, 0), (10, 10), np.ones((*shape, 2), np.float32), np.zeros(shape, np.float32)))


def way(name: str, strength: str = "") -> Changed:
    (symptom,) = (each for each in SYMPTOMS if each.name == name)
    return symptom.ways[strength]


def prepared(name: str, modality: str, reading: Reading) -> Prepared:
    return Prepared(name, modality, "choose", "normal", "sound", "", {}, {}, reading)


def test_each_sound_recording_has_each_symptom_of_its_modality() -> None:
    cases = [prepared("a", "echo", loop()), prepared("b", "echo", loop(0.15)), prepared("c", "stack", stack())]
    made = list(with_symptoms(cases))
    names = {symptom.name for symptom in SYMPTOMS if symptom.modality == "echo"}
    for case in ("a", "b"):
        assert {each.kind for each in made if each.name.startswith(f"{case}+")} == names
    assert [each.name for each in made if each.kind == "sound"] == ["a", "b", "c"]
    # Nobody edited them: what is doubtful is the program's.
    assert all(assess(each.reading).measurements for each in made if each.reading is not None)
    assert not any("reader" in str(each.reading.authors) for each in made if each.reading is not None)


@pytest.mark.parametrize("times", [0.7, 1.3])
def test_a_scale_without_a_body_changes_volumes_and_leaves_ef(times: float) -> None:
    for reading, power in ((loop(), 3), (stack(), 2)):
        kind = "scale" if reading.kind.volumes == "disks" else "pixels"
        (symptom,) = (each for each in SYMPTOMS if each.name == f"{kind} without a body x {times:g}")
        (changed,) = symptom.ways.values()
        after = changed(reading, None)
        assert after is not None
        assert value_of(after, "EDV") == pytest.approx(value_of(reading, "EDV") * times**power, rel=1e-3)
        assert value_of(after, "EF") == pytest.approx(value_of(reading, "EF"), abs=0.1)
        assert body(after).bsa_m2 is None


def test_a_base_that_is_moved_in_takes_its_volume_away_and_x_is_not_moved() -> None:
    before = stack()
    edv = value_of(before, "EDV")
    assert edv is not None
    inner = move_base_in(1)(before, None)
    assert inner is not None
    assert value_of(inner, "EDV") < edv
    assert move_base_in(20)(before, None) is None


def test_slow_beats_keep_the_rate_of_the_header() -> None:
    (symptom,) = (each for each in SYMPTOMS if each.name.startswith("slow beats"))
    after = symptom.ways["x 2"](loop(), None)
    assert after is not None
    assert after.facts.heart_rate_per_min == 75.0
    assert "time.rate-contradicts" in {finding.code for finding in assess(after).findings}


def test_the_view_is_forgotten() -> None:
    after = way("view that is not known")(loop().with_(view=View("A3C", 0.9, "model:views@1+a")), None)
    assert after is not None
    assert after.view is None


def test_walls_follow_less_or_stand_still_at_the_apex_alone() -> None:
    reading = loop()
    less = way("walls followed too little", "x 0.25")(reading, None)
    assert less is not None
    assert less.motion is not None
    assert np.unique(less.motion.displacement_px).tolist() == [0.25]
    still = way("apex stands still", "half")(reading, None)
    assert still is not None
    assert still.motion is not None
    moves = still.motion.displacement_px[0, :, :, 0]
    contour = reading.tracks[Structure.LV_ENDO].contours[0]
    assert contour is not None
    top, bottom = contour.points[:, 1].min(), contour.points[:, 1].max()
    middle = round(float(contour.points[:, 0].mean()) / 10)
    column = moves[:, middle]
    still_rows = np.flatnonzero(column == 0) * 10
    # One half of the length, beginning with that away from the valve's plane.
    assert 0 < np.count_nonzero((still_rows > top) & (still_rows < bottom)) < (bottom - top) / 10 * 0.6
    assert set(np.unique(moves)) == {0.0, 1.0}
    assert way("apex stands still", "half")(reading.with_(motion=None), None) is None


def test_a_contour_of_es_alone_grows() -> None:
    before, after = loop(), way("contour of ES alone", "x 1.15")(loop(), None)
    assert after is not None
    esv, wider, edv = value_of(before, "ESV"), value_of(after, "ESV"), value_of(after, "EDV")
    assert esv is not None
    assert wider is not None
    assert wider > 1.1 * esv
    assert edv == value_of(before, "EDV")


def test_of_a_stack_a_few_slices_stay_with_base_and_apex_taken_for_each_other() -> None:
    before = stack()
    after = way("five basal slices upside down")(before, None)
    assert after is not None
    assert len(after.slices) == 5
    extent, sound = choices(after).extent, choices(before).extent
    assert extent is not None
    assert sound is not None
    assert (extent.base[0] > extent.apex[0]) != (sound.base[0] > sound.apex[0])
    assert way("five basal slices upside down")(before.with_(events=None), None) is None
