import dataclasses
import functools

import numpy as np
import pytest

from kinecor.analysis import phantom_make
from kinecor.analysis.phantom_make import PhantomRequest, make_echo, make_mri
from kinecor_phantoms.echo import record
from kinecor_phantoms.heart import truth as heart_truth

SMALL = PhantomRequest(seed=5, size=(64, 64), frames=2)


@pytest.fixture
def coarse(monkeypatch):
    """Clips of a twelfth of the scatterers, in a fraction of the time."""
    monkeypatch.setattr(phantom_make, "record_echo", functools.partial(record.record_echo, scatterers=5_000))


@pytest.fixture
def without_images(monkeypatch):
    """Truth of the heart only: images and contours, which take most of the time, are left out."""
    monkeypatch.setattr(record, "_plane_truth", lambda *_: None)
    monkeypatch.setattr(heart_truth, "biplane_volumes_ml", lambda beating, _: np.full(len(beating), np.nan))
    monkeypatch.setattr(record, "HeartScene", lambda *_: None)
    monkeypatch.setattr(record, "simulate", lambda scene, times_s, *_, **__: np.zeros((len(times_s), 64, 64), np.uint8))


def test_the_same_wish_is_the_same_clip_and_another_seed_is_not(coarse):
    one, again = make_echo("A4C", SMALL), make_echo("A4C", SMALL)
    other = make_echo("A4C", dataclasses.replace(SMALL, seed=6))
    assert np.array_equal(one.frames, again.frames)
    assert not np.array_equal(one.frames, other.frames)
    assert one.frames.shape == (2, 64, 64)
    assert one.parameters["seed"] == 5
    assert SMALL.identity("A4C") != dataclasses.replace(SMALL, seed=6).identity("A4C") != SMALL.identity("A2C")


def test_the_heart_is_the_one_wished_for(without_images):
    request = dataclasses.replace(SMALL, population="dilated", ef_percent=31.0, rate_per_min=90.0, frames_per_s=12.0)
    made = make_echo("A4C", dataclasses.replace(request, frames=None, beats=1, size=(64, 64)))
    truth = made.truth
    assert truth is not None
    first = truth.beats[0]
    at = [np.interp(moment, truth.times_s, truth.volume_ml) for moment in (first.ed_s, first.es_s)]
    assert 100 * (1 - at[1] / at[0]) == pytest.approx(31, abs=3)
    assert made.heart_rate_per_min == pytest.approx(90, rel=0.06)
    # One beat and the end-diastole after it.
    assert len(truth.beats) == 2
    assert truth.beats[1].ed_s < made.times_s[-1] < truth.beats[1].es_s
    assert made.parameters["population"] == "dilated"
    assert made.parameters["ef_percent"] == 31.0


def test_graphics_and_foreshortening_show(coarse):
    made = make_echo("A4C", dataclasses.replace(SMALL, graphics=True, foreshortening_deg=12.0, size=(128, 128)))
    assert made.ecg_region is not None
    assert made.parameters["stand_foreshortening_deg"] == 12.0


def test_a_study_has_the_slices_and_phases_wished_for():
    made = make_mri(PhantomRequest(size=(48, 64), frames=2, slices=2, look="D"))
    assert [one.frames.shape for one in made.stack] == [(2, 48, 64)] * 2
    assert [one.view for one in made.long_axes] == ["A2C", "A3C", "A4C"]
    assert made.parameters["vendor"] == "D"
    # A small image still shows the whole heart.
    assert all(one.plane.labels.max() > 0 for one in made.long_axes)


