import dataclasses

import cv2
import numpy as np
import pytest
from scipy import ndimage

from kinecor_lab.realism.frame import LookFrame
from kinecor_lab.realism.measures import ECHO_MEASURES, echo_measures
from kinecor_lab.realism.motion import clip_measures
from kinecor_lab.realism.mri import MRI_MEASURES, mri_measures
from tests.lab.realism.drawn_images import echo, short_axis


def test_levels_and_contrast_are_those_drawn() -> None:
    found = echo_measures(echo(wall=120, blood=60))
    assert set(found) == set(ECHO_MEASURES)
    assert found["grey mean, wall"] == pytest.approx(120, abs=2)
    assert found["grey mean, blood"] == pytest.approx(60, abs=2)
    assert found["CNR wall / blood"] == pytest.approx(60 / np.hypot(14, 14), rel=0.15)
    assert found["gCNR wall / blood"] > 0.9
    assert found["dark wall"] < 2
    assert all(np.isfinite(value) for name, value in found.items() if "atrium" not in name)


def test_lost_contrast_shows_as_dark_wall() -> None:
    found = echo_measures(echo(wall=62, blood=60))
    assert found["gCNR wall / blood"] < 0.2
    assert found["dark wall"] > 50


def test_isotropic_grain_is_as_wide_along_as_across_and_in_mm() -> None:
    found = echo_measures(echo(grain=1.2))
    drawn_mm = 3.33 * 1.2 * 0.616
    for name in ("speckle axial, middle", "speckle lateral, middle"):
        assert 0.65 * drawn_mm < found[name] < 1.02 * drawn_mm
    assert echo_measures(echo(grain=2.0))["speckle lateral, far"] > 1.3 * found["speckle lateral, far"]


def test_the_pixel_spacing_does_not_matter() -> None:
    drawn = echo()
    double = LookFrame(
        "twice",
        cv2.resize(drawn.image, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST),
        np.asarray(cv2.resize(drawn.labels, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)),
        0.308,
    )
    one, two = echo_measures(drawn), echo_measures(double)
    for name in ("grey mean, wall", "speckle axial, middle", "spectrum slope", "endocardial edge"):
        assert two[name] == pytest.approx(one[name], rel=0.03)


def test_missing_classes_and_scale_leave_gaps_not_errors() -> None:
    bare = LookFrame("bare", echo().image)
    found = echo_measures(bare)
    assert np.isnan(found["CNR wall / blood"])
    assert np.isnan(found["speckle axial, far"])
    assert np.isfinite(found["grey median"])
    assert all(np.isnan(value) for value in echo_measures(LookFrame("black", np.zeros((99, 99), np.uint8))).values())


def test_what_is_labelled_beyond_the_sector_does_not_count() -> None:
    drawn = echo()
    labels = drawn.labels.copy()
    labels[:, :40] = 2
    assert (drawn.image[:60, :40] == 0).all()
    inside = echo_measures(dataclasses.replace(drawn, labels=np.where(drawn.image > 0, labels, 0).astype(np.uint8)))
    beyond = echo_measures(dataclasses.replace(drawn, labels=labels))
    assert beyond["grey mean, wall"] == pytest.approx(inside["grey mean, wall"], abs=1)


def test_mri_levels_are_in_percent_of_blood() -> None:
    found = mri_measures(short_axis(wall=50))
    assert set(found) == set(MRI_MEASURES)
    assert found["wall"] == pytest.approx(100 * 50 / 120, abs=5)
    assert found["contrast blood / wall"] == pytest.approx(2.3, abs=0.25)
    assert found["endocardial edge"] == pytest.approx(2.563, abs=0.7)
    assert found["noise"] == pytest.approx(100 * 4 / 120, rel=0.15)
    assert found["dark surroundings"] > 10


def test_mri_noise_grows_with_noise() -> None:
    assert mri_measures(short_axis(noise=8))["noise"] > 1.7 * mri_measures(short_axis(noise=4))["noise"]


def test_mri_without_wall_or_cavity() -> None:
    drawn = short_axis()
    no_wall = dataclasses.replace(drawn, labels=np.where(drawn.labels == 1, 1, 0).astype(np.uint8))
    found = mri_measures(no_wall)
    assert np.isnan(found["wall"])
    assert np.isfinite(found["SD, blood"])
    assert all(np.isnan(value) for value in mri_measures(LookFrame("none", drawn.image)).values())


def test_speckle_persists_in_a_still_clip_and_not_in_a_boiling_one() -> None:
    still = np.stack([echo().image] * 6)
    boiling = np.stack([echo(seed).image for seed in range(6)])
    assert clip_measures(still, 0.05)["correlation after 200 ms"] == pytest.approx(1)
    assert clip_measures(boiling, 0.05)["correlation after 50 ms"] < 0.3
    assert clip_measures(still, 0.05)["brightness flicker"] == pytest.approx(0)
    assert np.isnan(clip_measures(still[:2], 0.05)["correlation after 50 ms"])


def test_correlations_are_by_time_not_by_frame() -> None:
    slow = np.stack([np.roll(echo().image, shift, axis=1) for shift in range(8)])
    fast = np.repeat(slow, 2, axis=0)
    one, two = clip_measures(slow, 0.05), clip_measures(fast, 0.025)
    assert two["correlation after 100 ms"] == pytest.approx(one["correlation after 100 ms"], abs=0.03)
    # What is between two frames is interpolated; what is shorter than one cannot be measured.
    assert np.isfinite(clip_measures(slow, 0.04)["correlation after 50 ms"])
    assert np.isnan(clip_measures(slow, 0.08)["correlation after 50 ms"])
    assert np.isnan(clip_measures(slow[:3], 0.05)["correlation after 200 ms"])


def test_full_speckle_has_its_known_ratio_and_its_known_spread_in_decibels() -> None:
    rng = np.random.default_rng(0)
    drawn = echo()
    parts = [ndimage.gaussian_filter(rng.standard_normal(drawn.image.shape), 0.8) for _ in range(2)]
    decibels = 20 * np.log10(np.hypot(*parts))
    levels = 130 + (decibels - decibels.mean()) * 255 / 60
    found = echo_measures(
        LookFrame("speckle", np.where(drawn.image > 0, levels.clip(3, 255), 0).astype(np.uint8), None, 0.616)
    )
    for third in ("near", "middle", "far"):
        assert found[f"speckle SNR, {third}"] == pytest.approx(1.91, rel=0.1)
        # Log-compressed Rayleigh amplitudes have a standard deviation of 5.57 dB.
        assert found[f"speckle SD, {third}"] == pytest.approx(5.57 * 255 / 60, rel=0.1)
