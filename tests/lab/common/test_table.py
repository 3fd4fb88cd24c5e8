import csv
import json
from dataclasses import dataclass

import numpy as np
import pytest

from kinecor_lab.common.table import Column, Spread, Table, command_line, flat, report, spread


def table() -> Table:
    columns = (Column("structure", form=""), Column("n", form="d"), Column("Dice"), Column("off", "mm", "+.1f"))
    rows = (("LV", 3, spread([0.9, 0.8, np.inf]), 1.26), ("left atrium", 1, spread([0.7]), None))
    return Table("Overlap", columns, rows, ("a note",))


def test_a_spread_has_the_sample_deviation_and_counts_what_is_missing() -> None:
    assert spread([1.0, 3.0, np.nan, np.inf]) == Spread(2, 2.0, pytest.approx(np.sqrt(2)), 2)
    empty = spread([])
    assert (empty.n, empty.missing) == (0, 0)
    assert np.isnan([empty.mean, empty.sd, spread([1.0]).sd]).all()


def test_the_text_lines_numbers_up() -> None:
    assert table().text().splitlines() == [
        "Overlap",
        "structure    n                       Dice  off mm",
        "LV           3  0.850 ± 0.071 (1 missing)    +1.3",
        "left atrium  1                      0.700       -",
        "a note",
    ]
    assert Column("x", form="+.1f", counted=True).text(Spread(2, 1.0, 2.0)) == "+1.0 ± 2.0 (2)"
    with pytest.raises(ValueError, match="expected 1 cells"):
        Table("", (Column("a"),), ((1, 2),))


@dataclass
class Value:
    name: str
    dice: dict[int, float]
    points: np.ndarray


def test_an_evaluation_is_written_as_text_json_and_csv(tmp_path, capsys) -> None:
    values = [Value("p1", {1: 0.9}, np.array([1.0, np.nan]))]
    options = ["--data", str(tmp_path / "set"), "--seed", "3"]
    report("lv", options, "Title", [table()], out=tmp_path / "out", seed=3, models={"lv": "1.0"}, values=values)
    printed = capsys.readouterr().out
    assert (tmp_path / "out" / "lv.txt").read_text() == printed
    found = json.loads((tmp_path / "out" / "lv.json").read_text())
    assert (found["title"], found["seed"]) == ("Title", 3)
    assert found["command"] == "kinecor evaluate lv --data set --seed 3"
    assert found["versions"]["lv"] == "1.0"
    (one,) = found["tables"]
    assert one["columns"][2] == {"title": "Dice", "unit": "", "format": ".3f"}
    assert one["rows"][0][2]["missing"] == 1
    assert one["rows"][1][2] == {"n": 1, "mean": 0.7, "sd": None, "missing": 0}
    with (tmp_path / "out" / "lv.csv").open() as lines:
        assert list(csv.DictReader(lines)) == [{"name": "p1", "dice_1": "0.9", "points_1": "1.0", "points_2": ""}]


def test_nothing_is_written_without_a_folder(tmp_path, capsys) -> None:
    report("lv", [], "Title", [table()])
    assert "left atrium" in capsys.readouterr().out
    assert flat({"a": {"b": [1, 2]}}) == {"a_b_1": 1, "a_b_2": 2}
    assert command_line("lv", ["a b"]) == "kinecor evaluate lv 'a b'"