@pytest.mark.parametrize(
    ("view", "changes", "said"),
    [
        ("A4C", {"population": "none"}, "normal, dilated"),
        ("A4C", {"rhythm": "none"}, "sinus, ectopic"),
        ("A4C", {"ef_percent": 95.0}, "5 to 85"),
        ("A4C", {"rate_per_min": float("nan")}, "30 to 220"),
        ("A4C", {"seed": -1}, "0 or more"),
        ("A4C", {"beats": 0}, "1 to 59"),
        ("A4C", {"beats": 59, "frames": None, "frames_per_s": 200.0, "rate_per_min": 40.0}, "2000 at most"),
        ("A4C", {"frames": 0}, "1 to 2000"),
        ("A4C", {"frames_per_s": 0.0}, "10 to 200"),
        ("A4C", {"size": (9, 9)}, "64 to 1024"),
        ("A4C", {"look": "none"}, "soft"),
        ("A4C", {"foreshortening_deg": 31.0}, "-30 to 30"),
        ("A4C", {"slices": 3}, "cine MRI"),
        ("A6C", {}, "A4C, A2C"),
        ("A4C", {"rhythm": "ectopic", "beats": 1}, "2 or more"),
        ("A4C", {"frames": 2000, "frames_per_s": 10.0}, "fewer frames"),
        ("IVC", {"ef_percent": 50.0}, "shows none"),
        ("other", {"foreshortening_deg": 5.0}, "shows none"),
        ("", {"rhythm": "ectopic", "beats": 1}, "2 or more"),
        ("", {"frames_per_s": 50.0}, "echo clip"),
        ("", {"foreshortening_deg": 5.0}, "echo clip"),
        ("", {"graphics": True}, "echo clips"),
        ("", {"beats": 9}, "1 to 6"),
        ("", {"frames": 0}, "1 to 60"),
        ("", {"slices": 99}, "1 to 30"),
        ("", {"size": (9, 9)}, "32 to 512"),
        ("", {"look": "none"}, "A, B"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(view, changes, said):
    request = dataclasses.replace(SMALL, **changes)
    with pytest.raises(ValueError, match=said):
        make_echo(view, request) if view else make_mri(request)


@pytest.mark.parametrize("seed", range(4))
def test_an_ectopic_beat_is_shown(without_images, seed):
    request = dataclasses.replace(SMALL, seed=seed, rhythm="ectopic", frames=None, frames_per_s=10.0)
    truth = make_echo("PSAX mid", request).truth
    assert truth is not None
    # Three beats and the end-diastole after them; the second comes early and has a pause after it.
    starts_s = np.array([beat.ed_s for beat in truth.beats])
    assert len(starts_s) == 4
    assert np.argmax(np.diff(starts_s)) in (1, 2)
    assert np.diff(starts_s).max() > 1.6 * np.diff(starts_s).min()


def test_events_are_listed_to_the_end_of_irregular_clips(without_images):
    request = dataclasses.replace(SMALL, rhythm="fibrillation", frames=35, frames_per_s=10.0)
    for seed in range(3):
        made = make_echo("PSAX mid", dataclasses.replace(request, seed=seed))
        assert made.truth is not None
        assert made.times_s[-1] - made.truth.beats[-1].ed_s < 2.0


def test_a_random_look_has_a_random_probe_and_is_recorded(coarse):
    one, other = (make_echo("A4C", dataclasses.replace(SMALL, look="random", seed=seed)) for seed in (1, 2))
    usual = make_echo("A4C", SMALL)
    for name in ("probe_sector_deg", "probe_frequency_mhz", "probe_focus_mm", "look_gain_db", "look_tgc_db"):
        assert len({made.parameters[name] for made in (one, other, usual)}) == 3
    assert (one.parameters["look"], usual.parameters["look"]) == ("random", "soft")
    again = make_echo("A4C", dataclasses.replace(SMALL, look="random", seed=1))
    assert again.parameters == one.parameters
    assert np.array_equal(again.frames, one.frames)


def test_a_random_scan_fits_a_small_patient():
    request = PhantomRequest(size=(128, 128), frames=1, slices=1, look="random")
    adult, child = (make_mri(dataclasses.replace(request, population=name)) for name in ("normal", "child"))
    assert child.stack[0].spacing_mm[0] < 0.8 * adult.stack[0].spacing_mm[0]
