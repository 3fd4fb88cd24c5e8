import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from kinecor.core.values.recording import Region
from kinecor.io.dicom.loop import ultrasound_scale
from tests.io.make_dicom import region

ROWS, COLUMNS = 240, 320


def header(*several, **elements):
    made = Dataset()
    if several:
        made.SequenceOfUltrasoundRegions = Sequence(several)
    for name, value in elements.items():
        setattr(made, name, value)
    return made


def scale(*several, **elements):
    return ultrasound_scale(header(*several, **elements), ROWS, COLUMNS)


def test_square_region():
    found = scale(region(10, 20, 300, 200, (0.03, 0.03)))
    assert (found.calibration.row_mm, found.calibration.col_mm) == pytest.approx((0.3, 0.3))
    assert found.calibration_origin == "0.3 mm/px, from the ultrasound region in the file."
    assert found.region == Region(10, 20, 301, 201)
    assert found.offered is None


def test_deltas_may_differ_and_be_negative():
    found = scale(region(0, 0, 319, 239, (-0.0286, 0.0229)))
    assert (found.calibration.row_mm, found.calibration.col_mm) == pytest.approx((0.229, 0.286))
    assert "(rows)" in found.calibration_origin


@pytest.mark.parametrize("units", [(0, 0), (3, 0), (4, 3), (3, 4)])
def test_units_that_are_not_centimetres_give_no_scale(units):
    found = scale(region(0, 0, 319, 239, units=units))
    assert found.calibration is None
    assert found.offered is None
    assert "not in centimetres" in found.calibration_origin
    assert found.region == Region(0, 0, 320, 240)


def test_no_delta_no_scale():
    assert scale(region(0, 0, 319, 239, (0.0, 0.03))).calibration is None


def test_region_beyond_the_image_offers_the_corrected_scale():
    found = scale(region(84, 31, 595, 414, (0.05104970559477806,) * 2))
    assert found.calibration is None
    assert found.offered.row_mm == pytest.approx(1.021, abs=5e-4)
    assert found.offered.col_mm == pytest.approx(1.021, abs=5e-4)
    assert found.region == Region(42, 15, 298, 208)
    for said in ("595 x 414", "320 x 240", "640 x 480", "1.021 mm"):
        assert said in found.calibration_origin
    assert found.warnings == ()


def test_region_far_beyond_the_image_offers_nothing():
    found = scale(region(0, 0, 4000, 3000))
    assert (found.calibration, found.offered, found.region) == (None, None, None)
    assert "not used" in found.calibration_origin


def test_a_region_that_counts_to_the_edge_is_within():
    assert scale(region(0, 0, 320, 240)).calibration is not None


def test_the_tissue_region_is_chosen_among_others():
    ecg = region(0, 200, 319, 239, (0.005, 0.0), (4, 0), kind=10)
    flow = region(0, 0, 319, 199, (0.01, 0.01), kind=2)
    tissue = region(20, 10, 200, 190, (0.04, 0.04))
    assert scale(ecg, flow, tissue).calibration.row_mm == pytest.approx(0.4)
    assert scale(ecg, flow).calibration.row_mm == pytest.approx(0.1)
    assert scale(ecg).calibration is None


def test_two_tissue_regions_of_different_scale_are_reported():
    found = scale(region(0, 0, 100, 239, (0.02, 0.02)), region(101, 0, 319, 239, (0.04, 0.04)))
    assert found.calibration.row_mm == pytest.approx(0.4)
    assert "2 tissue regions" in found.warnings[0]


def test_m_mode_is_no_image():
    assert scale(region(0, 0, 319, 239, spatial=2)).calibration is None


def test_pixel_spacing_where_there_is_no_region():
    found = scale(PixelSpacing=["0.5", "0.4"])
    assert (found.calibration.row_mm, found.calibration.col_mm) == (0.5, 0.4)
    assert "Pixel Spacing" in found.calibration.origin


@pytest.mark.parametrize("spacing", [["0", "0"], ["-1", "1"], ["500", "500"]])
def test_pixel_spacing_that_is_none(spacing):
    found = scale(PixelSpacing=spacing)
    assert found.calibration is None
    assert "no scale" in found.calibration_origin


def test_scale_that_no_heart_has():
    found = scale(region(0, 0, 319, 239, (50.0, 50.0)))
    assert found.calibration is None
    assert "not that of a heart" in found.calibration_origin


@given(
    st.tuples(*[st.integers(0, 5000)] * 4),
    st.tuples(*[st.floats(-10, 10)] * 2),
    st.tuples(*[st.sampled_from([0, 3, 4])] * 2),
)
def test_any_region_gives_a_scale_or_a_reason(corners, deltas, units):
    found = scale(region(*corners, deltas, units))
    assert found.calibration_origin
    if found.region:
        assert found.region.x1 <= COLUMNS
        assert found.region.y1 <= ROWS
    if found.calibration or found.offered:
        assert units == (3, 3)
