"""A run as data: real files of a small run, read back by pandas' own library for Parquet, plots by their size."""

import csv
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kinecor.cli import main
from kinecor.core.values.errors import KinecorError
from kinecor.io.export.cohort import agreement, dictionary, read_rows
from kinecor.io.export.cohort_plots import _bins
from kinecor.io.export.run_tables import RecordingRow, StudyRow, Value, study_columns, study_row


def study(number: int, ef: float | None, trust: str = "ok", patient: str = "") -> StudyRow:
    values = {"EF": Value(ef, trust, "", "study")}  # type: ignore[arg-type]
    return StudyRow(f"s{number}", patient or f"p{number}", "North", "", "F", 50.0, 1, 0, values, ())


def table(path: Path, rows: list[tuple[str, object]], titles: tuple[str, str] = ("study", "EF")) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([titles, *rows])
    return path


def test_agreement_is_that_of_bland_and_altman(tmp_path: Path) -> None:
    rows = [study(0, 50.0), study(1, 60.0), study(2, 55.0, "check"), study(3, None, "withheld"), study(4, 40.0)]
    file = table(tmp_path / "own.csv", [("s0", 48), ("s1", 61), ("p2", 52), ("s3", 50), ("s4", ""), ("who", 1)])
    found = agreement(rows, "EF", file, "study", "EF")
    assert found.studies == ("s0", "s1", "s2")
    assert found.doubtful == (False, False, True)
    assert (found.withheld, found.unmatched) == (1, 1)
    apart = np.array([2.0, -1.0, 3.0])
    assert found.bias == pytest.approx(apart.mean())
    assert found.limits == pytest.approx(
        (apart.mean() - 1.96 * apart.std(ddof=1), apart.mean() + 1.96 * apart.std(ddof=1))
    )
    # t of 2 degrees of freedom is 4.303
    assert found.half_widths[0] == pytest.approx(4.303 * apart.std(ddof=1) / math.sqrt(3), rel=1e-3)


@pytest.mark.parametrize(
    ("rows", "options", "sentence"),
    [
        ([("s0", 1), ("s0", 2)], ("EF", "study", "EF"), "line 3: 's0' is there twice"),
        ([("s0", "high")], ("EF", "study", "EF"), "line 2: expected a number in EF, got 'high'"),
        ([("s0", "nan")], ("EF", "study", "EF"), "expected a number in EF, got 'nan'"),
        ([("s0", 1)], ("EF", "id", "EF"), "has no column 'id', only study, EF"),
        ([("x", 1)], ("EF", "study", "EF"), "none of its study belongs to a study with EF"),
        ([("twice", 1)], ("EF", "study", "EF"), "'twice' has 2 studies"),
        ([("s0", 1)], ("BMI", "study", "EF"), "expected one of EDV"),
    ],
)
def test_a_table_that_cannot_be_used(
    tmp_path: Path, rows: list[tuple[str, object]], options: tuple[str, str, str], sentence: str
) -> None:
    studies = [study(0, 50.0), study(1, 51.0, patient="twice"), study(2, 52.0, patient="twice")]
    code, key, name = options
    with pytest.raises(KinecorError, match=sentence):
        agreement(studies, code, table(tmp_path / "own.csv", rows), key, name)


def recording(name: str, view: str, *, stack: bool = False, **values: Value) -> RecordingRow:
    return RecordingRow(
        f"{name}.dcm", name, "s", "p", "North", "Scanner", "US", view, None, 9, 1, stack, values, (), ""
    )


def test_a_study_without_values_over_views_has_those_of_its_best_recording() -> None:
    entry: Any = {
        "id": "s", "recordings": ["a", "b"], "checks": [],
        "measurements": [{"name": "GLS", "value": -18.0, "trust": "ok", "note": None}],
    }  # fmt: skip
    a2c = recording("a", "A2C", EF=Value(50.0, "ok", "", "a"), GLS=Value(-15.0, "ok", "", "a"))
    a4c = recording("b", "A4C", EF=Value(None, "withheld", "no ES", "b"), EDV=Value(90.0, "ok", "", "b"))
    row = study_row(entry, [a2c, a4c])
    assert row.values["GLS"] == Value(-18.0, "ok", "", "study")
    assert row.values["EF"] == Value(50.0, "ok", "", "a")  # the better view has none
    assert row.values["EDV"].origin == "b"
    assert (row.patient, row.site) == ("p", "North")


