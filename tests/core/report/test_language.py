"""The language of a report: numbers, dates, sentences made of templates, and that German has what the program says."""

import ast
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import kinecor.core.checks
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.cycle.cycle import __file__ as CYCLE  # noqa: N812 - a place, not a module
from kinecor.core.norms.norms import reference_sets
from kinecor.core.report import sentences
from kinecor.core.report.language import ENGLISH, language
from kinecor.core.table.measures import MEASURES
from kinecor.core.values.study import LANGUAGES
from kinecor.core.values.wall_motion import SCORES
from kinecor.core.volumes.extent import __file__ as EXTENT  # noqa: N812
from kinecor.core.volumes.loop_volumes import __file__ as LOOPS  # noqa: N812
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.io.report import details, study_report
from kinecor.ui.workspace.study_checks import title_of

GERMAN = language("de")


def test_numbers_dates_and_lists():
    assert GERMAN.number("−15.9 % (mean of 3), lv-apical@1.2.0, doi 10.1016/j") == (
        "−15,9 % (mean of 3), lv-apical@1.2.0, doi 10.1016/j"
    )
    assert GERMAN.day("2026-11-22 10:58") == "22.11.2026 10:58"
    assert GERMAN.day("unknown") == "unknown"
    assert GERMAN.listed(["A4C", "A2C", "A3C"]) == "A4C, A2C und A3C"
    assert ENGLISH.number("15.9") == "15.9"
    assert ENGLISH.day("2026-11-22") == "2026-11-22"


def test_two_sentences_are_not_taken_for_one_nor_a_title_for_the_end_of_one():
    rate = (
        "The file states a heart rate of 120/min, but the ventricle beats in the images at {rate}/min: cardiac output, "
        "rates and times depend on which is right."
    )
    both = f"{rate.format(rate=59)} {rate.format(rate=58)}"
    why = (
        f"The study was not signed: 2 open findings withhold values ({both}) Resolve or acknowledge each, reject its "
        "values, or leave the recording out."
    )
    assert GERMAN.translate(both) == " ".join(GERMAN.translate(rate.format(rate=one)) for one in (59, 58))
    assert GERMAN.translate(both) in GERMAN.translate(why)
    assert "ventricle" not in GERMAN.translate(why)
    assert GERMAN.translate("signed by Dr. Grey") == GERMAN.translate("signed by Mrs Grey").replace("Mrs", "Dr.")


def test_a_template_keeps_the_keys_of_values_and_capitals():
    filled = ENGLISH.fill("{Ventricle} {volumes} {EF}.", ventricle="left ventricle", volumes="{EDV}")
    assert filled == "Left ventricle {EDV} {EF}."


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "Low-confidence LV contour on 3 of 40 frames: review.",
            "LV-Kontur geringer Konfidenz auf 3 von 40 Bildern: prüfen.",
        ),
        ("low contour confidence at ED/ES (0.58): review the contours", "0,58"),
        (
            "LAV is withheld in A4C and A2C: low contour confidence at ED/ES (0.58): review the contours",
            "LAV wird in A4C und A2C zurückgehalten: geringe Konturkonfidenz",
        ),
        ("below range, mildly abnormal", "erniedrigt, leichtgradig"),
        ("a ratio: needs no scale, only square pixels", "ein Verhältnis: braucht keinen Maßstab"),
        ("a ratio: needs no scale, only equal pixels in all slices", "gleiche Pixel in allen Schichten"),
        ("the loop begins in systole: the beat's ED was not recorded before it", "beginnt in der Systole"),
        ("segmental strain needs motion: analyse again to compute it", "braucht Bewegung"),
        ("colour Doppler covers the image; contours need a grey-scale clip", "Farbdoppler bedeckt das Bild"),
        ("mean of A4C −16.1 %, A2C −15.8 %; mid-wall; ES as marked", "Mittel aus"),
        ("The wall is thicker than 20 mm at frames 3 to 5, 9: check the contours and the scale.", "Bilder 3 bis 5, 9"),
        ("mid-wall, contours and motion, 6 slices", "Wandmitte, Konturen und Bewegung, 6 Schichten"),
        ("method of disks (single plane, A2C), by body surface area (Mosteller)", "pro Körperoberfläche"),
        (
            "SV 69.2 ml × HR 73.6/min (file header)",
            "SV 69,2 ml × HR 73,6/min (Kopf der Datei)",
        ),
        ("A reader's own words by hand and eye", "A reader's own words by hand and eye"),
        ("", ""),
    ],
)
def test_a_finished_sentence_is_translated_by_its_template(english, german):
    assert german in GERMAN.translate(english)


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="expected en or de"):
        language("tlh")


def test_every_language_has_the_same_values_in_each_text():
    for code in LANGUAGES:
        if code == "en":
            continue
        file = files("kinecor_resources") / "languages" / f"report_{code}.toml"
        for part in tomllib.loads(file.read_text("utf-8"))["texts"].values():
            for english, own in part.items():
                found = [sorted({one.lower() for one in sentences_names(text)}) for text in (english, own)]
                assert set(found[1]) <= set(found[0]), english


def sentences_names(text):
    return [piece.partition("}")[0] for piece in text.split("{")[1:]]


def written_by(path, names):
    """Constant texts given to calls of these methods in a module."""
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            for one in ast.walk(node.args[0]) if node.args else ():
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and any(map(str.isalpha, one.value)):
                    yield one.value


