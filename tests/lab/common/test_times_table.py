"""benchmarks/times.py measures a table in several runs: parts are replaced, others stay, processors are not mixed."""

import json
from pathlib import Path

import pytest

from kinecor.core.values.errors import KinecorError

PROCESSOR = "AMD EPYC, 2 cores, avx2."


@pytest.fixture
def times(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "benchmarks"))
    import times

    return times


def rows_of(times, *names, figure):
    return [(row.what, figure, "script") for name in names for row in times.PARTS[name].rows]


def written(place, rows, notes):
    place.write_text(json.dumps({"notes": notes, "tables": [{"rows": rows}]}), encoding="utf-8")


def test_a_part_is_added_in_the_order_of_the_table_and_replaced(times, tmp_path):
    place = tmp_path / "times.json"
    before = [PROCESSOR, "stack: load 1.0 before, 1.0 after.", "What a person wrote below it."]
    written(place, rows_of(times, "stack", figure="1"), before)
    notes = [PROCESSOR, "network: load 2.0 before, 2.0 after."]
    rows, lines = times.with_earlier(["network"], rows_of(times, "network", figure="2"), notes, place)
    assert rows == [*rows_of(times, "network", figure="2"), *rows_of(times, "stack", figure="1")]
    assert lines == [*notes, *before[1:]]
    written(place, rows, lines)
    notes = [PROCESSOR, "stack: load 3.0 before, 3.0 after."]
    rows, lines = times.with_earlier(["stack"], rows_of(times, "stack", figure="3"), notes, place)
    assert [row[1] for row in rows] == ["2"] * len(times.PARTS["network"].rows) + ["3"] * len(times.PARTS["stack"].rows)
    assert lines == [PROCESSOR, "network: load 2.0 before, 2.0 after.", notes[1], before[2]]


def test_figures_of_two_processors_make_no_table(times, tmp_path):
    place = tmp_path / "times.json"
    written(place, rows_of(times, "stack", figure="1"), ["Another one, 8 cores."])
    with pytest.raises(KinecorError, match="Another one"):
        times.with_earlier(["stack"], rows_of(times, "stack", figure="2"), [PROCESSOR], place)


def test_every_row_belongs_to_one_part(times):
    named = [row.what for part in times.PARTS.values() for row in part.rows]
    assert len(named) == len(set(named))
    assert all(times.part_of(row.what) == name for name, part in times.PARTS.items() for row in part.rows)
