"""The window in a pseudo-language: what is not accented there is a literal, and longer words must not be cut off."""

import re
from calendar import month_abbr
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QAction, QImage, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QTableView,
    QToolButton,
    QTreeView,
    QWidget,
)

from kinecor.analysis.models import describe
from kinecor.core.table.measures import MEASURES, UNITS
from kinecor.io.report import study_report
from kinecor.session.store import login
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.app.dialogs import PACKAGES
from kinecor.ui.app.documents import model_names
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import language
from tests import stacks
from tests.pseudo import PSEUDO, Translator, accented, literals
from tests.readings import cine, with_identity

SIZE_PX = 1366, 768
CODES = {
    *(one.code for one in MEASURES),
    *("PLAX", "PSAX", "SAX", "IVC", "base", "mid", "apex"),  # labels of views
    *("ANT", "LAT", "INF", "SEPT", "apL", "apR"),  # on bull's-eyes and curves
}
UNIT_NAMES = {word for one in (*UNITS, *(unit.shown for unit in UNITS.values())) for word in re.findall(r"\w+", one)}
NAMES = {
    *("Doe", "Jane", "Grey", "Maker", "Model", "Mosteller", "Bois", "unet", "test", "clip"),
    *("Cardiac", "MRI", "Echocardiography", "and", "cardiac"),  # of the report's templates
    *month_abbr,
    *(word for part in Path.cwd().parts for word in re.findall(r"[^\W\d_]+", part)),  # what was opened last
    "study",  # what the tests open
    login(),  # who signs
    *("Cancel", "Close", "Scroll", "Left", "Right", "Press", "shortcut"),  # of Qt
    *("Peak", "Kinecor", "English", "Deutsch", "Letter", "DICOM", "DIMSE", "DICOMweb"),
}
KEYS = {
    word
    for one in ACTIONS
    for key in one.keys
    for word in re.findall(r"\w+", QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText))
}
# Names and licences of models, which the program names as they are.
MODELS = {word for card in describe() for word in re.findall(r"[^\W\d_]+", f"{card.name} {card.licence}")}
LIBRARIES = {"cpu"} | {word for one in ("Python", *PACKAGES) for word in re.findall(r"[^\W\d_]+", one)}
ALLOWED = CODES | UNIT_NAMES | NAMES | KEYS | MODELS | LIBRARIES
_TAGS = re.compile(r"<[^>]*>")
# Paths, addresses and files.
_PLACES = re.compile(r"\S*[/\\]\S*[/\\]\S*|[\w-]+\.(?:dcm|log|sqlite|kinecor)\b")
_TOLERATED_PX = 3  # a fifth of a line
DIALOGS = ("patient", "sign", "keys", "about", "preferences", "archives", "receive", "anonymise", "stress", "tour")


@pytest.fixture
def pseudo(themed, monkeypatch):
    translator = Translator(language.CONTEXT, themed)
    themed.installTranslator(translator)
    monkeypatch.setattr(language, "language", lambda _: PSEUDO)
    monkeypatch.setattr(study_report, "by_code", lambda _: PSEUDO)
    yield
    themed.removeTranslator(translator)


class Painted:
    """What is drawn as text, and what of it has less room than it needs: text, its width, its room, in pixels."""

    def __init__(self, monkeypatch):
        self.texts, self.cut = set(), set()
        draw = QPainter.drawText

        def noted(painter, *given):
            text = next((one for one in given if isinstance(one, str)), "")
            box = next((one for one in given if isinstance(one, QRect | QRectF)), None)
            flags = next((one for one in given if isinstance(one, int | Qt.AlignmentFlag | Qt.TextFlag)), 0)
            self.texts.add(text)
            wraps = int(getattr(flags, "value", flags)) & Qt.TextFlag.TextWordWrap.value
            wide = max(map(painter.fontMetrics().horizontalAdvance, text.split("\n")))
            if box is not None and not wraps and wide > box.width() + 1:
                self.cut.add((text, wide, round(box.width())))
            return draw(painter, *given)

        monkeypatch.setattr(QPainter, "drawText", noted)


def said(top):
    """Everything that a window or a dialog says in widgets, whether it is visible or not."""
    for one in (top, *top.findChildren(QWidget)):
        yield from (one.toolTip(), one.accessibleName(), one.windowTitle())
        if isinstance(one, QLabel | QAbstractButton):
            yield one.text()
        elif isinstance(one, QGroupBox | QMenu):
            yield one.title()
        elif isinstance(one, QLineEdit):
            yield one.placeholderText()
        elif isinstance(one, QSpinBox | QDoubleSpinBox):
            yield from (one.prefix(), one.suffix(), one.specialValueText())
        if isinstance(one, QComboBox):
            yield from map(one.itemText, range(one.count()))
        elif isinstance(one, QAbstractItemView) and one.model() is not None:
            model, columns = one.model(), isinstance(one, QTableView | QTreeView)
            yield from (
                str(model.index(row, column).data() or "")
                for row in range(model.rowCount())
                for column in range(model.columnCount() if columns else 1)
            )
    for one in top.findChildren(QAction):
        yield from (one.text(), one.toolTip())


