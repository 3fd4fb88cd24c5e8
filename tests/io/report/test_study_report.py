"""The PDF report of a study: what is on it for echo, cine MRI and both, its paper, its letters, its bytes."""

import datetime
import re
from dataclasses import replace
from io import BytesIO
from types import MappingProxyType

import pikepdf
import pypdfium2
import pytest

from kinecor import RESEARCH_USE
from kinecor.core.checks import assessment
from kinecor.core.checks.findings import Finding, Severity, codes_affected
from kinecor.core.checks.table import short_title_of_check
from kinecor.core.report.sentences import parts_of
from kinecor.core.study import conclusions
from kinecor.core.study.prior import Examined, compare_with_prior
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.reading import Decision, first_reading_of
from kinecor.core.values.recording import Patient, Stage
from kinecor.core.values.study import (
    IMPRESSION,
    Addendum,
    EditedSentence,
    Entered,
    Letterhead,
    Printed,
    ReportText,
    Signature,
    first_study_reading,
)
from kinecor.io.report import templates
from kinecor.io.report.study_report import (
    Member,
    recording_report_bytes,
    report_language,
    study_report_bytes,
)
from kinecor.session.edits import AcknowledgeFinding
from tests import stacks
from tests.core.study.test_prior import biplane
from tests.readings import cine, read, with_identity

DAY = datetime.date(2026, 1, 31)
PATIENT = Patient("Doe^Jane", "42", "1950-01-02", "F", 170, 70, "2024-01-31", "Echo", "Hospital of the header")


def member(label="A4C", patient=PATIENT, **identity):
    recording = with_identity(cine(), path=f"{label}.dcm", recording_id=f"id-{label}", **identity)
    recording = replace(recording, source=replace(recording.source, patient=patient))
    reading = read(recording)
    return Member(recording, reading.with_(view=replace(reading.view, label=label)))


def study_of(members, **parts):
    first = first_study_reading("1.2.3", [one.recording for one in members])
    return first.with_(report=ReportText(**parts))


def made(members, study=None):
    return study_report_bytes(members, study or study_of(members), software_version="9.8.7", printed_on=DAY)


