import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import kinecor
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import Extent
from kinecor.core.values.message import message
from kinecor.core.values.reading import first_reading
from kinecor.core.values.recording import CineSequence, Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.io.export.result import (
    cine_entry,
    document,
    refused_entry,
    stack_entry,
    write_result,
)
from kinecor.io.open.find import sample_path
from kinecor.io.open.recordings import open_path
from kinecor.session.edits import SetCalibration, SetContours
from tests import stacks
from tests.readings import cine, names, read, with_identity
from tests.results import read_result


def test_one_recording_comes_back_as_the_schema_says(tmp_path: Path) -> None:
    recording = cine()
    reading = read(recording, missing=(3,))
    write_result(tmp_path / "result.json", document([cine_entry("1.2.3.4", recording, reading)], ["1.2.3"]))
    assert names(tmp_path) == ["result.json"]
    result = read_result(tmp_path / "result.json")
    assert result["software"] == {"name": "kinecor", "version": kinecor.__version__}
    assert result["studies"] == [{"id": "1.2.3", "recordings": ["1.2.3.4"], "measurements": [], "checks": []}]
    (one,) = result["recordings"]
    assert one["source"] == "study/clip.dcm"
    assert (one["modality"], one["frames"], one["slices"]) == ("US", 12, 1)
    assert one["view"] == {"label": "A4C", "confidence": 0.98}
    assert one["times_s"] == pytest.approx(np.arange(12) * 0.04)
    assert one["times_origin"] == "FrameTime"
    assert one["spacing_mm"] == [0.8, 0.5]
    assert one["calibration_origin"] == "region of the file"
    assert one["events"] == {"beats": [{"ed": 0, "es": 6}], "origin": "model"}
    assert set(one["tracks"]) == {"lv_endo", "lv_epi", "la"}
    assert one["tracks"]["lv_endo"]["contours"][3] is None
    assert one["tracks"]["lv_endo"]["confidence"][3] == 0
    assert one["error"] is None
    assert "found on opening" in one["warnings"]


def test_a_contour_that_follows_a_drawn_one_has_no_confidence_of_the_network() -> None:
    recording = cine()
    reading = read(recording)
    contours = reading.tracks[Structure.LV_ENDO].contours[4:7]
    ways = (Origin.TRACKED, Origin.EDITED, Origin.TRACKED)
    reading = SetContours(Structure.LV_ENDO, 4, contours, ways).apply(reading, "Dr Grey")
    sure = cine_entry("a", recording, reading)["tracks"]["lv_endo"]["confidence"]
    assert [at for at, one in enumerate(sure) if one is None] == [4, 5, 6]


def test_contours_are_x_y_rounded_to_a_hundredth() -> None:
    recording = cine(3)
    reading = read(recording)
    points = cine_entry("a", recording, reading)["tracks"]["lv_endo"]["contours"][0]
    contour = reading.tracks[Structure.LV_ENDO].contours[0]
    assert contour is not None
    assert np.abs(np.array(points) - contour.points).max() <= 0.005 + 1e-12


def test_numbers_of_curves_and_measurements_agree() -> None:
    recording = cine()
    one = cine_entry("a", recording, read(recording))
    volume = one["curves"]["lv_volume_ml"]
    found = {m["name"]: m for m in one["measurements"]}
    assert found["EDV"]["value"] == pytest.approx(volume[0], abs=1e-3)
    assert found["EF"]["value"] == pytest.approx(100 * (1 - volume[6] / volume[0]), abs=0.01)
    assert found["EF"]["unit"] == "%"
    assert found["EF"]["models"] == ["unet@1.0"]
    area_px2 = one["curves"]["lv_area_mm2"][0] / (0.8 * 0.5)
    assert area_px2 == pytest.approx(np.pi * 16 * 28, rel=0.03)


