import numpy as np
import pytest

from kinecor_phantoms.scanner.beam_space import BeamSpace
from kinecor_phantoms.scanner.probe import FWHM, Probe
from kinecor_phantoms.scanner.scene import Echoes
from tests.phantoms.echo.scenes import point, tissue

PROBE = Probe(beams=64, samples=256)


def total(echoes: Echoes, probe: Probe = PROBE) -> complex:
    real, imaginary = BeamSpace(probe).splat(echoes)
    return complex(real.sum(), imaginary.sum())


def test_the_strength_of_a_scatterer_is_preserved_and_its_phase_is_that_of_its_distance() -> None:
    for depth in (30.0, 80.0, 119.9):
        expected = np.exp(-2j * 2 * np.pi / PROBE.wavelength_mm * np.float32(depth))
        assert total(point(0, depth)) == pytest.approx(expected, abs=2e-3)


def test_half_a_wavelength_deeper_is_the_same_phase_and_a_quarter_the_opposite_one() -> None:
    here = total(point(0, 60))
    assert total(point(0, 60 + PROBE.wavelength_mm / 2)) == pytest.approx(here, abs=2e-3)
    assert total(point(0, 60 + PROBE.wavelength_mm / 4)) == pytest.approx(-here, abs=2e-3)


def test_a_scatterer_lands_where_it_is() -> None:
    space = BeamSpace(PROBE)
    angle, depth = 0.3, 71.3
    power, none = space.splat(point(depth * np.sin(angle), depth * np.cos(angle)), power=True)
    assert not none.any()
    rows, columns = np.nonzero(power)
    weights = power[rows, columns]
    assert (weights * rows).sum() * space.step_mm == pytest.approx(depth, abs=1e-3)
    column = (weights * columns).sum() - space.padding
    assert np.interp(column, np.arange(PROBE.beams), space.angles_rad) == pytest.approx(angle, abs=1e-4)


def test_outside_the_plane_it_fades_with_the_slice() -> None:
    off = float(PROBE.slice_mm(80)) / 2
    assert abs(total(point(0, 80, off))) == pytest.approx(0.5, abs=0.01)
    assert total(point(0, 80, 4 * off)) == 0


def test_what_is_outside_the_sector_gives_no_echo() -> None:
    for x, y in ((0, 151), (0, 0.1), (90, 10), (-90, 10), (0, -50)):
        assert total(point(x, y)) == 0


def test_no_scatterer_is_no_echo() -> None:
    nothing = Echoes(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert total(nothing) == 0


def test_power_counts_scatterers_by_their_weight_in_the_slice() -> None:
    echoes = tissue(PROBE, 20_000)
    power, _ = BeamSpace(PROBE).splat(echoes, power=True)
    radius = np.linalg.norm(echoes.points_mm, axis=1)
    weight = np.exp(-((echoes.points_mm[:, 2] / PROBE.slice_mm(radius) * FWHM) ** 2))
    assert power.sum() == pytest.approx(weight[radius < 150].sum(), rel=0.02)


def test_elements_send_less_to_the_sides() -> None:
    space = BeamSpace(Probe(sector_deg=90))
    gain = space.directivity()
    assert gain[len(gain) // 2] == pytest.approx(1, abs=1e-3)
    assert np.allclose(gain, gain[::-1], atol=1e-5)
    # At 45 degrees: cos^2 = 1/2 and sinc(0.354)^2 = 0.650.
    assert gain[0] == pytest.approx(0.5 * np.sinc(0.5 * np.sin(np.pi / 4)) ** 2, rel=1e-4)