def test_the_dictionary_has_every_column() -> None:
    assert [one.name for one in dictionary()] == study_columns()
    assert all(one.description for one in dictionary())


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of 12 studies as it is on the disk."""
    recordings, studies = [], []
    for number in range(12):
        entry = {
            "name": "EF", "value": 50.0 + number, "unit": "%", "method": "", "frames": [], "models": [],
            "confidence": 0.9, "status": "auto", "trust": "check" if number > 9 else "ok", "interval": None,
            "checks": [], "note": None,
        }  # fmt: skip
        recordings.append({
            "source": f"{number}.dcm", "id": f"r{number}", "modality": "US", "frames": 9, "slices": 1,
            "view": {"label": "A4C", "confidence": None}, "tracks": {"lv_endo": {"contours": []}},
            "measurements": [entry], "checks": [], "error": None,
        })  # fmt: skip
        studies.append({"id": f"s{number}", "recordings": [f"r{number}"], "measurements": [], "checks": []})
    content = {"schema": 1, "software": {}, "recordings": recordings, "studies": studies}
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "result.json").write_text(json.dumps(content))
    return tmp_path / "run"


def test_the_command(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = table(tmp_path / "own.csv", [(f"s{one}", 49 + one) for one in range(12)], ("study", "by_hand"))
    asked = ["cohort", str(run), "--reference", str(own), "--column", "by_hand"]
    assert main(asked) == 0
    streams = capsys.readouterr()
    assert "EF less by_hand: n 12, bias 1.00, limits of agreement 1.00 to 1.00" in streams.err
    assert [Path(line).name for line in streams.out.splitlines()] == [
        "cohort.csv", "dictionary.csv", "values.csv", "values-dictionary.csv", "agreement.csv", "cohort.parquet",
        "values.parquet", "ef-distribution.png", "trust-by-site.png",
        "ef-agreement.png",
    ]  # fmt: skip
    from pyarrow import parquet

    read = parquet.read_table(run / "cohort" / "cohort.parquet")
    assert read.column("EF_percent").to_pylist() == [50.0 + one for one in range(12)]
    assert read.column("EF_trust").to_pylist() == ["ok"] * 10 + ["check"] * 2
    assert read.schema.field("EF_percent").metadata[b"unit"] == b"%"
    with (run / "cohort" / "cohort.csv").open(newline="") as file:
        assert [row["EF_of"] for row in csv.DictReader(file)] == [f"r{one}" for one in range(12)]
    for name in ("ef-distribution.png", "trust-by-site.png", "ef-agreement.png"):
        assert (run / "cohort" / name).read_bytes().startswith(b"\x89PNG")


def test_without_the_extra_it_says_what_to_install(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert main(["cohort", str(run)]) == 1
    assert "install kinecor[cohort], or use --csv-only" in capsys.readouterr().err
    assert main(["cohort", str(run), "--csv-only"]) == 0


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text("{}")
    with pytest.raises(KinecorError, match="is no result of kinecor analyse"):
        read_rows(tmp_path / "result.json", {})


@pytest.mark.parametrize(
    "values", [[], [60.0], [60.0, 60.0], list(range(13, 68)), [0.011, 0.012, 0.05], [-3.0, 4000.0]]
)
def test_bins_have_round_edges_and_hold_every_value(values: list[float]) -> None:
    edges = _bins(values)
    assert 2 <= len(edges) <= 45
    assert np.histogram(values, edges)[0].sum() == len(values)
    step = np.diff(edges)[0]
    assert round(step / 10 ** np.floor(np.log10(step)), 6) in (1, 2, 5, 10)
