"""German is complete, compiled, and fits."""

import ast
import importlib.util
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from PySide6.QtWidgets import QAbstractButton, QLabel

import kinecor
from kinecor.core.report import language as of_reports
from kinecor.core.table.measures import format_signed
from kinecor.core.values import choices
from kinecor.core.values.message import message, verbatim
from kinecor.ui.app import settings
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.app.application import made_again
from kinecor.ui.results.rows import awaited_row
from kinecor.ui.results.rows_widget import value_parts
from kinecor.ui.style import language
from kinecor.ui.style.language import (
    LANGUAGES,
    dated,
    language_of,
    listed,
    numbered,
    shown,
    tr,
    translated,
    use_language,
)
from tests.ui.study.test_study_list import of

ROOT = Path(__file__).parents[3]
FIELD = re.compile(r"\{\w+\}")


@pytest.fixture(scope="module")
def collector():
    spec = importlib.util.spec_from_file_location("languages", ROOT / "installer/languages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def german(collector):
    """German by English, as in the .ts file."""
    messages = ET.parse(collector.LANGUAGES / "kinecor_de.ts").iter("message")
    return {one.find("source").text: one.find("translation").text or "" for one in messages}


@pytest.fixture
def in_german(themed):
    use_language(themed, "de")
    yield
    use_language(themed, "en")


def test_every_text_has_a_german_one(collector, german):
    """If this fails: run installer/languages.py, and translate what is new in the .ts file."""
    assert [one for one in collector.texts() if not german.get(one)] == []
    assert set(german) == set(collector.texts())
    assert 'type="unfinished"' not in (collector.LANGUAGES / "kinecor_de.ts").read_text("utf-8")


def test_what_is_filled_in_is_the_same(german):
    assert [one for one, other in german.items() if FIELD.findall(one) != FIELD.findall(other)] == []
    assert [one for one, other in german.items() if one.count("&") != other.count("&")] == []
    assert [one for one, other in german.items() if one.endswith("…") is not other.endswith("…")] == []


def test_the_compiled_file_is_up_to_date(german, in_german):
    assert [one for one, other in german.items() if tr(one) != other] == []


def test_languages(themed, in_german):
    assert tr("Results") == "Ergebnisse"
    use_language(themed, "en")
    assert tr("Results") == "Results"
    assert language_of("de") == "de"
    assert language_of("tlh") in LANGUAGES
    assert not language._installed


def test_messages_and_numbers_are_in_german(in_german):
    said = message("{views} is {share:.1f} %", views=verbatim("A4C"), share=51.6)
    assert translated(said) == "A4C is 51,6 %"
    assert translated(message("not available")) == "nicht verfügbar"
    assert numbered(0.84, ".2f") == "0,84"
    assert shown(message("not available")) == "nicht verfügbar"
    assert shown("not available") == "not available"  # of `tr`, or a person's
    assert listed(("A4C", "A2C")) == "A4C und A2C"
    assert dated("2025-07-01") == "01.07.2025"


def test_what_is_copied_or_entered_has_a_point(in_german, open_window):
    row = replace(awaited_row("GLS"), value=format_signed(-16.3), unit="%")
    assert value_parts(row, 400, 15)[0][0][0] == "−16,3"
    assert row.value == "−16.3"  # what is copied, or entered, is for programs


def test_a_language_that_is_not_known_is_that_of_the_system(data_dir):
    settings.save(replace(settings.Settings(), language="tlh"))
    assert settings.load().language == ""


def test_the_window_in_german(in_german, open_window, qtbot):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.resize(1366, 720)
    titles = [one.title() for one in window.menus.menus.values()]
    assert [one.replace("&", "") for one in titles][:4] == ["Datei", "Bearbeiten", "Ansicht", "Bild"]
    letters = [one[one.index("&") + 1].upper() for one in titles]
    assert len(set(letters)) == len(letters)
    assert not {f"Alt+{letter}" for letter in letters} & {key for one in ACTIONS for key in one.keys}
    assert "Nur für Forschungszwecke" in " ".join(one.text() for one in window.status.findChildren(QLabel))
    buttons = [one for one in window.top.findChildren(QAbstractButton) if one.isVisible() and one.text()]
    assert [one.text() for one in buttons if one.width() < one.sizeHint().width() - 1] == []
    assert window.actions_by_name["undo"].text().startswith("Rückgängig")
    shown = [button for button in window.tools.buttons.values() if button.isVisible()]
    assert shown
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() - 1 for one in shown))


def test_the_language_is_chosen_in_the_menu(open_window, qtbot, themed):
    window = open_window([of("Doe", "1.1", 1), of("Doe", "1.1", 2)])
    window.actions_by_name["de"].trigger()
    assert window.settings.language == "de"
    again = made_again(window)
    try:
        qtbot.addWidget(again)
        qtbot.waitUntil(lambda: not again.busy)
        assert again.menus.menus["File"].title() == "D&atei"
        assert again.actions_by_name["de"].isChecked()
    finally:
        use_language(themed, "en")
        again.close()


