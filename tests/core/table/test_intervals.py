from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import threshold
from kinecor.core.table import intervals
from kinecor.core.table.expected_error import Form, doubt_at, expected_error, signals_of_stack, usual_errors
from kinecor.core.table.intervals import (
    HIGHEST_EF_PERCENT,
    interval_of,
    width_of,
    with_intervals,
    with_scale_in_doubt,
)
from kinecor.core.table.measures import Measurement, Quantity, interval_words
from kinecor.core.table.table import measurements
from kinecor.core.values.choices import Body, Extent
from kinecor.core.values.geometry import Contour
from kinecor.core.values.interval import ErrorSource
from kinecor.core.values.reading import Acknowledgement, Reading
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.core.volumes.extent import decision_of
from kinecor.core.volumes.heart_size import STACK_SPREAD, STACK_WEIGHTS, HeartSize
from kinecor.session.edits import Decide
from tests import stacks
from tests.core.readings import HALF_MM, beating, reading_of, two_beats

WIDTHS = beating()


def by_code(reading: Reading) -> dict[str, Measurement]:
    return {one.code: one for one in assess(reading).measurements}


def loop(confidence: float = 0.95, widths: np.ndarray = WIDTHS) -> Reading:
    return reading_of(widths, calibration=HALF_MM, events=two_beats(), confidence=confidence)


def half_width(one: Measurement) -> float:
    assert one.interval is not None
    return one.interval.half_width


def width(one: Measurement) -> float:
    """In the form in which errors of the value are counted."""
    found = width_of(one)
    assert found is not None
    return found


def test_an_interval_follows_from_the_confidence_of_the_contours() -> None:
    rows = by_code(loop())
    edv = rows["EDV"]
    assert edv.quantity is not None
    share = doubt_at(loop(), (0, 20)).scale * expected_error().within["95"]
    assert width(edv) == pytest.approx(share, rel=1e-3)
    assert half_width(by_code(loop(0.9))["EDV"]) > 1.2 * half_width(edv)
    assert half_width(by_code(loop(0.85))["EDV"]) > half_width(by_code(loop(0.9))["EDV"])
    low, high = interval_of(60.0, 0.5, Form.SHARE), interval_of(-18.0, 3.6, Form.POINTS)
    assert interval_words(replace(edv, quantity=Quantity(60.0, "ml"), interval=low)) == "36\N{EN DASH}99"
    assert interval_words(replace(rows["EF"], quantity=Quantity(-18.0, "%"), interval=high)) == "± 4"
    assert rows["HR"].interval is None


def test_errors_at_ed_and_es_go_together_so_that_ef_is_more_exact() -> None:
    rows = by_code(loop())
    ef = rows["EF"]
    assert ef.quantity is not None
    shares = [doubt_at(loop(), frames).scale for frames in ((0, 20), (10, 30))]
    assert 0 < width(ef) < expected_error().within_ef["95"] * np.hypot(*shares)


def test_beats_that_differ_widen_it() -> None:
    unlike = WIDTHS.copy()
    unlike[20:] *= 1.25
    assert half_width(by_code(loop(widths=unlike))["EDV"]) > 1.2 * half_width(by_code(loop())["EDV"])


def test_a_value_that_a_reader_entered_has_none() -> None:
    rows = by_code(Decide("EDV", accepted=True, value=120.0).apply(loop(), "Ada"))
    assert rows["EDV"].interval is None
    assert rows["EF"].interval is None
    withheld = by_code(Decide("EF", accepted=False).apply(loop(), "Ada"))["EF"]
    assert withheld.interval is None


def test_a_loop_without_contours_has_none() -> None:
    reading = loop().with_(tracks={}, withheld="no ventricle was found")
    assert all(one.interval is None for one in assess(reading).measurements)


def test_a_stack_has_intervals_that_are_wider_at_es() -> None:
    stack = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    # Before the checks: its right ventricle ejects less than the left, which they say and widen.
    rows = {one.code: one for one in with_intervals(stack, measurements(stack))}
    edv, esv = rows["EDV"], rows["ESV"]
    assert edv.quantity is not None
    assert esv.quantity is not None
    shares = [width(one) for one in (edv, esv)]
    assert 0.02 < shares[0] <= shares[1] < 0.5
    assert 1 < half_width(rows["EF"]) < 100 * np.hypot(*shares)
    assert rows["SV"].interval is not None
    right = rows["RVEDV"]
    assert right.quantity is not None
    assert width(right) == pytest.approx(usual_errors()["RVEDV"].within["95"])
    stroke, ef = rows["RVSV"], rows["RVEF"]
    assert stroke.quantity is not None
    assert ef.quantity is not None
    parts = half_width(ef) / ef.quantity.value, width(right)
    assert width(stroke) == pytest.approx(np.hypot(*parts))
    entered = by_code(Decide("RVSV", accepted=True, value=70.0).apply(stack, "Ada"))
    assert entered["RVSV"].interval is None


