import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.core.values.track import Structure
from kinecor.io.export.contours import write_contours
from kinecor.io.export.pictures import write_film, write_key_pictures
from tests import stacks
from tests.readings import cine, names, read


def test_contours_in_pixels_and_millimetres(tmp_path: Path):
    reading = read(cine(), missing=(2,))
    write_contours(tmp_path, "1.2", "1", reading)
    document = json.loads((tmp_path / "1.2-contours.json").read_text("utf-8"))
    assert (document["recording"], document["study"]) == ("1.2", "1")
    first = document["contours"][0]
    points = reading.tracks[Structure.LV_ENDO].contours[0].points
    assert first["points_px"] == np.round(points, 3).tolist()
    assert first["points_mm"] == np.round(points * (0.5, 0.8), 3).tolist()
    assert first["patient_mm"] is None
    with (tmp_path / "1.2-contours.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    endo = [one for one in rows if one["structure"] == "lv_endo"]
    assert {one["frame"] for one in endo} == {str(frame) for frame in range(12) if frame != 2}
    assert [float(endo[0][key]) for key in ("x_px", "y_mm")] == [first["points_px"][0][0], first["points_mm"][0][1]]


def test_contours_of_a_stack_are_placed_in_the_patient(tmp_path: Path):
    recording = stacks.stack(stacks.positions(20.0, 4))
    write_contours(tmp_path, "s", "1", stacks.read(recording))
    found = json.loads((tmp_path / "s-contours.json").read_text("utf-8"))["contours"]
    for one in found[:3]:
        assert {round(point[2], 3) for point in one["patient_mm"]} == {round(-recording.positions_mm[one["slice"]], 3)}


def test_pictures_of_ed_and_es(tmp_path: Path):
    recording = cine()
    write_key_pictures(tmp_path, "a", recording, read(recording))
    assert names(tmp_path) == ["a-ed1.png", "a-ed1.svg", "a-es1.png", "a-es1.svg"]
    text = (tmp_path / "a-es1.svg").read_text("utf-8")
    assert 'id="lv_endo"' in text
    assert "Research use only" in text
    with Image.open(tmp_path / "a-ed1.png") as picture:
        assert picture.mode == "RGB"


@pytest.mark.parametrize("ending", ["mp4", "gif"])
def test_a_film_has_every_frame_at_the_speed_of_the_heart(tmp_path: Path, ending: str):
    recording = cine()
    write_film(tmp_path / f"film.{ending}", recording, read(recording))
    film = cv2.VideoCapture(str(tmp_path / f"film.{ending}"))
    shown = 0
    while film.read()[0]:
        shown += 1
    assert shown == 12
    assert film.get(cv2.CAP_PROP_FPS) == pytest.approx(25, abs=0.1)
    film.release()
    assert names(tmp_path) == [f"film.{ending}"]


def test_a_film_that_is_cancelled_or_of_another_format_leaves_nothing(tmp_path: Path):
    recording = cine()

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_film(tmp_path / "film.mp4", recording, read(recording), stop)
    with pytest.raises(KinecorError, match=r"ends in \.mp4 or \.gif"):
        write_film(tmp_path / "film.avi", recording, read(recording))
    assert not names(tmp_path)