# What shows its text: classes and methods of Qt, and signals and methods of the window that say something.
SHOWING = {
    *("QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QToolButton", "QAction", "QGroupBox", "QMenu"),
    *("setText", "setToolTip", "setWindowTitle", "setTitle", "setPlaceholderText", "setAccessibleName"),
    *("setInformativeText", "setSpecialValueText", "setSuffix", "setStatusTip", "setHeaderLabels", "showText"),
    *("setHorizontalHeaderLabels", "setVerticalHeaderLabels", "addItem", "addItems", "addAction", "addButton"),
    *("addMenu", "addRow", "addTab", "drawText", "draw_text", "draw_plate", "draw_badge", "say", "emit"),
    *("show_message", "showMessage", "show_offer", "show_count", "Progress", "getText", "getDouble", "getItem"),
    *("getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory", "QListWidgetItem"),
}
WORD = re.compile(r"[^\W\d_]{2,}")
SAME = {
    "Kinecor": "the name of the program",
    "DICOM (DIMSE)": "the name of a protocol",
    "DICOMweb": "the name of a protocol",
    "YYYY-MM-DD": "how a date is entered, as in the files",
    "https://host/dicom-web": "an address",
    "PDF (*.pdf)": "the name of a format",
    **dict.fromkeys(("mm", "px", "m²", "mm/px"), "a unit"),
    **dict.fromkeys((".pdf", "get", "move"), "not shown: the end of a file's name, and what an entry stands for"),
}


def _shown(node):
    """Constant parts of a text as it is given to Qt; what `tr`, `translated` or another call returns is not one."""
    if isinstance(node, ast.Constant):
        yield node.value if isinstance(node.value, str) else ""
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _shown(part.value if isinstance(part, ast.FormattedValue) else part)
    elif isinstance(node, ast.IfExp):
        yield from (*_shown(node.body), *_shown(node.orelse))
    elif isinstance(node, ast.BinOp):
        yield from (*_shown(node.left), *_shown(node.right))
    elif isinstance(node, ast.BoolOp | ast.List | ast.Tuple):
        for one in node.values if isinstance(node, ast.BoolOp) else node.elts:
            yield from _shown(one)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("format", "strip"):
        yield from _shown(node.func.value)


def untranslated(tree):
    """(line, text) of what is shown as it stands."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name not in SHOWING:
            continue
        for given in (*node.args, *(one.value for one in node.keywords)):
            for text in _shown(given):
                words = re.sub(r"<[^>]*>|&\w+;|<[^>]*$|^[^<>]*>", "", text).strip(" :,;–-·/\n")
                if WORD.search(words) and words not in SAME:
                    yield node.lineno, text


def test_the_finder_of_untranslated_texts_finds_them():
    found = untranslated(ast.parse('a.setText(f"Slice {n}")\nb = QLabel(tr("Name") + "of it" if c else tr("d"))'))
    assert sorted(found) == [(1, "Slice "), (2, "of it")]
    assert not list(untranslated(ast.parse('a.setText(tr("Slice {n}").format(n=1))\na.setText(f"{n} mm")')))


def test_no_text_is_shown_that_is_not_translated(collector):
    """If this fails: pass the text through `tr`, with its values by name; or add to SAME what is the same in German."""
    found = [
        f"{path.relative_to(collector.UI)}:{line}: {text!r}"
        for path in sorted(collector.UI.rglob("*.py"))
        for line, text in untranslated(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_a_further_language_is_its_catalogue_and_a_line_in_the_table():
    """No other line of the program names a language, so that none has to be changed for one."""
    app = Path(kinecor.__file__).parent
    naming = {
        f"{path.relative_to(app).as_posix()}"
        for path in app.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in ("de", "Deutsch")
    }
    assert naming == set()


def test_a_language_that_is_added_is_offered_and_renders(tmp_path, monkeypatch):
    folder = tmp_path / "languages"
    folder.mkdir()
    catalogue = Catalog(locale="fr")
    catalogue.add("Ejection fraction", "Fraction d'éjection")
    with (folder / "messages_fr.mo").open("wb") as file:
        write_mo(file, catalogue)
    with_french = {**choices.LANGUAGES, "fr": "Français"}
    for module in (choices, of_reports, language):
        monkeypatch.setattr(module, "LANGUAGES", with_french, raising=False)
    monkeypatch.setattr(of_reports, "files", lambda _: tmp_path)
    of_reports.language.cache_clear()
    french = of_reports.language("fr")
    assert french.render(message("Ejection fraction")) == "Fraction d'éjection"
    assert french.render(message("{share:.1f} %", share=51.6)) == "51,6 %"
    assert french.day("2025-07-01") == "1 juil. 2025"
    assert language_of("fr") == "fr"
    of_reports.language.cache_clear()
