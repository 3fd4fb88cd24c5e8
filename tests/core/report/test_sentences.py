"""Findings in sentences: exact words, normal and abnormal, echo and cine MRI, and what a reader wrote over them."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from kinecor.core.checks import assessment
from kinecor.core.checks.findings import Finding, Severity, codes_affected
from kinecor.core.norms.classes import NOT_MEASURED_WELL, too_wide
from kinecor.core.norms.norms import Context, Person, grade_value
from kinecor.core.report.language import language
from kinecor.core.report.sentences import (
    CMR,
    ECHO,
    PREFIX,
    Part,
    State,
    Value,
    automatic_sections,
    draft_sections,
    fill_in_values,
    keys_in,
    parts_of,
    text_with_keys,
    value_words,
)
from kinecor.core.table.measures import BY_CODE, Measurement, Quantity, Status, index_code
from kinecor.core.values.choices import Papillaries
from kinecor.core.values.interval import Interval
from kinecor.core.values.message import message
from kinecor.core.values.study import IMPRESSION, EditedSentence, ReportText
from kinecor.core.values.wall_motion import WallMotion
from tests.readings import cine, read, with_identity

MAN, WOMAN, ANYBODY = Person("M", 61, 1.92), Person("F", 54, 1.68), Person("", 61, 1.92)
NOTHING = assessment.Assessment((), ())
BIPLANE = Context("US")
STACK = Context("MR", Papillaries.CAVITY)
THREE = ("A4C", "A2C", "A3C")


def part(
    numbers,
    person=MAN,
    *,
    modality=ECHO,
    place="biplane",
    geometry="",
    views=THREE,
    doubt=None,
    withheld=(),
    indices=True,
    intervals=MappingProxyType({}),
):
    """A part of a report with these values; indices follow from the person."""
    every = dict(numbers)
    if person.bsa_m2 and indices:
        every |= {
            index_code(code): value / person.bsa_m2 for code, value in numbers.items() if index_code(code) in BY_CODE
        }
    values = {}
    for code, number in every.items():
        unit = BY_CODE[code].unit
        gone = code in withheld
        row = Measurement(
            code,
            None if gone else Quantity(number, unit),
            unit,
            "",
            (),
            (),
            (),
            None,
            Status.WITHHELD if gone else Status.AUTO,
            message("low contour confidence") if gone else None,
            interval=intervals.get(code),
        )
        context = BIPLANE if modality == ECHO else STACK
        norm = None if gone else grade_value(code, number, person, context, intervals.get(code))
        imprecise = not gone and (
            too_wide(code, number, intervals.get(code)) or (norm is not None and norm.statement.imprecise)
        )
        own = message("low contour confidence") if gone else message((doubt or {}).get(code, ""))
        own = NOT_MEASURED_WELL if imprecise else own
        where = message("apical views" if code == "GLS" and place == "biplane" else place)
        values[PREFIX[modality] + code] = Value(PREFIX[modality] + code, row, norm, where, own, imprecise)
    return Part(modality, (), (), NOTHING, MappingProxyType(values), message(geometry), views, person=person)


def said(*parts):
    """Section to text with its values, and to the reasons of what is not said."""
    words = value_words(parts)
    return {one.section: fill_in_values(one.text, words) or one.why for one in automatic_sections(parts)}


LV = {"EDV": 110.0, "ESV": 50.0, "EF": 55.0}


def test_a_normal_echo_of_a_man():
    assert said(part(LV | {"LAV": 60.0, "GLS": -19.2})) == {
        "lv": (
            "Left ventricle of normal size: end-diastolic volume 110 ml (57 ml/m²), end-systolic volume 50 ml "
            "(26 ml/m²) (biplane). Normal left ventricular systolic function: ejection fraction 55 % (biplane)."
        ),
        "la": "Left atrium of normal size: volume 60 ml (31 ml/m²) (biplane).",
        "strain": "Normal global longitudinal strain: −19.2 % at end-systole (mean of A4C, A2C and A3C).",
    }


def test_an_abnormal_echo_of_a_woman():
    found = said(part({"EDV": 180.0, "ESV": 120.0, "EF": 33.0, "LAV": 75.0, "GLS": -11.0}, WOMAN))
    assert found == {
        "lv": (
            "Enlarged left ventricle: end-diastolic volume 180 ml (107 ml/m²), end-systolic volume 120 ml "
            "(71 ml/m²) (biplane). Reduced left ventricular systolic function, moderately abnormal: ejection fraction "
            "33 % (biplane)."
        ),
        "la": "Enlarged left atrium, moderately abnormal: volume 75 ml (45 ml/m²) (biplane).",
        "strain": "Reduced global longitudinal strain: −11.0 % at end-systole (mean of A4C, A2C and A3C).",
    }


def test_the_same_value_is_normal_of_a_man_and_not_of_a_woman():
    assert "Normal left ventricular systolic function" in said(part({"EF": 52.0}, MAN))["lv"]
    assert "Reduced left ventricular systolic function, mildly abnormal" in said(part({"EF": 52.0}, WOMAN))["lv"]


def test_of_unknown_sex_only_what_holds_for_both_is_judged():
    assert said(part({"EF": 60.0}, ANYBODY))["lv"].startswith("Normal left ventricular systolic function")
    assert said(part({"EF": 53.0}, ANYBODY))["lv"] == (
        "Left ventricular ejection fraction 53 % (biplane); no reference range applies. "
        "Sex is not known, on which reference ranges depend."
    )


def test_it_is_said_once_what_of_the_patient_a_reference_range_needs():
    def text(numbers, person):
        return " ".join(map(str, said(part(numbers, person, modality=CMR, place="")).values()))

    found = text(LV, Person("", None, None))
    assert "no reference range applies. Age and sex are not known, on which reference ranges depend." in found
    assert found.count("are not known") == 1
    assert "Age is not known, on which reference ranges depend." in text({"EDV": 150.0}, Person("M", None, None))
    assert "not known" not in text({"EDV": 150.0}, Person("M", 100, None))


def test_without_body_surface_volumes_are_judged_as_they_are_and_the_atrium_is_not():
    found = said(part(LV | {"LAV": 60.0}, Person("M", 61, None)))
    assert found["lv"].startswith(
        "Left ventricle of normal size: end-diastolic volume 110 ml, end-systolic volume 50 ml (biplane)."
    )
    assert found["la"] == (
        "Left atrial volume 60 ml (biplane); its range is per m² of body surface, which is not known."
    )


def test_volumes_on_different_sides_of_their_ranges_are_told_apart():
    found = said(part({"EDV": 140.0, "ESV": 70.0}))["lv"]
    assert found == (
        "Left ventricular end-diastolic volume 140 ml (73 ml/m²), within range; end-systolic volume 70 ml (36 ml/m²), "
        "above range (biplane)."
    )


def test_a_function_above_its_range_is_not_called_normal():
    assert said(part({"EF": 78.0}))["lv"] == "Left ventricular ejection fraction 78 % (biplane), above range."


@pytest.mark.parametrize(
    ("percent", "begins"),
    [(-18.1, "Normal"), (-18.0, "Borderline"), (-16.0, "Borderline"), (-15.9, "Reduced")],
)
def test_strain_at_the_limits_of_its_source(percent, begins):
    assert said(part({"GLS": percent}))["strain"].startswith(f"{begins} global longitudinal strain")


def test_strain_of_fewer_views_is_not_judged():
    assert said(part({"GLS": -12.0}, views=("A4C", "A2C")))["strain"] == (
        "Longitudinal strain −12.0 % (mean of A4C and A2C); the range is for the mean of three apical views."
    )
    assert said(part({"GLS": -12.0}, place="A4C", views=("A4C",)))["strain"] == (
        "Longitudinal strain −12.0 % (A4C); the range is for the mean of three apical views."
    )


def test_geometry_in_the_words_of_the_guideline():
    numbers = {"RWT": 0.48, "LVMLI": 92.0}
    assert said(part(numbers, geometry="concentric remodelling", indices=False)) == {
        "geometry": ("Concentric remodelling: relative wall thickness 0.48, LV mass index 92 g/m² (linear method).")
    }
    assert said(part({"RWT": 0.38, "LVMLI": 92.0}, geometry="normal geometry", indices=False))["geometry"].startswith(
        "Normal LV geometry: "
    )


def test_wall_motion_as_a_reader_scored_it():
    hurt = WallMotion((1, 2, 3, *[1] * 13), by="Dr Grey")
    found = replace(part(LV), wall_motion={"": hurt})
    assert said(found)["wall-motion"] == (
        "Hypokinetic basal anteroseptal; akinetic basal inferoseptal. WMSI 1.19 (16 of 16 segments)."
    )
    stages = {"Rest": WallMotion((1,) * 16), "Peak": replace(hurt, aneurysms=(14,))}
    assert said(replace(part(LV), wall_motion=stages))["wall-motion"] == (
        "Rest: all scored segments normal or hyperkinetic. WMSI 1.00 (16 of 16 segments). Peak: hypokinetic basal "
        "anteroseptal; akinetic basal inferoseptal; aneurysmal apical septal. WMSI 1.19 (16 of 16 segments)."
    )
    assert "wall-motion" not in said(replace(part(LV), wall_motion={"": WallMotion()}))


def test_a_single_view_says_so():
    assert "ejection fraction 55 % (single plane, A4C)." in said(part(LV, place="A4C"))["lv"]


def test_a_stack_of_a_woman_with_both_ventricles_and_mass():
    numbers = {"EDV": 110.0, "ESV": 54.0, "EF": 51.0, "LVM": 90.0, "RVEDV": 104.0, "RVESV": 51.0, "RVEF": 51.0}
    found = said(part(numbers, WOMAN, modality=CMR, place="short-axis stack"))
    assert list(found) == ["cmr-lv", "cmr-rv", "cmr-mass"]
    assert found["cmr-lv"] == (
        "Left ventricle of normal size: end-diastolic volume 110 ml (65 ml/m²), end-systolic volume 54 ml (32 ml/m²). "
        "Normal left ventricular systolic function: ejection fraction 51 %."
    )
    assert found["cmr-mass"].startswith("Normal left ventricular mass: 90 g (54 g/m²)")
    assert "104 ml (62 ml/m²)" in found["cmr-rv"]


def test_both_modalities_stand_in_one_report_apart():
    both = (part(LV), part(LV, modality=CMR, place="short-axis stack"))
    titles = [one.title for one in automatic_sections(both)]
    assert titles == ["Left ventricle", "CMR: left ventricle"]
    assert keys_in(automatic_sections(both)[1].text) == ("CMR EDV", "CMR EDVI", "CMR ESV", "CMR ESVI", "CMR EF")


def test_a_value_with_an_open_check_makes_no_sentence():
    found = part(LV | {"LAV": 83.0}, doubt={"LAV": "open check", "LAVI": "open check"})
    assert said(found)["la"] == ("No statement on the left atrium: LAV has an open check.",)
    found = part(LV, doubt={"EDV": "open check", "ESV": "open check"})
    (lv,) = automatic_sections((found,))
    assert lv.text == "Normal left ventricular systolic function: ejection fraction {EF} (biplane)."
    assert lv.why == ("No statement on left ventricular size: EDV and ESV have open checks.",)


def test_a_withheld_value_makes_no_sentence_and_its_reason_stands_there():
    (lv,) = automatic_sections((part({"EF": 55.0}, withheld=("EF",)),))
    assert (lv.text, lv.why) == ("", ("No statement on left ventricular function: low contour confidence.",))


def test_a_changed_value_changes_its_sentence():
    assert "55 %" in said(part(LV))["lv"]
    assert "57 %" in said(part(LV | {"EF": 57.0}))["lv"]


def one_section(parts, report, section="lv"):
    return next(one for one in draft_sections(parts, report) if one.section == section)


def test_what_a_reader_wrote_stays_and_is_marked_when_a_value_changes():
    before, after = (part(LV),), (part(LV | {"EF": 47.0}),)
    automatic = one_section(before, ReportText())
    assert automatic.state is State.AUTOMATIC
    own = text_with_keys(automatic, "Good function, EF {EF}.", value_words(before), "Dr Grey")
    report = ReportText({"lv": own})
    here = one_section(before, report)
    assert (here.state, here.text, here.by) == (State.EDITED, "Good function, EF 55 %.", "Dr Grey")
    later = one_section(after, report)
    assert later.state is State.OUTDATED
    assert later.template == "Good function, EF {EF}."
    assert later.changed == ("EF was 55 %, is 47 %",)
    assert "Reduced" in later.automatic


def test_a_text_is_marked_when_only_the_judgement_changed():
    own = text_with_keys(one_section((part({"EF": 52.0}),), ReportText()), "Normal.", {"EF": "52 %"}, "Dr Grey")
    found = one_section((part({"EF": 52.0}, WOMAN),), ReportText({"lv": own}))
    assert found.state is State.OUTDATED
    assert found.changed[0].startswith("the automatic sentence is now: Reduced")


def test_the_impression_is_the_readers_alone():
    (impression, *_) = draft_sections((part(LV),), ReportText())
    assert (impression.section, impression.state, impression.text) == (IMPRESSION, State.NONE, "")
    own = EditedSentence("Normal: EF {EF}.", "Dr Grey", "", {"EF": "55 %"})
    (impression, *_) = draft_sections((part(LV),), ReportText({IMPRESSION: own}))
    assert (impression.state, impression.text) == (State.EDITED, "Normal: EF 55 %.")


def test_what_was_written_on_a_section_without_values_is_not_lost():
    own = EditedSentence("EF {EF}.", "Dr Grey", "", {"EF": "55 %"})
    found = one_section((part({"GLS": -19.0}),), ReportText({"lv": own}))
    assert (found.state, found.text) == (State.OUTDATED, "EF (EF: not available).")


def test_no_sentence_names_a_disease():
    words = " ".join(
        str(one)
        for numbers in (LV, {"EDV": 300.0, "ESV": 250.0, "EF": 17.0}, {"GLS": -8.0}, {"LAV": 150.0})
        for person in (MAN, WOMAN, ANYBODY)
        for one in said(part(numbers, person)).values()
    ).lower()
    for word in ("heart failure", "cardiomyopathy", "infarct", "diagnos", "consistent with", "suggest"):
        assert word not in words


@pytest.fixture
def checked(monkeypatch):
    def use(*findings):
        monkeypatch.setattr(assessment, "OF_A_RECORDING", (lambda _: findings,))
        monkeypatch.setattr(assessment, "check_against_other_views", lambda *_: ())

    return use


def test_values_of_a_reading_with_an_open_check_are_not_stated(checked):
    checked(
        Finding("contours.doubtful", Severity.CHECK, "The contour is doubtful.", measurements=codes_affected("LAV"))
    )
    (found,) = parts_of((read(cine()),))
    assert found.values["LAV"].doubt == "open check"
    assert found.values["EDV"].doubt != "open check"
    (atrium,) = (one for one in automatic_sections((found,)) if one.section == "la")
    assert (atrium.text, atrium.why) == ("", ("No statement on the left atrium: LAV has an open check.",))


def test_a_check_of_one_view_counts_for_the_biplane_value(checked):
    checked()
    two = with_identity(cine(), path="b.dcm", recording_id="9")
    four, other = read(cine()), read(two)
    other = other.with_(view=replace(other.view, label="A2C"))
    (found,) = parts_of((four, other))
    assert found.values["EF"].place == "biplane"
    assert found.values["EF"].doubt != "open check"
    checked(Finding("contours.doubtful", Severity.CHECK, "Doubtful.", measurements=codes_affected("ESV")))
    (found,) = parts_of((four.with_(), other.with_()))
    assert found.values["EF"].doubt == "open check"
    assert not any(one.place in ("A4C", "A2C") for key, one in found.values.items() if key in ("EDV", "SV", "CO"))


def test_what_is_said_follows_from_the_interval():
    within = {"EDV": Interval(100, 121), "ESV": Interval(45, 55.6), "EF": Interval(45, 58)}
    (found,) = (said(part({"EDV": 110.0, "ESV": 50.0, "EF": 52.0}, indices=False, intervals=within)).values(),)
    assert "Left ventricular systolic function normal to mildly abnormal: ejection fraction 52 % (biplane)." in str(
        found
    )
    strain = said(part({"GLS": -17.6}, intervals={"GLS": Interval(-20.4, -14.8)}))["strain"]
    assert strain == (
        "Global longitudinal strain normal to borderline: −17.6 % at end-systole (mean of A4C, A2C and A3C)."
    )
    both = said(part({"EF": 41.0}, intervals={"EF": Interval(33.5, 47.6)}))["lv"]
    assert both == (
        "Reduced left ventricular systolic function, mildly to moderately abnormal: ejection fraction 41 % (biplane)."
    )


def test_a_value_that_is_not_measured_well_enough_makes_no_sentence():
    found = said(part({"EF": 68.0, "LAV": 60.0}, intervals={"EF": Interval(5, 89), "LAV": Interval(38, 82)}))
    assert found == {
        "lv": (
            "No statement on left ventricular function: not measured well enough (EF 5 to 89 %, interval of 95 %).",
        ),
        "la": ("No statement on the left atrium: not measured well enough (LAV 38 to 82 ml, interval of 95 %).",),
    }
    assert part({"EF": 68.0}, intervals={"EF": Interval(5, 89)}).get("EF").open is False


GERMAN = language("de")


@pytest.mark.parametrize(
    ("numbers", "person", "section", "sentence"),
    [
        (
            {"EDV": 110, "ESV": 50, "EF": 55},
            MAN,
            "lv",
            "Linker Ventrikel normal groß: enddiastolisches Volumen 110 ml (57 ml/m²), endsystolisches Volumen 50 ml "
            "(26 ml/m²) (biplan). Normale systolische LV-Funktion: Ejektionsfraktion 55 % (biplan).",
        ),
        (
            {"EF": 38},
            MAN,
            "lv",
            "Reduzierte systolische LV-Funktion, mittelgradig: Ejektionsfraktion 38 % (biplan).",
        ),
        ({"LAV": 83}, MAN, "la", "Linker Vorhof vergrößert, mittelgradig: Volumen 83 ml (43 ml/m²) (biplan)."),
    ],
)
def test_german_sentences(numbers, person, section, sentence):
    parts = (part(numbers, person),)
    found = {one.section: one for one in draft_sections(parts, ReportText(), GERMAN)}
    assert found[section].text == sentence
    assert found[section].english == fill_in_values(automatic_sections(parts)[0].text, value_words(parts))


def test_german_strain_has_decimal_commas():
    parts = (part({"GLS": -15.9}, place="apical views"),)
    found = {one.section: one for one in draft_sections(parts, ReportText(), GERMAN)}
    assert found["strain"].text.endswith("Strain: −15,9 % endsystolisch (Mittel aus A4C, A2C und A3C).")


def test_a_reader_s_text_is_outdated_by_values_not_by_another_language():
    parts = (part({"EDV": 110, "ESV": 50, "EF": 55}),)
    section = next(one for one in draft_sections(parts, ReportText(), GERMAN) if one.section == "lv")
    own = text_with_keys(section, f"Eigene Worte. {section.template}", value_words(parts), "Dr Grey")
    for one in (GERMAN, language("en")):
        found = draft_sections(parts, ReportText(MappingProxyType({"lv": own})), one)
        assert next(each.state for each in found if each.section == "lv") is State.EDITED
    changed = draft_sections(
        (part({"EDV": 110, "ESV": 50, "EF": 51}),), ReportText(MappingProxyType({"lv": own})), GERMAN
    )
    assert next(each.changed for each in changed if each.section == "lv") == ("EF war 55 %, ist 51 %",)
