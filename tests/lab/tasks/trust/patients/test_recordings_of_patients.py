"""Recordings of patients for the battery: what is true of them, whose half they are, how they are tampered with."""

from dataclasses import replace

import numpy as np
import pytest

from kinecor.io.open.recordings import open_path
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, RV
from kinecor_lab.datasets.stacks import LabelledStack, recording_of
from kinecor_lab.tasks.trust.kinds.echo import ECHO_KINDS
from kinecor_lab.tasks.trust.patients import data as real
from kinecor_lab.tasks.trust.patients.data import RealData, RealEcho
from kinecor_lab.tasks.trust.plan import SOUND, sound_of
from kinecor_lab.tasks.trust.prepared import Maker, write
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
    assert len({one.name for one in tampered}) == 10
    assert all(one.way is not None and sound_of(one) == first for one in tampered)
    # With two phases none can be lost.
    kinds = {one.kind for heart in data.stacks("report") for one in heart}
    assert not kinds & {"late phases lost", "trigger times"}
    assert {"slice doubled", "step x 1.3"} & kinds


def test_even_patients_choose_and_odd_ones_report(data):
    for half, odd in (("choose", 0), ("report", 1)):
        hearts = [*data.stills(half), *data.clips(half), *data.stacks(half)]
        assert hearts
        for heart in hearts:
            assert heart[0].kind == SOUND
            assert {one.half for one in heart} == {half}
            assert {one.setting.seed % 2 for one in heart} == {odd}
    names = [one.name for half in ("choose", "report") for heart in data.clips(half) for one in heart]
    names += [one.name for half in ("choose", "report") for heart in data.stills(half) for one in heart]
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
    # The first kind lets the ventricle go a part of its way: frames stay those of this patient.
    less = maker.made(tampered[0])
    moved, before = (np.abs(np.diff(one.loop.frames.astype(float), axis=0)).sum() for one in (less, clip))
    assert tampered[0].kind == "motion lessened"
    assert 0 < moved < 0.9 * before
    assert np.array_equal(less.loop.frames[clip.ed[0]], clip.loop.frames[clip.ed[0]])


def test_stills_are_two_files_that_the_program_pairs(data, tmp_path):
    (first, *_), *_ = data.stills("choose")
    clip = data.made(first.setting)
    assert len(clip.loop.frames) == 2
    assert set(clip.truth) >= {"EDV", "ESV", "SV", "EF"}
    assert not {"HR", "CO"} & set(clip.truth)
    write(first, clip, tmp_path)
    (recording,) = open_path(tmp_path).recordings
    assert recording.stills
    assert recording.view == "A4C"
    assert np.array_equal(np.asarray(recording.frames[1]), clip.loop.frames[1])


def test_a_sample_is_the_beginning_of_the_whole(data):
    whole = [one.name for heart in data.stacks("report") for one in heart]
    few = RealData(data.camus, data.acdc, None, data.paths, sample=1)
    assert [one.name for heart in few.stacks("report") for one in heart] == whole[:11]
    assert len(list(few.stills("report"))) <= 2


def test_both_planes_have_a_truth_where_both_are_there(tmp_path):
    folder = write_camus(tmp_path / "camus", 12)
    data = RealData([folder], None, None, tmp_path / "paths")
    assert data.biplane_truths("choose") == {}
    list(data.stills("choose"))
    two = {
        (patient, "A2C"): tuple(replace(one, view="A2C") for one in pair) for (patient, _), pair in data._pairs.items()
    }
    data._pairs.update(two)
    found = data.biplane_truths("choose")
    patient = next(iter(found))
    # The same plane twice gives the volume of the single plane.
    single = data.made(real._still_setting(data._pairs[patient, "A4C"])).truth
    assert found[patient]["EDV"] == pytest.approx(single["EDV"])


def test_what_is_simulated_is_no_real_recording(data):
    with pytest.raises(TypeError, match="a real recording was expected"):
        data.made(EchoSetting("normal", 1))


def test_a_half_goes_on_to_other_strengths_round_by_round():
    kinds = ECHO_KINDS[:2]
    turns = [*real._ways_in_turn(kinds, range(2), "choose"), *real._ways_in_turn(kinds, range(2, 4), "choose")]
    assert [one[0] for one in turns] == [kinds[0].name, kinds[1].name] * 2
    assert turns[0][1] != turns[2][1]


def test_no_patient_has_a_kind_twice():
    kinds = ECHO_KINDS[:2]
    assert len(list(real._ways_in_turn(kinds, range(6), "report"))) == 2