def sources():
    """The modules of the checks, and those whose sentences they pass on."""
    return (*sorted(Path(kinecor.core.checks.__file__).parent.glob("*.py")), *map(Path, (CYCLE, LOOPS, EXTENT)))


def spoken(node):
    """A constant or formatted text of the code with each value as 7; None of anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def messages():
    """Sentences of the checks, each value as 7; what begins with a value is a part of one."""
    for path in sources():
        tree = ast.parse(path.read_text("utf-8"))
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            text = None if id(node) in inner else spoken(node)
            if text and text[:1].isupper() and text.endswith(".") and " " in text:
                yield text


def given(name, place, keyword):
    """The texts of one argument of all calls that make a Finding or a Remedy in the checks."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                named = {one.arg: one.value for one in node.keywords}
                one = named.get(keyword) or (node.args[place] if len(node.args) > place else None)
                for part in (one.body, one.orelse) if isinstance(one, ast.IfExp) else (one,):
                    text = spoken(part)
                    if text:
                        yield text


def test_german_has_every_text_of_the_report():
    modules = (sentences, study_report, details)
    texts = {one for module in modules for one in written_by(module.__file__, ("fill", "translate"))}
    texts |= {*details._TITLES, *details._SEGMENT_TITLES, *details._RING_TITLES, details._NOT_ROUTINE}
    texts |= {details._RING_NOT_ROUTINE, *(title for title, _, _ in details._RING_EYES), *SCORES.values()}
    texts |= {*sentences.TITLES.values(), *AHA_NAMES, *(one.name for one in MEASURES)}
    texts |= {grade.words for source in reference_sets() for one in source.ranges for grade in one.grades}
    same = {"{words}", "{text}"}
    assert not sorted(one for one in texts - same if one not in GERMAN.texts and GERMAN.translate(one) == one)


# Parts of these are words, not numbers.
WORDED = {
    "Aortic valve closure is marked at frame 7, 7 ms 7 ES: strain is measured there; review one of the two.": "Aortic "
    "valve closure is marked at frame 7, 7 ms after ES: strain is measured there; review one of the two.",
    "At 7 the base is slice 7, but the mitral valve lies at 7: the base is 7 mm 7 it, check it.": "At ED the base is "
    "slice 7, but the mitral valve lies at slice 8 by A4C: the base is 7 mm short of it, check it.",
    "The study was not signed: 7 values (77) Resolve or acknowledge each, reject its values, or leave the recording "
    "out.": "The study was not signed: an open finding withholds values (EF) Resolve or acknowledge each, reject its "
    "values, or leave the recording out.",
    "Excluded by the reader at the end of the ventricle: 7. No slice lies beyond, so nothing is interpolated and their "
    "volume is lost7.": "Excluded by the reader at the end of the ventricle: slice 7. No slice lies beyond, so nothing "
    "is interpolated and their volume is lost (EDV 7 ml, with them 8 ml).",
    "7 is slice 7 at 77": "Base is slice 7 at ED, as now",
    "Move 7 to 7 7": "Move ED to frame 7",
    "choose the 7 slice at 7": "choose the basal slice at ED",
}


def lacking(texts):
    return sorted({one for one in texts if GERMAN.translate(WORDED.get(one, one)) == WORDED.get(one, one)})


def test_every_check_has_a_german_sentence():
    assert len(set(messages())) > 70
    assert not lacking(messages())


def test_every_way_to_resolve_a_check_is_said_in_german():
    ways = {*given("Finding", 6, "resolve"), *given("Remedy", 1, "label")}
    assert len(ways) > 60
    assert not lacking(ways)


def test_every_check_has_a_german_title():
    codes = {one for one in given("Finding", 0, "code") if "." in one}
    assert len(codes) > 70
    # Those that are chosen from a table.
    codes |= {"stack.basal-slice", "stack.apical-slice", "contours.far-from-automatic", "contours.dented"}
    codes |= {"study.ef-apart", "study.hr-apart", "study.volumes-apart", "study.atria-apart"}
    titles = {title_of(Finding(one, Severity.INFO, "")) for one in codes}
    assert not sorted(titles - set(GERMAN.texts))


def test_the_sentences_of_a_text_are_translated_one_by_one():
    said = GERMAN.translate(
        "At ES, it is uncertain whether slice 9 is ventricle: the basal slice is 9, slice 10 is possible. With slice 9 "
        "ESV is 126 ml and EF 32 %, with slice 10 ESV is 140 ml and EF 24 %."
    )
    assert said == (
        "Bei ES ist unsicher, ob Schicht 9 Ventrikel ist: basale Schicht ist 9, möglich ist 10. Mit Schicht 9 ist ESV "
        "126 ml und EF 32 %, mit Schicht 10 ist ESV 140 ml und EF 24 %."
    )


def test_the_method_of_a_cardiac_output_over_views_is_translated_whole():
    english = "SV 47 ml × HR 61/min (mean of A4C 61/min and A2C 61/min)"
    assert GERMAN.translate(english) == "SV 47 ml × HR 61/min (Mittel aus A4C 61/min und A2C 61/min)"


def test_a_narrower_template_of_as_many_letters_comes_first():
    english = "EF is known to ± 34 points only: the network is less sure of the endocardium than usual (frame 1)."
    german = "EF ist nur auf ± 34 Punkte bekannt: das Netz ist beim Endokard weniger sicher als sonst (Bild 1)."
    assert GERMAN.translate(english) == german
    assert GERMAN.translate("IVSd 9 mm (frame 3)") == "IVSd 9 mm (Bild 3)"
    assert language("de", window=True).translate("view 5") == "Schnitt 5"
