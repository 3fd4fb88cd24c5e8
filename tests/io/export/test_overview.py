import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from kinecor.io.export.overview import OUTLIER, distances, write_overview, write_thumbnail
from kinecor.io.export.run_tables import RecordingRow, TrustWord, Value
from tests import stacks
from tests.readings import cine, read


def row(number: int, ef: float | None = 60.0, trust: TrustWord = "ok", error: str = "") -> RecordingRow:
    values = {} if error else {"EF": Value(ef, trust, "no ES" if ef is None else "")}
    return RecordingRow(
        f"in/{number}.dcm", str(number), "s", "p", "", "", "US", "A4C", 0.9, 40, 1, False, values, (), error
    )


def cohort() -> list[RecordingRow]:
    return [row(number, 58.0 + number % 5) for number in range(20)]


def shown(out: Path) -> list[dict[str, object]]:
    page = (out / "overview.html").read_text()
    (text,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page)
    found: list[dict[str, object]] = sorted(json.loads(text)["rows"], key=lambda one: one["rank"])
    return found


def test_outliers_first_then_by_trust(tmp_path: Path) -> None:
    rows = [*cohort(), row(20, 20.0), row(21, None, "withheld"), row(22, 59.0, "check"), row(23, error="cut off")]
    write_overview(tmp_path, rows, {})
    assert [one["id"] for one in shown(tmp_path)[:4]] == ["20", "23", "21", "22"]
    assert "outlier: EF" in str(shown(tmp_path)[0]["why"])
    assert "below the median" in str(shown(tmp_path)[0]["why"])
    assert [one["why"] for one in shown(tmp_path)[1:3]] == ["cut off", "no ES"]


def test_the_gravest_finding_is_said_in_words(tmp_path: Path) -> None:
    words = ("No ES was found.", "7 frames a second are few.", "The view was named by the model.")
    write_overview(tmp_path, [replace(row(1), checks=("a.b", "c.d", "e.f"), messages=words)], {})
    (one,) = shown(tmp_path)
    assert one["why"] == "No ES was found; and 2 more"
    assert one["checks"] == "a.b c.d e.f"  # what a search finds


def test_distances_are_robust_and_by_view() -> None:
    rows = [*cohort(), row(20, 20.0), replace(row(21, 20.0), view="A2C")]
    found = distances(rows)
    assert found[20]["EF"] < -OUTLIER
    assert found[21] == {}  # alone in its view
    assert max(abs(one["EF"]) for one in found[:20]) < 2


def test_links_lead_to_what_is_there(tmp_path: Path) -> None:
    for name in ("results/1.json", "reports/1.pdf", "results/studies/s.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    write_overview(tmp_path, [row(1)], {"s": "s"})
    assert [text for text, _ in shown(tmp_path)[0]["links"]] == ["Result", "Report", "Study result"]  # type: ignore[attr-defined]


def test_nothing_of_a_file_name_becomes_part_of_the_page(tmp_path: Path) -> None:
    evil = replace(row(1), source="in/</script><script>alert(1)</script>.dcm")
    write_overview(tmp_path, [evil], {})
    page = (tmp_path / "overview.html").read_text()
    assert page.count("</script>") == 2
    assert shown(tmp_path)[0]["source"] == evil.source
    assert "http" not in re.sub(r'http-equiv="[^"]*"', "", page)


def test_thumbnails_of_loops_and_stacks(tmp_path: Path) -> None:
    import cv2

    write_thumbnail(tmp_path, "loop", cine(), read(cine()))
    whole = stacks.stack()
    write_thumbnail(tmp_path, "stack", whole, stacks.read(whole))
    for name in ("loop", "stack"):
        image = np.asarray(cv2.imread(str(tmp_path / "thumbnails" / f"{name}.jpg")))
        assert image.shape[0] == 168 or image.shape[1] == 212
        assert image.std() > 0