def test_a_small_cavity_and_a_doubtful_end_widen_the_interval_of_a_stack() -> None:
    stack = stacks.read(stacks.stack(), extent=Extent((1,) * 20, (10,) * 20))
    seen = signals_of_stack(stack)
    assert seen is not None
    model = expected_error(stack=True)
    assert seen[0]["end_systole"] == 0.0
    assert seen[1]["small"] > seen[0]["small"]
    scale = model.scale(seen[0])
    assert model.scale(seen[0] | {"small": seen[0]["small"] + 0.3}) > scale
    assert model.scale(seen[0] | {"ends": seen[0]["ends"] + 0.5}) > scale


def test_a_base_that_a_person_chose_is_in_the_doubt_that_is_usual_among_readers() -> None:
    stack = stacks.read(stacks.stack())
    decision = decision_of(stack)
    assert decision is not None
    assert stack.short_axis is not None
    low, high = decision.extent.base, decision.extent.apex
    other = tuple(one + (1 if one < end else -1) for one, end in zip(low, high, strict=True))
    ends = []
    for extent in (Extent(low, high), Extent(other, high)):
        seen = signals_of_stack(stack.with_(short_axis=replace(stack.short_axis, extent=extent)))
        assert seen is not None
        ends.append(seen[0]["ends"])
    assert -0.1 <= ends[1] <= 0.1


def test_an_atrium_has_an_interval_unless_a_person_drew_it() -> None:
    reading = loop()
    atrium = atrial_track(reading)
    rows = by_code(reading.with_(tracks={**reading.tracks, Structure.LA: atrium}))
    lav = rows["LAV"]
    assert lav.quantity is not None
    assert width(lav) == pytest.approx(usual_errors()["LAV"].within["95"])
    person = replace(atrium, origins=(Origin.EDITED,) * len(atrium), confidence=np.ones(len(atrium)))
    drawn = by_code(reading.with_(tracks={**reading.tracks, Structure.LA: person}))["LAV"]
    assert drawn.interval is None


def atrial_track(reading: Reading) -> ContourTrack:
    """An atrium below the ventricle."""
    contours = []
    for one in reading.tracks[Structure.LV_ENDO].contours:
        assert one is not None
        base = float(one.points[:, 1].max())
        contours.append(Contour(np.stack([one.points[:, 0], 2 * base - one.points[:, 1]], axis=1)))
    many = len(contours)
    return ContourTrack(Structure.LA, tuple(contours), (Origin.MODEL,) * many, np.full(many, 0.95))


def test_the_cardiac_output_is_as_exact_as_the_stroke_volume() -> None:
    rows = by_code(loop())
    assert width(rows["SV"]) == pytest.approx(width(rows["CO"]))


@pytest.mark.parametrize("value", [0.2, 5.0, 47.0, 68.0, 89.0])
@pytest.mark.parametrize("wide", [0.05, 0.4, 2.0])
def test_an_interval_of_ef_holds_possible_values_only(value: float, wide: float) -> None:
    interval = interval_of(value, wide, Form.RATIO)
    assert 0 <= interval.low <= value <= interval.high <= HIGHEST_EF_PERCENT
    assert interval.contains(value)


@pytest.mark.parametrize("wide", [0.05, 0.5, 1.5])
def test_an_interval_of_a_volume_has_no_end_below_0(wide: float) -> None:
    interval = interval_of(60.0, wide, Form.SHARE)
    assert 0 < interval.low < 60 < interval.high
    assert interval.low * interval.high == pytest.approx(60.0**2)


def test_the_width_of_an_interval_is_what_it_was_made_of() -> None:
    one = by_code(loop())["EF"]
    assert one.quantity is not None
    for wide in (0.05, 0.2, 0.6):
        assert width_of(replace(one, interval=interval_of(one.quantity.value, wide, Form.RATIO))) == pytest.approx(wide)


def test_an_index_has_the_interval_of_its_value() -> None:
    reading = loop()
    sized = reading.with_(facts=replace(reading.facts, body=Body(180.0, 80.0, "M")))
    rows = by_code(sized)
    size = rows["BSA"].quantity
    assert size is not None
    for code in ("EDV", "ESV", "SV"):
        value, index = rows[code].interval, rows[f"{code}I"].interval
        assert value is not None
        assert index is not None
        assert index.low == pytest.approx(value.low / size.value)
        assert index.high == pytest.approx(value.high / size.value)


def test_a_value_that_a_reader_accepted_has_the_interval_of_readers() -> None:
    doubtful = loop(0.85)
    before = by_code(doubtful)["EDV"]
    after = by_code(Decide("EDV", accepted=True).apply(doubtful, "Ada"))["EDV"]
    assert before.interval is not None
    assert after.interval is not None
    assert before.interval.source is ErrorSource.NETWORK
    assert after.interval.source is ErrorSource.READERS
    assert width(after) == pytest.approx(expected_error().drawn * expected_error().within["95"], rel=1e-3)
    assert width(after) < width(before)


