"""Classic series in any order and Enhanced MR: the (slice, phase) grid."""

import numpy as np
import pytest

from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make

LONG_AXIS = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))


def opened(folder, **options):
    found = open_path(folder, cache=FrameCache(), **options)
    assert found.refused == ()
    return found.recordings


def only(folder):
    (recording,) = opened(folder)
    return recording


def save_all(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        make.save(image, folder / f"{number}.dcm")
    return folder


def means(stack):
    """(slices, phases) mean grey, which `make.mr_image` makes rise with slice and phase."""
    return np.array([[float(one.frames[p].mean()) for p in range(stack.phases)] for one in stack.slices])


@pytest.mark.parametrize("seed", range(4))
def test_shuffled_files_make_the_same_grid(tmp_path, seed):
    stack = only(make.write_study(tmp_path / "s", slices=4, shuffle=np.random.default_rng(seed)))
    assert isinstance(stack, Stack)
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert np.diff(stack.positions_mm) == pytest.approx([8, 8, 8], abs=1e-3)
    grid = means(stack)
    assert (np.diff(grid, axis=0) > 0).all()
    assert (np.diff(grid, axis=1) > 0).all()
    assert stack.times_s * 1000 == pytest.approx([0, 40, 80, 120, 160])
    assert stack.warnings == ()
    assert stack.thickness_mm == 8
    cine = stack.slices[2]
    assert cine.times_origin == "TriggerTime"
    assert (cine.calibration.row_mm, cine.calibration.col_mm) == (1.5, 1.25)
    assert cine.heart_rate_per_min == 300
    assert cine.source.modality == "MR"
    assert cine.source.path == str(tmp_path / "s")
    assert [one.source.recording_id for one in stack.slices] == [f"1.2.3.1-s0{n}" for n in (1, 2, 3, 4)]


def test_one_window_for_the_whole_stack(tmp_path):
    stack = only(make.write_study(tmp_path / "s"))
    every = np.stack([one.frames[p] for one in stack.slices for p in range(5)])
    assert every.dtype == np.uint8
    assert every.min() == 0
    assert every.max() == 255
    # Equal steps in value are equal steps in grey, from slice to slice as from phase to phase.
    grid = means(stack)
    assert grid[1, 2] - grid[1, 1] == pytest.approx((grid[2, 2] - grid[1, 2]) / 10, abs=0.6)


def test_where_an_image_is_missing_the_nearest_phase_is_used(tmp_path):
    whole = means(only(make.write_study(tmp_path / "whole", slices=4)))
    folder = make.write_study(tmp_path / "s", slices=4)
    (folder / "007.dcm").unlink()
    stack = only(folder)
    assert (len(stack.slices), stack.phases) == (4, 5)
    (reported,) = stack.warnings
    assert "has 4 phases where the others have 5: the image nearest in the cycle is used" in reported
    found = means(stack)[1]
    assert found[[0, 1, 3, 4]] == pytest.approx(whole[1, [0, 1, 3, 4]], abs=0.6)
    assert found[2] in (found[1], found[3])


def test_a_slice_with_too_few_phases_is_left_out_and_says_so(tmp_path):
    folder = make.write_study(tmp_path / "s", slices=4)
    for number in (6, 7, 8):
        (folder / f"00{number}.dcm").unlink()
    stack = only(folder)
    assert len(stack.slices) == 3
    assert any("has 2 of 5 phases and is not used" in one for one in stack.warnings)
    assert any("a slice may be missing (the two begin with 000.dcm and 010.dcm)" in one for one in stack.warnings)


def test_a_slice_that_divides_the_cycle_otherwise_is_used_at_the_nearest_phases(tmp_path):
    images = [make.mr_image(s, p) for s in (0, 2) for p in range(5)]
    images += [make.mr_image(1, p, TriggerTime=20.0 * p, CardiacNumberOfImages=10) for p in range(10)]
    stack = only(save_all(tmp_path / "s", images))
    assert (len(stack.slices), stack.phases) == (3, 5)
    assert np.diff(stack.slices[1].times_s) * 1000 == pytest.approx(40)
    one = means(stack)[1]
    assert np.diff(one) == pytest.approx(np.diff(one)[0], abs=0.6)


def test_a_truncated_image_is_refused_and_the_rest_opens(tmp_path):
    folder = make.write_study(tmp_path / "s")
    data = (folder / "003.dcm").read_bytes()
    (folder / "003.dcm").write_bytes(data[:-100])
    found = open_path(folder, cache=FrameCache())
    assert [one.path for one in found.refused] == [str(folder / "003.dcm")]
    (recording,) = found.recordings
    assert (len(recording.slices), recording.phases) == (3, 5)
    assert any("has 4 phases where the others have 5" in one for one in recording.warnings)


def test_copies_are_used_once(tmp_path):
    folder = make.write_study(tmp_path / "s")
    (folder / "copy.dcm").write_bytes((folder / "004.dcm").read_bytes())
    stack = only(folder)
    assert (len(stack.slices), stack.phases) == (3, 5)
    assert stack.warnings[0] == "1 image was present twice and used once (not used: s/copy.dcm)."


def test_a_slice_taken_twice(tmp_path):
    images = [make.mr_image(s, p) for s in range(3) for p in range(5)]
    images += [make.mr_image(1, p, AcquisitionNumber=2, InstanceNumber=90 + p) for p in range(5)]
    stack = only(save_all(tmp_path / "s", images))
    assert (len(stack.slices), stack.phases) == (3, 5)
    (reported,) = stack.warnings
    assert "was acquired twice: the last complete take is used" in reported
    assert "(5.dcm, 6.dcm, 7.dcm and 2 more)" in reported


def test_several_series_and_studies_in_one_folder(tmp_path):
    make.write_study(tmp_path / "a", study="1.2.3")
    make.write_study(tmp_path / "b", study="1.2.4", slices=2)
    make.write_study(tmp_path / "c", study="1.2.3", slices=1, series="1.2.3.7", orientation=LONG_AXIS)
    short, other, long_axis = opened(tmp_path)
    assert (len(short.slices), short.study_id) == (3, "1.2.3")
    assert (len(other.slices), other.study_id) == (2, "1.2.4")
    assert isinstance(long_axis, CineSequence)
    assert len(long_axis) == 5
    assert long_axis.source.recording_id == "1.2.3.7"
    assert long_axis.source.study_id == "1.2.3"


def test_localizers_are_shown_and_not_measured_where_the_study_moves(tmp_path):
    make.write_study(tmp_path / "cine")
    make.write_study(tmp_path / "scout", slices=4, phases=1, series="1.2.3.5", orientation=LONG_AXIS)
    found = {one.source.series.kind: one for one in opened(tmp_path)}
    assert found["cine"].phases == 5
    assert (len(found["mr-images"].slices), found["mr-images"].phases) == (4, 1)
    assert not found["mr-images"].source.series.measured


def test_where_nothing_moves_single_images_open(tmp_path):
    stack = only(make.write_study(tmp_path / "s", phases=1))
    assert (len(stack.slices), stack.phases) == (3, 1)
    assert stack.times_s.tolist() == [0.0]


def test_a_single_slice_is_a_cine(tmp_path):
    cine = only(make.write_study(tmp_path / "s", slices=1))
    assert isinstance(cine, CineSequence)
    assert len(cine) == 5


def test_slices_in_separate_series_are_combined(tmp_path):
    images = [make.mr_image(s, p, series=f"1.2.3.1{s}", SeriesNumber=10 + s) for s in (2, 0, 3, 1) for p in range(5)]
    stack = only(save_all(tmp_path / "s", images))
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert (np.diff(means(stack), axis=0) > 0).all()


def of_two_series(folder, first, second, **elements):
    """Slices of two series, of five phases."""
    images = [make.mr_image(s, p) for s in first for p in range(5)]
    images += [make.mr_image(s, p, series="1.2.3.77", SeriesNumber=9, **elements) for s in second for p in range(5)]
    return save_all(folder, images)


@pytest.mark.parametrize(
    ("first", "second"), [(range(4), range(4, 8)), (range(0, 8, 2), range(1, 8, 2)), (range(7), (7,)), (range(5), (6,))]
)
def test_series_that_continue_each_other_are_one_stack(tmp_path, first, second):
    stack = only(of_two_series(tmp_path / "s", first, second))
    assert len(stack.slices) == len(first) + len(second)
    assert (np.diff(means(stack), axis=0) > 0).all()
    assert sum("they are one stack" in one for one in stack.warnings) == 1


@pytest.mark.parametrize(
    ("second", "elements"),
    [
        (range(8), {}),  # the same places again
        ((2.4, 3.4, 4.4), {}),  # between them
        (range(9, 12), {}),  # too far on
        (range(4, 8), {"PixelSpacing": ["1.1", "1.1"]}),
        (range(4, 8), {"SeriesDescription": "cine 4CH"}),
        (range(4, 8), {"EchoTime": 9.0}),
    ],
)
def test_series_that_do_not_continue_each_other_stay_apart(tmp_path, second, elements):
    first = opened(of_two_series(tmp_path / "s", range(4), second, **elements))[0]
    assert len(first.slices) == 4


def test_radial_long_axes_stay_apart(tmp_path):
    images = []
    for turn in range(3):
        angle = np.pi / 3 * turn
        orientation = ((np.cos(angle), np.sin(angle), 0.0), (0.0, 0.0, -1.0))
        images += [make.mr_image(0, p, orientation=orientation) for p in range(5)]
    cines = opened(save_all(tmp_path / "s", images))
    assert [type(one) for one in cines] == [CineSequence] * 3
    assert len({one.source.recording_id for one in cines}) == 3


def test_parallel_long_axes_are_loops_and_no_stack(tmp_path):
    cines = opened(make.write_study(tmp_path / "s", SeriesDescription="cine 4CH"))
    assert [one.view for one in cines] == ["A4C"] * 3
    assert [one.source.recording_id for one in cines] == [f"1.2.3.1-s0{n}" for n in (1, 2, 3)]
    assert {one.source.study_id for one in cines} == {"1.2.3"}
    assert isinstance(only(make.write_study(tmp_path / "t", SeriesDescription="4CH SAX stack")), Stack)


def test_magnitude_and_phase_of_one_series_stay_apart(tmp_path):
    images = [make.mr_image(0, p, ImageType=["ORIGINAL", "PRIMARY", kind]) for kind in "MP" for p in range(5)]
    first, second = opened(save_all(tmp_path / "s", images))
    assert (len(first), len(second)) == (5, 5)


@pytest.mark.parametrize(
    ("elements", "origin", "step_ms"),
    [
        ({"TriggerTime": None}, "NominalInterval", 40),
        ({"TriggerTime": 0}, "NominalInterval", 40),
        ({"TriggerTime": None, "NominalInterval": None, "HeartRate": 60}, "HeartRate", 200),
        ({"TriggerTime": None, "NominalInterval": 0, "CardiacNumberOfImages": None}, "assumed", 1000 / 30),
    ],
)
def test_times_without_trigger_times(tmp_path, elements, origin, step_ms):
    stack = only(make.write_study(tmp_path / "s", shuffle=np.random.default_rng(1), **elements))
    assert stack.slices[0].times_origin == origin
    assert np.diff(stack.times_s) * 1000 == pytest.approx(step_ms)
    # Without trigger times the instance number gives the order.
    assert (np.diff(means(stack), axis=1) > 0).all()
    assert [one for one in stack.warnings if "30 frames/s are assumed (" in one] == list(stack.warnings)
    assert bool(stack.warnings) is (origin == "assumed")


def test_without_places_the_images_are_one_cine(tmp_path):
    cine = only(make.write_study(tmp_path / "s", slices=1, ImagePositionPatient=None))
    assert len(cine) == 5
    assert "no image positions" in cine.warnings[0]
    assert "(000.dcm, 001.dcm, 002.dcm and 2 more)" in cine.warnings[0]


def test_rescale_counts(tmp_path):
    # Three times the value, stored as a third: the grid must look as if nothing had been done.
    plain = means(only(make.write_study(tmp_path / "a")))
    images = [make.mr_image(s, p, RescaleSlope="2.5", RescaleIntercept="-30") for s in range(3) for p in range(5)]
    assert means(only(save_all(tmp_path / "b", images))) == pytest.approx(plain, abs=0.6)


def test_a_given_spacing_goes_before_the_header(tmp_path):
    (stack,) = opened(make.write_study(tmp_path / "s"), spacing_mm=(1.1, 1.2))
    assert (stack.slices[0].calibration.row_mm, stack.slices[0].calibration.col_mm) == (1.1, 1.2)


def test_enhanced(tmp_path):
    stack = only(make.save(make.enhanced_mr(), tmp_path / "e.dcm"))
    assert isinstance(stack, Stack)
    assert (len(stack.slices), stack.phases) == (3, 4)
    assert np.diff(stack.positions_mm) == pytest.approx([8, 8], abs=1e-3)
    assert (np.diff(means(stack), axis=0) > 0).all()
    assert (np.diff(means(stack), axis=1) > 0).all()
    assert stack.times_s * 1000 == pytest.approx([0, 30, 60, 90])
    assert stack.thickness_mm == 8
    assert (stack.slices[0].calibration.row_mm, stack.slices[0].calibration.col_mm) == (1.5, 1.25)
    assert stack.slices[0].source.path == str(tmp_path / "e.dcm")


def test_enhanced_with_one_slice_is_a_cine(tmp_path):
    cine = only(make.save(make.enhanced_mr(slices=1), tmp_path / "e.dcm"))
    assert isinstance(cine, CineSequence)
    assert len(cine) == 4


@pytest.mark.parametrize(
    ("study", "slices", "gap_mm", "interval_ms"), [("SCD0000101", 12, 10.0, 800), ("SCD0000301", 10, 8.0, 923)]
)
def test_real_studies(shared_data, study, slices, gap_mm, interval_ms):
    stack = only(shared_data / "scd-dicom" / study)
    assert (len(stack.slices), stack.phases) == (slices, 20)
    assert np.diff(stack.positions_mm) == pytest.approx([gap_mm] * (slices - 1), abs=0.02)
    assert stack.warnings == ()
    assert stack.times_s[1] * 20_000 == pytest.approx(interval_ms, rel=0.01)
    assert stack.slices[0].frames[0].shape == (256, 256)
    image = stack.slices[slices // 2].frames[0]
    assert 20 < image.mean() < 160


def test_real_phase_and_slice_order(shared_data):
    from pydicom import dcmread

    folder = shared_data / "scd-dicom" / "SCD0000301"
    stack = only(folder)
    # Instance 65 of this study is slice 3 (0-based, 20 phases each), phase 4.
    truth = dcmread(next(folder.rglob("65.dcm")))
    assert truth.InstanceNumber == 65
    raw = truth.pixel_array.astype(float)
    index = int(np.argmin([abs(p - _place(truth)) for p in stack.positions_mm]))
    shown = stack.slices[index].frames[4]
    inside = (shown > 0) & (shown < 255)
    assert np.corrcoef(raw[inside], shown[inside].astype(float))[0, 1] > 0.999


def _place(header):
    row, column = np.split(np.array(header.ImageOrientationPatient, float), 2)
    return float(np.dot(np.cross(row, column), np.array(header.ImagePositionPatient, float)))


def test_where_slices_are_in_the_patient(tmp_path):
    stack = only(make.write_study(tmp_path / "s"))
    plane = stack.slices[1].plane
    assert plane.along_x.tolist() == [0.8, 0.6, 0.0]
    assert plane.along_y.tolist() == [0.0, 0.0, -1.0]
    assert stack.slices[2].plane.origin_mm - plane.origin_mm == pytest.approx([-4.8, 6.4, 0], abs=1e-4)
    assert stack.recording_id == "1.2.3.1"


def test_the_missing_phase_and_its_files_are_named(tmp_path):
    folder = make.write_study(tmp_path / "s", slices=4)
    for number in (7, 8, 9):
        (folder / f"00{number}.dcm").unlink()
    (reported,) = [one for one in only(folder).warnings if "not used" in one]
    assert "phase 3, 4, 5 is missing" in reported
    assert "005.dcm, 006.dcm" in reported


def test_a_slice_with_a_phase_too_many(tmp_path):
    images = [make.mr_image(s, p, CardiacNumberOfImages=None) for s in range(4) for p in range(5 + (s == 2))]
    stack = only(save_all(tmp_path / "s", images))
    assert (len(stack.slices), stack.phases) == (4, 5)
    assert (np.diff(means(stack), axis=0) > 0).all()
    assert any("has 6 phases where the others have 5" in one for one in stack.warnings)


def test_uneven_spacing_is_reported_and_preserved(tmp_path):
    normal = np.cross(*make.SHORT_AXIS)
    places = [0.0, 8.0, 16.0, 26.0, 34.0]
    images = [
        make.mr_image(s, p, ImagePositionPatient=[round(float(v), 5) for v in place * normal])
        for s, place in enumerate(places)
        for p in range(5)
    ]
    stack = only(save_all(tmp_path / "s", images))
    assert np.diff(stack.positions_mm) == pytest.approx(np.diff(places), abs=1e-3)
    assert any("8.0 to 10.0 mm apart" in one for one in stack.warnings)


def test_slices_of_another_pixel_size_are_reported(tmp_path):
    images = [make.mr_image(s, p, PixelSpacing=[1.5, 1.25] if s else [2.0, 2.0]) for s in range(4) for p in range(5)]
    stack = only(save_all(tmp_path / "s", images))
    assert stack.slices[0].calibration.row_mm == 2
    (reported,) = [one for one in stack.warnings if "differ in pixel spacing (1.5 x 1.25 and 2 x 2 mm)" in one]
    assert reported.endswith("(slice 1: 0.dcm, 1.dcm, 2.dcm and 2 more).")


def test_another_heart_rate_in_one_slice_is_reported(tmp_path):
    images = [make.mr_image(s, p, NominalInterval=320 if s == 2 else 200) for s in range(4) for p in range(5)]
    stack = only(save_all(tmp_path / "s", images))
    assert any("200 to 320 ms" in one and "slice 3, 10.dcm, 11.dcm" in one for one in stack.warnings)


def test_short_axes_long_axes_scouts_and_two_studies_in_one_folder(tmp_path):
    folder = tmp_path / "all"
    images = [make.mr_image(s, p) for s in range(3) for p in range(5)]
    images += [make.mr_image(0, p, series="1.2.3.7", orientation=LONG_AXIS) for p in range(5)]
    images += [make.mr_image(s, 0, 1, series="1.2.3.8", orientation=LONG_AXIS) for s in range(2)]
    images += [make.mr_image(s, p, study="1.2.4") for s in range(2) for p in range(5)]
    order = np.random.default_rng(2).permutation(len(images))
    every = opened(save_all(folder, [images[int(i)] for i in order]))
    found = [one for one in every if one.source.series.measured]
    stacks = [one for one in found if isinstance(one, Stack)]
    loops = [one for one in found if isinstance(one, CineSequence)]
    assert sorted((one.study_id, len(one.slices), one.phases) for one in stacks) == [("1.2.3", 3, 5), ("1.2.4", 2, 5)]
    assert [len(one) for one in loops] == [5]
    (scout,) = [one for one in every if not one.source.series.measured]
    assert (scout.source.series.kind, len(scout.cines), len(scout.times_s)) == ("mr-images", 2, 1)
