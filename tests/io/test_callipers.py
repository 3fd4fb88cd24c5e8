"""Callipers in result.json and in the report."""

from dataclasses import replace

import pypdfium2
import pytest

from kinecor.core.checks.assessment import assess
from kinecor.core.norms.norms import geometry_words
from kinecor.core.table.linear_inputs import calliper_words
from kinecor.core.values.choices import Body
from kinecor.core.values.reading import Reading, View
from kinecor.io.export.result import cine_entry
from kinecor.io.report.study_report import recording_report_bytes
from kinecor.session.edits import SetCalliper, SetTime
from tests.core.parasternal import NORMAL_MM, READER, SCALE, measured, parasternal
from tests.readings import cine

UNKNOWN = Body()


def of_a_man(sizes_mm: dict[str, float] = NORMAL_MM, body: Body = UNKNOWN) -> Reading:
    reading = parasternal(12, sex="M", age_years=61.0, body=body)
    return measured(reading.with_(view=View("PLAX", None, "header")), sizes_mm)


def test_every_calliper_is_in_result_json() -> None:
    reading = SetCalliper("annulus", 3, ((10.0, 10.0), (10.0, 0.0), (20.0, 0.0)), "angle").apply(of_a_man(), READER)
    entry = cine_entry("a", cine(), reading)
    by_name = {one["name"]: one for one in entry["callipers"]}
    assert by_name["LVIDd"]["value"] == 48.0
    assert by_name["LVIDd"]["points"] == [[100.0, 50.0], [100.0, 50.0 + 48 / SCALE.row_mm]]
    assert (by_name["annulus"]["value"], by_name["annulus"]["unit"], by_name["annulus"]["by"]) == (90.0, "deg", READER)
    assert {"IVSd", "LVML", "FS"} <= {one["name"] for one in entry["measurements"]}
    assert "callipers" not in cine_entry("a", cine(), parasternal(12))


def test_a_time_is_in_ms_and_a_line_is_in_no_report() -> None:
    reading = SetTime("ejection", 2, 9, ((10.0, 10.0), (10.0, 10.0))).apply(of_a_man(), READER)
    reading = SetCalliper("M-mode line", 2, ((10.0, 0.0), (10.0, 40.0)), "line").apply(reading, READER)
    by_name = {one["name"]: one for one in cine_entry("a", cine(), reading)["callipers"]}
    found = by_name["ejection"]
    times_s = reading.facts.times_s
    assert found["value"] == pytest.approx(1000 * (times_s[9] - times_s[2]), abs=0.1)
    assert (found["unit"], found["frame"], found["until"]) == ("ms", 2, 9)
    assert (by_name["M-mode line"]["shape"], by_name["M-mode line"]["value"]) == ("line", 20.0)
    assert "until" not in by_name["M-mode line"]
    document = pypdfium2.PdfDocument(recording_report_bytes(cine(), reading, software_version="1"))
    text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    document.close()
    assert f"ejection {found['value']:.0f} ms (frames 3 to 10)" in text
    assert "M-mode line" not in text
    assumed = reading.with_(facts=replace(reading.facts, times_origin="assumed"))
    assert {one["value"] for one in cine_entry("a", cine(), assumed)["callipers"] if one["shape"] == "time"} == {None}
    assert calliper_words(assumed, assumed.callipers["ejection"]) == "7 frames"


def test_without_a_scale_no_length_is_written() -> None:
    entry = cine_entry("a", cine(), measured(parasternal(12, scale=None)))
    assert {one["value"] for one in entry["callipers"]} == {None}


def test_linear_measurements_are_graded() -> None:
    found = assess(of_a_man(NORMAL_MM | {"IVSd": 14.0, "PWd": 14.0}))
    assert found.norms["IVSd"].grade == "moderately abnormal"
    assert found.norms["LVIDd"].flag == "within"
    assert found.norms["LVML"].grade != ""
    assert found.geometry == ""  # no body surface, no mass index
    sized = assess(of_a_man(NORMAL_MM | {"IVSd": 14.0, "PWd": 14.0}, Body(175.0, 76.0, "M")))
    assert sized.norms["LVMLI"].flag == "above"
    assert sized.geometry == "concentric hypertrophy"
    assert assess(of_a_man(body=Body(175.0, 76.0, "M"))).geometry == "normal geometry"


def test_the_report_lists_named_and_free_callipers_and_shows_their_frames() -> None:
    reading = SetCalliper("gap", 3, ((10.0, 10.0), (10.0, 30.0))).apply(of_a_man(), READER)
    document = pypdfium2.PdfDocument(recording_report_bytes(cine(), reading, software_version="1"))
    text = " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in document)
    document.close()
    for words in ("IVSd", "LVIDd", "LVML", "RWT", "gap 10.0 mm (frame 4)", "PLAX, callipers, frame 3"):
        assert words in text, words


def test_geometry_follows_from_wall_and_mass() -> None:
    one = assess(of_a_man())
    wall = one.norms["RWT"]
    mass = replace(one.norms["LVML"], flag="within")
    heavy, thick = replace(mass, flag="above"), replace(wall, flag="above")
    assert geometry_words(wall, mass) == "normal geometry"
    assert geometry_words(thick, mass) == "concentric remodelling"
    assert geometry_words(thick, heavy) == "concentric hypertrophy"
    assert geometry_words(wall, heavy) == "eccentric hypertrophy"
