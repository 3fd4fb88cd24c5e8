import numpy as np
import pytest

from kinecor.core.checks.assessment import assessed
from kinecor.core.table.expected_error import doubt_at
from kinecor.core.table.measures import Measurement, interval_words
from kinecor.core.values.choices import Extent
from kinecor.core.values.reading import Reading
from kinecor.session.edits import Decide
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

WIDTHS = beating()


def by_code(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in assessed(reading).measurements}


def loop(confidence: float = 0.95, widths: np.ndarray = WIDTHS) -> Reading:
    return reading_of(widths, calibration=HALF_MM, events=two_beats(), confidence=confidence)


def half_width(one: Measurement) -> float:
    assert one.plus_minus is not None
    return one.plus_minus


def test_an_interval_follows_from_the_confidence_of_the_contours() -> None:
    rows = by_code(loop())
    edv = rows["EDV"]
    assert edv.quantity is not None
    share = doubt_at(loop(), (0, 20)).within_95
    assert half_width(edv) == pytest.approx(share * edv.quantity.value, rel=1e-3)
    assert half_width(by_code(loop(0.9))["EDV"]) > 2 * half_width(edv)
    assert half_width(by_code(loop(0.85))["EDV"]) > 3 * half_width(edv)
    assert interval_words(rows["EF"]) == f"± {half_width(rows['EF']):.0f}"
    assert rows["HR"].plus_minus is None


def test_errors_at_ed_and_es_go_together_so_that_ef_is_more_exact() -> None:
    rows = by_code(loop())
    ef = rows["EF"]
    assert ef.quantity is not None
    shares = [doubt_at(loop(), frames).within_95 for frames in ((0, 20), (10, 30))]
    apart = (100 - ef.quantity.value) * np.hypot(*shares)
    assert 0 < half_width(ef) < apart


def test_beats_that_differ_widen_it() -> None:
    unlike = WIDTHS.copy()
    unlike[20:] *= 1.25
    assert half_width(by_code(loop(widths=unlike))["EDV"]) > 1.2 * half_width(by_code(loop())["EDV"])


def test_a_value_that_a_reader_entered_has_none() -> None:
    rows = by_code(Decide("EDV", accepted=True, value=120.0).apply(loop(), "Ada"))
    assert rows["EDV"].plus_minus is None
    assert rows["EF"].plus_minus is None
    withheld = by_code(Decide("EF", accepted=False).apply(loop(), "Ada"))["EF"]
    assert withheld.plus_minus is None


def test_a_loop_without_contours_has_none() -> None:
    reading = loop().with_(tracks={}, withheld="no ventricle was found")
    assert all(one.plus_minus is None for one in assessed(reading).measurements)


def test_a_stack_has_intervals_that_are_wider_at_es() -> None:
    stack = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    rows = by_code(stack)
    edv, esv = rows["EDV"], rows["ESV"]
    assert edv.quantity is not None
    assert esv.quantity is not None
    shares = [half_width(one) / one.quantity.value for one in (edv, esv) if one.quantity is not None]
    assert 0.02 < shares[0] <= shares[1] < 0.5
    assert 1 < half_width(rows["EF"]) < 100 * np.hypot(*shares)
    assert rows["SV"].plus_minus is not None
    assert rows["RVEDV"].plus_minus is None
