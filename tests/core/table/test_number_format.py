import pytest

from kinecor.core.table.measures import (
    Quantity,
    decimals_of,
    digits,
    format_fixed,
    format_quantity,
    format_signed,
    plain_digits,
    typeset,
    with_unit,
)


def test_a_minus_is_a_true_one_and_nothing_is_below_zero_by_rounding():
    assert format_signed(-17.46) == "−17.5"
    assert format_signed(-0.04) == format_fixed(-0.04, 1) == "0.0"
    assert format_fixed(-17.46, 1) == "-17.5"
    assert with_unit(-0.876, "/s", 2) == "−0.88 /s"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("mean of A4C -17.5 %, A2C -16.0 %", "mean of A4C −17.5 %, A2C −16.0 %"),
        ("drift -0.5 % taken off; ES at the smallest volume", "drift −0.5 % taken off; ES at the smallest volume"),
        ("end-systolic, frames 3-5, mid-wall, 2026-01-02", "end-systolic, frames 3-5, mid-wall, 2026-01-02"),
        ("lv-apical@1.1-2", "lv-apical@1.1-2"),
    ],
)
def test_signs_of_numbers_become_true_ones_and_hyphens_stay(text, shown):
    assert typeset(text) == shown


@pytest.mark.parametrize(
    ("code", "unit", "value", "shown"),
    [
        ("GLS", "%", -17.46, "−17.5 %"),
        ("GCS", "%", -21.31, "−21.3 %"),
        ("PSI", "%", 3.17, "3.2 %"),
        ("GLSRS", "1/s", -0.876, "−0.88 /s"),
        ("EF", "%", 58.1, "58 %"),
        ("EDV", "ml", 123.4, "123 ml"),
        ("CO", "l/min", 5.123, "5.1 l/min"),
    ],
)
def test_a_measure_has_the_same_decimals_wherever_it_stands(code, unit, value, shown):
    quantity = Quantity(value, unit)
    assert format_quantity(quantity, code) == shown
    assert digits(quantity, code) == shown.split()[0]
    assert plain_digits(quantity, code).replace("-", "−") == digits(quantity, code)
    assert float(plain_digits(quantity, code)) == pytest.approx(value, abs=0.5 * 10 ** -decimals_of(code, unit))
