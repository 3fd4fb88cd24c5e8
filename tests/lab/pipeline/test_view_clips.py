from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor.analysis.models import Models
from kinecor.core.values.errors import KinecorError
from kinecor_lab.pipeline.view_clips import Row, expected, looked_at, main, table
from tests.analysis.test_view import FakeViews


@pytest.mark.parametrize(
    ("stem", "view"),
    [("A4C", "A4C"), ("patient1_a2c_ED", "A2C"), ("plax-colour-rle", "unknown"), ("PSAXX", ""), ("A4C-A2C", "")],
)
def test_a_name_may_give_the_view(stem: str, view: str) -> None:
    assert expected(stem) == view


def rows() -> list[Row]:
    return [
        Row("A4C.mp4", "A4C", "A4C", 0.97, "A4C", None),
        Row("A2C.mp4", "A2C", "unknown", 0.5, "A4C", "the model is not sure"),
        Row("PLAX.mp4", "PLAX", "PSAX", 0.9, "PSAX", None),
        Row("x.mp4", "", "A3C", 0.9, "A3C", None),
    ]


def test_verdicts_and_their_counts() -> None:
    assert [row.verdict for row in rows()] == ["right", "refused", "WRONG", "-"]
    assert "n = 4: 1 right, 1 refused, 1 WRONG, 1 with nothing expected" in table(rows()).text()
    assert "the model is not sure" in table(rows()).text()


def test_clips_are_opened_as_the_window_opens_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, grey in (("A4C.png", 90), ("other.png", 120)):
        cv2.imwrite(str(tmp_path / name), np.full((60, 80), grey, np.uint8))
    (tmp_path / "index.csv").write_text("file,view\nother.png,PLAX\n")
    monkeypatch.setattr(Models, "views", lambda _: FakeViews("A4C", 0.9))
    found = looked_at(tmp_path)
    assert [(row.name, row.expected, row.verdict) for row in found] == [
        ("A4C.png", "A4C", "right"),
        ("other.png", "PLAX", "WRONG"),
    ]


def test_views_may_be_listed_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clips").mkdir()
    cv2.imwrite(str(tmp_path / "clips" / "other.png"), np.full((60, 80), 120, np.uint8))
    index = tmp_path / "views.csv"
    index.write_text("file,view\nother.png,PSAX\n")
    monkeypatch.setattr(Models, "views", lambda _: FakeViews("PSAX", 0.9))
    assert [row.expected for row in looked_at(tmp_path / "clips", index=index)] == ["PSAX"]


def test_an_empty_folder_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Models, "views", lambda _: FakeViews("A4C", 0.9))
    with pytest.raises(KinecorError, match="found none"):
        looked_at(tmp_path)
    assert main([str(tmp_path)]) == 1
    assert "check the folder" in capsys.readouterr().err
