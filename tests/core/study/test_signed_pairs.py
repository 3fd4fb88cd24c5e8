"""Automatic next to signed values: of stacks, of several views, of values that the program withheld."""

import numpy as np
import pytest

from kinecor.core.study.signed_pairs import COMPARED, OVER_VIEWS, SignedPair, SignedValues, signed_values
from kinecor.core.study.site_agreement import GroupKind, SignedStudy, site_agreement
from kinecor.core.values.study import StudyReading
from tests import stacks

STUDY = StudyReading("1.2.3", equipment="Maker Model 1")


def test_values_of_a_stack_are_compared() -> None:
    recording = stacks.stack()
    proposed = stacks.read(recording)
    signed = stacks.read(recording, stacks.Heart(radius_mm=26.0))
    found = signed_values([proposed], [signed], STUDY, "p")
    pairs = {one.code: one for one in found.pairs}
    assert {"EDV", "ESV", "EF", "LVM"} <= pairs.keys() <= set(COMPARED)
    assert {one.view for one in found.pairs} == {"SAX"}
    # Volumes go with the square of the radius.
    assert pairs["EDV"].signed / pairs["EDV"].automatic == pytest.approx((26 / 25) ** 2, rel=0.01)
    assert pairs["EDV"].low < pairs["EDV"].automatic < pairs["EDV"].high


def test_what_the_program_did_not_propose_is_counted_and_no_pair() -> None:
    recording = stacks.stack()
    found = signed_values([stacks.read(recording, events=None)], [stacks.read(recording)], STUDY, "p")
    assert "EDV" not in {one.code for one in found.pairs}
    assert found.withheld["EDV"] == 1


def site(count: int, *, views: int = 2, doubtful: int = 12) -> list[SignedStudy]:
    """Studies with EF of the study and of A4C, and of A2C for every `views`-th patient."""
    rng = np.random.default_rng(4)
    made = []
    for number in range(count):
        own = float(rng.normal(55, 8))
        pairs = [
            SignedPair("EF", "%", OVER_VIEWS, own + 1, own, own - 5, own + 5, number < doubtful),
            SignedPair("EF", "%", "A4C", own + 3, own, own + 1, own + 5, number < doubtful),
        ]
        if number % views == 0:
            pairs.append(SignedPair("EF", "%", "A2C", own - 2, own, own - 5, own + 5))
        made.append(
            SignedStudy(
                f"{number}.kinecor", f"2026-01-{number % 28 + 1:02d}", SignedValues(f"p{number}", "", tuple(pairs))
            )
        )
    return made


def test_a_value_of_the_study_counts_for_all_and_views_for_themselves() -> None:
    rows = site_agreement(site(31)).of_value("EF")
    by_group = {(one.kind, one.group): one for one in rows}
    assert by_group[GroupKind.ALL, ""].differences.bias == pytest.approx(1)
    assert by_group[GroupKind.VIEW, OVER_VIEWS].count == 31
    assert by_group[GroupKind.VIEW, "A4C"].differences.bias == pytest.approx(3)
    assert by_group[GroupKind.VIEW, "A2C"].count == 16
    assert by_group[GroupKind.ALL, ""].covered == (31, 31)
    assert by_group[GroupKind.VIEW, "A4C"].covered == (0, 31)
    assert by_group[GroupKind.QUALITY, "check"].count == 12
    assert by_group[GroupKind.QUALITY, "ok"].count == 19
    # One maker, here unknown, would repeat the row of all.
    assert not [one for one in rows if one.kind is GroupKind.MAKER]


def test_groups_of_fewer_than_10_have_no_row() -> None:
    kinds = {(one.kind, one.group) for one in site_agreement(site(31, views=4, doubtful=9)).of_value("EF")}
    assert (GroupKind.VIEW, "A2C") not in kinds
    assert (GroupKind.QUALITY, "check") not in kinds


def test_a_value_of_too_few_patients_is_named() -> None:
    studies = site(30)
    values = studies[0].values
    with_gls = SignedValues(values.patient, "", (*values.pairs, SignedPair("GLS", "%", "A4C", -18.0, -19.0)))
    found = site_agreement([SignedStudy("0", "2026-01-01", with_gls), *studies[1:]])
    assert found.codes == ("EF",)
    assert found.too_few == (("GLS", 1),)


def test_studies_without_a_patient_count_one_by_one() -> None:
    studies = [SignedStudy(one.name, one.at, SignedValues("", "", one.values.pairs)) for one in site(30)]
    assert site_agreement(studies).patients == 30