def found_in(texts):
    """Texts with words that are neither translated nor allowed, as (words, text)."""
    plain = {_PLACES.sub(" ", _TAGS.sub(" ", text)) for text in texts}
    return sorted((literals(text, ALLOWED), text[:120]) for text in plain if literals(text, ALLOWED))


def cut_in(top):
    """Labels and buttons that are narrower or lower than their text, but those that shorten it themselves."""
    for one in top.findChildren(QWidget):
        if not one.isVisible() or not isinstance(one, QLabel | QAbstractButton) or not one.text():
            continue
        if one.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Ignored:
            continue  # shortened, with the whole text as its tool tip
        if isinstance(one, QToolButton) and one.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            continue
        if isinstance(one, QLabel) and one.wordWrap():
            wanted, room = one.heightForWidth(one.width()), one.height()
        else:
            wanted, room = one.sizeHint().width(), one.width()
        if wanted > room + _TOLERATED_PX:
            yield type(one).__name__, one.text(), wanted, room


def looked_through(window, painted, qtbot):
    """Literals and cut labels of a window in every mode, with its lists open."""
    window.resize(*SIZE_PX)
    texts, cut = set(), set()
    for mode in Mode:
        window.actions_by_name[mode.value].trigger()
        qtbot.waitUntil(lambda: not window.busy)
        QApplication.processEvents()  # what is shown now is laid out
        window.grab()
        texts |= set(said(window))
        cut |= set(cut_in(window))
    window.actions_by_name["checks"].trigger()
    window.grab()
    return found_in(texts | set(said(window)) | painted.texts), sorted({*cut, *cut_in(window)}), sorted(painted.cut)


def test_the_pseudo_language_and_what_is_found():
    assert accented("Slice {number} of <b>{count}</b>") == "Slïïçé {number} ööf <b>{count}</b>"
    assert literals(accented("Slice {n}").format(n=3), set()) == []
    assert literals("Slice 3 of EDV", {"EDV"}) == ["Slice"]


def test_the_list_of_models_holds_no_literals(pseudo):
    """As "About" shows it once the models were read."""
    lines = model_names()
    assert lines
    assert [one for line in lines if (one := literals(line, ALLOWED))] == []


def test_labels_that_are_cut_are_found(themed, qtbot, monkeypatch):
    box, painted = QWidget(), Painted(monkeypatch)
    qtbot.addWidget(box)
    whole, cut = QLabel("Left ventricle", box), QLabel("Left ventricle", box)
    whole.adjustSize()
    cut.resize(20, 20)
    box.show()
    assert [one[1:2] + one[3:] for one in cut_in(box)] == [("Left ventricle", 20)]
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for room in (90, 9):
        painter.drawText(QRect(0, 0, room, 20), Qt.AlignmentFlag.AlignLeft, "Slice")
    painter.drawText(QRect(0, 0, 9, 20), int(Qt.TextFlag.TextWordWrap), "Slice two")
    painter.end()
    assert [(text, room) for text, _, room in painted.cut] == [("Slice", 9)]


def test_nothing_in_the_window_is_a_literal_or_cut(pseudo, open_window, monkeypatch, qtbot):
    """If this fails: pass the text through `tr`, or make a message of it; or give it room."""
    painted = Painted(monkeypatch)
    loops = [with_identity(cine(), path=f"{name}.dcm", recording_id=name) for name in ("a", "b")]
    literal, cut, painted_cut = looked_through(open_window(loops), painted, qtbot)
    assert literal == []
    assert cut == []
    assert painted_cut == []


def test_nothing_of_a_stack_is_a_literal_or_cut(pseudo, open_window, monkeypatch, qtbot):
    painted = Painted(monkeypatch)
    literal, cut, painted_cut = looked_through(open_window([stacks.stack()]), painted, qtbot)
    assert literal == []
    assert cut == []
    assert painted_cut == []


def nothing_is_cut(box):
    assert sorted(cut_in(box)) == []


@pytest.mark.parametrize("name", DIALOGS)
def test_nothing_in_a_dialog_is_a_literal_or_cut(pseudo, open_window, qtbot, name):
    window = open_window([cine()])
    window.resize(*SIZE_PX)
    before = set(QApplication.topLevelWidgets())
    window.actions_by_name[name].trigger()
    QApplication.processEvents()
    opened = [one for one in {*QApplication.topLevelWidgets()} - before if one.isVisible() and one.isWindow()]
    for one in opened or [window]:
        assert found_in(said(one)) == []
        # Lines that are broken get their height in a layout of their own.
        qtbot.waitUntil(partial(nothing_is_cut, one))
        if one is not window:
            one.close()
