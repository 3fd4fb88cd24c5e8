from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.table.measures import Measurement, Quantity, Status, digits, unit_name
from kinecor.core.values.track import Structure

EF = Measurement(
    "EF", Quantity(58.1, "%"), "%", "single-plane disks", (0, 12), (Structure.LV_ENDO,), ("Anna",), 0.9, Status.AUTO
)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_quantity_is_finite(value):
    with pytest.raises(ValueError, match="finite"):
        Quantity(value, "ml")


def test_a_withheld_value_says_why():
    row = replace(EF, quantity=None, status=Status.WITHHELD, note="colour Doppler")
    assert row.quantity is None
    assert row.note == "colour Doppler"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"quantity": None}, "withheld exactly where"),
        ({"status": Status.WITHHELD, "note": "x"}, "withheld exactly where"),
        ({"quantity": None, "status": Status.WITHHELD}, "must say why"),
        ({"quantity": None, "status": Status.WITHHELD, "note": ""}, "must say why"),
        ({"quantity": Quantity(58.1, "ml")}, "unit ml where % was expected"),
        ({"confidence": 1.01}, "0..1"),
        ({"confidence": -0.01}, "0..1"),
        ({"confidence": float("nan")}, "0..1"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(EF, **changes)


@given(st.none() | st.floats(0, 1), st.sampled_from([one for one in Status if one is not Status.WITHHELD]))
def test_any_confidence_from_0_to_1_and_none_are_taken(confidence, status):
    assert replace(EF, confidence=confidence, status=status).confidence == confidence


def test_names_are_those_of_result_json():
    assert [str(one) for one in Status] == ["auto", "accepted", "edited", "withheld"]


def test_a_reader_is_shown_few_decimals_and_plain_units() -> None:
    assert digits(Quantity(58.123, "%")) in ("58", "58.1")
    assert digits(Quantity(3.14159, "furlong")) == "3.1"
    assert unit_name("furlong") == "furlong"