def sized(score: float) -> HeartSize:
    return HeartSize(77.0, 12.0, 32.0, score, 0.1, 3)


def test_the_more_unusual_a_heart_the_likelier_the_scale_is_wrong() -> None:
    shares = [sized(score).wrong_probability for score in (0.0, 0.1, 0.2, 0.3, 0.5)]
    assert shares == sorted(shares)
    assert shares[0] < 0.02
    assert shares[-1] > 0.9
    assert sized(-0.3).wrong_probability == pytest.approx(sized(0.3).wrong_probability)
    mean, spread = sized(0.3).if_wrong
    assert np.exp(mean) == pytest.approx(np.exp(-3 * 0.27))
    assert 0.2 < spread < 0.3


def test_a_scale_in_doubt_widens_volumes_towards_the_usual_size(monkeypatch: pytest.MonkeyPatch) -> None:
    before = by_code(loop())

    def doubted(score: float) -> dict[str, Measurement]:
        monkeypatch.setattr(intervals, "size_together", lambda _: sized(score))
        reading = loop()
        return {row.code: row for row in with_intervals(reading, measurements(reading))}

    def ends(rows: dict[str, Measurement], code: str) -> tuple[float, float]:
        assert rows[code].interval is not None
        return rows[code].interval.low, rows[code].interval.high

    usual, large, small = doubted(0.0), doubted(0.3), doubted(-0.3)
    for code in ("EDV", "ESV", "SV"):
        low, high = ends(before, code)
        assert ends(usual, code) == (low, high)
        assert ends(large, code)[0] < 0.7 * low
        assert ends(large, code)[1] == pytest.approx(high, rel=0.05)
        assert ends(small, code)[1] > 1.4 * high
        assert width(large[code]) == pytest.approx(width(before[code]), rel=0.05)
    assert ends(large, "EF") == ends(before, "EF")


@pytest.mark.parametrize("score", [-0.4, -0.3, -0.23, 0.23, 0.3])
def test_the_interval_of_a_scale_that_is_marked_holds_what_either_scale_gives(
    monkeypatch: pytest.MonkeyPatch, score: float
) -> None:
    """A mixture of a right and a wrong scale leaves out half of the wrong ones where it is mostly right."""
    size = sized(score)
    assert abs(score) > threshold("scale.heart-size").check
    assert size.in_doubt
    monkeypatch.setattr(intervals, "size_together", lambda _: size)
    reading = loop()
    shown = {row.code: row for row in with_intervals(reading, measurements(reading))}
    right = by_code(loop())
    mean, spread = size.if_wrong
    for code in ("EDV", "ESV"):
        interval, alone, quantity = shown[code].interval, right[code].interval, shown[code].quantity
        assert interval is not None
        assert alone is not None
        assert quantity is not None
        for off in (mean - 1.9 * spread, mean, mean + 1.9 * spread):
            assert interval.contains(quantity.value * float(np.exp(off))), (code, off)
        assert interval.contains(alone.low)
        assert interval.contains(alone.high)


@pytest.mark.parametrize("times", [0.5, 0.7, 1.5])
def test_a_stack_that_is_narrow_for_its_length_may_have_a_wrong_distance_between_slices(times: float) -> None:
    """The same score may come of pixels that are too small, so of a larger volume, and of too long a distance."""
    score = STACK_WEIGHTS[0] * float(np.log(times))
    size = HeartSize(80.0, 9.0, 75.0, score, STACK_SPREAD, 2, STACK_WEIGHTS[0])
    assert size.in_doubt
    low, high = intervals.ends_with_either_scale(size, 0.05)
    for off in (-np.log(times), 2 * STACK_WEIGHTS[0] * -np.log(times)):
        assert low <= off <= high
    alone = replace(size, length_power=0.0)
    assert intervals.ends_with_either_scale(alone, 0.05) != (low, high)


@pytest.mark.parametrize("limit", ["scale.heart-size", "scale.width-for-length"])
def test_a_scale_is_in_doubt_from_the_limit_of_its_check_on(limit: str) -> None:
    check = threshold(limit).check
    assert not sized(check - 0.005).in_doubt
    assert sized(-check - 0.005).in_doubt


def test_an_answered_doubt_widens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "size_together", lambda _: sized(0.3))
    reading = loop()
    known = reading.with_(acknowledged={"scale.heart-size": Acknowledgement("scale.heart-size", "Ada", "", "seen")})
    rows = {row.code: row for row in measurements(reading)}
    found = {"EDV": interval_of(100.0, 0.2, Form.SHARE)}
    assert with_scale_in_doubt([reading], rows, found)["EDV"].low < found["EDV"].low
    assert with_scale_in_doubt([known], rows, found) == {}
