"""What the core says in the window only is there in German: summaries of edits, refusals, remarks on files, models."""

import ast
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import kinecor
from kinecor.core.report.language import language
from kinecor.session.codec import Several
from kinecor_models.engines.engine import GPU_FULL
from kinecor_models.registry import cards
from tests.session.samples import ALL_EDITS, ALL_STACK_EDITS
from tests.session.test_codec import GOLDEN

APP = Path(kinecor.__file__).parent
GERMAN = language("de", window=True)
# Rooms whose refusals are shown in the window, and modules of them that only commands use.
ROOMS = ["io", "session", "core", "analysis", "ui"]
OF_COMMANDS = {"cohort.py", "cohort_plots.py", "overview.py", "backup.py", "cache.py", "dataset.py", "calibration.py"}
OF_OPTIONS = {"network: expected one of", "device: expected one of"}
RAISED = ("KinecorError", "Refused")
REFUSAL = re.compile(r"\b[Ee]xpected .*[;,:]|\bcannot be\b")


def filled(node):
    """A text with 7 in place of its values; "" if it is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join("7" if isinstance(part, ast.FormattedValue) else filled(part) for part in node.values)
    return ""


def refusals(tree):
    """Texts that `KinecorError` and `Refused` are made of, and others that read like one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
            for given in node.args:
                for part in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                    yield filled(part)
        elif isinstance(node, ast.Return | ast.Assign | ast.AnnAssign) and node.value is not None:
            text = filled(node.value)
            if REFUSAL.search(text):
                yield text


def said():
    for room in ROOMS:
        for path in sorted((APP / room).rglob("*.py")):
            if path.name not in OF_COMMANDS:
                for text in refusals(ast.parse(path.read_text(encoding="utf-8"))):
                    if len(re.findall(r"[a-z]{2,}", text)) > 2 and not any(text.startswith(one) for one in OF_OPTIONS):
                        yield pytest.param(text, id=f"{path.name}: {text[:60]}")


ENGLISH = re.compile(r"\b(?:the|this|it|is|are|were|of|and|with|without|expected|cannot|removed|frames?|slices?)\b")


def missing(text):
    """Whether a text, or a part of it, is English in the German window."""
    german = GERMAN.translate(text)
    return german == text or bool(ENGLISH.search(german))


@pytest.mark.parametrize("text", list(said()))
def test_a_refusal_is_german(text):
    """If this fails: add the text to languages/window_de.toml."""
    assert not missing(text)


def test_the_finder_finds_them():
    found = refusals(ast.parse('raise KinecorError(f"{a} is full: b")\nx = "Expected a b, c; d"\nreturned = "no"'))
    assert sorted(found) == ["7 is full: b", "Expected a b, c; d"]
    assert missing("The moon is full: wait")


EDITS = [
    edit for edit in (*ALL_EDITS, *ALL_STACK_EDITS, *(one for one, _, _ in GOLDEN)) if not isinstance(edit, Several)
]


@pytest.mark.parametrize("edit", EDITS, ids=lambda one: type(one).__name__)
def test_a_summary_in_the_history_is_german(edit):
    summary = getattr(edit, "summary", "")
    same = re.fullmatch(r"[A-Z]\w*( [−\d.]+.*)?", summary)  # a code and its value
    assert not summary or same or not missing(summary), summary


@pytest.mark.parametrize(
    ("summary", "german"),
    [
        ("LV endocardium, frame 12", "LV-Endokard, Bild 12"),
        ("frames 3–5 (1–9 adjusted); others follow", "Bilder 3–5 (1–9 angepasst); andere folgen"),
        ("undo: slice 4: LV epicardium removed, frame 2", "rückgängig: Schicht 4: LV-Epikard entfernt, Bild 2"),
        ("EF 55 % replaced by 51.5 %", "EF 55 % ersetzt durch 51,5 %"),
        (
            "strain: 2 segments excluded, drift compensation on, depth 50%",
            "Strain: 2 Segmente ausgeschlossen, Driftkompensation ein, Tiefe 50%",
        ),
        ("propagated to 24 frames", "auf 24 Bilder übertragen"),
        (
            "propagated from 1 frame to 11 frames, refined by listener@1.0.0",
            "von 1 Bild auf 11 Bilder übertragen, verfeinert durch listener@1.0.0",
        ),
        (
            "frames 3–5 (1–9 adjusted); others follow, refined by listener@1.0.0",
            "Bilder 3–5 (1–9 angepasst); andere folgen, verfeinert durch listener@1.0.0",
        ),
        ("propagated from 2 frames to 53 frames", "von 2 Bildern auf 53 Bilder übertragen"),
        ("slice 7: propagated from 1 phase to 15 phases", "Schicht 7: von 1 Phase auf 15 Phasen übertragen"),
        ("impression: biplane, ED and ES", "Beurteilung: biplane, ED and ES"),
        ("acknowledged rate: the beat", "zur Kenntnis genommen rate: the beat"),
    ],
)  # fmt: skip
def test_summaries_and_the_words_of_readers(summary, german):
    assert GERMAN.translate(summary) == german


@pytest.mark.parametrize("card", cards(), ids=lambda card: card.name)
def test_what_a_model_does_is_german(card):
    """If this fails: add the summary of the card to [texts.models] of languages/window_de.toml."""
    assert not missing(card.summary)


def test_the_notice_of_a_full_gpu_is_german():
    assert not missing(GPU_FULL)


def test_what_is_filled_in_is_the_same():
    file = tomllib.loads((files("kinecor_resources") / "languages/window_de.toml").read_text("utf-8"))
    for part in file["texts"].values():
        for english, german in part.items():
            assert sorted(set(re.findall(r"\{\w+\}", english))) == sorted(set(re.findall(r"\{\w+\}", german)))


def test_reports_do_not_have_the_window_s_texts():
    assert language("de").translate("signed") == "signed"
