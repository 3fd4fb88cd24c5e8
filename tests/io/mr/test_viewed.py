"""MR series that are no cine, as recordings to be looked at."""

import numpy as np
import pytest

from kinecor.core.outlines.cross_reference import nearest_slice
from kinecor.core.values.geometry import Plane
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def study(folder, description, places, times, **of_image):
    """A cine of three slices, and a series of `times` images at each of `places` (numbers of slices)."""
    images = [make.mr_image(s, p) for s in range(3) for p in range(5)]
    for s in places:
        for t in range(times if isinstance(times, int) else times[s]):
            elements = {name: value(t) for name, value in of_image.items()}
            image = make.mr_image(s, 0, series="1.2.3.50", SeriesDescription=description, **elements)
            image.TriggerTime, image.InstanceNumber = 300, 100 + t
            images.append(image)
    folder.mkdir()
    for number, index in enumerate(np.random.default_rng(3).permutation(len(images))):
        make.save(images[int(index)], folder / f"{number:03d}.dcm")
    return folder


def shown(folder):
    found = open_path(folder, cache=FrameCache())
    assert not found.refused
    (one,) = [one for one in found.recordings if not one.source.series.measured]
    return one, found


def test_perfusion_has_slices_and_times(tmp_path):
    one, found = shown(
        study(tmp_path / "s", "stress_perf", range(3), 6, AcquisitionTime=lambda t: f"1012{0.8 * t:09.6f}")
    )
    assert isinstance(one, Stack)
    assert (len(one.slices), one.phases, one.source.series.kind) == (3, 6, "perfusion")
    assert one.times_s == pytest.approx(0.8 * np.arange(6), abs=1e-3)
    assert [str(cine.times_origin) for cine in one.slices] == ["AcquisitionTime"] * 3
    (aside,) = found.set_aside
    assert (aside.series.description, aside.series.kind) == ("stress_perf", "perfusion")


def test_images_are_in_order_of_inversion_and_echo_times(tmp_path):
    times = [900, 100, 2700, 1100, 180]
    one, _ = shown(study(tmp_path / "m", "T1_MOLLI", range(2), 5, InversionTime=lambda t: times[t]))
    assert [cine.instances[0].path for cine in one.slices] != []
    numbers = [100 + at for at in np.argsort(times)]
    assert [_instance(one.slices[0], frame) for frame in range(5)] == numbers


def _instance(cine, frame):
    import pydicom

    return int(pydicom.dcmread(cine.instances[frame].path, stop_before_pixels=True).InstanceNumber)


def test_late_enhancement_is_a_stack_of_single_images_with_planes(tmp_path):
    one, _ = shown(study(tmp_path / "l", "DE_PSIR_sax", range(3), 1))
    assert (len(one.slices), one.phases) == (3, 1)
    assert (np.diff(one.positions_mm) > 0).all()
    assert all(cine.plane is not None for cine in one.slices)


def test_places_with_different_numbers_follow_each_other_and_nothing_is_left_out(tmp_path):
    one, _ = shown(study(tmp_path / "u", "stress_perf", range(3), {0: 4, 1: 3, 2: 4}))
    assert isinstance(one, CineSequence)
    assert len(one) == 11
    assert one.plane is None


def test_nothing_of_it_is_measured_or_checked(tmp_path):
    from kinecor.core.checks.assessment import assess
    from kinecor.core.values.reading import first_reading_of

    one, _ = shown(study(tmp_path / "s", "stress_perf", range(3), 6))
    reading = first_reading_of(one)
    assert reading.kind.view_only
    assert not reading.kind.automatic
    assert reading.kind.structures == ()
    assert reading.view is None
    found = assess(reading)
    assert (found.measurements, found.findings) == ((), ())


def plane(z, tilt_deg=0.0):
    turned = np.deg2rad(tilt_deg)
    return Plane(np.array([5.0, 7.0, z]), np.array([1.0, 0, 0]), np.array([0, np.cos(turned), np.sin(turned)]))


def test_the_slice_at_a_place():
    slices = [plane(z) for z in (0.0, 10.0, 20.0)]
    number, distance_mm = nearest_slice(slices, plane(12.0))
    assert (number, distance_mm) == (1, pytest.approx(2.0))
    assert nearest_slice(slices, plane(12.0, tilt_deg=10))[0] == 1
    assert nearest_slice(slices, plane(12.0, tilt_deg=90)) is None
    assert nearest_slice([None, plane(3.0)], plane(0.0)) == (1, pytest.approx(3.0))
