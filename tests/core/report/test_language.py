"""The language of a report: numbers, dates, sentences made of templates, and that German has what the program says."""

import ast
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import kinecor.core.checks
from kinecor.core.norms.norms import reference_sets
from kinecor.core.report import sentences
from kinecor.core.report.language import ENGLISH, language
from kinecor.core.table.measures import MEASURES
from kinecor.core.values.report_text import LANGUAGES
from kinecor.core.volumes.segments import NAMES as AHA_NAMES
from kinecor.io.report import study_report

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
        ("below range, mildly abnormal", "erniedrigt, leichtgradig"),
        ("mean of A4C −16.1 %, A2C −15.8 %; mid-wall; ES as marked", "Mittel aus"),
        ("The wall is thicker than 20 mm at frames 3 to 5, 9: check the contours and the scale.", "Bilder 3 bis 5, 9"),
        ("mid-wall, contours and motion, 6 slices", "Wandmitte, Konturen und Bewegung, 6 Schichten"),
        ("method of disks (single plane, A2C), by body surface area (Mosteller)", "pro Körperoberfläche"),
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


def messages():
    """Sentences of the checks, each value as 7; what begins with a value is a part of one."""
    for path in sorted(Path(kinecor.core.checks.__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        inner |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inner:
                text = node.value
            else:
                continue
            if text[:1].isupper() and text.endswith(".") and " " in text:
                yield path.name, text


def test_german_has_every_text_of_the_report():
    texts = {one for module in (sentences, study_report) for one in written_by(module.__file__, ("fill", "translate"))}
    texts |= {*sentences.TITLES.values(), *AHA_NAMES, *(one.name for one in MEASURES)}
    texts |= {grade.words for source in reference_sets() for one in source.ranges for grade in one.grades}
    same = {"{words}", "{text}"}
    assert not sorted(one for one in texts - same if one not in GERMAN.texts and GERMAN.translate(one) == one)


def test_german_has_the_sentences_of_the_checks():
    """A new check may stay English for a while: its sentence is printed whole."""
    said = [text for name, text in messages() if name != "conclusions.py"]  # of signing, not in reports
    lacking = [text for text in said if GERMAN.translate(text) == text]
    assert len(lacking) <= 0.1 * len(said), f"without a German sentence in report_de.toml: {lacking}"
