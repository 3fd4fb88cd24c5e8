"""Figures of patients: shares with their intervals, by set and by kind."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from kinecor.core.values.interval import Interval
from kinecor_lab.tasks.trust.patients import table
from kinecor_lab.tasks.trust.plan import SOUND
from kinecor_lab.tasks.trust.scoring import Judged


def value(kind=SOUND, *, measured=100.0, wrong=False, marked=False, interval=None, withheld=False, case="1-a"):
    return Judged(
        case, "echo", "stills", kind, "", "EDV", 100.0, measured, marked, wrong,
        interval=interval, withheld=withheld,
    )  # fmt: skip


def test_wrong_unmarked_and_outside_are_counted_of_all_values():
    values = [
        value(),
        value(marked=True),
        value(measured=150.0, wrong=True),
        value(measured=150.0, wrong=True, interval=Interval(90.0, 200.0)),
        value(measured=150.0, wrong=True, marked=True, withheld=True),
        value(measured=None),
    ]
    recordings, count, wrong, missed, outside, false, withheld, absent = table.cells(values)
    assert (recordings, count) == (1, 5)
    assert wrong == pytest.approx(60.0)
    assert missed.startswith("40.0 (")
    assert outside.startswith("20.0 (")
    assert false.startswith("50.0 (")
    assert withheld == pytest.approx(20.0)
    assert absent == pytest.approx(100 / 6)


def test_untouched_and_tampered_recordings_are_apart():
    studies = [SimpleNamespace(values=(value(), value("noise", measured=150.0, wrong=True)))]
    untouched, tampered, kinds, codes = table.real_tables(studies)
    assert [row[0] for row in untouched.rows] == ["stills", table.ONE_PLANE]
    assert untouched.rows[0][4].startswith("0.0 (0.0 to 97.5")
    assert tampered.rows[0][4].startswith("100.0")
    assert [row[0] for row in kinds.rows] == ["echo: noise"]
    assert [row[0] for row in codes.rows] == ["EDV"]


def test_biplane_values_are_no_single_planes():
    values = [value(case="1-biplane-sound")]
    assert [row[0] for row in table.by_set("t", values).rows] == ["stills"]


ROOT = Path(__file__).parents[5]


def test_the_readme_quotes_the_figures_of_patients():
    page = json.loads((ROOT / "docs/validation/data/trust/0-patients-report.json").read_text("utf-8"))
    untouched, tampered = ({row[0]: row for row in page["tables"][n]["rows"]} for n in (0, 1))
    outside = [
        float(some[name][5].split()[0])
        for some in (untouched, tampered)
        for name in (table.ONE_PLANE, "CAMUS, biplane", table.STACKS)
    ]
    said = " ".join((ROOT / "README.md").read_text("utf-8").split())
    quoted = "{:.1f} % of single planes, {:.1f} % of biplane values and {:.1f} % of values of stacks"
    assert quoted.format(*outside[:3]) in said
    assert "{:.1f}, {:.1f} and {:.1f} %".format(*outside[3:]) in said
