from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.stacks import LabelledStack, recording_of
from kinecor_lab.tasks.phases import data as phase_packs
from kinecor_lab.tasks.phases import data as phase_sources
from kinecor_lab.tasks.phases.data import (
    SPLITS,
    Amount,
    by_motion,
    by_network,
    files,
    fold_split,
    jobs,
    make,
    read_cines,
    recorded_mri,
    simulated_echo,
    simulated_mri,
    stretched_to_grey,
    warped_echo,
    warped_mri,
)
from kinecor_models.localisation.framing import Heart
from kinecor_models.phases.model import label_curve
from tests.lab.camus import drawn
from tests.lab.phase_cines import drawn_cine
from tests.lab.tasks.circular.test_circular_training import moving_pair


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phase_sources, "SIDE_PX", 64)
    monkeypatch.setattr(phase_sources, "CYCLE_FRAMES", 8)
    monkeypatch.setattr(phase_sources, "FRAMES", 6)


def check(cine, closed: bool) -> None:
    label = label_curve(cine.times_s, np.unique(cine.ed_s), np.unique(cine.es_s))
    assert cine.frames.shape == (len(cine.times_s), 64, 64)
    assert cine.frames.dtype == np.uint8
    assert cine.frames.std() > 5
    assert (cine.cycle_s is not None) is closed
    if not closed:
        assert np.isfinite(label).all()


def test_simulated_short_axes_beat_once() -> None:
    first, second = islice(simulated_mri(3), 2)
    for cine in (first, second):
        check(cine, closed=True)
        assert cine.cycle_s == pytest.approx(cine.ed_s[1] - cine.ed_s[0])
        assert cine.ed_s[0] < cine.es_s[0] < cine.ed_s[1]
    assert first.patient == second.patient
    assert first.name != second.name


def test_simulated_clips_have_events_all_around() -> None:
    check(next(simulated_echo(5)), closed=False)


def test_an_experts_pair_becomes_cycles_around_the_heart() -> None:
    cines = list(warped_mri(list(moving_pair()), 0))
    assert len(cines) == phase_sources.CINES_EACH
    for cine in cines:
        check(cine, closed=True)
        # The cavity is brighter than its wall, and smallest near ES.
        gap = [abs((cine.times_s - at + cine.cycle_s / 2) % cine.cycle_s - cine.cycle_s / 2) for at in cine.es_s]
        es = int(np.argmin(np.min(gap, axis=0)))
        cavity = (cine.frames[:, 16:48, 16:48] > 140).sum(axis=(1, 2)).astype(float)
        assert cavity[es] <= cavity.min() + 0.12 * (cavity.max() - cavity.min())


def test_cycles_to_measure_on_are_cut_out_where_the_program_finds_the_heart() -> None:
    """Not where the expert drew it: a centre far off changes what a network learns from, and not what is measured."""
    elsewhere = [replace(one, centre=(70.0, 56.0)) for one in moving_pair()]
    found = next(warped_mri(elsewhere, 0, 1, located=by_motion))
    around_the_drawn = next(warped_mri(elsewhere, 0, 1))
    bright = [np.nonzero(one.frames[0] > 140) for one in (found, around_the_drawn)]
    middles = [(columns.mean(), rows.mean()) for rows, columns in bright]
    assert middles[0] == pytest.approx((31.5, 31.5), abs=2)
    assert middles[1][0] < 25


def test_recorded_cycles_have_the_whole_patients_events_in_slices_that_are_drawn_throughout() -> None:
    ed, es = (one.image for one in moving_pair())
    whole = np.stack([ed, ed, es, es])
    left = np.array([[1.0, 1, 1, 1], [1, 1, 0, 1]])
    recording = recording_of("York 2", [whole, whole])
    stack = LabelledStack("York", "2", recording, {}, left, left, {"ED": 1, "ES": 2})
    (cine,) = recorded_mri([stack], by_motion)
    check(cine, closed=True)
    assert (cine.patient, cine.source, cine.cycle_s) == ("York 2", "real mri", pytest.approx(0.8))
    assert cine.ed_s == pytest.approx((0.2, 1.0))
    assert cine.es_s == pytest.approx((0.4,))
    rows, columns = np.nonzero(cine.frames[0] > 140)
    assert (columns.mean(), rows.mean()) == pytest.approx((31.5, 31.5), abs=2)


def test_the_network_finds_the_heart_or_motion_does(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = np.stack([one.image for one in moving_pair()])
    seen = []

    def heart(clip, *_):
        seen.append(clip.frames.shape)
        return Heart(12.0, 34.0, 5.0, 0.9)

    monkeypatch.setattr(phase_sources, "find", heart)
    assert by_network(frames) == (12, 34)
    assert seen == [frames.shape]
    assert by_motion(frames) == pytest.approx((50, 56), abs=2)


def test_an_experts_apical_pair_becomes_clips() -> None:
    image, label = drawn(0, 180, 150)
    pair = [Sample("p", phase, image, label, 0.6) for phase in ("ED", "ES")]
    cines = list(warped_echo(pair, 0, 1))
    assert len(cines) == 1
    check(cines[0], closed=False)


def test_scanner_levels_become_grey_levels() -> None:
    grey = stretched_to_grey(np.arange(1000, dtype=np.uint16).reshape(1, 20, 50))
    assert grey.dtype == np.uint8
    assert (grey.min(), grey.max()) == (0, 255)


def test_packs_are_built_once_and_their_splits_share_no_heart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(phase_packs._SIMULATED, "simulated-mri", 2)
    monkeypatch.setattr(phase_packs, "simulated_mri", lambda seed: (drawn_cine(seed + i) for i in range(9)))
    amount = Amount(simulated=2, warped=1)
    reported: list[str] = []
    make(jobs(tmp_path, ["simulated-mri"], amount), reported.append)
    assert len(reported) == 4
    assert jobs(tmp_path, ["simulated-mri"], amount) == []
    hearts = [{one.patient for one in read_cines(files(tmp_path, split))} for split in ("train", "valid", "test")]
    assert [len(some) for some in hearts[1:]] == [2, 2]
    assert len(set.union(*hearts)) == sum(len(some) for some in hearts)
    # Without its data set, a warped source is left out.
    assert jobs(tmp_path, ["warped-mri", "warped-echo"], amount) == []


def test_each_patient_is_measured_in_one_fold_and_learnt_from_in_the_other():
    patients = [str(number) for number in range(1, 9)]
    first, second = ({split: fold_split(patients, fold, split) for split in SPLITS} for fold in (1, 2))
    for fold in (first, second):
        assert sorted(one for some in fold.values() for one in some) == patients
        assert [len(fold[split]) for split in SPLITS] == [3, 1, 4]
    assert sorted(first["test"] + second["test"]) == patients
