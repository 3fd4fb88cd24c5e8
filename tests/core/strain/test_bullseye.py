import numpy as np
import pytest

from kinecor.core.strain.drawing import light, sector, shade
from kinecor.core.volumes.segments import NAMES


@pytest.mark.parametrize("of", [16, 17, 18])
def test_segments_tile_the_disk(of):
    places = [sector(number, of) for number in range(1, of + 1)]
    assert sum((one.outer**2 - one.inner**2) * one.span_deg / 360 for one in places) == pytest.approx(1)
    assert len(set(places)) == of


def test_eighteen_have_six_apical_ones_below_the_six_basal_ones():
    for number in range(1, 7):
        outer, inner = sector(number, 18), sector(number + 12, 18)
        assert (inner.start_deg, inner.span_deg) == (outer.start_deg, outer.span_deg)
        assert inner.inner == 0


def test_shortening_is_red_and_lengthening_blue():
    red, _, blue = shade(-20, "strain %")
    assert red > blue + 80
    red, _, blue = shade(20, "strain %")
    assert blue > red + 80
    assert min(shade(0, "strain %")) > 240
    luma = [np.dot((0.2126, 0.7152, 0.0722), shade(v, "strain %")) for v in np.linspace(-25, 0, 20)]
    assert (np.diff(luma) > 0).all()


@pytest.mark.parametrize(
    ("name", "x", "y"),
    [("basal anterior", 0, 1), ("basal inferior", 0, -1), ("apical septal", -1, 0), ("apical lateral", 1, 0)],
)
def test_each_is_where_readers_look_for_it(name, x, y):
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


@pytest.mark.parametrize(("segment", "of"), [(0, 17), (18, 17), (17, 16), (19, 18), (1, 20)])
def test_there_are_as_many_as_the_model_has(segment, of):
    with pytest.raises(ValueError, match=f"1 to {of}"):
        sector(segment, of)


def test_a_sector_that_goes_all_round_has_its_middle_in_the_middle():
    assert sector(17).middle == (0.0, 0.0)
