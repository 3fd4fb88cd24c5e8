import time
from itertools import islice

import numpy as np

from kinecor_phantoms.heart.plane_truth import plane_truth
from kinecor_phantoms.heart.section import MIN_CIRCUMFERENCE
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import subjects_of
from kinecor_phantoms.mri.stream import quick_labels, ring_shares, stream
from kinecor_phantoms.recording import LV_CAVITY
from tests.phantoms.mri.scans import clean, heart


def test_clips_have_the_requested_shape_and_repeat_with_the_seed() -> None:
    first, again = (list(islice(stream(3, size=64, phases=4, slices_of_each=2), 3)) for _ in range(2))
    for (frames, labels), (same, same_labels) in zip(first, again, strict=True):
        assert frames.shape == labels.shape == (4, 64, 64)
        assert (frames.dtype, labels.dtype) == (np.uint16, np.uint8)
        np.testing.assert_array_equal(frames, same)
        np.testing.assert_array_equal(labels, same_labels)
        assert labels.max() <= 4
        assert frames.max() > 50
    assert any((labels == 1).any() for _, labels in first)
    assert (first[0][0] != first[2][0]).any()


def test_the_stream_is_as_fast_as_a_trainer() -> None:
    clips = stream(0)
    next(clips)
    start_s, frames = time.process_time(), 0
    for images, _ in islice(clips, 4):
        frames += len(images)
    # 60 a second on an idle core; other processes may share this one.
    assert frames / (time.process_time() - start_s) > 12


def test_quick_labels_are_those_of_exact_contours() -> None:
    one, scan, rng = heart(), clean(phases=3, tilt_deg=8.0, rotation_deg=30.0, slices=5), np.random.default_rng(0)
    subject = subjects_of(one, rng, scan)[0]
    middle = np.array([(scan.columns - 1) / 2, (scan.rows - 1) / 2])
    for plane in short_planes(one, scan, rng):
        exact = plane_truth(
            subject.beating,
            subject.anatomies,
            plane,
            lambda points_mm: points_mm / scan.pixel_mm + middle,
            (scan.rows, scan.columns),
        ).labels
        quick = quick_labels(subject.anatomies, plane, scan)
        there = (exact > 0) | (quick > 0)
        assert (exact == quick)[there].mean() > 0.98


def test_the_ring_closes_from_base_to_apex_and_labels_begin_at_half_of_it() -> None:
    one, scan, rng = heart(), clean(phases=2, tilt_deg=8.0, rotation_deg=30.0, slices=12), np.random.default_rng(0)
    subject = subjects_of(one, rng, scan)[0]
    planes = short_planes(one, scan, rng)
    rings = np.stack([ring_shares(subject.anatomies, plane) for plane in planes])
    labelled = np.stack(
        [(quick_labels(subject.anatomies, plane, scan) == LV_CAVITY).any(axis=(1, 2)) for plane in planes]
    )
    assert ((rings >= MIN_CIRCUMFERENCE) == labelled).all()
    assert rings.max() == 1
    assert rings[-1].max() < 0.5  # from apex to base: the last slice lies in the atrium
