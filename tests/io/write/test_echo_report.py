import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr import _concepts_dict

from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.checks.findings import Severity
from kinecor.core.table.measures import MEASURES
from kinecor.core.values.geometry import Region
from kinecor.core.values.graph import Graph
from kinecor.core.values.reading import Decision
from kinecor.core.values.track import Structure
from kinecor.io.open.recordings import open_path
from kinecor.io.write import codes, content, echo_report, mr_report, report_items
from kinecor.io.write.codes import PRIVATE_SCHEME, UNITS, Code, concept_of
from kinecor.io.write.derived import UnidentifiedError, save_derived
from kinecor.io.write.values import Read
from kinecor.session.edits import SetCalliper
from tests.io.dicom_check import program, standard_errors
from tests.io.write.sources import AT, changed, read_clip, write_clip
from tests.readings import cine, read


def every_code() -> Iterator[Code]:
    """All codes that reports use."""
    for module in (codes, content, echo_report, mr_report, report_items):
        yield from (one for one in vars(module).values() if isinstance(one, Code))
    for table in (codes.VIEWS, codes.SITES, codes.ENDOCARDIAL_GLS):
        yield from table.values()
    for concept in codes.CONCEPTS.values():
        yield from (concept.measured, concept.site, concept.kind, concept.observed, *concept.echo.values())
        yield from (one for one in (concept.point, concept.mr) if one is not None)


def in_the_standard() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for scheme, names in _concepts_dict.concepts.items():
        for entries in names.values():
            for value, (meaning, _) in entries.items():
                found.setdefault((scheme, value), set()).add(meaning)
    return found


def test_no_code_of_a_standard_is_invented():
    known = in_the_standard()
    used = [one for one in every_code() if one.scheme not in (PRIVATE_SCHEME, "UCUM", "RFC5646")]
    assert len(used) > 90
    # Meanings that PS3.16 writes in another way, or with their kind in brackets.
    reworded = {"272518008": "Cardiovascular cycle point", "399264008": "Image mode", "53085002": "Right ventric"}
    for one in used:
        meanings = known.get((one.scheme, one.value), set())
        assert any(
            meaning == one.meaning or meaning.startswith(reworded.get(one.value, one.meaning)) for meaning in meanings
        ), (one, meanings)


def test_every_measurement_and_unit_has_codes():
    for measure in MEASURES:
        assert measure.unit in UNITS
        concept = concept_of(measure.code, measure.unit)
        assert (concept.kind == codes.INDEXED) == measure.unit.endswith("/m2")
    for one in every_code():
        assert len(one.value) <= 16
        assert len(one.scheme) <= 16
        assert len(one.meaning) <= 64


@pytest.fixture(scope="module")
def two_views(tmp_path_factory: pytest.TempPathFactory) -> list[Read]:
    folder = tmp_path_factory.mktemp("clips")
    name = {"SpecificCharacterSet": "ISO_IR 144", "PatientName": "Иванов^Иван", "AccessionNumber": "A-77"}
    first, second = (read_clip(write_clip(folder / f"{view}.dcm", view, **name), view) for view in ("A4C", "A2C"))
    # An ellipse that beats round its centre has an annulus that no heart has: without its outside nothing says so.
    inside = {one: track for one, track in first.reading.tracks.items() if one is not Structure.LV_EPI}
    first = changed(first, first.reading.with_(tracks=inside))
    tracks = second.reading.tracks
    unsure = replace(tracks[Structure.LA], confidence=np.full(12, 0.05))
    return [first, changed(second, second.reading.with_(tracks={**tracks, Structure.LA: unsure}))]


