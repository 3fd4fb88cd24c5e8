"""Which classes a value may be called by: zones of a source, their probabilities, and what follows from both."""

import itertools

import numpy as np
import pytest
from scipy.special import stdtr
from scipy.stats import t as student

from kinecor.core.norms.classes import NOT_MEASURED_WELL, WITHIN_95, student_5, too_wide
from kinecor.core.norms.norms import Context, Graded, Person, grade_value, reference_sets
from kinecor.core.table.intervals import form_of, interval_of
from kinecor.core.values.interval import Interval

ECHO, MAN, WOMAN = Context("US"), Person("M", 50, 1.9), Person("F", 50, 1.7)


def said(code: str, value: float, width: float | None, person: Person = MAN) -> Graded:
    interval = None if width is None else interval_of(value, width, form_of(code))
    found = grade_value(code, value, person, ECHO, interval)
    assert found is not None
    return found


def test_the_zones_of_every_range_follow_each_other_without_gaps():
    for source in reference_sets():
        for one in source.ranges:
            zones = one.zones
            assert zones[0].low is None
            assert zones[-1].high is None
            assert [zone.high for zone in zones[:-1]] == [zone.low for zone in zones[1:]]
            assert len({zone.key for zone in zones}) == len(zones), one.code
            for zone, after in itertools.pairwise(zones):
                assert zone.key != after.key


@pytest.mark.parametrize("person", [MAN, WOMAN])
@pytest.mark.parametrize("code", ["EF", "EDV", "GLS", "EDVI"])
def test_the_zone_of_a_value_is_the_class_that_it_is_graded_by(code, person):
    for value in np.arange(-30, 200, 0.37):
        found = grade_value(code, float(value), person, ECHO)
        assert found is not None
        (inside,) = [
            zone
            for zone in found.zones
            if (zone.low is None or value > zone.low) and (zone.high is None or value < zone.high)
        ]
        assert inside.key == found.here.key


def test_without_an_interval_the_class_of_the_value_is_said():
    found = said("EF", 45, None)
    assert found.words == "below range, mildly abnormal"
    assert found.abnormal
    assert found.statement.probabilities == ()


def test_a_narrow_interval_has_one_class():
    found = said("EF", 62, 0.15)
    assert found.normal
    assert found.words == "within range"
    assert found.statement.certain is not None
    below = said("EF", 35, 0.03)
    assert below.words == "below range, moderately abnormal"
    assert below.abnormal


def test_near_a_limit_two_classes_are_said_from_the_normal_side_on():
    found = said("EF", 51, 0.15)
    assert found.words == "normal to mildly abnormal"
    assert not found.normal
    assert not found.abnormal
    assert found.statement.flag is None
    assert found.statement.grade == ""
    lower = said("EF", 41, 0.12)
    assert lower.words == "mildly to moderately abnormal"
    assert lower.abnormal
    assert lower.statement.flag == "below"
    large = said("EDV", 150, 0.15)
    assert large.words == "normal to above range"
    assert not large.abnormal


def test_the_first_screen_of_the_sample_clip_says_nothing_of_its_ef():
    found = grade_value("EF", 68, MAN, ECHO, Interval(5, 89))
    assert found is not None
    assert found.statement.imprecise
    assert found.words == NOT_MEASURED_WELL
    assert not found.normal
    assert not found.abnormal
    assert found.flag == "within"  # of the value itself, as before


def test_three_classes_are_none_however_narrow_the_interval_may_look():
    found = said("GLS", -17, 4.0)
    assert found.statement.imprecise
    assert said("GLS", -17.6, 2.8).words == "normal to borderline"
    assert said("GLS", -21, 2.8).normal
    assert said("GLS", -13, 2.8).abnormal


@pytest.mark.parametrize(
    ("code", "value", "interval", "wide"),
    [
        ("EF", 60, Interval(40, 80), False),
        ("EF", 60, Interval(39, 80), True),
        ("RVEF", 50, Interval(20, 70), True),
        ("EDV", 100, Interval(70, 139), False),
        ("EDV", 100, Interval(65, 140), True),
        ("EDVI", 50, Interval(32, 70), True),
        ("GLS", -18, Interval(-24, -12), False),
        ("GLS", -18, Interval(-25, -12), True),
        ("EF", 60, None, False),
    ],
)
def test_what_is_too_wide(code, value, interval, wide):
    assert too_wide(code, value, interval) is wide


@pytest.mark.parametrize(("code", "value", "width"), [("EF", 55, 0.3), ("EDV", 120, 0.25), ("GLS", -17, 2.5)])
def test_probabilities_are_those_of_drawn_errors(code, value, width):
    """Drawn on the scale of the interval; of each 2.5 % lie beyond its ends."""
    found = said(code, value, width)
    off = student.rvs(5, size=200_000, random_state=1) * width / student.ppf(0.975, 5)
    true = {"EF": 100 - (100 - value) * np.exp(-off), "EDV": value * np.exp(off), "GLS": value + off}[code]
    assert sum(share for _, share in found.statement.probabilities) == pytest.approx(1)
    for zone, share in found.statement.probabilities:
        low, high = (-np.inf if zone.low is None else zone.low), (np.inf if zone.high is None else zone.high)
        assert share == pytest.approx(((true > low) & (true <= high)).mean(), abs=0.005)


def test_an_interval_that_reaches_further_down_has_more_probability_there():
    even = grade_value("EF", 60, MAN, ECHO, Interval(50, 68))
    wider = grade_value("EF", 60, MAN, ECHO, Interval(40, 68))
    assert even is not None
    assert wider is not None
    below = [sum(share for zone, share in one.statement.probabilities if zone.flag == "below") for one in (even, wider)]
    above = [one.statement.probabilities[-1][1] for one in (even, wider)]
    assert below[0] < below[1]
    assert above[0] == pytest.approx(above[1])


def test_of_unknown_sex_both_count_alike():
    interval = interval_of(100, 0.1, form_of("EDV"))
    both = grade_value("EDV", 100, Person("", 50), ECHO, interval)
    men, women = (grade_value("EDV", 100, Person(sex, 50), ECHO, interval) for sex in ("M", "F"))
    assert both is not None
    assert men is not None
    assert women is not None
    for number, (_, share) in enumerate(both.statement.probabilities):
        each = [one.statement.probabilities[number][1] for one in (men, women)]
        assert share == pytest.approx(np.mean(each))


def test_a_value_that_is_compared_by_its_index_has_the_classes_of_it():
    found = grade_value("LAV", 60, Person("M", 50, 2.0), ECHO, Interval(54, 66))
    assert found is not None
    assert found.indexed
    assert found.interval == Interval(27, 33)
    assert found.normal


@pytest.mark.parametrize("at", [-50.0, -2.57, -0.1, 0.0, 0.4, 1.0, 9.0])
def test_students_distribution_is_that_of_the_library(at: float) -> None:
    assert student_5(at) == pytest.approx(stdtr(5, at), abs=1e-12)
    assert student_5(WITHIN_95) == pytest.approx(0.975, abs=1e-12)
