"""Analyse by method, and two methods side by side."""

import pytest
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton, QTextBrowser

from kinecor.core.values.kind import APICAL_LOOP, SHORT_AXIS_STACK
from kinecor.core.values.reading import first_reading
from kinecor.ui.study.method_form import method_form, methods_of
from kinecor.ui.study.methods_compared import MethodsCompared, results_of
from tests.readings import cine
from tests.ui.conftest import beating


@pytest.fixture
def analysed():
    recording = cine()
    return recording, first_reading(recording)


def test_patients_come_first_on_a_card():
    card = next(one for one in methods_of(APICAL_LOOP) if one.name == "smistad-convlstm").card
    assert card.index("CAMUS valid, ED and ES:") < card.index("semi-synthetic") < card.index("simulated hearts:")


def test_what_fits_another_recording_is_shown_and_not_offered(themed, qtbot):
    chosen, pairs = [], []
    dialog = method_form(None, methods_of(SHORT_AXIS_STACK), chosen.append, lambda *both: pairs.append(both))
    qtbot.addWidget(dialog)
    rows = dialog.findChild(QListWidget, "methods")
    names = [rows.item(row).data(256) for row in range(rows.count())]
    assert names[0] == "default"
    rows.setCurrentRow(names.index("smistad-convlstm"))
    analyse = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Analyse")
    compare = dialog.findChild(QPushButton, "compare-methods")
    assert not analyse.isEnabled()
    assert not compare.isEnabled()
    assert "apical loop" in dialog.findChild(QTextBrowser, "method-card").toPlainText()
    rows.setCurrentRow(names.index("zhang-circular"))
    assert analyse.isEnabled()
    compare.click()
    assert (chosen, pairs) == ([], [("zhang-circular", "default")])


def test_the_chosen_method_analyses_again_and_can_be_undone(qtbot, open_window):
    requested = []

    def propose(recording, reading, tick, network=None, method=""):
        requested.append((network, method))
        return beating(recording, reading, tick)

    window = open_window([cine()], propose=propose)
    window.actions_by_name["methods"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QListWidget, "methods")))
    (rows,) = window.findChildren(QListWidget, "methods")
    rows.setCurrentRow(4)
    rows.window().accept()
    qtbot.waitUntil(lambda: len(requested) == 2 and not window.busy)
    assert requested[-1] == (None, "kong-events")
    assert window.workspace.history.can_undo


def test_two_methods_play_together_and_nothing_is_saved(themed, qtbot, analysed):
    recording, reading = analysed
    asked = []

    def propose(recording, reading, tick, method=""):
        asked.append(method)
        return beating(recording, reading, tick)

    results = results_of(recording, reading, ("default", "li-ral"), propose, lambda *_: None)
    assert asked == ["default", "li-ral"]
    assert not reading.tracks
    used = []
    dialog = MethodsCompared(recording, results, used.append)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.player.seek(2)
    assert dialog.slider.value() == 2
    assert "frame 3 of" in dialog.findChild(QLabel, "compared-frame").text()
    last = dialog.values.topLevelItem(dialog.values.topLevelItemCount() - 1)
    assert last.text(1) == last.text(2)
    second = [one for one in dialog.findChildren(QPushButton) if one.text() == "Use this"][1]
    second.click()
    assert used == [1]