@pytest.fixture(scope="module")
def report(two_views: list[Read], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With an accepted EDV and a heart rate that nobody can see."""
    first, second = two_views
    accepted = {"EDV": Decision("EDV", True, None, "Dr. Ä. Müller^x")}
    path = tmp_path_factory.mktemp("sr") / "echo.dcm"
    save_derived(echo_report.echo_report([changed(first, first.reading.with_(decisions=accepted)), second], AT), path)
    return path


def numbers(root: Dataset) -> Iterator[Dataset]:
    for item in root.get("ContentSequence", []):
        if item.ValueType == "NUM":
            yield item
        yield from numbers(item)


def name(item: Dataset) -> Code:
    found = item.ConceptNameCodeSequence[0]
    return Code(found.CodeValue, found.CodingSchemeDesignator, found.CodeMeaning)


def texts(item: Dataset, concept: Code) -> list[str]:
    found = [one for one in item.ContentSequence if one.ValueType == "TEXT" and name(one) == concept]
    return [one.TextValue for one in found]


def test_every_value_that_is_shown_is_written_once_with_unit_and_label(two_views: list[Read], report: Path):
    first, second = (one.reading for one in two_views)
    rows = [(one, "A4C") for one in assess(first, [second]).measurements]
    rows += [(one, "A2C") for one in assess(second, [first]).measurements]
    rows += [(one, "study") for one in assessed_study([first, second]).measurements]
    shown = {f"{one.code} ({view})": one.quantity for one, view in rows if one.quantity is not None}
    written = {texts(item, content.SHORT_LABEL)[0]: item for item in numbers(pydicom.dcmread(report))}
    assert set(written) == set(shown)
    assert len(shown) < len(rows)  # some are withheld
    for label, item in written.items():
        measured = item.MeasuredValueSequence[0]
        assert measured.FloatingPointValue == shown[label].value
        assert float(measured.NumericValue) == pytest.approx(shown[label].value, abs=0.51)
        assert measured.MeasurementUnitsCodeSequence[0].CodeValue == UNITS[shown[label].unit].value


def test_standard_codes_stand_in_the_container_that_receivers_look_into(report: Path):
    root = pydicom.dcmread(report)
    containers = {name(one).value: one for one in root.ContentSequence if one.ValueType == "CONTAINER"}
    pre = {texts(one, content.SHORT_LABEL)[0]: name(one) for one in containers["125301"].ContentSequence}
    doubted = [one for one in numbers(containers["125302"]) if name(one).scheme == "LN"]
    assert pre["EDV (A4C)"] == Code("79999-9", "LN", "Left ventricular end diastolic volume single plane 4C (MOD)")
    assert all(
        "Check: " in texts(one, content.COMMENT)[0]
        for one in doubted
        if name(one).value != codes.CONCEPTS["HR"].measured.value
    )
    for one in numbers(containers["125302"]):
        kinds = {name(part).value for part in one.ContentSequence if part.RelationshipType == "HAS CONCEPT MOD"}
        assert {"125306", "363698007", "125305", "125307"} <= kinds


def test_a_value_with_an_open_check_carries_its_sentence_and_is_described_by_parts(two_views: list[Read], tmp_path):
    first, facts = two_views[0], two_views[0].reading.facts
    doubtful = changed(first, first.reading.with_(facts=replace(facts, times_s=facts.times_s * 0.5)))
    found = assess(doubtful.reading)
    marked = {code for one in found.open if one.severity is Severity.CHECK for code in one.measurements}
    marked &= {row.code for row in found.measurements if row.quantity is not None}
    assert marked
    save_derived(echo_report.echo_report([doubtful], AT), tmp_path / "sr.dcm")
    items = {texts(one, content.SHORT_LABEL)[0]: one for one in numbers(pydicom.dcmread(tmp_path / "sr.dcm"))}
    for code in marked:
        (comment,) = texts(items[f"{code} (A4C)"], content.COMMENT)
        sentences = [one.message for one in found.concerning(code)]
        assert all(f"Check: {one}".rstrip(".") in comment for one in sentences)


def test_frames_are_counted_from_1_and_outlines_from_the_corner_of_the_first_pixel(two_views: list[Read], report: Path):
    first = two_views[0]
    items = {texts(one, content.SHORT_LABEL)[0]: one for one in numbers(pydicom.dcmread(report))}
    outline = next(one for one in items["ESV (A4C)"].ContentSequence if one.ValueType == "SCOORD")
    image = outline.ContentSequence[0].ReferencedSOPSequence[0]
    es = first.reading.events.beats[0].es
    assert image.ReferencedFrameNumber == es + 1
    assert image.ReferencedSOPInstanceUID == pydicom.dcmread(first.recording.instances[0].path).SOPInstanceUID
    points = first.reading.tracks["lv_endo"].contours[es].points
    assert outline.GraphicData == pytest.approx((points + 0.5).ravel(), abs=1e-4)


def test_patient_and_study_are_the_source_s_and_names_keep_their_letters(two_views: list[Read], report: Path):
    made, source = pydicom.dcmread(report), pydicom.dcmread(two_views[0].recording.instances[0].path)
    for keyword in ("PatientID", "StudyInstanceUID", "AccessionNumber", "StudyDate", "PatientSex"):
        assert made[keyword].value == source[keyword].value
    assert str(made.PatientName) == "Иванов^Иван"
    assert made.SpecificCharacterSet == "ISO_IR 192"
    assert made.SeriesInstanceUID != source.SeriesInstanceUID
    assert (made.ContentDate, made.ContentTime, made.TimezoneOffsetFromUTC) == ("20261122", "140506", "+0000")
    persons = [one.PersonName for one in made.ContentSequence if one.ValueType == "PNAME"]
    assert [str(one) for one in persons] == ["Dr. Ä. Müller x"]
    devices = texts(made, content.OBSERVER_NAME)
    assert devices[0].startswith("Kinecor ")
    assert any(one.startswith("unet@1.0, weights abcdef") for one in devices)
    assert any("Accepted or edited by Dr. Ä. Müller^x: EDV (A4C)." in one for one in texts(made, content.COMMENT))
    chosen = [
        texts(one, content.SHORT_LABEL)[0]
        for one in numbers(made)
        if any(part.ValueType == "CODE" and name(part).value == "121404" for part in one.ContentSequence)
    ]
    assert chosen == ["EDV (A4C)"]


def test_a_recording_without_identifiers_gets_a_sentence(tmp_path):
    recording = cine()
    with pytest.raises(UnidentifiedError, match=r"has no DICOM identifiers.*export its values as CSV or PDF"):
        save_derived(echo_report.echo_report([Read(recording, read(recording))], AT), tmp_path / "sr.dcm")
    assert not list(tmp_path.iterdir())


def test_dcmtk_reads_it_without_a_complaint(report: Path):
    done = subprocess.run([program("dsrdump"), str(report)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    complaints = [line for line in done.stderr.decode().splitlines() if "Character Set" not in line]
    assert complaints == ["W: Check for template constraints not yet supported"]
    assert "Simplified Adult Echo SR Document" in done.stdout.decode(errors="replace")


def test_the_checker_finds_no_error_in_its_content(report: Path, tmp_path):
    # This version of the checker does not know the object's class; its content is that of a Comprehensive SR, too.
    known = pydicom.dcmread(report)
    known.SOPClassUID = known.file_meta.MediaStorageSOPClassUID = pydicom.uid.ComprehensiveSRStorage
    known.save_as(tmp_path / "known.dcm")
    assert standard_errors(tmp_path / "known.dcm") == []


def test_our_own_report_is_no_recording(report: Path):
    assert not open_path(report).recordings


def test_a_stroke_volume_by_the_outflow_tract_is_written_with_its_parts(two_views: list[Read], tmp_path: Path):
    """The diameter is of one recording and the integral of another; one code says all of the integral."""
    first, second = two_views
    facts = second.reading.facts
    spectrum = Graph("spectral", Region(0, 0, facts.columns, facts.rows), 0.004, -2.0, 60.0)
    envelope = ((20.0, 60.0), (45.0, 20.0), (70.0, 60.0))
    diameter = SetCalliper("LVOT", 0, ((40.0, 20.0), (50.0, 20.0))).apply(first.reading, "Ada")
    flow = second.reading.with_(facts=replace(facts, graphs=(spectrum,)))
    flow = SetCalliper("LVOT VTI", 0, envelope, "trace").apply(flow, "Ada")
    save_derived(echo_report.echo_report([changed(first, diameter), changed(second, flow)], AT), tmp_path / "sr.dcm")
    items = {texts(one, content.SHORT_LABEL)[0]: one for one in numbers(pydicom.dcmread(tmp_path / "sr.dcm"))}
    integral, volume = items["LVOTVTI (A2C)"], items["SVD (study)"]
    assert name(integral) == Code("80030-0", "LN", "Left ventricular outflow tract VTI")
    assert integral.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue == "cm"
    area_cm2 = items["LVOTA (A4C)"].MeasuredValueSequence[0].FloatingPointValue
    integral_cm = integral.MeasuredValueSequence[0].FloatingPointValue
    assert volume.MeasuredValueSequence[0].FloatingPointValue == pytest.approx(area_cm2 * integral_cm)
    sites = [one for one in volume.ContentSequence if one.ValueType == "CODE" and name(one).value == "363698007"]
    assert sites[0].ConceptCodeSequence[0].CodeMeaning == "Left ventricle outflow tract"


def test_a_value_over_recordings_that_are_no_apical_views_is_written(two_views: list[Read], tmp_path: Path):
    """E and e' are measured on spectra, which are no apical loops."""
    readings = []
    for one, label, speed in zip(two_views, ("E", "e' septal"), (80.0, 8.0), strict=True):
        facts = one.reading.facts
        spectrum = Graph("spectral", Region(0, 0, facts.columns, facts.rows), 0.004, -2.0, 60.0)
        bare = one.reading.with_(facts=replace(facts, graphs=(spectrum,)), view=None, tracks={}, events=None)
        point = SetCalliper(label, 0, ((20.0, 60.0 - speed / 2),), "point")
        readings.append(changed(one, point.apply(bare, "Ada")))
    save_derived(echo_report.echo_report(readings, AT), tmp_path / "sr.dcm")
    items = {texts(one, content.SHORT_LABEL)[0]: one for one in numbers(pydicom.dcmread(tmp_path / "sr.dcm"))}
    ratio = items["EE (study)"].MeasuredValueSequence[0]
    assert ratio.FloatingPointValue == pytest.approx(10.0)
