"""What shows that a plane misses the apex."""

from pathlib import Path

import numpy as np
import pytest

from kinecor.core.values.geometry import Contour
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.apical import leaning as command
from kinecor_lab.tasks.apical.leaning import CHECKED, Seen, area_under_curve, marked, signs, stand, table
from tests.lab.camus import write_camus
from tests.lab.tasks.apical.test_robustness import Drawer


def arch(width: float, length: float, foot: float = 100.0) -> Contour:
    """A pointed ventricle on an annulus, its apex above."""
    return Contour(np.array([(-width / 2, foot), (0, foot - length), (width / 2, foot)], np.float64))


def test_signs_grow_where_the_apex_is_missed() -> None:
    def of(length_at_es: float) -> dict[str, float]:
        full = {"lv_endo": arch(40, 80), "lv_epi": arch(50, 88), "la": None}
        emptied = {"lv_endo": arch(40, length_at_es), "lv_epi": arch(50, 80), "la": arch(30, 30)}
        return signs(full, emptied)

    held, leaning = of(70), of(50)
    assert held.keys() == leaning.keys()
    assert held["long axis shortens, share of it at ED"] == pytest.approx(1 / 8)
    assert held["apex moves to the base, share of the axis"] == pytest.approx(1 / 8)
    assert held["annulus over length, ED"] == pytest.approx(0.5)
    assert held["area over length squared, ED"] == pytest.approx(0.25)
    assert held["wall at the apex over length, ED"] == pytest.approx(0.1)
    same = {name for name in held if name.endswith("ED") and "shortens" not in name}
    assert all(leaning[name] == held[name] if name in same else leaning[name] > held[name] for name in held)


def test_a_frame_without_a_ventricle_shows_nothing() -> None:
    assert signs({"lv_endo": None, "lv_epi": None, "la": None}, {"lv_endo": arch(40, 70)}) == {}


def test_the_area_under_the_curve_counts_ties_by_half() -> None:
    assert area_under_curve([1, 2], [3, 4]) == 1
    assert area_under_curve([1, 2], [2]) == 0.75
    assert area_under_curve([3], [1]) == 0


def test_a_lean_changes_nothing_else() -> None:
    held, leaning = (stand(deg)(np.random.default_rng(5)) for deg in (0.0, 20.0))
    assert abs(leaning.foreshortening_deg - held.foreshortening_deg) == pytest.approx(20)
    assert (held.turn_deg, held.swing_deg, held.away_mm) == (leaning.turn_deg, leaning.swing_deg, leaning.away_mm)


def test_what_few_held_planes_reach_is_counted_in_leaning_ones_and_patients() -> None:
    def some(group: str, values: list[float]) -> list[Seen]:
        return [Seen("h", "A4C", group, {"width": one}, {}) for one in values]

    found = [*some("held well", [1.0] * 20), *some("leaning", [0.5, 2, 2, 2]), *some("patients", [1, 3])]
    (row,) = table(found, "A4C").rows
    assert row[0] == "width"
    assert row[3] == 0.75
    assert row[6:] == (75.0, 50.0)


def test_the_command_counts_patients_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    def pairs(count: int, _seed: int, views: tuple[str], _kind: str, *, stand: object) -> list[Sample]:
        assert callable(stand)
        asked.append(stand(np.random.default_rng(1)).foreshortening_deg)
        label = np.zeros((120, 120), np.uint8)
        label[40:80, 40:80] = 1
        return [Sample("p", phase, label, label, 1.0, views[0]) for phase in ("ED", "ES")] * (count // 2)

    monkeypatch.setattr(command, "simulated_pairs", pairs)
    monkeypatch.setattr(command, "ApicalModel", lambda *_: Drawer())
    monkeypatch.setattr(command, "open_many", lambda *_: None)
    folder = write_camus(tmp_path / "four")
    assert command.main(["--hearts", "1", "--data", str(folder), "--out", str(tmp_path / "out")]) == 0
    assert len(asked) == 4 * len(command.POPULATIONS)
    assert max(abs(one) for one in asked) > 15
    text = (tmp_path / "out" / "lv-leaning.txt").read_text()
    assert f"A4C ({len(command.POPULATIONS)} held well, {len(command.POPULATIONS)} leaning, 2 patients)" in text


def test_what_the_check_marks_is_counted_by_group() -> None:
    values = {"held well": (-1.6, -1.2), "leaning": (-0.6, -1.3), "patients": (-1.5,)}
    found = [Seen("h", "A4C", group, {CHECKED: one}, {}) for group, some in values.items() for one in some]
    assert "0 of 2 held well, 1 of 2 leaning, 0 of 1 patients" in marked(found, "A4C")
    assert "0 of 0 leaning" in marked(found, "A2C")
