"""Rank, group and order of the measurements: what is named first where not all are."""

from collections import Counter

import pytest

from kinecor.core.table.measures import (
    BY_CODE,
    BY_IMPORTANCE,
    HEADLINES,
    LEADING,
    MAIN,
    MEASURES,
    Group,
    Measure,
    Rank,
    Source,
    codes_of,
    read_from,
)
from kinecor.core.table.over_views import RESULTS, codes_of_result, result_of


def test_values_are_named_by_importance():
    assert LEADING == "EF"
    assert HEADLINES == ("EF", "EDV", "ESV", "GLS")
    assert MAIN == ("EF", "EDV", "ESV", "CO", "HR", "GLS", "GCS", "LAV", "LVM", "RVEF")
    assert [code for code in BY_IMPORTANCE if code not in MAIN] == ["SV", "RVEDV", "RVESV"]


@pytest.mark.parametrize("group", Group)
def test_places_in_a_group_are_counted_from_one(group):
    codes = codes_of(group)
    assert codes
    assert sorted(codes) == sorted(one.code for one in MEASURES if one.group is group)
    orders = [BY_CODE[code].order for code in codes if BY_CODE[code].order]
    assert orders == list(range(1, len(orders) + 1))
    leading = [BY_CODE[code].rank in (Rank.HEADLINE, Rank.MAIN) for code in codes]
    assert not any(leads for leads, code in zip(leading, codes, strict=True) if not BY_CODE[code].order)


def test_what_has_no_order_follows_in_the_order_of_the_table():
    assert codes_of(Group.RATES, Group.BODY) == ("HR", "PER", "PFR", "BSA")
    assert codes_of(Group.LEFT) == ("EF", "EDV", "ESV", "SV", "CO", "EDVI", "ESVI", "SVI", "CI")


def test_a_line_of_the_card_has_one_value_of_each_ventricle():
    lines = Counter((one.card, one.group is Group.RIGHT) for one in MEASURES if one.card)
    assert set(lines.values()) == {1}
    assert {line for line, right in lines if right} < {line for line, right in lines if not right}


def test_a_place_below_one_is_refused():
    with pytest.raises(ValueError, match="a place from 1"):
        Measure("X", "X", "ml", 0, frozenset({"disks"}), (), float, "none", Group.LEFT, order=-1)


def test_inputs_are_followed_to_what_is_read():
    assert read_from("CI") == {Source.LV_ED, Source.LV_ES, Source.HEART_RATE, Source.BODY_SURFACE}
    assert BY_CODE["EDV"].is_read
    assert not BY_CODE["SV"].is_read
    assert BY_CODE["SVI"].is_index
    assert not BY_CODE["SV"].is_index


def test_times_and_rates_are_known_by_their_unit():
    assert {one for one in Source if one.in_time} == {
        *(Source.HEART_RATE, Source.EJECTION, Source.FILLING, Source.TIME_TO_PEAK),
        *(Source.DISPERSION, Source.SYSTOLIC_RATE, Source.EARLY_RATE),
    }


def test_results_over_views_and_their_values():
    assert [codes_of_result(one) for one in RESULTS] == [("EDV", "ESV", "SV", "EF"), ("LAV",), ("GLS",)]
    assert {code: result_of(code) for code in ("CO", "HR", "LAVI", "GLS")} == {
        "CO": "LV",
        "HR": "LV",
        "LAVI": "LA",
        "GLS": "GLS",
    }
