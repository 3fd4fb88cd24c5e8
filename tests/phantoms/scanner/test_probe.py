import numpy as np
import pytest

from kinecor_phantoms.scanner.probe import Probe


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("depth_mm", 39),
        ("depth_mm", 301),
        ("sector_deg", 20),
        ("frequency_mhz", 0),
        ("cycles", 9),
        ("aperture_mm", 1),
        ("focus_mm", 5),
        ("elevation_mm", 0),
        ("beams", 8),
        ("samples", 63),
        ("frames_per_s", float("nan")),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} must be between"):
        Probe(**{name: value})


def test_wavelength_and_pulse_follow_the_frequency() -> None:
    probe = Probe(frequency_mhz=3.08, cycles=2)
    assert probe.wavelength_mm == pytest.approx(0.5)
    assert probe.axial_mm == pytest.approx(0.5)


def test_at_its_focus_the_beam_is_as_wide_as_diffraction_makes_it() -> None:
    probe = Probe(focus_mm=80, aperture_mm=20, frequency_mhz=3.08)
    # One way 1.21 x wavelength x f-number; the product of two equal Gaussians is narrower by the root of two.
    assert probe.lateral_mm(80) == pytest.approx(1.21 * 0.5 * 4 / np.sqrt(2))


def test_the_beam_widens_with_depth_and_narrows_with_aperture_and_frequency() -> None:
    depths = np.array([80.0, 90, 100, 120, 140])  # from the focus on; before it the beam narrows towards it
    assert np.all(np.diff(Probe().lateral_mm(depths)) > 0)
    assert np.all(Probe(aperture_mm=28).lateral_mm(depths) < Probe().lateral_mm(depths))
    assert np.all(Probe(frequency_mhz=4).lateral_mm(depths) < Probe().lateral_mm(depths))


def test_the_slice_is_thinnest_at_the_focus() -> None:
    probe = Probe(elevation_mm=3, focus_mm=70)
    assert probe.slice_mm(70) == pytest.approx(3)
    assert probe.slice_mm(20) > 3
    assert probe.slice_mm(150) > probe.slice_mm(110) > 3


def test_the_cell_is_the_product_of_its_three_widths() -> None:
    probe = Probe()
    gaussian = np.sqrt(np.pi / (8 * np.log(2)))  # integral of a squared Gaussian over its full width at half height
    expected = gaussian**3 * probe.axial_mm * probe.lateral_mm(90) * probe.slice_mm(90)
    assert probe.cell_mm3(90) == pytest.approx(expected)
