"""Recordings of patients for the battery: what is true of them, whose half they are, how they are tampered with."""

from itertools import islice

import numpy as np
import pytest

from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack, recording_of
from kinecor_lab.tasks.trust import real
from kinecor_lab.tasks.trust.plan import SOUND, sound_of
from kinecor_lab.tasks.trust.prepared import Maker
from kinecor_lab.tasks.trust.real import RealData, RealEcho
from kinecor_lab.tasks.trust.simulated import EchoSetting
from tests.lab.camus import write_camus

SIDE, SLICES, CAVITIES = 40, 6, np.array([[0, 400, 300, 200, 100, 0], [0, 0, 200, 100, 50, 0]])


def labelled(patient="patient0004"):
    """ED and ES, the base first; at each phase as much muscle as cavity, and half as much right ventricle."""
    labels = {}
    for phase, row in enumerate(CAVITIES):
        for number, pixels in enumerate(row):
            flat = np.full(SIDE * SIDE, BACKGROUND, np.uint8)
            flat[:pixels], flat[pixels : 2 * pixels] = CAVITY, MYOCARDIUM
            flat[2 * pixels : 2 * pixels + pixels // 2] = RV
            labels[number, phase] = flat.reshape(SIDE, SIDE)
    images = [np.full((2, SIDE, SIDE), number + 1, np.uint8) for number in range(SLICES)]
    left = (np.transpose(CAVITIES) > 0).astype(float)
    recording = recording_of(f"ACDC {patient}", images)
    return LabelledStack("ACDC", patient, recording, labels, left, left, {"ED": 0, "ES": 1})


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(real, "acdc_stacks", lambda *_: [labelled(f"patient{n:04d}") for n in range(4, 8)])
    return RealData([write_camus(tmp_path / "camus", 12)], tmp_path, None, tmp_path / "paths")


def test_stacks_go_from_apex_to_base_with_the_experts_sums_as_truth(data):
    (first, *tampered), *_ = data.stacks("choose")
    made = data.made(first.setting)
    assert [int(one.frames[0, 0, 0]) for one in made.series.slices] == [6, 5, 4, 3, 2, 1]
    assert made.ends == {"apex ED": 1, "base ED": 4, "apex ES": 1, "base ES": 3}
    disk_ml = 1.5 * 1.5 * 10 / 1000
    assert made.truth["EDV"] == pytest.approx(1000 * disk_ml)
    assert made.truth["EF"] == pytest.approx(65.0)
    assert made.truth["RVESV"] == pytest.approx(175 * disk_ml)
    assert made.truth["LVM"] == pytest.approx(1000 * disk_ml * 1.05)
    assert len(tampered) == 3
    assert all(one.way is not None and sound_of(one) == first for one in tampered)
    # With two phases none can be lost.
    assert not {one.kind for heart in data.stacks("report") for one in heart} & {"late phases lost", "trigger times"}


def test_even_patients_choose_and_odd_ones_report(data):
    for half, odd in (("choose", 0), ("report", 1)):
        hearts = [*data.clips(half), *data.stacks(half)]
        assert hearts
        for heart in hearts:
            assert heart[0].kind == SOUND
            assert {one.half for one in heart} == {half}
            assert {one.setting.seed % 2 for one in heart} == {odd}
    names = [one.name for half in ("choose", "report") for heart in data.clips(half) for one in heart]
    assert len(set(names)) == len(names)


def test_a_clip_is_of_real_frames_and_its_truth_of_their_contours(data):
    (sound, *tampered), *_ = data.clips("choose")
    assert isinstance(sound.setting, RealEcho)
    maker = Maker(data.made)
    clip = maker.made(sound)
    assert clip.loop.view == "A4C"
    assert 0 < clip.truth["ESV"] < clip.truth["EDV"]
    assert clip.truth["EF"] == pytest.approx(100 * (1 - clip.truth["ESV"] / clip.truth["EDV"]))
    assert clip.loop.heart_rate_per_min == pytest.approx(clip.truth["HR"])
    assert clip.ed[0] < clip.es[0]
    # The first kind is another heart rate in the header; images stay.
    changed = maker.made(tampered[0])
    assert changed.loop.frames is clip.loop.frames
    assert changed.loop.heart_rate_per_min != pytest.approx(clip.truth["HR"])


def test_what_is_simulated_is_no_real_recording(data):
    with pytest.raises(TypeError, match="a real recording was expected"):
        data.made(EchoSetting("normal", 1))


def test_a_half_goes_on_to_other_strengths_round_by_round():
    kinds = real.ECHO_KINDS[:2]
    turns = list(islice(real._turns(kinds, "choose"), 4))
    assert [one[0] for one in turns] == [kinds[0].name, kinds[1].name] * 2
    assert turns[0][1] != turns[2][1]
