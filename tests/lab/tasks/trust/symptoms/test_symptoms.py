from dataclasses import replace

import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.table.table import value_of
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.reading import Reading, body, choices
from kinecor.core.values.track import Origin
from kinecor.core.volumes.extent import proposed_extent
from kinecor_lab.tasks.trust.prepared import Prepared
from kinecor_lab.tasks.trust.symptoms.kinds import SYMPTOMS, move_base_in, with_symptoms
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats


def stack() -> Reading:
    sound = stacks.read(stacks.stack())
    sound = sound.with_(events=CardiacEvents((Beat(0, 10),), Origin.MODEL))
    return sound.with_(short_axis=replace(choices(sound), extent=proposed_extent(sound)))


def loop(swing: float = 0.25) -> Reading:
    return reading_of(beating(swing=swing), calibration=HALF_MM, events=two_beats(), heart_rate_per_min=75.0)


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
