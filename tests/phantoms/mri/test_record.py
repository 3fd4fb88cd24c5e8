from dataclasses import replace

import numpy as np
import pytest

from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.rhythm import ectopic_rhythm
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import record_mri, subjects_of
from kinecor_phantoms.mri.signals import VENDORS, levels
from kinecor_phantoms.recording import LEFT_ATRIUM, LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY, MriSlice
from tests.phantoms.mri.scans import clean, heart


def _area_mm2(outline: np.ndarray | None, pixel_mm: float) -> float:
    if outline is None:
        return 0.0
    x, y = outline.T
    return float(abs((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2) * pixel_mm**2


def _core(mask: np.ndarray, steps: int) -> np.ndarray:
    for _ in range(steps):
        mask = mask & np.roll(mask, 1, 0) & np.roll(mask, -1, 0) & np.roll(mask, 1, 1) & np.roll(mask, -1, 1)
    return mask


def test_areas_of_a_fine_stack_add_up_to_the_true_volume() -> None:
    scan = clean(rows=40, columns=40, pixel_mm=4.0, thickness_mm=2.0, gap_mm=0.0, slices=30)
    one = replace(heart(), shape=replace(heart().shape, length_mm=54.0, radius_mm=22.0, tilt_deg=0.0, saddle_mm=0.0))
    study = record_mri(one, np.random.default_rng(0), scan)
    rng = np.random.default_rng(0)
    subject = subjects_of(one, rng, scan)[0]
    heights_mm = np.array([plane.origin_mm[2] for plane in short_planes(one, scan, rng)])
    for frame, anatomy in enumerate(subject.anatomies):
        areas_mm2 = np.array([_area_mm2(piece.plane.contours["lv_endo"][frame], 4.0) for piece in study.stack])
        # The base cuts the uppermost slice that still has a contour, or the next one.
        thick_mm = np.where(areas_mm2 > 0, 2.0, 0.0)
        top = int(np.flatnonzero(areas_mm2)[-1])
        thick_mm[top] += anatomy.rim_plane[0] - (heights_mm[top] + 1.0)
        assert abs(thick_mm[top] - 2.0) <= 1.01
        assert areas_mm2 @ thick_mm / 1000 == pytest.approx(study.truth.volume_ml[frame], rel=0.01)


def test_blood_and_wall_have_their_signals_where_the_labels_say() -> None:
    study = record_mri(heart(), np.random.default_rng(0), clean(slices=3, gap_mm=12.0, pixel_mm=1.6))
    piece = study.stack[1]
    level = levels(VENDORS["C"])
    image = piece.frames[0] / VENDORS["C"].blood_level
    labels = piece.plane.labels[0]
    # Papillary muscles are in the cavity: the median is blood.
    assert np.median(image[_core(labels == LV_CAVITY, 2)]) == pytest.approx(1, abs=0.03)
    assert np.median(image[_core(labels == LV_MYOCARDIUM, 1)]) == pytest.approx(level["muscle"], rel=0.15)
    assert np.median(image[_core(labels == RV_CAVITY, 2)]) > 0.6
    assert (image[labels == LV_CAVITY] < 0.6).mean() > 0.02


def test_thick_slices_hold_partial_volume() -> None:
    thin, thick = (
        record_mri(
            heart(), np.random.default_rng(1), clean(slices=5, thickness_mm=thick_mm, gap_mm=gap_mm, phases=1)
        ).stack[0]
        for thick_mm, gap_mm in ((2.0, 12.0), (14.0, 0.0))
    )
    muscle = levels(VENDORS["C"])["muscle"]

    def between(piece: MriSlice) -> float:
        image = piece.frames[0] / VENDORS["C"].blood_level
        heart_pixels = np.isin(piece.plane.labels[0], (LV_CAVITY, LV_MYOCARDIUM))
        return float(((image > muscle + 0.15) & (image < 0.85))[heart_pixels].mean())

    # Towards the apex the wall is slanted: in a thick slice more pixels are part blood, part muscle.
    assert between(thick) > 1.2 * between(thin)


def test_the_recorded_misregistration_is_the_one_applied() -> None:
    settings = clean(slices=4, gap_mm=8.0)
    still = record_mri(heart(), np.random.default_rng(5), settings)
    moved = record_mri(heart(), np.random.default_rng(5), replace(settings, misregistration_mm=6.0))
    shifts_mm = np.array([piece.shift_mm for piece in moved.stack])
    assert np.ptp(shifts_mm, axis=0).min() > 2
    for a, b, shift_mm in zip(still.stack, moved.stack, shifts_mm, strict=True):
        assert a.shift_mm == (0.0, 0.0)
        np.testing.assert_allclose(a.position_mm, b.position_mm)
        one, other = a.plane.contours["lv_epi"][0], b.plane.contours["lv_epi"][0]
        assert one is not None
        assert other is not None
        np.testing.assert_allclose((other - one).mean(axis=0) * settings.pixel_mm, shift_mm, atol=1e-6)
        # The image moved too: blood is where the moved label is.
        lit = b.frames[0][b.plane.labels[0] == LV_CAVITY]
        assert np.median(lit) > 0.8 * VENDORS["C"].blood_level


def test_the_same_seed_gives_the_same_study_and_another_another() -> None:
    settings = clean(slices=2, noise=0.02, misregistration_mm=2.0, ghosting=0.02, coil=0.5, banding=0.5, flow=1.0)
    studies = [record_mri(heart(), np.random.default_rng(seed), settings) for seed in (1, 1, 2)]
    for a, b in zip(studies[0].stack, studies[1].stack, strict=True):
        np.testing.assert_array_equal(a.frames, b.frames)
        assert a.shift_mm == b.shift_mm
    assert (studies[0].stack[0].frames != studies[2].stack[0].frames).any()


def test_a_slice_says_where_it_is() -> None:
    study = record_mri(
        heart(), np.random.default_rng(0), clean(trigger_delay_ms=30.0, phases=4, rows=64, columns=64, pixel_mm=3.0)
    )
    assert study.stack[0].frames.dtype == np.uint16
    normal = np.cross(study.stack[0].across, study.stack[0].down)
    steps_mm = np.diff([piece.position_mm @ normal for piece in study.stack])
    np.testing.assert_allclose(steps_mm, 10.0)
    np.testing.assert_allclose(study.stack[0].trigger_ms, [30, 280, 530, 780])
    np.testing.assert_allclose(study.truth.times_s, [0.03, 0.28, 0.53, 0.78])
    # Beyond apex and base there is no ventricle, and between there is.
    has = [piece.plane.contours["lv_endo"][0] is not None for piece in study.stack]
    assert not has[0]
    assert not has[-1]
    assert sum(has) >= 7
    share = np.array([piece.plane.wall_share for piece in study.stack])
    assert share.shape == (len(study.stack), 4)
    np.testing.assert_array_equal(share[:, 0] >= 0.5, has)
    # The base descends in systole: fewer slices show the ventricle.
    assert (share >= 0.5).sum(axis=0)[1] < sum(has)
    assert study.parameters["vendor"] == "C"
    assert study.parameters["slices"] == "as many as cover the ventricle"


def test_long_axes_show_atrium_and_right_ventricle() -> None:
    study = record_mri(heart(), np.random.default_rng(0), clean(slices=1, phases=1, long_axes=True))
    four = next(piece for piece in study.long_axes if piece.view == "A4C")
    assert [piece.view for piece in study.long_axes] == ["A2C", "A3C", "A4C"]
    labels, image = four.plane.labels[0], four.frames[0] / VENDORS["C"].blood_level
    for label in (LV_CAVITY, LEFT_ATRIUM, RV_CAVITY):
        assert (labels == label).sum() > 100
        assert np.median(image[labels == label]) > 0.7
    assert np.median(image[_core(labels == LV_MYOCARDIUM, 1)]) < 0.5


def test_beats_that_differ_blur_the_image() -> None:
    irregular = Heart(heart().shape, ectopic_rhythm(80, 2, np.random.default_rng(0)))
    settings = clean(slices=1, phases=3)
    one = record_mri(irregular, np.random.default_rng(0), settings).stack[0]
    mixed = record_mri(irregular, np.random.default_rng(0), replace(settings, beats=2)).stack[0]
    np.testing.assert_array_equal(one.plane.labels, mixed.plane.labels)
    apart = np.abs(one.frames.astype(float) - mixed.frames)
    assert apart.max() > 0.15 * VENDORS["C"].blood_level


def test_threads_do_not_change_a_study() -> None:
    settings = clean(slices=3, phases=2, noise=0.02, misregistration_mm=2.0, ghosting=0.02, long_axes=True)
    one, three = (record_mri(heart(), np.random.default_rng(4), settings, workers=count) for count in (1, 3))
    for a, b in zip((*one.stack, *one.long_axes), (*three.stack, *three.long_axes), strict=True):
        assert (a.view, a.shift_mm) == (b.view, b.shift_mm)
        np.testing.assert_array_equal(a.frames, b.frames)
    # Noise is of each slice alone.
    assert (one.stack[0].frames[:, :3, :3] != one.stack[1].frames[:, :3, :3]).any()
    np.testing.assert_array_equal(one.truth.volume_ml, three.truth.volume_ml)
