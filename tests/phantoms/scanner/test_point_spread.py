import numpy as np
import pytest
from numpy.typing import NDArray

from kinecor_phantoms.scanner.beam_space import BeamSpace, Field
from kinecor_phantoms.scanner.point_spread import PointSpread
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scene import Echoes
from tests.phantoms.echo.scenes import point, tissue

FINE = Probe(beams=240, samples=768)


def field(echoes: Echoes, probe: Probe = FINE, side_lobe_db: float = -np.inf) -> Field:
    space = BeamSpace(probe)
    spread = PointSpread(space, side_lobe_db)
    return spread(*space.splat(echoes)) / spread.level(spread.density(echoes))[:, None]


def width(curve: NDArray[np.floating], step: float) -> float:
    """Full width at half height around the greatest value, crossings interpolated."""
    top = int(curve.argmax())
    half = curve[top] / 2
    right = top + int(np.flatnonzero(curve[top:] < half)[0])
    left = top - int(np.flatnonzero(curve[top::-1] < half)[0])
    ends = (
        left + (half - curve[left]) / (curve[left + 1] - curve[left]),
        right - (half - curve[right]) / (curve[right - 1] - curve[right]),
    )
    return (ends[1] - ends[0]) * step


@pytest.fixture(scope="module")
def speckle() -> Field:
    """Uniform tissue with some fifteen to sixty scatterers a cell."""
    return field(tissue(FINE, 1_200_000, half_mm=5.5))


@pytest.mark.parametrize("depth", [25.0, 50.0, 80.0, 110.0, 140.0])
def test_a_point_is_as_wide_as_the_probe_says_at_every_depth(depth: float) -> None:
    space = BeamSpace(FINE)
    seen = np.abs(PointSpread(space)(*space.splat(point(0, depth))))
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    assert seen.max() == pytest.approx(1, abs=0.08)
    assert width(seen[:, column], space.step_mm) == pytest.approx(FINE.axial_mm, rel=0.08)
    assert width(seen[row], space.step_rad * depth) == pytest.approx(float(FINE.lateral_mm(depth)), rel=0.08)


def test_side_lobes_are_below_the_main_lobe_by_the_requested_ratio() -> None:
    space = BeamSpace(FINE)
    seen = np.abs(PointSpread(space, -30)(*space.splat(point(0, 80))))
    row, column = np.unravel_index(seen.argmax(), seen.shape)
    side_lobe = seen[row, column + round(3 * float(FINE.lateral_mm(80)) / 80 / space.step_rad) :]
    # Three widths out, 0.08 rad, an envelope of 1/e over 0.1 rad has lost 7 dB.
    assert -40 < 20 * np.log10(side_lobe.max()) < -36
    bare = np.abs(PointSpread(space)(*space.splat(point(0, 80))))
    assert bare[row, column + 60 :].max() < 1e-4 < side_lobe[20:].max()


def test_tissue_has_unit_power_at_every_depth(speckle: Field) -> None:
    power = np.abs(speckle) ** 2
    by_depth = [float(part.mean()) for part in np.array_split(power[60:], 8)]
    assert by_depth == pytest.approx([1] * 8, rel=0.2)


def test_speckle_is_fully_developed(speckle: Field) -> None:
    """Rayleigh: mean over standard deviation sqrt(pi / (4 - pi)) = 1.91 (Wagner et al., IEEE TSU 30:156-163, 1983)."""
    amplitude = np.abs(speckle[150:])
    assert amplitude.mean() / amplitude.std() == pytest.approx(np.sqrt(np.pi / (4 - np.pi)), abs=0.06)
    power = amplitude.astype(np.float64) ** 2
    assert (power**2).mean() / power.mean() ** 2 == pytest.approx(2, abs=0.2)  # of an exponential distribution


@pytest.mark.parametrize("depth", [40.0, 75.0, 110.0, 140.0])
def test_grains_are_as_large_as_the_point_response(speckle: Field, depth: float) -> None:
    """For a Gaussian response the autocovariance of power is as wide as the response (Wagner 1983, eq. 26-30)."""
    space = BeamSpace(FINE)
    rows = np.abs(space.ranges_mm - depth) < 10
    power = np.abs(speckle[rows]).astype(np.float64) ** 2
    power -= power.mean()
    spectrum = np.abs(np.fft.fft2(power, (2 * power.shape[0], 2 * power.shape[1]))) ** 2
    covariance = np.fft.fftshift(np.fft.ifft2(spectrum).real)
    row, column = np.unravel_index(covariance.argmax(), covariance.shape)
    assert width(covariance[:, column], space.step_mm) == pytest.approx(FINE.axial_mm, rel=0.12)
    assert width(covariance[row], space.step_rad * depth) == pytest.approx(float(FINE.lateral_mm(depth)), rel=0.15)


@pytest.mark.parametrize(("beams", "samples"), [(64, 256), (128, 512), (200, 900)])
def test_brightness_depends_on_neither_grid_nor_number_of_scatterers(beams: int, samples: int) -> None:
    probe = Probe(beams=beams, samples=samples)
    for count in (60_000, 240_000):
        power = np.abs(field(tissue(probe, count), probe)[samples // 5 :]) ** 2
        assert float(power.mean()) == pytest.approx(1, rel=0.12)


def test_signs_make_fuller_speckle_than_normal_strengths() -> None:
    probe = Probe(beams=96, samples=400)
    even = tissue(probe, 40_000, half_mm=6.8)
    normal = Echoes(even.points_mm, np.random.default_rng(1).standard_normal(40_000).astype(np.float32))
    ratios = []
    for echoes in (even, normal):
        amplitude = np.abs(field(echoes, probe)[100:])
        ratios.append(float(amplitude.mean() / amplitude.std()))
    assert ratios[0] > 1.65
    assert ratios[0] > ratios[1] + 0.15


def test_brightness_depends_on_neither_beam_nor_slice() -> None:
    for probe in (Probe(elevation_mm=2), Probe(aperture_mm=30), Probe(frequency_mhz=4, cycles=2), Probe(focus_mm=50)):
        power = np.abs(field(tissue(probe, 300_000), probe, -35)[100:]) ** 2
        assert float(power.mean()) == pytest.approx(1, rel=0.15)


def test_density_is_that_of_the_slab_and_holds_for_half_a_scene() -> None:
    spread = PointSpread(BeamSpace(FINE))
    echoes = tissue(FINE, 200_000, half_mm=8)
    expected = 200_000 / (16 * (FINE.sector_rad / 2 + 0.12) * (FINE.depth_mm + 4) ** 2)
    assert spread.density(echoes) == pytest.approx(expected, rel=0.03)
    left = echoes.points_mm[:, 0] < 0
    assert spread.density(Echoes(echoes.points_mm[left], echoes.strength[left])) == pytest.approx(expected, rel=0.06)


def test_an_empty_scene_has_a_density() -> None:
    nothing = Echoes(np.zeros((0, 3), np.float32), np.zeros(0, np.float32))
    assert PointSpread(BeamSpace(FINE)).density(nothing) == 1
