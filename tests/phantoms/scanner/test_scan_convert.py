import numpy as np
import pytest

from kinecor_phantoms.scanner.beam_space import BeamSpace
from kinecor_phantoms.scanner.probe import Probe
from kinecor_phantoms.scanner.scan_convert import ScanConverter
from kinecor_phantoms.scanner.screen import Screen

PROBE = Probe(beams=96, samples=400)


@pytest.mark.parametrize("mirrored", [False, True])
def test_an_image_linear_in_depth_and_angle_stays_so(mirrored: bool) -> None:
    space, screen = BeamSpace(PROBE), Screen.fitted(PROBE, 400, 480, mirrored=mirrored)
    convert = ScanConverter(space, screen)
    radius, angle = screen.polar()
    for beams, expected in (
        (np.tile(space.ranges_mm[:, None], (1, PROBE.beams)), radius),
        (np.tile(space.angles_rad, (PROBE.samples, 1)), angle),
    ):
        assert np.abs(convert(beams) - expected[screen.mask()]).max() < 0.02


def test_large_pixels_average_along_the_beam() -> None:
    noise = np.random.default_rng(1).standard_normal((PROBE.samples, PROBE.beams)).astype(np.float32)
    space = BeamSpace(PROBE)
    fine, coarse = (ScanConverter(space, Screen.fitted(PROBE, size, size))(noise) for size in (600, 100))
    assert coarse.std() < 0.6 * fine.std()
    flat = np.full_like(noise, 0.7)
    assert ScanConverter(space, Screen.fitted(PROBE, 100, 100))(flat) == pytest.approx(0.7)


def test_outside_the_sector_it_is_black() -> None:
    screen = Screen.fitted(PROBE, 128, 128)
    convert = ScanConverter(BeamSpace(PROBE), screen)
    lit = np.full(int(screen.mask().sum()), 200, np.uint8)
    assert np.array_equal(convert.picture(lit), np.where(screen.mask(), 200, 0))
