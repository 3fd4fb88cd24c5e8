from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kinecor_lab.datasets.samples import DataSetError
from kinecor_lab.tasks.phases.data import PhaseCine, read_cines, write_cines
from kinecor_lab.tasks.phases.samples import _drift, _hidden, sample, taken
from kinecor_models.phases.model import label_curve
from tests.lab.phase_cines import drawn_cine


def test_cines_are_read_as_they_were_written(tmp_path: Path) -> None:
    cines = [drawn_cine(0), drawn_cine(1, 30, closed=False, source="simulated echo")]
    write_cines(tmp_path / "some.npz", cines)
    for was, read in zip(cines, read_cines([tmp_path / "some.npz"]), strict=True):
        assert (read.frames == was.frames).all()
        assert read.times_s == pytest.approx(was.times_s)
        assert (read.ed_s, read.es_s) == (pytest.approx(was.ed_s), pytest.approx(was.es_s))
        assert (read.name, read.patient, read.source, read.cycle_s) == (was.name, was.patient, was.source, was.cycle_s)


def test_a_file_that_is_missing_or_another_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataSetError, match="kinecor train phases"):
        read_cines([tmp_path / "none.npz"])
    np.savez(tmp_path / "other.npz", frames=np.zeros(3))
    with pytest.raises(DataSetError, match="make the file anew"):
        read_cines([tmp_path / "other.npz"])


def test_a_cine_needs_its_events() -> None:
    with pytest.raises(ValueError, match="an ED and an ES"):
        PhaseCine("p", "warped mri", np.zeros((2, 4, 4), np.uint8), np.arange(2.0), (), (0.1,))
    with pytest.raises(ValueError, match="as many times"):
        PhaseCine("p", "warped mri", np.zeros((3, 4, 4), np.uint8), np.arange(2.0), (0.0,), (0.1,))


def test_a_cycle_is_gone_round_one_to_three_times_and_labelled_all_along() -> None:
    cine, beats = drawn_cine(3), []
    for seed in range(30):
        frames, label = taken(cine, 24, np.random.default_rng(seed))
        assert np.isfinite(label).all()
        steps = np.diff(frames) % 24
        beats.append(steps.sum() / 24)
        truth = label_curve(cine.times_s, cine.ed_s, cine.es_s)
        # The order and values of systole and diastole are unchanged; only how long they last differs.
        assert np.corrcoef(label, truth[frames])[0, 1] > 0.93
        sure = (truth[frames] < 0.5) | (label < 0.5)
        assert abs(label - truth[frames])[sure].mean() < 0.12
    assert min(beats) < 1.1
    assert max(beats) > 1.8


def test_hearts_of_another_pace_rest_before_they_eject() -> None:
    cine, rests = drawn_cine(3, 36), []
    truth = label_curve(cine.times_s, cine.ed_s, cine.es_s)
    for seed in range(60):
        frames, label = taken(cine, 24, np.random.default_rng(seed))
        full = truth[frames] > 0.97
        rests.append(full.sum() / max(1.0, np.sum(np.diff(label) < -0.05) / 5))
        # An ED is labelled last of the full frames: soon after it the heart is less full.
        top = int(np.argmax(label[:-4]))
        if top and label[top] > 0.98:
            assert truth[frames][top + 4] < truth[frames][top]
    assert max(rests) > 2 * np.median(rests)


def test_an_open_clip_is_thinned_out_in_order_and_repeated_frames_are_not_labelled() -> None:
    cine = drawn_cine(4, 60, closed=False)
    strides = set()
    for seed in range(20):
        frames, label = taken(cine, 24, np.random.default_rng(seed))
        strides |= set(np.diff(frames).tolist())
        assert np.isfinite(label).all()
    assert strides == {1, 2}
    frames, label = taken(drawn_cine(5, 10, closed=False), 24, np.random.default_rng(0))
    assert frames.tolist() == [*range(10), *[9] * 14]
    assert np.isnan(label[10:]).all()


def test_a_sample_moves_all_frames_alike_and_leaves_the_curve_unchanged() -> None:
    cine = drawn_cine(6)
    for seed in range(8):
        images, label = sample(cine, 20, 32, np.random.default_rng(seed))
        assert images.shape == (20, 32, 32)
        assert images.dtype == np.uint8
        assert label.dtype == np.float32
        areas = (bright(images)).sum(axis=(1, 2))
        assert np.corrcoef(areas, label)[0, 1] > 0.8
    again = sample(replace(cine), 20, 32, np.random.default_rng(7))
    assert (again[0] == images).all()


def bright(images: np.ndarray) -> np.ndarray:
    return images > (np.percentile(images, 99) + np.percentile(images, 30)) / 2


def test_a_hidden_place_stays_hidden_through_the_whole_recording() -> None:
    frames = np.random.default_rng(0).integers(0, 255, (7, 40, 40)).astype(np.uint8)
    hidden = _hidden(frames, np.random.default_rng(1))
    places = (hidden != frames).any(axis=0)
    assert 10 < places.sum() < 2 * (0.35 * 40) ** 2
    assert (np.ptp(hidden[:, places].astype(int), axis=0) == 0).all()
    assert (hidden[:, ~places] == frames[:, ~places]).all()


def test_a_recording_drifts_slowly() -> None:
    drifts = np.stack([_drift(24, 80, np.random.default_rng(seed)) for seed in range(50)])
    assert drifts.shape == (50, 24, 2)
    assert 0.3 < abs(drifts).mean() < 1.2
    assert abs(np.diff(drifts, axis=1)).max() < 1.5
