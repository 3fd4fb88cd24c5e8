"""A further language is what one command makes: begun, translated into a pseudo-language, and used by the program."""

import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel.messages.pofile import read_po, write_po

from tests.pseudo import accented

ROOT = Path(__file__).resolve().parents[2]
CODE = "eo"
ASKED = """
from kinecor.core.report.language import language
from kinecor.core.values.choices import LANGUAGES
from kinecor.core.values.message import message, plural
from kinecor.core.table.measures import name_of
from kinecor.ui.app.application import application
from kinecor.ui.style.language import tr, use_language
from kinecor.ui.app.actions import ACTIONS
app = application()
use_language(app, "eo")
print(LANGUAGES["eo"])
print(language("eo").render(name_of("EDV")))
print(language("eo").render(plural("{count} frame", "{count} frames", 3)))
print(tr("Checks"))
print([one.text for one in ACTIONS if one.name == "eo"])
"""


@pytest.fixture
def languages(tmp_path, monkeypatch):
    """The command over a copy of the resources."""
    shutil.copytree(ROOT / "resources/kinecor_resources", tmp_path / "kinecor_resources")
    spec = importlib.util.spec_from_file_location("languages", ROOT / "installer/languages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for file in tmp_path.glob("kinecor_resources/languages/*_de.*"):  # takes longer with a second language
        file.unlink()
    monkeypatch.setattr(module, "LANGUAGES", tmp_path / "kinecor_resources/languages")
    return module


def run(languages, monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["languages.py", *arguments])
    languages.main()


def translate(folder):
    """Fill both files of the new language in, as a translator's editor does."""
    po = folder / f"messages_{CODE}.po"
    catalogue = read_po(io.BytesIO(po.read_bytes()), locale=CODE)
    for entry in catalogue:
        if entry.id:
            entry.string = accented(entry.id) if isinstance(entry.id, str) else tuple(map(accented, entry.id))
    with po.open("wb") as file:
        write_po(file, catalogue)
    ts = folder / f"kinecor_{CODE}.ts"
    tree = ElementTree.parse(ts)
    for entry in tree.iter("message"):
        translation = entry.find("translation")
        translation.text = accented(entry.findtext("source"))
        translation.attrib.pop("type", None)
    tree.write(ts, encoding="utf-8", xml_declaration=True)


def test_a_language_is_begun_translated_and_used(languages, monkeypatch, tmp_path, capsys):
    run(languages, monkeypatch, "new", CODE)
    assert "begun: Esperanto" in capsys.readouterr().out
    missing = [one for one in languages.missing_in_window() if one[0] == f"kinecor_{CODE}.ts"]
    assert len(missing) == len(languages.texts())
    translate(languages.LANGUAGES)
    run(languages, monkeypatch)
    capsys.readouterr()
    run(languages, monkeypatch, "--missing")
    assert [line for line in capsys.readouterr().out.splitlines() if CODE in line.partition(":")[0]] == []
    path = os.pathsep.join([str(tmp_path), *map(str, (ROOT / "app", ROOT / "models"))])
    environment = os.environ | {"PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, env=environment, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    name, measure, frames, widget, actions = done.stdout.splitlines()
    assert name == "Esperanto"
    assert measure == accented("End-diastolic volume")
    assert frames == accented("{count} frames").replace("{count}", "3")
    assert widget == accented("Checks")
    assert actions == "['Esperanto']"


@pytest.mark.parametrize(("code", "why"), [("de", "is there already"), ("xx", "expected the code"), ("", "expected")])
def test_no_language_is_begun_twice_or_without_a_code(languages, monkeypatch, capsys, code, why):
    before = {one.name: one.read_bytes() for one in languages.LANGUAGES.iterdir()}
    with pytest.raises(SystemExit):
        run(languages, monkeypatch, "new", code)
    assert why in capsys.readouterr().err
    assert {one.name: one.read_bytes() for one in languages.LANGUAGES.iterdir()} == before


def test_no_code_of_the_program_names_a_language():
    """What is listed comes from the resources, so that a language needs no line of code."""
    named = re.compile(r"""["'](?:de|Deutsch)["']""")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "app").rglob("*.py")
        if any(named.search(line.split("#")[0]) for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert set(found) <= DOCUMENTED


DOCUMENTED = {
    "app/kinecor/core/report/language.py",  # an example in a docstring
    "app/kinecor/io/report/study_report.py",
    "app/kinecor/io/report/templates.py",
    "app/kinecor/api/saving.py",
}
