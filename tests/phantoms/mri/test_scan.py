import numpy as np
import pytest

from kinecor_phantoms.mri.scan import RANGES, Scan, draw_scan
from kinecor_phantoms.mri.signals import VENDORS


@pytest.mark.parametrize("name", sorted(RANGES))
def test_a_number_out_of_its_range_is_refused_with_the_range(name: str) -> None:
    low, high = RANGES[name]
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"{name} must be {low:g} to {high:g}, got {value:g}"):
            Scan(**{name: value})


def test_what_is_no_range_is_refused_too() -> None:
    with pytest.raises(ValueError, match="slices must be 1 to 30, got 31"):
        Scan(slices=31)
    with pytest.raises(ValueError, match="vendor must be one of A, B, C, D, E, got F"):
        Scan(vendor="F")
    with pytest.raises(ValueError, match="offset_mm down must be -50 to 50, got 60"):
        Scan(rows=100, columns=200, pixel_mm=1.0, offset_mm=(60.0, 60.0))


def test_the_field_of_view_is_matrix_times_pixel() -> None:
    assert Scan(rows=100, columns=200, pixel_mm=1.5).field_mm == (300.0, 150.0)
    assert Scan(thickness_mm=6, gap_mm=4).spacing_mm == 10


def test_scans_drawn_at_random_are_valid_and_varied() -> None:
    rng = np.random.default_rng(0)
    drawn = [draw_scan(rng, 128, 128, 20) for _ in range(200)]
    assert {scan.vendor for scan in drawn} == set(VENDORS)
    assert all(scan.phases == 20 and scan.rows == 128 for scan in drawn)
    assert np.ptp([scan.noise for scan in drawn]) > 0.02
    assert np.ptp([scan.rotation_deg for scan in drawn]) > 180
