"""The table itself, and how formulas, provenance and a reader's decisions go through it."""

import inspect

import pytest

from kinecor.core.table.evaluation import Basis, Given, Scaling, rows, together, withheld
from kinecor.core.table.measures import (
    BY_CODE,
    MEASURES,
    UNITS,
    Group,
    Measure,
    Quantity,
    Source,
    Status,
    decimals_of,
    format_quantity,
    name_of,
    unit_name,
)
from kinecor.core.values.confidence import Trust
from kinecor.core.values.reading import Decision
from kinecor.core.values.track import Structure

ENDO = (Structure.LV_ENDO,)
ED = Basis(frames=(0, 20), structures=ENDO, drawn_by=("model",), scaled_by=("Ann",), confidence=0.9)
ES = Basis(frames=(8, 28), structures=ENDO, drawn_by=("Ben",), confidence=0.72, edited=True, trust=Trust.CHECK)
GIVEN = {
    Source.LV_ED: Given(120_000.0, ED, "disks"),
    Source.LV_ES: Given(50_000.0, ES, "disks"),
    Source.HEART_RATE: Given(60.0, method="header", remark="irregular"),
    Source.BODY_SURFACE: Given(2.0, method="Mosteller, 180 cm, 80 kg"),
}


def table(given=None, listing="stack", **decisions):
    found = rows(listing, GIVEN | (given or {}), {code: Decision(code, *one, "Cy") for code, one in decisions.items()})
    return {row.code: row for row in found}


def value(row):
    return None if row.quantity is None else row.quantity.value


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
def test_every_entry_is_complete(measure):
    assert measure.name
    assert measure.reference
    assert measure.kinds
    assert len(inspect.signature(measure.formula).parameters) == len(measure.inputs)
    assert all(one in BY_CODE or one in set(Source) for one in measure.inputs)


def test_codes_are_unique_and_units_are_known():
    assert len(BY_CODE) == len(MEASURES)
    with pytest.raises(ValueError, match="unknown unit 'furlong'"):
        Measure("X", "X", "furlong", 0, frozenset({"disks"}), (), float, "none", Group.LEFT)


def test_what_the_table_does_not_know_is_shown_all_the_same():
    assert (name_of("OLD"), unit_name("furlong"), decimals_of("OLD", "1/s")) == ("OLD", "furlong", 2)
    assert format_quantity(Quantity(0.416, "1")) == "0.4"
    assert UNITS["1"].shown == ""


def test_formulas_share_their_inputs():
    found = table()
    assert [value(found[code]) for code in ("EDV", "ESV", "SV", "CO", "SVI", "CI")] == [120, 50, 70, 4.2, 35, 2.1]
    assert value(found["EF"]) == pytest.approx(100 * 70 / 120)
    assert list(found) == [one.code for one in MEASURES if one.code in found]
    assert "SVI" not in table({Source.BODY_SURFACE: withheld("unknown")})
    assert set(table(listing="study")) == {"EDV", "EDVI", "ESV", "ESVI", "SV", "SVI", "EF", "CO", "CI", "HR", "BSA"}
    assert found["CO"].method.startswith("SV 70 ml × HR 60/min (")
    # 66 ml × 74/min would be 4.9 l/min, which is not what is shown.
    rounded = table(
        {
            Source.LV_ED: Given(99_500.0, ED, "disks"),
            Source.LV_ES: Given(34_000.0, ES, "disks"),
            Source.HEART_RATE: Given(73.6, method="header"),
        }
    )["CO"]
    assert rounded.method.startswith("SV 65.5 ml × HR 73.6/min (")


def test_a_value_rests_on_all_that_its_inputs_rest_on():
    found = table()
    assert found["SV"].frames == (0, 8, 20, 28)
    assert found["SV"].by == ("model", "Ben", "Ann")
    assert found["EF"].by == ("model", "Ben")  # a ratio rests on no scale
    assert (found["SV"].confidence, found["SV"].status, found["SV"].trust) == (0.72, Status.EDITED, Trust.CHECK)
    assert (found["EDV"].status, found["EDV"].trust) == (Status.AUTO, Trust.OK)
    assert found["CO"].note == "irregular"
    assert found["CI"].note is None
    assert together([Basis(frames=(3,)), ED]) is ED


def test_a_missing_input_gives_its_reason():
    found = table({Source.HEART_RATE: withheld("no beat")})
    assert (found["CO"].note, found["CO"].trust) == ("needs HR: no beat", Trust.WITHHELD)
    assert table({Source.LV_ED: withheld("not contoured")})["EF"].note == "not contoured"
    assert "give no finite value" in table({Source.LV_ED: Given(0.0, ED)})["EF"].note


def test_without_a_scale_there_are_ratios_only():
    scaling = Scaling(missing="no scale", ratio="a ratio")
    pixels = {one: Given(GIVEN[one].value, GIVEN[one].basis, scaling=scaling) for one in (Source.LV_ED, Source.LV_ES)}
    found = table(pixels)
    assert {code for code, row in found.items() if row.note == "no scale"} >= {"EDV", "SV", "CO", "EDVI"}
    assert (value(found["EF"]), found["EF"].note) == (value(table()["EF"]), "a ratio")
    # An entered volume in ml does not go together with one in pixels.
    assert value(table(pixels, EDV=(True, 130.0))["EF"]) == value(found["EF"])


def test_an_override_is_followed_through_every_step():
    found = table(SV=(True, 80.0))
    assert [value(found[code]) for code in ("EDV", "SV", "CO", "SVI", "CI")] == [120, 80, 4.8, 40, 2.4]
    assert found["CI"].note == "with SV as entered"
    assert found["CI"].by[-1] == "Cy"
    assert found["CI"].confidence is None
    assert value(found["EF"]) == value(table()["EF"])
    ours = table(EDV=(True, 100.0), EF=(True, 55.0))
    assert (value(ours["SV"]), value(ours["EF"]), ours["EF"].method) == (50, 55, "entered by hand")


def test_a_rejection_is_followed_through_every_step():
    found = table(ESV=(False, None))
    assert found["ESV"].note == "rejected by Cy"
    for code in ("SV", "EF", "CO", "SVI", "CI", "ESVI"):
        assert found[code].note == "ESV rejected by Cy"
    assert found["EDVI"].quantity is not None


def test_an_acceptance_changes_the_status_alone():
    before, found = table()["EDV"], table(EDV=(True, None))["EDV"]
    assert (found.status, found.quantity, found.by) == (Status.ACCEPTED, before.quantity, before.by)
