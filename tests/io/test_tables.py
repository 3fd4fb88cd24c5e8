import csv
from pathlib import Path

import pytest

from kinecor.io.tables import write_curves, write_measurements
from tests.readings import cine, read


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_curves_have_a_row_per_frame_and_gaps_are_empty(tmp_path: Path) -> None:
    write_curves(tmp_path / "c.csv", read(cine(), missing=(3,)))
    found = rows(tmp_path / "c.csv")
    assert list(found[0]) == ["frame", "time_s", "lv_area_mm2", "lv_volume_ml", "la_volume_ml"]
    assert [row["frame"] for row in found] == [str(n) for n in range(12)]
    assert float(found[2]["time_s"]) == pytest.approx(0.08)
    assert found[3]["lv_volume_ml"] == ""
    assert float(found[0]["lv_volume_ml"]) > float(found[6]["lv_volume_ml"]) > 0


def test_without_a_scale_the_columns_say_so(tmp_path: Path) -> None:
    write_curves(tmp_path / "c.csv", read(cine(calibrated=False)))
    found = rows(tmp_path / "c.csv")
    assert "lv_area_px2" in found[0]
    assert max(float(row["lv_volume_relative_percent"]) for row in found) == pytest.approx(100)


def test_measurements(tmp_path: Path) -> None:
    write_measurements(tmp_path / "m.csv", read(cine(calibrated=False)))
    found = {row["name"]: row for row in rows(tmp_path / "m.csv")}
    assert float(found["EF"]["value"]) > 0
    assert found["EF"]["frames"] == "0 6"
    assert found["EDV"]["value"] == ""
    assert found["EDV"]["status"] == "withheld"
    assert found["EDV"]["note"]