def test_what_needs_a_scale_is_absent_or_withheld_without_one(tmp_path: Path) -> None:
    recording = cine(calibrated=False)
    write_result(tmp_path / "r.json", document([cine_entry("a", recording, read(recording))], ["s"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert one["spacing_mm"] is None
    assert one["calibration_origin"] == "the file names no scale"
    assert set(one["curves"]) == {"time_s", "longitudinal_strain_percent"}  # strain is a ratio of lengths
    found = {m["name"]: m for m in one["measurements"]}
    assert found["EDV"]["status"] == "withheld"
    assert found["EF"]["value"] is not None
    assert any("scale" in warning for warning in one["warnings"])


def test_once_the_offered_scale_is_accepted_nothing_says_that_it_is_not_used() -> None:
    (recording,) = open_path(sample_path()).recordings
    assert isinstance(recording, CineSequence)
    start = first_reading(recording)
    before = cine_entry("a", recording, start)["warnings"]
    assert sum("the scale is not used" in one for one in before) == 1
    accepted = SetCalibration(recording.offered).apply(start, "Anna")
    assert not any("the scale is not used" in one for one in cine_entry("a", recording, accepted)["warnings"])


def test_gaps_become_null(tmp_path: Path) -> None:
    recording = cine()
    write_result(tmp_path / "r.json", document([cine_entry("a", recording, read(recording, missing=(3, 4)))], ["s"]))
    assert "NaN" not in (tmp_path / "r.json").read_text()
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert one["curves"]["lv_volume_ml"][3] is None
    assert one["curves"]["lv_area_mm2"][2] is not None


def test_nan_never_gets_into_the_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_result(tmp_path / "r.json", {"schema": float("nan")})
    assert names(tmp_path) == []


def test_a_failed_recording_has_no_results(tmp_path: Path) -> None:
    recording = cine(1)
    entry = cine_entry("a", recording, first_reading(recording), error="no ventricle was found")
    write_result(tmp_path / "r.json", document([entry], ["s"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert one["error"] == "no ventricle was found"
    assert one["view"] == {"label": "unknown", "confidence": None}
    assert one["events"] == {"beats": [], "origin": None}
    assert one["measurements"] == []


def test_an_edited_track_says_so() -> None:
    recording = cine()
    reading = read(recording)
    endo = reading.tracks[Structure.LV_ENDO]
    edited = endo.replaced(0, endo.contours[:1], Origin.EDITED)
    assert isinstance(edited, ContourTrack)
    one = cine_entry("a", recording, reading.with_(tracks={**reading.tracks, Structure.LV_ENDO: edited}))
    assert {m["name"]: m["status"] for m in one["measurements"]}["EDV"] == "edited"


def test_valve_closure_is_written_only_where_it_is_marked() -> None:
    one = cine()
    assert "avc" not in cine_entry("1", one, read(one))["events"]
    assert cine_entry("1", one, read(one).with_(valve_closures=(7,)))["events"]["avc"] == [7]


def test_valve_opening_is_written_only_where_it_is_marked() -> None:
    one = cine()
    assert "mvo" not in cine_entry("1", one, read(one))["events"]
    assert cine_entry("1", one, read(one).with_(valve_openings=(8,)))["events"]["mvo"] == [8]


def test_a_stack_is_listed_with_slices_and_phases(tmp_path: Path) -> None:
    slices = tuple(with_identity(cine(5), path="mr", recording_id=f"1.2.{n}", study_id="9") for n in range(3))
    stack = Stack(slices, np.array([0.0, 8.0, 16.0]), 8.0, "9", ("slice 2 is missing",))
    write_result(tmp_path / "r.json", document([stack_entry("s", stack, warnings=("later",))], ["9"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert (one["slices"], one["frames"]) == (3, 5)
    assert one["spacing_mm"] == [0.8, 0.5]
    assert one["warnings"] == ["slice 2 is missing", "found on opening", "later"]
    assert one["error"] is None


def test_a_read_stack_has_contours_per_slice_and_its_choices(tmp_path: Path) -> None:
    recording = stacks.stack()
    reading = stacks.read(recording, extent=Extent((1,) * 20, (10,) * 20))
    write_result(tmp_path / "r.json", document([stack_entry("s", recording, reading)], ["1.2.3"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert set(one["tracks"]) == {"lv_endo", "lv_epi", "rv"}
    assert one["tracks"]["lv_endo"]["contours"][0] == [None] * 20
    assert len(one["tracks"]["lv_endo"]["contours"][5][3]) == 180
    assert one["events"]["beats"] == [{"ed": 0, "es": 10}]
    assert one["view"]["label"] == "SAX"
    found = {row["name"]: row for row in one["measurements"]}
    assert found["EDV"]["value"] == pytest.approx(stacks.Heart().volume_ml(0), rel=0.005)
    assert "papillaries in cavity" in found["EDV"]["method"]
    assert found["LVM"]["unit"] == "g"
    assert one["curves"]["lv_volume_ml"][0] == found["EDV"]["value"]
    assert one["curves"]["rv_volume_ml"][10] == found["RVESV"]["value"]
    assert one["stack"]["base"] == [1] * 20
    assert one["stack"]["papillaries"] == "cavity"
    assert one["stack"]["segments"]["wall_ed_mm"][0] == pytest.approx(9, abs=0.05)
    assert 0 < one["stack"]["segments"]["wall_ed_mm"][16] < 30
    assert one["stack"]["shift_mm"][5] == pytest.approx(0, abs=0.1)
    assert [found["code"] for found in one["checks"]] == ["stack.stroke-volumes"]


def test_what_a_check_names_as_nearly_as_likely_is_written_and_within_the_interval(tmp_path: Path) -> None:
    recording = stacks.stack()
    reading = stacks.read(recording, extent=Extent((2,) * 20, (10,) * 20))  # the contours say slice 2, from 1
    write_result(tmp_path / "r.json", document([stack_entry("s", recording, reading)], ["1.2.3"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    values = {row["name"]: row for row in one["measurements"]}
    bases = [other for other in one["alternatives"] if other["kind"] == "base"]
    assert any(other["message"].endswith("if the base is slice 2 at ED") for other in bases)
    for other in bases:
        low, high = values["EDV"]["interval"]
        assert low <= other["values"]["EDV"] <= high
        assert low <= values["EDV"]["value"] <= high
    sound = stacks.read(recording, extent=Extent((1,) * 20, (10,) * 20))
    others = stack_entry("s", recording, sound).get("alternatives", [])
    assert all(other["kind"] != "base" for other in others)


def test_a_stack_that_failed_has_only_the_positions_of_its_slices(tmp_path: Path) -> None:
    recording = stacks.stack()
    entry = stack_entry("s", recording, stacks.read(recording), error="no model")
    write_result(tmp_path / "r.json", document([entry], ["1.2.3"]))
    (one,) = read_result(tmp_path / "r.json")["recordings"]
    assert one["measurements"] == []
    assert one["curves"] == {}
    assert set(one["stack"]) == {"positions_mm", "thickness_mm"}


def test_slices_of_differing_spacing_share_none() -> None:
    one, other = cine(2), replace(cine(2), calibration=Calibration(1, 1, message("header")))
    entry = stack_entry("s", Stack((one, other), np.array([0.0, 8.0]), None, "9"))
    assert entry["spacing_mm"] is None
    assert any("differ in pixel spacing" in warning for warning in entry["warnings"])


def test_studies_gather_their_recordings_and_refused_files_belong_to_none(tmp_path: Path) -> None:
    recording = cine(2)
    entries = [cine_entry(name, recording, read(recording)) for name in "abc"]
    entries.insert(1, refused_entry("x", "bad.dcm", "bad.dcm is no recording"))
    write_result(tmp_path / "r.json", document(entries, ["1", None, "2", "1"]))
    result = read_result(tmp_path / "r.json")
    assert [(study["id"], study["recordings"]) for study in result["studies"]] == [("1", ["a", "c"]), ("2", ["b"])]
    assert result["recordings"][1]["error"] == "bad.dcm is no recording"


def test_the_same_reading_makes_the_same_bytes() -> None:
    recording = cine()
    first, second = (json.dumps(cine_entry("a", recording, read(recording))) for _ in range(2))
    assert first == second


def test_a_file_name_that_is_not_utf8_comes_back_as_it_is(tmp_path: Path) -> None:
    path = "cl\udcffip.dcm"
    recording = with_identity(cine(2), path=path, recording_id="a\udcff")
    write_result(tmp_path / "r.json", document([cine_entry("a", recording, read(recording))], ["s"]))
    assert read_result(tmp_path / "r.json")["recordings"][0]["source"] == path
