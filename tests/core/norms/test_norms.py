from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.norms.norms import (
    SETS,
    Context,
    Graded,
    Person,
    Range,
    context_of,
    grade_value,
    person_of,
    reference_sets,
)
from kinecor.core.table.measures import BY_CODE
from kinecor.core.values.choices import Body, Papillaries, bsa_m2
from tests.readings import cine, read

ECHO = Context("US")
CAVITY, MYOCARDIUM = Context("MR", Papillaries.CAVITY), Context("MR", Papillaries.MYOCARDIUM)
MAN, WOMAN = Person("M", 61.0, 1.92), Person("F", 54.0, 1.68)


def found(code: str, value: float, person: Person = MAN, context: Context = ECHO) -> Graded:
    result = grade_value(code, value, person, context)
    assert result is not None
    return result


@pytest.mark.parametrize(
    ("value", "flag", "grade"),
    [
        (72.0, "within", ""),
        (72.4, "within", ""),
        (72.6, "above", ""),
        (52.0, "within", ""),
        (51.6, "within", ""),
        (51.4, "below", "mildly abnormal"),
        (41.0, "below", "mildly abnormal"),
        (40.4, "below", "moderately abnormal"),
        (30.0, "below", "moderately abnormal"),
        (29.4, "below", "severely abnormal"),
    ],
)
def test_ef_of_men_at_and_between_the_limits(value: float, flag: str, grade: str) -> None:
    one = found("EF", value)
    assert (one.low, one.high, one.flag, one.grade) == (52, 72, flag, grade)


def test_ef_of_women_has_its_own_limits() -> None:
    assert found("EF", 53.0, WOMAN).words == "below range, mildly abnormal"
    assert found("EF", 53.0, MAN).words == "within range"


def test_where_sex_is_unknown_both_must_agree() -> None:
    nobody = Person("", 50.0)
    agreed = found("EF", 60.0, nobody)
    assert (agreed.low, agreed.high, agreed.flag) == (54, 72, "within")
    assert "sex unknown" in agreed.caveat
    assert grade_value("EF", 53.0, nobody, ECHO) is None
    assert found("EF", 25.0, nobody).grade == "severely abnormal"
    assert not found("LAVI", 30.0, nobody).caveat  # the same range for both


def test_children_have_no_range_and_unknown_age_is_that_of_adults() -> None:
    assert grade_value("EF", 60.0, Person("M", 12.0), ECHO) is None
    assert grade_value("EF", 60.0, Person("M", 17.9), ECHO) is None
    assert found("EF", 60.0, Person("M", 18.0)).caveat == ""
    assert "age unknown" in found("EF", 60.0, Person("M")).caveat
    assert grade_value("EDV", 150.0, Person("M"), CAVITY) is None  # sourced for 45 to 74 years only
    assert grade_value("EDV", 150.0, Person("M", 75.0), CAVITY) is None


def test_a_value_without_a_range_of_its_own_is_indexed_where_the_body_is_known() -> None:
    one = found("LAV", 83.0)  # 43 ml/m2
    assert (one.indexed, one.unit, one.grade) == (True, "ml/m2", "moderately abnormal")
    assert grade_value("LAV", 83.0, Person("M", 61.0), ECHO) is None
    assert not found("EDV", 110.0).indexed


def test_papillary_convention_chooses_the_source() -> None:
    assert found("EDVI", 110.0, MAN, CAVITY).set_name == "UK Biobank 2017"
    one = found("EDVI", 110.0, MAN, MYOCARDIUM)
    assert (one.set_name, one.low, one.high, one.flag) == ("SCMR 2015", 57, 105, "above")
    assert found("EDVI", 110.0, Person("M", 25.0), MYOCARDIUM).set_name == "SCMR 2020"
    assert grade_value("EDVI", 80.0, MAN, Context("MR")) is None
    assert grade_value("EDV", 110.0, MAN, Context("CT")) is None


