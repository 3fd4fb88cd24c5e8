"""Every message of the program is in the catalogue, with the same values in German, and the catalogue is compiled."""

import ast
import importlib.util
import io
import re
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
APP = ROOT / "app/kinecor"
FIELD = re.compile(r"\{(\w+)(?:![rsa])?(:[^}]*)?\}")
MAKING = {"message": 1, "plural": 2, "in_context": 2, "fill": 1}
"""Functions that make messages of templates, and how many of their first arguments are literals."""


@pytest.fixture(scope="module")
def collector():
    spec = importlib.util.spec_from_file_location("languages", ROOT / "installer/languages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def files(collector):
    found = sorted(collector.LANGUAGES.glob("messages_*.po"))
    assert found
    return found


def read(file):
    with file.open("rb") as stream:
        return read_po(stream, locale=file.stem.partition("_")[2])


def forms(text):
    return (text,) if isinstance(text, str) else tuple(text)


def entries(catalogue):
    return {(forms(one.id), one.context): forms(one.string or "") for one in catalogue if one.id}


def differing(english, own):
    """Templates of two languages, form by form, that do not have the same values in the same formats."""
    return [
        (one, other)
        for one, other in zip(english, own, strict=True)
        if sorted(set(FIELD.findall(one))) != sorted(set(FIELD.findall(other)))
    ]


def test_every_message_has_a_translation_and_none_is_obsolete(collector, files):
    """If this fails: run installer/languages.py, and translate what is new in the .po file."""
    collected = set(entries(collector.messages()))
    assert len(collected) > 1000
    for file in files:
        known = entries(read(file))
        assert sorted(collected - set(known)) == []
        assert sorted(set(known) - collected) == []
        assert [english for (english, _), own in known.items() if not all(own)] == []


def test_what_is_filled_in_is_the_same(files):
    for file in files:
        known = {english: own for (english, _), own in entries(read(file)).items() if all(own)}
        found = [pair for english, own in known.items() for pair in differing(english, own)]
        assert found == []


def test_spaces_around_a_text_are_the_same_and_sentences_end(files):
    def spaces(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    for file in files:
        known = {english: own for (english, _), own in entries(read(file)).items() if all(own)}
        pairs = [pair for english, own in known.items() for pair in zip(english, own, strict=True)]
        assert [pair for pair in pairs if spaces(pair[0]) != spaces(pair[1])] == []
        assert [pair for pair in pairs if pair[0].endswith(".") and not pair[1].endswith(".")] == []


def test_a_value_that_is_missing_or_written_otherwise_is_found():
    assert differing(("{a} of {b:.1f}",), ("{b:.1f} von {a}",)) == []
    assert len(differing(("{a} of {b:.1f}",), ("{b:.0f} von {a}",))) == 1
    assert len(differing(("{count} frame", "{count} frames"), ("{count} Bild", "Bilder"))) == 1


def test_the_files_are_as_they_are_written_and_compiled(collector, files):
    """If this fails: run installer/languages.py."""
    for file in files:
        catalogue = collector.translated(file)
        assert collector.written_po(catalogue).decode() == file.read_text("utf-8")
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        assert file.with_suffix(".mo").read_bytes() == compiled.getvalue()


def unseen(tree):
    """Calls that make a message of a text that is no literal, so that the collector does not see it: line and call."""
    for node in ast.walk(tree):
        name = node.func if isinstance(node, ast.Call) else None
        called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
        if called in MAKING and not (isinstance(name, ast.Attribute) and called != "fill"):
            texts = node.args[: MAKING[called]]
            if texts and not all(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in texts):
                yield node.lineno, ast.unparse(node)


def test_templates_are_literals():
    """If this fails: write the text into the call; choose between two calls, not between two texts."""
    assert list(unseen(ast.parse('message("a {b}", b=1)\nmessage("a" if b else "c")\npainter.fill(text)'))) == [
        (2, "message('a' if b else 'c')"),
        (3, "painter.fill(text)"),
    ]
    # They make messages of templates that they are given, or read messages; painters and arrays fill something else.
    own = {"core/values/message.py", "core/report/language.py", "session/texts.py"}
    found = [
        f"{path.relative_to(APP)}:{line}: {call}"
        for path in sorted(APP.rglob("*.py"))
        if path.relative_to(APP).as_posix() not in own
        for line, call in unseen(ast.parse(path.read_text("utf-8")))
        if not re.match(r"[\w.]+\.fill\(", call) or "language.fill" in call
    ]
    assert found == []