def texts(data):
    """The text of each page, as a search finds it."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    finally:
        document.close()


@pytest.fixture(scope="module")
def two():
    members = [member("A4C"), member("A2C")]
    own = EditedSentence("Good function.\nEF {EF}.", "Dr Grey", "", {"EF": "12 %"})
    head = Letterhead("Heart Centre", "Echo laboratory", "Dr Black", "ACC-7", "Dyspnoea")
    data = made(members, study_of(members, sentences=MappingProxyType({IMPRESSION: own}), letterhead=head))
    return data, texts(data)


def test_a_study_says_who_what_and_why(two):
    _, (first, second, *_) = two
    assert "A4C, ED, frame 1" in first + second
    assert "A2C, ES, frame 7" in first + second
    for words in (
        "Heart Centre",
        "Echo laboratory",
        "Echocardiography report",
        "Doe, Jane",
        "ID 42",
        "F, 74 y, 1950-01-02",
        "2024-01-31",
        "170 cm, 70 kg",
        "1.82 m² (Mosteller)",
        "64/min",
        "Dr Black",
        "ACC-7",
        "Dyspnoea",
        "Good function.",
        "biplane method of disks (A4C and A2C)",
    ):
        assert words in first, words


def test_an_impression_that_no_longer_matches_says_so(two):
    _, (first, *_) = two
    assert re.search(r"! No longer matches the values: EF was 12 %, is \d+ %\.", first)


def test_the_notice_and_the_number_are_on_every_page(two):
    _, pages = two
    assert 2 <= len(pages) <= 3
    for number, text in enumerate(pages, 1):
        assert RESEARCH_USE in text
        assert f"Page {number} of {len(pages)}" in text
        assert len(text) > 300


def test_the_methods_name_models_scales_frames_and_authors_and_the_ids_come_last(two):
    _, pages = two
    methods = " ".join(pages[-2:])
    for words in (
        "12 frames, 25/s; times from FrameTime",
        "1, 7 (auto)",
        "0.8 mm/px down, 0.5 mm/px across",
        "12 of 12 frames, 0 edited",
        "unet@1.0",
        "counted from 1",
        "Impression by Dr Grey",
        "ASE/EACVI 2015: Lang RM",
    ):
        assert words in methods, words
    assert "may differ from SV by 1 ml" in " ".join(methods.split())
    assert methods.index("Methods") < methods.index("A4C.dcm") < methods.index("Study 1.2.3.")
    assert methods.rindex("properties (XMP)") > methods.index("Checks")
    assert methods[: methods.index("Checks")].count("unet@1.0") == 1
    # Identifiers and digests are for programs: among the properties of the file.
    assert "id-A4C" not in " ".join(pages)
    assert "abcdef012345" not in " ".join(pages)
    data, _ = two
    with pikepdf.open(BytesIO(data)) as document:
        xmp = document.open_metadata()
        assert xmp["dc:identifier"] == "1.2.3"
        assert "A4C: A4C.dcm" in xmp["dc:source"]
        assert "id-A4C" in xmp["dc:source"]
        assert "id-A2C" in xmp["dc:source"]
        assert "unet@1.0 (weights sha256 abcdef012345" in str(xmp["dc:relation"])


def test_the_same_reading_makes_the_same_bytes(two):
    data, _ = two
    members = [member("A4C"), member("A2C")]
    assert made(members) == made(members)
    assert b"DejaVuSansCondensed" in data


def test_letter_paper():
    members = [member()]
    data = made(members, study_of(members, printed=Printed(paper="Letter", images=False)))
    document = pypdfium2.PdfDocument(data)
    assert {tuple(map(round, page.get_size())) for page in document} == {(612, 792)}
    document.close()
    assert "A4C, ED, frame 1" not in " ".join(texts(data))


def test_letters_of_many_languages_are_embedded_and_found():
    name = "Щукин^Żółć=Ωμέγα=山田"
    first = texts(made([member(patient=replace(PATIENT, name=name))]))[0]
    assert "Щукин, Żółć (Ωμέγα; 山田)" in first


@pytest.mark.parametrize("name", ["W" * 300, "<font><b>&lt;^]]>", "a" * 60 + "^" + "b" * 60])
def test_any_name_is_printed(name):
    pages = texts(made([member(patient=replace(PATIENT, name=name, patient_id=name))]))
    assert len(pages) <= 4


@pytest.fixture
def checked(monkeypatch):
    def use(*findings):
        monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda _: findings,))
        monkeypatch.setattr(assessment, "check_against_other_views", lambda *_: ())

    return use


RATE = Finding("time.rate", Severity.CHECK, message("The rates disagree."), measurements=codes_affected("HR"))
DOUBTFUL = Finding(
    "contours.doubtful", Severity.CHECK, message("The atrium is doubtful."), measurements=codes_affected("LAV")
)
CROSSED = Finding("contours.crossed", Severity.STOP, message("The contours cross."), measurements=codes_affected("ESV"))


def test_open_checks_are_numbered_named_and_make_no_sentence(checked):
    checked(DOUBTFUL)
    first = texts(made([member()]))[0]
    assert "! Open checks: 1" in first
    assert re.search(r"The atrium is doubtful. ?\(concerns LAV, LAVI\)", first)
    assert "! check 1" in first
    assert "No statement on the left atrium: LAV has an open check." in first


def test_a_heart_rate_with_an_open_check_says_so_in_the_block_of_the_patient(checked):
    checked(RATE)
    assert "Heart rate 64/min ! check" in texts(made([member()]))[0]


CONTRADICTED = Finding(
    "time.rate-contradicts", Severity.STOP, "The rates contradict.", measurements=codes_affected("HR")
)


def test_a_heart_rate_that_is_withheld_is_not_printed_as_that_of_the_patient(checked):
    checked(CONTRADICTED)
    (first, *_) = texts(made([member()]))
    assert "Heart rate – ! check" in first
    assert "64/min" not in first


def test_withheld_values_share_a_line_with_their_reason(checked):
    checked(CROSSED)
    first = texts(made([member()]))[0]
    assert re.search(r"EF, ESV, SV, CO – Not available: The contours cross\.", first)
    assert "No statement on left ventricular function: The contours cross." in first


def test_acknowledged_checks_say_who_when_and_why(checked):
    checked(RATE)
    one = member()
    seen = AcknowledgeFinding(RATE.key, "2026-11-22T20:00:00+00:00", "artefact").apply(one.reading, "Dr Grey")
    pages = texts(made([replace(one, reading=seen)]))
    assert "Open checks" not in pages[0]
    assert "The rates disagree. Acknowledged by Dr Grey, 2026-11-22: artefact" in pages[-1]


def test_an_age_without_a_birth_date_is_printed_and_its_ranges_are_those_of_the_age():
    child = member(patient=replace(PATIENT, birth_date="", stated_age="006Y"))
    assert child.reading.facts.age_years == 6.0
    (first, *_) = texts(made([child]))
    assert "F, 6 y" in first


def test_what_a_reader_entered_of_the_patient_is_printed_and_named():
    members = [member(patient=Patient("Doe^Jane", "42"))]
    study = study_of(members).with_(entered=Entered(sex="M"), entered_by={"sex": "Dr Grey"})
    pages = texts(made(members, study))
    assert "Sex, age, born M" in pages[0]
    assert "entered in place of the file's: sex by Dr Grey." in pages[-1]


def test_a_signature_says_who_and_when_and_a_change_after_it(two):
    members = [member("A4C"), member("A2C")]
    study = study_of(members)
    parts = conclusions.parts_of([one.reading for one in members], study)
    signed = study.with_(signed=(Signature("Dr Grey", "2026-11-22T10:58:00+00:00", parts),))
    whole = " ".join(texts(made(members, signed)))
    assert "Signed electronically: Dr Grey · 2026-11-22 10:58 UTC" in whole
    assert "Not changed since" in whole
    assert "Not signed: draft" in " ".join(two[1])
    later = signed.with_(
        report=ReportText({"lv": EditedSentence("Other.", "Dr Grey")}),
        signed=(*signed.signed, Addendum("Dr Black", "2026-11-23T08:00:00+00:00", "left out: the valve")),
    )
    whole = " ".join(texts(made(members, later)))
    assert "! Changed since it was signed" in whole
    assert "Addendum, Dr Black, 2026-11-23 08:00 UTC: left out: the valve" in whole


def test_the_report_that_is_signed_says_so_on_its_first_page():
    members = [member("A4C"), member("A2C")]
    study = study_of(members)
    parts = conclusions.parts_of([one.reading for one in members], study)
    given = Signature("Dr Grey", "2026-11-22T10:58:00+00:00", parts, login="anna", remark="for Dr Blue")
    signed = study.with_(signed=(given,))
    pages = texts(study_report_bytes(members, signed, software_version="9.8.7", printed_on=DAY, signing=True))
    assert "Signed electronically: Dr Grey (login anna) · 2026-11-22 10:58 UTC · for Dr Blue" in pages[0]
    assert "Signed with" in pages[0]
    assert not any("Not the signed report" in one or "Addendum" in one for one in pages)


def test_what_is_made_after_a_signature_says_on_every_page_that_it_is_not_part_of_it():
    members = [member("A4C"), member("A2C")]
    study = study_of(members)
    parts = conclusions.parts_of([one.reading for one in members], study)
    given = Signature("Dr Grey", "2026-11-22T10:58:00+00:00", parts, document="ab" * 32)
    signed = study.with_(signed=(given,))
    words = "Not the signed report: made again from what Dr Grey signed, 2026-11-22 10:58 UTC"
    assert all(words in one for one in texts(made(members, signed)))
    late = study.with_(signed=(given, Addendum("Dr Black", "2026-11-23T08:00:00+00:00", "the valve")))
    words = "Addendum, not signed: not part of what Dr Grey signed, 2026-11-22 10:58 UTC"
    assert all(words in one for one in texts(made(members, late)))
    again = late.with_(signed=(*late.signed, replace(given, at="2026-11-24T08:00:00+00:00", document="")))
    (first, *_) = texts(study_report_bytes(members, again, software_version="9.8.7", printed_on=DAY, signing=True))
    assert "Signed: Dr Grey, 2026-11-22 10:58 UTC, report SHA-256 abababababababab" in first
    assert "Addendum, Dr Black, 2026-11-23 08:00 UTC: the valve" in first


def test_a_recording_of_a_signed_study_has_no_signed_report():
    members = [member("A4C")]
    given = Signature("Dr Grey", "2026-11-22T10:58:00+00:00", (("", "x"),), document="ab" * 32)
    study = study_of(members).with_(signed=(given,))
    (one,) = members
    data = recording_report_bytes(one.recording, one.reading, software_version="9.8.7", study=study)
    assert all("Not the signed report" in page for page in texts(data))


def test_the_prior_study_is_a_column_and_its_warnings_are_among_the_methods():
    members = [member("A4C"), member("A2C")]
    study = study_of(members)
    readings = tuple(one.reading for one in members)
    earlier = replace(study, study_id="1.2.2", study_date="2023-05-06")
    prior = compare_with_prior(Examined(study, readings), Examined(earlier, readings))
    data = study_report_bytes(members, study, software_version="9.8.7", printed_on=DAY, prior=prior)
    pages = texts(data)
    assert "Prior 2023-05-06" in pages[0]
    row = re.search(r"EF Ejection fraction (\d+ %) .*?EDV", pages[0])
    assert row[0].count(row[1]) == 2
    assert f"! {row[1]}" in row[0]
    assert "Prior study 2023-05-06; ! marks a value with a check there." in " ".join(pages)
    hidden = study.with_(report=ReportText(printed=Printed(prior=False)))
    data = study_report_bytes(members, hidden, software_version="9.8.7", printed_on=DAY, prior=prior)
    assert "2023-05-06" not in " ".join(texts(data))


def report_with_change(*, language="en"):
    """A report of two planes whose EF was far lower in the prior study."""
    members = [member("A4C"), member("A2C")]
    study = study_of(members)
    now = tuple(one.reading for one in members)
    weak = biplane(study, swing=0.12).readings
    earlier = replace(study, study_id="1.2.2", study_date="2023-05-06")
    prior = compare_with_prior(Examined(study, now), Examined(earlier, weak))
    data = study_report_bytes(members, study, software_version="9.8.7", printed_on=DAY, prior=prior, language=language)
    return prior, texts(data)


def test_page_1_says_what_changed_and_the_methods_cite_the_measurement_error():
    prior, pages = report_with_change()
    change = next(one for one in prior.changes if one.code == "EDV")
    before, after = (f"{one.quantity.value:.0f}" for one in (change.then, change.now))
    assert f"{before} → {after} ml" in pages[0]
    verdict = {True: "beyond measurement error", False: "within measurement error"}[change.exceeds]
    assert verdict in pages[0]
    whole = " ".join(pages)
    assert "Measurement error" in whole
    assert "29.1 % of the mean of both (Grothues et al. 2002" in whole
    _, german = report_with_change(language="de")
    said = {True: "größer als der Messfehler", False: "innerhalb des Messfehlers"}[change.exceeds]
    assert said in german[0]


@pytest.mark.parametrize("lines", [1, 12, 75])
def test_page_1_has_values_impression_and_signature_whatever_their_length(lines):
    members = [member("A4C"), member("A2C")]
    own = EditedSentence("\n".join(f"Sentence number {one}." for one in range(lines)), "Dr Grey", "", {})
    (first, *_) = texts(made(members, study_of(members, sentences=MappingProxyType({IMPRESSION: own}))))
    assert "Not signed: draft Signature Name, date" in first
    assert "Sentence number 0." in first
    assert re.search(r"EF \d+ % \d+–\d+ %", first)
    if lines < 40:
        assert first.index("Sentence number 0.") < first.index("Not signed: draft")
    parts = conclusions.parts_of([one.reading for one in members], study_of(members))
    signed = study_of(members, sentences=MappingProxyType({IMPRESSION: own}))
    signed = signed.with_(signed=(Signature("Dr Grey", "2026-11-22T10:58:00+00:00", parts),))
    assert "Signed electronically: Dr Grey" in texts(made(members, signed))[0]


def test_rows_name_every_open_check_by_number_and_short_title(two):
    _, pages = two
    members = [member("A4C"), member("A2C")]
    (part,) = parts_of([one.reading for one in members], study_of(members))
    titles = {
        short_title_of_check(one.code)
        for each in (*part.found, part.study)
        for one in each.open
        if one.marks and "EF" in one.measurements
    }
    assert len(titles) > 2
    row = re.search(r"EF Ejection fraction .*?EDV", pages[0])[0]
    for title in titles:
        assert title in row, title


def test_a_value_says_which_clip_of_several_of_its_view_it_is_of():
    first, second = member("A4C"), member("A4C")
    recording = with_identity(second.recording, path="again.dcm", recording_id="id-again")
    reading = read(recording)
    again = Member(recording, reading.with_(view=replace(reading.view, label="A4C")))
    whole = " ".join(texts(made([first, again])))
    assert re.search(r"A4C, clip 1[^.]*A4C\.dcm", whole)
    assert re.search(r"A4C, clip 2[^.]*again\.dcm", whole)
    row = re.search(r"EF Ejection fraction .*?EDV", whole)[0]
    assert re.search(r"clip [12]", row)
    assert "clip 1" not in " ".join(texts(made([first])))
    (page, *_) = texts(made([first, again, member("A2C")]))
    row = re.search(r"EF Ejection fraction .*?EDV", page)[0]
    assert re.search(r"biplane method of disks \(A4C and A2C\); A4C, clip [12]", row)


def left_edge(data, word):
    """Where a word stands on the first page, in points from its left edge."""
    document = pypdfium2.PdfDocument(data)
    try:
        page = document[0].get_textpage()
        found = page.search(word, match_case=True).get_next()
        return page.get_charbox(found[0])[0]
    finally:
        document.close()


def test_methods_have_the_room_that_names_and_values_leave(two):
    """Half of the column of names was empty while methods took four lines each."""
    data, pages = two
    assert "Method" in pages[0]
    assert left_edge(data, "Method") < 425  # 442 where columns had fixed shares
    assert left_edge(data, "Flag") < left_edge(data, "Method")


def test_a_curve_of_strain_is_drawn_only_where_the_table_has_its_value():
    shown = member()
    assert "Longitudinal strain, %" in " ".join(texts(made([shown])))
    rejected = {"GLS": Decision("GLS", False, None, "Ann")}
    withheld = Member(shown.recording, shown.reading.with_(decisions=rejected))
    assert "Longitudinal strain, %" not in " ".join(texts(made([withheld])))


def test_a_stack_has_both_ventricles_and_its_slices():
    recording = stacks.stack()
    pages = texts(made([Member(recording, stacks.read(recording))]))
    whole = " ".join(pages)
    assert "Cardiac MRI report" in pages[0]
    assert "End-systole: phase" in whole
    assert "volumes of stacks by summation of slices" in whole


def test_both_modalities_in_one_report():
    recording = stacks.stack()
    pages = texts(made([member(), Member(recording, stacks.read(recording))]))
    assert "Cardiac imaging report" in pages[0]
    assert "CMR: left ventricle" in pages[0]


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.setattr(templates, "readings_folder", lambda: tmp_path)
    folder = tmp_path / templates.FOLDER
    folder.mkdir()
    return folder


OURS = 'name = "Ours"\nstudy = "echo"\ntitle = "Echo of our house"\npaper = "Letter"\nrows = ["EF"]\n'


def test_a_departments_own_template_takes_the_place_of_the_programs(own):
    (own / "ours.toml").write_text(OURS)
    first = texts(made([member()]))[0]
    assert "Echo of our house" in first
    assert "Stroke volume" not in first


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("title", "titel"), "unknown field `titel`"),
        (('"Letter"', '"A7"'), 'paper: expected A4 or Letter, got "A7"'),
        (('"EF"', '"XYZ"'), "rows: there is no measurement XYZ"),
        (('"echo"', '"pet"'), "Invalid enum value 'pet'"),
        (('name = "Ours"', "name = Ours"), "Invalid"),
        (('name = "Ours"', 'name = "Ours"\nlogo = "none.png"'), "The logo none.png"),
    ],
)
def test_a_wrong_template_is_named_with_what_is_wrong(own, change, words):
    (own / "ours.toml").write_text(OURS.replace(*change))
    every, wrong = templates.templates()
    assert len(every) == 3
    (sentence,) = wrong
    assert words in sentence
    assert "ours.toml" in sentence
    with pytest.raises(KinecorError, match="no report template"):
        templates.template_for("echo", "Ours")


def test_a_report_in_german(two):
    members = [member("A4C"), member("A2C")]
    own = EditedSentence("Good function.\nEF {EF}.", "Dr Grey", "", {"EF": "12 %"})
    study = study_of(members, sentences=MappingProxyType({IMPRESSION: own}), language="de")
    data = made(members, study)
    first, *others = texts(data)
    assert "Echokardiographie-Befund" in first
    assert "Nur für Forschungszwecke - nicht zur Diagnose" in first
    assert "02.01.1950" in first  # born
    assert "1,82 m²" in first
    assert "Good function." in first  # a reader's own words stay
    assert "EF war 12 %, ist" in first
    assert re.search(r"Ejektionsfraktion \d+ %", first)
    assert "Scheibchensummation" in " ".join(others)
    assert RESEARCH_USE not in " ".join((first, *others))
    assert made(members, study) == data
    assert made(members, study) != two[0]


def test_the_language_is_the_caller_s_then_the_reader_s_then_the_template_s(tmp_path, monkeypatch):
    monkeypatch.setattr(templates, "readings_folder", lambda: tmp_path)
    (tmp_path / "reports").mkdir()
    own = 'name = "Herzzentrum"\nstudy = "echo"\ntitle = "Befund"\nlanguage = "de"\n'
    (tmp_path / "reports" / "own.toml").write_text(own)
    members = [member("A4C")]
    parts = parts_of([one.reading for one in members])
    assert report_language(study_of(members), parts).code == "de"
    assert report_language(study_of(members, language="en"), parts).code == "en"
    assert report_language(study_of(members, language="en"), parts, "de").code == "de"
    (tmp_path / "reports" / "own.toml").write_text(own.replace('"de"', '"tlh"'))
    assert report_language(study_of(members), parts).code == "en"
    _, problems = templates.templates()
    assert "expected en or de" in problems[0]


def test_recordings_at_two_rates_are_not_headed_by_one_of_them():
    """Over a mean of 38 stood the 40 of one clip."""
    members = []
    for label, rate in (("A4C", 70.0), ("A2C", 65.0)):
        one = member(label)
        members.append(
            Member(one.recording, one.reading.with_(facts=replace(one.reading.facts, heart_rate_per_min=rate)))
        )
    assert "Heart rate 65–70/min" in texts(made(members))[0]
    assert "Heart rate 70/min" in texts(made(members[:1]))[0]


def staged(label, stage):
    one = member(label)
    name = f"{label}-{stage.name if stage else 'none'}"
    recording = with_identity(one.recording, path=f"{name}.dcm", recording_id=name)
    facts = replace(one.reading.facts, recording_id=name, stage=stage, heart_rate_per_min=None)
    return Member(recording, one.reading.with_(facts=facts))


REST, LOW, PEAK = Stage("Baseline", 1), Stage("Low dose", 2), Stage("Peak", 3)


def test_a_stress_study_names_the_stage_of_everything_and_compares_rest_with_peak():
    members = [staged("A2C", PEAK), staged("A4C", REST), staged("A4C", PEAK), staged("A4C", LOW), staged("A4C", None)]
    first, *others = texts(made(members))
    text = " ".join((first, *others))
    assert "A4C Baseline, ED" in text
    assert "A4C Peak, ES" in text
    assert "A2C Peak, ED" in text
    assert "A4C (no stage), ED" in text
    assert "A4C Low dose, ED" not in text
    assert "Stage Baseline, where no other is named" in first
    assert "Baseline: LV volume" in text
    assert "Peak: LV volume" in text
    assert text.count("Curves") == 1  # of all stages in one place: a row for each left half a page empty
    assert re.search(r"Baseline \(rest\) Low dose Peak \(peak\) Peak less rest", text)
    assert re.search(r"Heart rate – – – –", text)
    assert re.search(r"EF, A4C (! )?\d+ % (! )?\d+ % (! )?\d+ % (! )?\+0 (± \d+ )?points", text)
    assert "EF, A2C" not in text  # at peak alone
    assert "biplane" not in first.partition("Rest and peak")[0]
    methods = text.partition("Methods")[2]
    for place in ("A4C Baseline", "A4C Peak", "A4C Low dose", "A2C Peak", "A4C (no stage)"):
        assert place in methods


def test_images_of_cine_mri_are_of_a_phase():
    echo = member()
    mri = Member(echo.recording, echo.reading.with_(facts=replace(echo.reading.facts, modality="MR")))
    text = " ".join(texts(made([mri])))
    assert re.search(r"ED, phase 1\b", text)
    assert "ED, frame" not in text


def test_what_falls_from_rest_to_peak_has_a_minus_and_no_hyphen():
    peak = staged("A4C", PEAK)
    beat = peak.reading.events.beats[0]
    shorter = replace(peak.reading.events, beats=(replace(beat, es=(beat.ed + beat.es) // 2),))
    text = " ".join(texts(made([staged("A4C", REST), Member(peak.recording, peak.reading.with_(events=shorter))])))
    assert re.search(r"EF, A4C (! )?\d+ % (! )?\d+ % (! )?−\d+ (± \d+ )?points", text)


def test_values_image_and_curve_of_a_view_with_two_clips_at_a_stage_are_of_one_which_is_named():
    first, second = (staged("A4C", PEAK) for _ in range(2))
    numbered = []
    for number, one in ((4, first), (5, second)):
        recording = with_identity(one.recording, path=f"{number}.dcm", recording_id=f"peak-{number}")
        facts = replace(one.reading.facts, recording_id=f"peak-{number}", view_number=number)
        numbered.append(Member(recording, one.reading.with_(facts=facts)))
    withheld, valued = numbered
    rejected = {"EF": Decision("EF", False, None, "Ann")}
    withheld = Member(withheld.recording, withheld.reading.with_(decisions=rejected))
    text = " ".join(texts(made([staged("A4C", REST), withheld, valued])))
    assert re.search(r"EF, A4C (! )?\d+ % (! )?\d+ %, view 5", text)
    assert "A4C Peak, view 5, ED" in text
    assert re.search(r"EDV, A4C (! )?\d+ ml ! \d+ ml, view 5", text)
    assert "! A4C Peak, view 5: " in text
    assert "A4C Peak, view 4, ED" not in text
    assert "A4C Baseline, ED" in text


def test_rest_and_peak_without_a_view_in_common_say_so():
    text = " ".join(texts(made([staged("A4C", REST), staged("A2C", PEAK)])))
    assert re.search(r"EF, A4C (! )?\d+ % – –", text)
    assert re.search(r"EF, A2C – (! )?\d+ % –", text)
    assert "EF at rest and at peak is not available in one view." in text


def test_one_stage_alone_is_not_compared():
    text = " ".join(texts(made([staged("A4C", REST), staged("A2C", REST)])))
    assert "Not available: only the stage Baseline is named." in text
    assert re.search(r"biplane method of disks \(A4C and A2C\); Baseline", text)
    german = [staged("A4C", REST), staged("A4C", PEAK), staged("A2C", None)]
    text = " ".join(texts(made(german, study_of(german, language="de"))))
    assert "Ruhe und maximale Belastung" in text
    assert "A2C (keine Stufe)" in text


def test_decisions_of_a_reader_are_one_line_and_an_index_is_not_named_again():
    one = staged("A4C", REST)
    decided = {code: Decision(code, True, None, "Ann") for code in ("EF", "EDV", "EDVI")}
    decided["ESV"] = Decision("ESV", False, None, "Ann")
    text = " ".join(texts(made([Member(one.recording, one.reading.with_(decisions=decided))])))
    assert re.search(r"Decisions EF, EDV accepted by Ann \(A4C[^)]*\); ESV rejected by Ann \(A4C[^)]*\)", text)


def test_without_contours_nobody_is_said_to_have_drawn_any():
    one = member()
    empty = Member(one.recording, first_reading_of(one.recording))
    text = " ".join(texts(made([empty], study_of([one]))))
    assert "nothing was contoured" in text
    assert "drawn by readers" not in text


def test_a_study_with_a_stack_names_no_long_axes_behind_its_volumes():
    long_axes = [member(label) for label in ("A4C", "A2C")]
    mri = [
        Member(each.recording, each.reading.with_(facts=replace(each.reading.facts, modality="MR")))
        for each in long_axes
    ]
    of_loops = re.search(r"EDV[^.]* from", " ".join(texts(made(mri))))
    assert of_loops
    stack = stacks.stack()
    both = " ".join(texts(made([*mri, Member(stack, stacks.read(stack))])))
    assert not re.search(r"EDV[^.]*? from 4CH", both)
