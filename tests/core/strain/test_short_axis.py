import numpy as np
import pytest

from kinecor.core.strain.short_axis import stack_strain
from kinecor.core.table.table import measurements
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Facts, Reading, StackFacts
from kinecor.core.values.track import ContourTrack, Origin, Structure

FRAMES, SLICES = 4, 4
# Radii of cavity and epicardium by frame: the wall's cross section stays 300 pi.
INNER = np.array([25.0, 22.0, 18.0, 23.0])
OUTER = np.sqrt(INNER**2 + 30**2)


def circle(radius, squeeze=1.0):
    turn = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    return Contour(np.stack([80 + radius * np.cos(turn), 80 + radius * np.sin(turn) * squeeze], axis=1))


def stack(slices=SLICES, squeeze=1.0, epi=True):
    times = np.arange(FRAMES) * 0.1
    ones = []
    for number in range(slices):
        share = 1 - 0.1 * number
        tracks = {}
        for structure, radii in ((Structure.LV_ENDO, INNER), (Structure.LV_EPI, OUTER))[: 1 + epi]:
            lines = tuple(circle(share * radius, squeeze) for radius in radii)
            tracks[structure] = ContourTrack(structure, lines, (Origin.MODEL,) * FRAMES, np.full(FRAMES, 0.9))
        ones.append(Reading(Facts(f"s{number}", 160, 160, times, "TriggerTime", in_stack=True), tracks=tracks))
    facts = Facts("s", 160, 160, times, "TriggerTime", stack=StackFacts(np.arange(slices) * 10.0, 8.0))
    return Reading(facts, slices=tuple(ones), events=CardiacEvents((Beat(0, 2),), Origin.MODEL))


def test_mid_wall_has_a_constant_share_of_the_wall():
    found = stack_strain(stack())
    middle = (25 + OUTER[0]) / 2
    moved = np.sqrt(18**2 + middle**2 - 25**2)
    assert found.circumferential_percent[2] == pytest.approx(100 * (moved / middle - 1), abs=0.05)
    thick = (OUTER[2] - 18) / (OUTER[0] - 25) - 1
    assert found.radial_percent[2] == pytest.approx(100 * thick, abs=0.2)
    assert found.circumferential_percent[0] == 0
    assert found.slices == (0, 1, 2, 3)


def test_rows_need_no_scale_and_radial_is_exploratory():
    rows = {row.code: row for row in measurements(stack())}
    assert rows["GCS"].quantity.value == pytest.approx(stack_strain(stack()).circumferential_percent[2])
    assert rows["GCS"].method == "mid-wall of contours, 4 slices, papillaries in cavity"
    assert rows["GCS"].frames == (0, 2)
    assert "exploratory" in rows["GRS"].note


def test_few_slices_withhold_it_and_without_epicardium_there_is_none():
    rows = {row.code: row for row in measurements(stack(slices=2))}
    assert stack_strain(stack(slices=2)) is None
    assert rows["GCS"].quantity is None
    assert "3 slices" in rows["GCS"].note
    assert "GCS" not in {row.code for row in measurements(stack(epi=False))}


def test_a_loop_or_a_stack_without_beats_has_none():
    assert stack_strain(stack().slices[0]) is None
    assert stack_strain(stack().with_(events=None)) is None


def test_pixels_need_not_be_square():
    flat = stack(squeeze=0.5)
    scale = Calibration(2.0, 1.0, "x")
    flat = flat.with_(calibration=scale, slices=tuple(one.with_(calibration=scale) for one in flat.slices))
    np.testing.assert_allclose(
        stack_strain(flat).circumferential_percent, stack_strain(stack()).circumferential_percent, atol=0.05
    )