def test_views_and_caveats() -> None:
    assert found("EF", 60.0, MAN, Context("US", view="A4C")).caveat == "the range is for the biplane method"
    assert grade_value("EF", 60.0, MAN, Context("US", view="A3C")) is None
    assert found("EF", 60.0).caveat == ""
    view = found("GLS", -19.0, MAN, Context("US", view="A3C", depth=0.0))
    assert "mean of three apical views" in view.caveat
    assert "mid-wall" in view.caveat
    assert "software" in found("GLS", -19.0).caveat


@pytest.mark.parametrize(
    ("value", "words", "normal"),
    [
        (-18.1, "within range", True),
        (-18.0, "within range, borderline", False),
        (-17.0, "weaker than the range, borderline", False),
        (-16.0, "weaker than the range, borderline", False),
        (-15.9, "weaker than the range, abnormal", False),
    ],
)
def test_gls_is_borderline_from_16_to_18_percent(value: float, words: str, normal: bool) -> None:
    one = found("GLS", value)
    assert (one.words, one.normal, one.range_words) == (words, normal, "≤ −18.0")
    assert one.borderline == ("borderline" in words)


def test_words_of_the_range_and_its_source() -> None:
    one = found("EF", 60.0)
    assert one.range_words == "52–72"
    assert one.source_words == "52–72 % (ASE/EACVI 2015)"
    assert "10.1016/j.echo.2014.10.003" in one.citation
    assert one.table == "Table 4"
    assert found("RWT", 0.424).range_words == "0.24–0.42"
    assert found("RWT", 0.424).flag == "within"
    assert found("RWT", 0.426).flag == "above"


def test_every_range_says_where_it_is_from() -> None:
    assert len({one.name for one in reference_sets()}) == len(SETS)
    for source in reference_sets():
        assert "doi 10." in source.citation
        assert source.population
        assert source.ages[0] >= 18
        for one in source.ranges:
            assert one.table
            assert one.verified
            assert one.code not in BY_CODE or one.unit == BY_CODE[one.code].unit


def test_bands_of_severity_leave_no_gap_and_begin_beyond_the_range() -> None:
    for source in reference_sets():
        for one in source.ranges:
            ends = [end for band in one.grades for end in (band.low, band.high) if end is not None]
            for at in np.arange(min(ends, default=0) - 2 * one.step, max(ends, default=-1) + 2 * one.step, one.step):
                value = round(float(at), 6)
                beyond = (one.low is not None and value < one.low) or (one.high is not None and value > one.high)
                held = [band.words for band in one.grades if band.holds(value)]
                side_graded = any(band.low is None for band in one.grades) or value > (one.low or -np.inf)
                expected = 1 if beyond and side_graded else 0
                assert len(held) == expected or held == ["borderline"], (source.name, one.code, value, held)


def test_both_sexes_of_an_echo_range_are_there() -> None:
    for source in reference_sets():
        if source.modality == "US":
            sexed = [(one.code, one.sex) for one in source.ranges]
            assert all(sex == "" or {(code, "M"), (code, "F")} <= set(sexed) for code, sex in sexed)
            assert len(sexed) == len(set(sexed))


def test_a_range_needs_a_limit_and_its_proof() -> None:
    with pytest.raises(ValueError, match="limit"):
        Range("EF", "%", 1, "Table 4", "1", "text")
    with pytest.raises(ValueError, match="verified"):
        Range("EF", "%", 1, "Table 4", "1", "", low=1)
    with pytest.raises(ValueError, match="no range"):
        Range("EF", "%", 1, "Table 4", "1", "text", low=2, high=1)


def test_person_and_context_of_a_recording() -> None:
    reading = read(cine())
    assert person_of(reading) == Person()
    assert context_of(reading) == Context("US", view="A4C")
    facts = replace(reading.facts, sex="F", age_years=54.0, body=Body(164.0, 62.0, "F"))
    assert person_of(reading.with_(facts=facts)) == Person("F", 54.0, bsa_m2(164.0, 62.0))
