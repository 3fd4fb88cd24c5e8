import numpy as np
import pytest

from kinecor.core.volumes.segments import eighteen, names_of, segments_of_view, seventeen, sixteen
from kinecor_phantoms.heart.field import NAMES


def test_three_views_show_each_of_the_eighteen_once():
    numbers = [one.number for view in ("A4C", "A2C", "A3C") for one in segments_of_view(view)]
    assert sorted(numbers) == list(range(1, 19))


def test_numbers_are_those_of_the_model_by_name():
    for view in ("A4C", "A2C", "A3C"):
        for one in segments_of_view(view):
            assert NAMES[one.number - 1].lower() == one.name.lower()


def test_a_four_chamber_view_goes_from_the_septum_over_the_apex_to_the_lateral_wall():
    assert names_of("A4C") == (
        "Basal inferoseptal",
        "Mid inferoseptal",
        "Apical inferoseptal",
        "Apical anterolateral",
        "Mid anterolateral",
        "Basal anterolateral",
    )


def test_an_unknown_view_names_sides_of_the_image():
    assert names_of("unknown")[0] == "Basal left"
    assert names_of(None)[-1] == "Basal right"
    with pytest.raises(ValueError, match="A4C"):
        segments_of_view("PLAX")


def test_the_bulls_eye_of_views():
    four, two = np.arange(6.0), np.array([10.0, np.nan, 12, 13, 14, 15])
    values = eighteen([("A4C", four), ("A2C", two), ("A2C", two + 2)])
    assert values[2] == 0  # basal inferoseptal
    assert values[17] == 3  # apical anterolateral
    assert values[3] == 11  # basal inferior, mean of two
    assert np.isnan(values[9])  # mid inferior is not measured
    assert np.isnan(values[1])  # no three-chamber view


def test_sixteen_and_seventeen_follow():
    values = np.arange(18.0)
    np.testing.assert_array_equal(sixteen(values)[12:], [12, 13.5, 15, 16.5])
    assert seventeen(values)[16] == pytest.approx(14.25)
    values[13] = np.nan
    assert sixteen(values)[13] == 14
