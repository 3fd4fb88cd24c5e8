"""Preferences: each choice holds at once, is saved, and is found again."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QInputDialog

from kinecor.analysis import devices
from kinecor.core.values.errors import KinecorError
from kinecor.ui.app import main_window, settings
from kinecor.ui.app.actions import ACTIONS
from kinecor.ui.app.devices import DevicesPage
from kinecor.ui.app.hanging import AS_LAST, HangingProtocol, StudyKind, kind_of_study
from kinecor.ui.app.key_bindings import checked, keys_of, owner_of, read_keys, rebound, write_keys
from kinecor.ui.app.modes import Mode
from kinecor.ui.app.preferences import Preferences
from kinecor.ui.commands import opening
from kinecor.ui.tiles.layouts import Layout as Tiles
from kinecor_models.engines.precision import PRECISION
from tests import stacks
from tests.readings import cine

SMOOTH = next(action for action in ACTIONS if action.name == "smooth")


@pytest.fixture
def preferences(window) -> Preferences:
    window.actions_by_name["preferences"].trigger()
    return next(dialog for dialog in window.findChildren(Preferences))


def keys(window, name: str) -> list[str]:
    return [one.toString() for one in window.actions_by_name[name].shortcuts()]


@pytest.mark.parametrize(("name", "actor"), [("Dr Brown", "Dr Brown"), ("model:unet@1.0+abc", "Dr Grey")])
def test_a_reader_names_themself_but_never_a_model(window, preferences, name: str, actor: str) -> None:
    preferences.reader.setText(name)
    preferences.reader.editingFinished.emit()
    assert window.workspace.actor == actor
    assert preferences.problem.isHidden() is (name == actor)


@pytest.mark.parametrize("reduced", [False, True])
def test_with_less_motion_a_study_that_opens_does_not_play(open_window, qtbot, monkeypatch, reduced: bool) -> None:
    window = open_window()
    window.settings = replace(window.settings, reduced_motion=reduced)
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((cine(),), (), ()))
    window.opening.open_paths(["study"])
    qtbot.waitUntil(lambda: window.workspace.recording is not None)
    assert window.player.playing is not reduced
    window.player.toggle()
    assert window.player.playing is reduced
    window.player.pause()
    qtbot.waitUntil(lambda: not window.busy)


def test_less_motion_is_saved(preferences) -> None:
    preferences.reduced_motion.click()
    assert settings.load().reduced_motion


def test_nothing_in_the_window_moves_but_loops() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(main_window.__file__).parents[1].rglob("*.py"))
    assert not re.findall(r"QPropertyAnimation|QVariantAnimation|QTimeLine|QGraphicsOpacityEffect|QMovie", sources)


def test_a_key_is_changed_where_it_is_shown_and_pressed(window, preferences, qtbot) -> None:
    page = preferences.keys
    page.select("smooth")
    page.key.setKeySequence(QKeySequence("Ctrl+Alt+K"))
    page.use.click()
    assert keys(window, "smooth") == ["Ctrl+Alt+K"]
    assert "Ctrl+Alt+K" in window.actions_by_name["smooth"].toolTip()
    assert settings.load().keys == {"smooth": ("Ctrl+Alt+K",)}
    window.choose_mode(Mode.REPORT)
    window.choose_mode(Mode.MEASURE)
    assert keys(window, "smooth") == ["Ctrl+Alt+K"]
    page.reset.click()
    assert keys(window, "smooth") == list(SMOOTH.keys)
    assert settings.load().keys == {}


def test_a_key_that_is_taken_is_said_before_its_command_loses_it(window, preferences) -> None:
    page = preferences.keys
    page.select("smooth")
    page.key.setKeySequence(QKeySequence("M"))
    assert "Calliper: distance" in page.note.text()
    page.use.click()
    assert keys(window, "smooth") == ["M"]
    assert keys(window, "calliper_distance") == []
    page.select("calliper_distance")
    page.clear.click()
    assert page.note.text() == ""


def test_no_key_is_bound_twice_in_the_table_or_after_any_change() -> None:
    for bindings in ({}, rebound("smooth", "M", {}), checked({"smooth": ["M"], "fit": ["M"], "gone": ["Z"]})):
        bound = [key for action in ACTIONS for key in keys_of(action, bindings)]
        assert len(bound) == len(set(bound))
    assert owner_of("M", {}).name == "calliper_distance"
    with pytest.raises(KinecorError, match="Esc"):
        rebound("smooth", "Esc", {})


def test_keys_travel_in_a_file(tmp_path) -> None:
    file, changed = tmp_path / "keys.json", rebound("smooth", "Ctrl+Alt+K", {})
    write_keys(file, changed)
    assert read_keys(file) == changed
    for text in ("{}", "no json", json.dumps({"format": "kinecor-keys", "version": 1, "keys": {"smooth": "K"}})):
        file.write_text(text)
        with pytest.raises(KinecorError, match="keyboard shortcuts"):
            read_keys(file)


def test_kinds_of_studies_open_as_they_are_hung(open_window) -> None:
    window = open_window([cine()])
    assert kind_of_study(window.workspace.opened.recordings) is StudyKind.ECHO
    window.actions_by_name["preferences"].trigger()
    page = next(dialog for dialog in window.findChildren(Preferences)).hanging
    page.modes[StudyKind.ECHO].setCurrentIndex(page.modes[StudyKind.ECHO].findData(Mode.STRAIN.value))
    page.tiles[StudyKind.ECHO].setCurrentIndex(page.tiles[StudyKind.ECHO].findData(int(Tiles.TWO)))
    page.tiles[StudyKind.ECHO].activated.emit(0)
    assert settings.load().hanging["echo"] == HangingProtocol(Mode.STRAIN, int(Tiles.TWO))
    window.opening.open_paths(["the same study again"])
    while window.busy:
        QApplication.processEvents()
    assert window.mode is Mode.STRAIN
    assert window.reading.board.tiles_wanted is Tiles.TWO


def test_a_new_study_opens_in_review_by_default(themed, qtbot, monkeypatch) -> None:
    assert settings.Settings().protocol(StudyKind.MRI) == HangingProtocol(Mode.REVIEW, AS_LAST)
    monkeypatch.setattr(opening, "open_all", lambda paths, tick: ((stacks.stack(),), (), ()))
    window = main_window.MainWindow(settings.Settings(), lambda *_: None)
    qtbot.addWidget(window)
    window.opening.open_paths(["study"])
    qtbot.waitUntil(lambda: window.workspace.recording is not None)
    assert window.mode is Mode.REVIEW
    window.close()


def test_a_layout_is_saved_by_name_used_and_removed(window, monkeypatch) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("my layout", True))
    window.choose_mode(Mode.STRAIN)
    window.actions_by_name["save_layout"].trigger()
    window.choose_mode(Mode.MEASURE)
    (use,) = window.menus._layouts.actions()
    assert use.text() == "my layout"
    use.trigger()
    assert window.mode is Mode.STRAIN
    assert list(settings.load().named_layouts) == ["my layout"]
    window.actions_by_name["preferences"].trigger()
    page = next(dialog for dialog in window.findChildren(Preferences)).hanging
    page.names.setCurrentRow(0)
    page.remove.click()
    assert settings.load().named_layouts == {}
    assert window.menus._layouts.isEmpty()


def test_commands_of_stacks_are_listed_where_there_is_one(open_window) -> None:
    assert not open_window([cine()]).actions_by_name["base"].isVisible()
    assert open_window([stacks.stack()]).actions_by_name["base"].isVisible()


@pytest.fixture
def devices_as_before(monkeypatch):
    monkeypatch.setattr(devices, "_chosen", "auto")
    monkeypatch.setenv(PRECISION, "float")
    monkeypatch.setattr(devices, "_of_environment", "float")


def test_the_device_and_the_precision_hold_at_once_and_at_the_next_start(devices_as_before, preferences, qtbot) -> None:
    page = preferences.devices
    assert (page.device.currentData(), page.precision.currentData()) == ("auto", "")
    page.device.setCurrentIndex(page.device.findData("cpu"))
    page.device.activated.emit(page.device.currentIndex())
    assert devices.resolve_device("auto") == "cpu"
    page.precision.setCurrentIndex(page.precision.findData("int8"))
    page.precision.activated.emit(page.precision.currentIndex())
    assert devices.precision_in_force() == "int8"
    qtbot.waitUntil(lambda: (settings.load().device, settings.load().precision) == ("cpu", "int8"))


@pytest.mark.parametrize("gpu", [False, True])
def test_a_gpu_is_offered_only_where_there_is_one(themed, qtbot, gpu: bool) -> None:
    page = DevicesPage("auto", "", gpu, lambda *_: None)
    qtbot.addWidget(page)
    assert page.device.model().item(page.device.findData("cuda")).isEnabled() is gpu
    assert ("No CUDA GPU" in page.found.text()) is not gpu
