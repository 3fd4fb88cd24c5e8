import numpy as np
import pytest

from kinecor.core.bullseye import light, sector, shade
from kinecor.core.segments import NAMES


def test_segments_tile_the_disk():
    area = sum((one.outer**2 - one.inner**2) * one.span_deg / 360 for one in map(sector, range(1, 18)))
    assert area == pytest.approx(1)


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [("basal anterior", 0, 1), ("basal inferior", 0, -1), ("apical septal", -1, 0), ("apical lateral", 1, 0)],
)
def test_each_lies_where_readers_look_for_it(name, x, y):
    place = sector(NAMES.index(name) + 1)
    assert np.sign(np.round(place.middle, 6)).tolist() == [x, y]


def test_septum_on_the_left_base_outside():
    for name in ("basal anteroseptal", "basal inferoseptal", "mid anteroseptal"):
        assert sector(NAMES.index(name) + 1).middle[0] < 0
    assert sector(1).inner > sector(7).inner > sector(13).inner > sector(17).inner


def test_shades_run_from_dark_to_light_and_stay_in_range():
    luma = [np.dot((0.2126, 0.7152, 0.0722), shade(v, "mm")) for v in np.linspace(2, 18, 20)]
    assert (np.diff(luma) > 0).all()
    assert shade(-5, "%") == shade(0, "%")
    assert shade(500, "%") == shade(100, "%") == (253, 231, 55)
    assert shade(float("nan"), "mm") == (70, 74, 80)
    assert light(shade(18, "mm"))
    assert not light(shade(2, "mm"))


@pytest.mark.parametrize("segment", [0, 18])
def test_there_are_seventeen(segment):
    with pytest.raises(ValueError, match="1 to 17"):
        sector(segment)


def test_a_sector_that_goes_all_round_has_its_middle_in_the_middle():
    assert sector(17).middle == (0.0, 0.0)
