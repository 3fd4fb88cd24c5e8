import csv
from pathlib import Path

import pytest

from kinecor.io.export.tables import write_curves, write_measurements, write_segments, write_slices
from tests import stacks
from tests.readings import cine, read


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_curves_have_a_row_per_frame_and_gaps_are_empty(tmp_path: Path) -> None:
    write_curves(tmp_path / "c.csv", read(cine(), missing=(3,)))
    found = rows(tmp_path / "c.csv")
    volumes = ["lv_area_mm2", "lv_volume_ml", "la_volume_ml"]
    assert list(found[0]) == ["frame", "time_s", *volumes, "longitudinal_strain_percent"]
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


def test_a_stacks_curves_are_its_volumes(tmp_path: Path) -> None:
    write_curves(tmp_path / "c.csv", stacks.read(stacks.stack()))
    found = rows(tmp_path / "c.csv")
    assert list(found[0]) == ["frame", "time_s", "lv_volume_ml", "rv_volume_ml"]
    assert float(found[10]["lv_volume_ml"]) == pytest.approx(stacks.Heart().volume_ml(10), rel=0.005)


def test_a_row_per_slice_and_phase(tmp_path: Path) -> None:
    write_slices(tmp_path / "s.csv", stacks.read(stacks.stack()))
    found = rows(tmp_path / "s.csv")
    assert len(found) == 12 * 20
    one = found[5 * 20 + 10]
    assert (one["slice"], one["phase"], one["counts"]) == ("5", "10", "1")
    heart, place = stacks.Heart(), stacks.positions()[5]
    assert float(one["lv_endo_area_mm2"]) == pytest.approx(3.14159 * heart.radius(place, 10) ** 2, rel=1e-3)
    assert found[0]["lv_endo_area_mm2"] == ""


def test_a_row_per_segment(tmp_path: Path) -> None:
    write_segments(tmp_path / "e.csv", stacks.read(stacks.stack()))
    found = rows(tmp_path / "e.csv")
    assert len(found) == 17
    assert found[0]["name"] == "basal anterior"
    assert float(found[0]["wall_ed_mm"]) == pytest.approx(9, abs=0.05)
    # No slice shows the cap: it is estimated from those near it, so it is only about the wall's 9 mm.
    assert float(found[16]["wall_ed_mm"]) == pytest.approx(9, rel=0.2)
    write_segments(tmp_path / "n.csv", stacks.read(stacks.stack(), events=None))
    assert rows(tmp_path / "n.csv") == []
