import json
from importlib.resources import files

from PySide6.QtWidgets import QLabel, QListWidget, QPushButton, QScrollArea

from kinecor.core.values.kind import APICAL_LOOP, SHORT_AXIS_STACK
from kinecor.ui.app.dialogs import Offered, OwnFolder, keys_dialog, network_dialog, networks_of, own_folder
from tests.readings import cine
from tests.ui.conftest import beating

OFFERED = (Offered("first", "first 1.0.0: the default"), Offered("second", "second 1.0.0: another"))


def test_the_reader_takes_a_network(qtbot):
    taken = []
    dialog = network_dialog(None, OFFERED, taken.append)
    rows = dialog.findChild(QListWidget)
    assert [rows.item(row).text() for row in range(rows.count())] == [one.words for one in OFFERED]
    rows.setCurrentRow(1)
    dialog.accept()
    assert taken == ["second"]


def test_closing_the_list_analyses_nothing(qtbot):
    taken = []
    dialog = network_dialog(None, OFFERED, taken.append)
    dialog.reject()
    assert not taken


def test_the_list_says_where_networks_of_ones_own_lie_and_what_is_wrong_there(qtbot):
    asked, taken = [], []
    own = OwnFolder("/models", ("site.json: expected the field sha256, it is missing",))
    dialog = network_dialog(None, OFFERED, taken.append, own, lambda: asked.append(True))
    texts = [one.text() for one in dialog.findChildren(QLabel)]
    assert "Networks of your own: /models" in texts
    assert own.wrong[0] in texts
    dialog.findChild(QPushButton, "own-folder").click()
    assert asked == [True]
    assert not taken


def test_the_shortcuts_fit_on_the_screen_and_are_all_within_reach(qtbot, open_window):
    window = open_window([])
    dialog = keys_dialog(window, {})
    qtbot.addWidget(dialog)
    dialog.show()
    room = window.screen().availableSize()
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()
    (close,) = (one for one in dialog.findChildren(QPushButton) if one.isVisible())
    assert dialog.rect().contains(close.geometry().center())
    (scroll,) = dialog.findChildren(QScrollArea)
    assert scroll.verticalScrollBar().maximum() + scroll.viewport().height() >= scroll.widget().height()


def test_the_default_for_each_kind_of_recording_comes_first():
    assert networks_of(APICAL_LOOP)[0].name == "lv-apical"
    assert networks_of(SHORT_AXIS_STACK)[0].name == "lv-sax"


def test_a_network_chosen_contours_again_and_can_be_undone(qtbot, open_window):
    requested = []

    def propose(recording, reading, tick, network=None):
        requested.append(network)
        return beating(recording, reading, tick)

    window = open_window([cine()], propose=propose)
    window.analysing.again("second")
    qtbot.waitUntil(lambda: not window.analysing.busy)
    assert requested == [None, "second"]
    assert window.workspace.history.can_undo


def test_the_list_opens_from_the_window(qtbot, open_window):
    window = open_window([cine()])
    window.actions_by_name["networks"].trigger()
    qtbot.waitUntil(lambda: bool(window.findChildren(QListWidget, "networks")))
    (rows,) = window.findChildren(QListWidget, "networks")
    assert rows.item(0).text().startswith("lv-apical")
    rows.window().reject()
    qtbot.waitUntil(lambda: not window.busy)


def test_a_network_of_the_site_is_offered_with_what_it_gained_after_the_one_that_ships(tmp_path, monkeypatch):
    shipped = files("kinecor_models") / "weights"
    card = json.loads((shipped / "lv-apical.json").read_text(encoding="utf-8"))
    (tmp_path / card["weights"]).write_bytes((shipped / card["weights"]).read_bytes())
    gained = {"patients": 41, "dice_before": 0.9, "dice_after": 0.93, "ef_error_before": 6.3, "ef_error_after": 5.1}
    own = tmp_path / "our-apical.json"
    own.write_text(json.dumps(card | {"name": "our-apical", "site": gained}), encoding="utf-8")
    monkeypatch.setenv("KINECOR_MODELS", str(tmp_path))
    offered = networks_of(APICAL_LOOP)
    assert offered[0].name == "lv-apical"
    assert "this site" not in offered[0].words
    (words,) = (one.words for one in offered if one.name == "our-apical")
    last = words.splitlines()[-1]
    assert last == "this site (n 41): EF error 5.1 instead of 6.3 points, Dice 0.930 instead of 0.900"
    own.write_text(json.dumps(card | {"name": "our-apical", "site": gained | {"patients": "41"}}), encoding="utf-8")
    assert own_folder().wrong == ('our-apical.json: site: patients: expected a number, got "41"',)
