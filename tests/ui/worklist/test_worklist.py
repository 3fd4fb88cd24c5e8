"""The worklist of the start page: what it lists without opening anything, and what is done with it."""

import json
import shutil
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import current_thread, main_thread

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kinecor.analysis.whole_study import AnalysedStudy, analyse_and_save
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.track import Structure
from kinecor.io.archive import nodes
from kinecor.io.archive.nodes import Archives, node_from_address
from kinecor.io.open.study_glance import glances
from kinecor.session.progress import StudyProgress, StudyState, study_progress
from kinecor.session.store import Store, study_file
from kinecor.ui.app import settings
from kinecor.ui.app.documents import open_all
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.commands import opening
from kinecor.ui.worklist import studies
from kinecor.ui.worklist.studies import ARCHIVE, WATCHED, ListedStudy, lasting, look_through, merged
from kinecor.ui.worklist.table import CHECKS, DATE, DESCRIPTION, PATIENT, STATE, WorklistModel
from kinecor.ui.worklist.worklist import Worklist
from tests.io.archive.instances import Peer, study
from tests.io.write.sources import write_clip
from tests.readings import BY
from tests.ui.conftest import Proposal, beating

DAY = "2026-11-25"
NAMES = ("Adams^Ann", "Berg^Bo", "Chen^Li")


def no_tick(*_):
    pass


def test_studies_without_a_header_are_told_apart_by_their_files(qapp):
    """Two rows said "Patient unknown" and nothing else."""
    model = WorklistModel()
    model.show_studies(
        [ListedStudy("/studies/acdc"), ListedStudy("/b", patient="Ann"), ListedStudy("1.2", origin=ARCHIVE)]
    )
    assert [model.index(row, DESCRIPTION).data() for row in range(3)] == ["acdc", "", ""]


def proposed(recording, reading, tick):
    found = beating(recording, reading, tick)

    class Whole(Proposal):
        def whole(self, _tick):
            return self

    return Whole(found.edit, found.by)


@pytest.fixture
def watched(tmp_path):
    """A folder with three studies of one clip each, of three patients and days."""
    root = tmp_path / "watched"
    for number, name in enumerate(NAMES):
        folder = root / f"study {number}"
        folder.mkdir(parents=True)
        write_clip(
            folder / "clip.dcm",
            instance=number + 1,
            PatientName=name,
            PatientID=f"P{number}",
            StudyDate=f"2026112{number}",
            StudyInstanceUID=f"1.2.3.{number}",
            SOPInstanceUID=f"1.2.3.{number}.1",
        )
    return root


def listed(watched, known=()):
    return look_through([str(watched)], known, DAY, no_tick)


def analysed(path):
    (found,) = analyse_and_save(path, no_tick, proposed)
    return found


@pytest.fixture
def list_window(themed, qtbot, monkeypatch, watched):
    """A window with a worklist of the watched folder, whose models need no weights."""
    monkeypatch.setattr(opening, "open_all", open_all)
    window = MainWindow(settings.Settings(reader="Dr Grey", watched=(str(watched),)), beating)
    window.worklist._analyse = lambda path, tick: analyse_and_save(path, tick, proposed)
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    qtbot.waitUntil(lambda: not window.worklist.busy and len(window.worklist.studies) == 3)
    yield window
    window.close()


def cells(window, column):
    proxy = window.start.worklist.proxy
    return [proxy.index(row, column).data() for row in range(proxy.rowCount())]


def settled(window, qtbot):
    qtbot.waitUntil(lambda: not window.busy and not window.worklist.busy)


def test_a_folder_is_known_by_the_header_of_one_image(watched):
    (found,) = glances(watched / "study 1")
    assert (found.study_id, found.patient, found.patient_id, found.date, found.modality, found.files) == (
        "1.2.3.1", "Berg Bo", "P1", "20261121", "US", 1,
    )  # fmt: skip
    (watched / "empty").mkdir()
    assert glances(watched / "empty") == ()
    (watched / "empty" / "x.dcm").write_bytes(b"\0" * 200)
    assert [one.study_id for one in glances(watched / "empty")] == [""]


def test_a_folder_with_two_patients_is_two_studies(watched):
    for clip in (watched / "study 1").iterdir():
        clip.rename(watched / "study 0" / "another.dcm")
    (watched / "study 1").rmdir()
    first = listed(watched)
    assert [(one.patient, Path(one.path).name, one.files) for one in first] == [
        ("Berg Bo", "study 0", 1),
        ("Adams Ann", "study 0", 1),
        ("Chen Li", "study 2", 1),
    ]
    assert listed(watched, first) == first
    (watched / "study 0" / "another.dcm").unlink()  # one of the two is gone
    assert [one.patient for one in listed(watched, first)] == ["Adams Ann", "Chen Li"]


def test_the_study_that_is_chosen_is_shown_of_a_folder_with_two(list_window, qtbot, watched):
    window = list_window
    for clip in (watched / "study 1").iterdir():
        clip.rename(watched / "study 0" / "zz.dcm")
    (watched / "study 1").rmdir()
    window.worklist.look()
    qtbot.waitUntil(lambda: len({one.path for one in window.worklist.studies}) == 2 and not window.worklist.busy)
    for name in ("Adams Ann", "Berg Bo"):
        window.worklist._open(next(one for one in window.worklist.studies if one.patient == name))
        settled(window, qtbot)
        assert window.workspace.recording.source.patient.name.replace("^", " ") == name
        assert len(window.workspace.opened.recordings) == 2


def test_the_list_is_of_folders_and_states_and_opens_no_study(watched, monkeypatch):
    first = listed(watched)
    assert [one.patient for one in first] == ["Adams Ann", "Berg Bo", "Chen Li"]
    assert {(one.state, one.origin) for one in first} == {(StudyState.NEW, WATCHED)}
    looked = []
    monkeypatch.setattr("kinecor.io.open.study_glance.glances", lambda path: looked.append(path) or ())
    assert listed(watched, first) == first
    assert looked == []
    shutil.rmtree(watched / "study 1")
    assert [one.patient for one in listed(watched, first)] == ["Adams Ann", "Chen Li"]


def test_states_are_by_authors_and_kinds_of_entries(watched):
    assert study_progress("1.2.3.0") == StudyProgress(StudyState.NEW)
    found = analysed(watched / "study 0")
    assert (found.study_id, found.recordings) == ("1.2.3.0", 1)
    progress = study_progress("1.2.3.0")
    assert progress.state is StudyState.ANALYSED
    assert study_progress("1.2.3.0", progress) is progress
    for actor, kind, state in (
        ("header", "set-view/1", StudyState.ANALYSED),
        ("Dr Grey", "set-notes/1", StudyState.CORRECTED),
        (BY, "set-track/1", StudyState.CORRECTED),
        ("Dr Grey", "study-sign/2", StudyState.SIGNED),
        ("Dr Grey", "study-addendum/1", StudyState.CORRECTED),
        ("Dr Grey", "study-sign/2", StudyState.SIGNED),
    ):
        with Store.open(study_file("1.2.3.0")) as store:
            store.append(actor, "", kind, b"{}")
        assert study_progress("1.2.3.0").state is state
    study_file("1.2.3.0").write_bytes(b"damaged")
    assert study_progress("1.2.3.0", progress) is progress


def test_what_lies_here_takes_the_place_of_what_lies_in_an_archive():
    there = ListedStudy("1.2.3", "1.2.3", origin=ARCHIVE, node="pacs")
    here = ListedStudy("/a", "1.2.3", origin=WATCHED, checks=2)
    assert merged([there], [here]) == (here,)
    assert merged([here], [there]) == (here,)
    later = replace(here, checks=None)
    assert merged([here], [later]) == (here,)
    unknown = ListedStudy("/a")
    assert merged([unknown], [here]) == (here,)


@pytest.mark.parametrize(("keep_days", "left"), [(0, []), (30, ["/b"]), (-1, ["/a", "/b"])])
def test_the_list_forgets_as_the_settings_do(keep_days, left):
    old, new = ListedStudy("/a", used="2026-01-01"), ListedStudy("/b", used="2026-11-20")
    there = ListedStudy("1.2", "1.2", origin=ARCHIVE, used=DAY)
    assert [one.path for one in lasting([old, new, there], DAY, keep_days)] == left


def test_the_saved_list_is_private_and_a_damaged_one_is_empty():
    studies.save([ListedStudy("/a", patient="Zoë", state=StudyState.SIGNED, checks=3)])
    assert stat.S_IMODE(studies.place().stat().st_mode) == 0o600
    assert studies.load() == (ListedStudy("/a", patient="Zoë", state=StudyState.SIGNED, checks=3),)
    for damage in ("{", "[]", '{"version": 1}', '{"version": 1, "studies": [{"path": 3}]}', '{"version": 9}'):
        studies.place().write_text(damage)
        assert studies.load() == ()


def test_a_folder_is_analysed_and_saved_as_the_window_does(watched, monkeypatch):
    found = analysed(watched / "study 0")
    assert isinstance(found, AnalysedStudy)
    with Store.read(study_file("1.2.3.0")) as store:
        kinds = [one.actor for one in store.entries()]
    assert set(kinds) == {BY}
    assert analysed(watched / "study 0") == found  # and nothing is done twice
    with Store.read(study_file("1.2.3.0")) as store:
        assert [one.actor for one in store.entries()] == kinds
    with Store.open(study_file("1.2.3.1")), pytest.raises(KinecorError, match="another window"):
        analysed(watched / "study 1")
    (watched / "empty").mkdir()
    with pytest.raises(KinecorError, match="found none"):
        analyse_and_save(watched / "empty", no_tick, proposed)


def test_it_is_listed_sorted_and_filtered(list_window, qtbot):
    view = list_window.start.worklist
    assert view.isVisible()
    assert cells(list_window, PATIENT) == ["Chen Li", "Berg Bo", "Adams Ann"]  # the latest first
    view.table.sortByColumn(PATIENT, Qt.SortOrder.AscendingOrder)
    assert cells(list_window, PATIENT) == ["Adams Ann", "Berg Bo", "Chen Li"]
    QTest.keyClicks(view.filter, "berg echo")
    assert cells(list_window, PATIENT) == ["Berg Bo"]
    assert view.count.text() == "Studies: 1, unread: 1"
    view.filter.setText("P2")
    assert cells(list_window, PATIENT) == ["Chen Li"]
    view.filter.clear()
    view.states.setCurrentIndex(view.states.findText("Signed"))
    assert cells(list_window, PATIENT) == []
    assert not view.next.isEnabled()


def test_the_next_unread_opens_with_one_key_and_states_follow(list_window, qtbot):
    view = list_window.start.worklist
    QTest.keyClick(list_window, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: list_window.workspace.recording is not None)
    settled(list_window, qtbot)
    assert list_window.workspace.study.reading.study_id == "1.2.3.2"
    list_window.worklist.note_checks()
    open_checks = len(list_window.workspace.checks.open)
    first = {one.study_id: one for one in list_window.worklist.studies}["1.2.3.2"]
    assert (first.state, first.checks, first.origin) == (StudyState.ANALYSED, open_checks, WATCHED)
    QTest.keyClick(list_window, Qt.Key.Key_F3)
    assert view.isVisible()
    assert not list_window.actions_by_name["play"].isEnabled()
    # The one that a reader opens next has been prepared meanwhile, and no other.
    assert cells(list_window, STATE) == ["analysed", "analysed", "new"]
    assert cells(list_window, CHECKS)[0] == (f"! {open_checks}" if open_checks else "0")
    QTest.keyClick(list_window, Qt.Key.Key_F3)
    assert not view.isVisible()
    QTest.keyClick(list_window, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: list_window.workspace.study.reading.study_id == "1.2.3.1")
    settled(list_window, qtbot)
    saved = json.loads(studies.place().read_text()) if studies.place().exists() else None
    list_window.close()
    saved = json.loads(studies.place().read_text())
    assert {one["study_id"]: one["state"] for one in saved["studies"]} == {
        "1.2.3.0": "analysed", "1.2.3.1": "analysed", "1.2.3.2": "analysed"
    }  # fmt: skip


def test_files_are_read_and_written_by_workers(list_window, qtbot, monkeypatch):
    threads = set()

    def noted(inner):
        return lambda *given, **named: (threads.add(current_thread()), inner(*given, **named))[1]

    monkeypatch.setattr(studies, "study_progress", noted(studies.study_progress))
    monkeypatch.setattr(studies, "whole", noted(studies.whole))
    QTest.keyClick(list_window, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: list_window.workspace.recording is not None)
    settled(list_window, qtbot)
    list_window.worklist._save()
    qtbot.waitUntil(lambda: not list_window.worklist.busy)
    assert threads
    assert main_thread() not in threads


def test_a_study_opened_otherwise_prepares_no_other(list_window, qtbot, watched):
    list_window.opening.open_paths([str(watched / "study 1")])
    qtbot.waitUntil(lambda: list_window.workspace.recording is not None)
    settled(list_window, qtbot)
    states = {one.study_id: one.state for one in list_window.worklist.studies}
    assert {states["1.2.3.0"], states["1.2.3.2"]} == {StudyState.NEW}


def test_new_studies_are_analysed_in_the_order_of_the_list(list_window, qtbot):
    view = list_window.start.worklist
    order = []
    inner = list_window.worklist._analyse
    list_window.worklist._analyse = lambda path, tick: (order.append(Path(path).name), inner(path, tick))[1]
    view.table.sortByColumn(DATE, Qt.SortOrder.AscendingOrder)
    view.analyse.click()
    assert view.analyse.text() == "Stop analysing"
    settled(list_window, qtbot)
    assert order == ["study 0", "study 1", "study 2"]
    assert cells(list_window, STATE) == ["analysed"] * 3
    assert view.analyse.text() == "Analyse new"
    assert not view.analyse.isEnabled()
    assert all(one.checks is not None for one in list_window.worklist.studies)


def test_opening_a_study_ends_the_analysis_and_it_goes_on_afterwards(list_window, qtbot):
    view, began = list_window.start.worklist, []
    inner = list_window.worklist._analyse

    def slow(path, tick):
        began.append(Path(path).name)
        if len(began) == 1:
            while True:
                tick(0, 0)
        return inner(path, tick)

    list_window.worklist._analyse = slow
    view.table.sortByColumn(DATE, Qt.SortOrder.AscendingOrder)
    view.analyse.click()
    qtbot.waitUntil(lambda: began == ["study 0"])
    view._want(view.proxy.study_at(0))
    qtbot.waitUntil(lambda: list_window.workspace.recording is not None)
    settled(list_window, qtbot)
    assert list_window.workspace.study.reading.study_id == "1.2.3.0"
    assert list_window.workspace.saved.tracks[Structure.LV_ENDO]
    assert list_window.banner.messages == []  # no other program had the study
    assert began == ["study 0", "study 1", "study 2"]


def test_what_cannot_be_analysed_is_said_by_the_patient(list_window, qtbot):
    def refuse(path, tick):
        raise KinecorError(message("it is damaged"))

    list_window.worklist._analyse = refuse
    list_window.start.worklist.analyse.click()
    settled(list_window, qtbot)
    assert "Berg Bo was not analysed: it is damaged" in list_window.banner.messages
    assert not any("1.2.3" in one for one in list_window.banner.messages)


def test_an_archive_is_listed_and_a_study_of_it_retrieved(list_window, qtbot):
    made = study("new", series=1, each=1, modality="US")
    for one in made:
        one.StudyDate = f"{datetime.now().astimezone():%Y%m%d}"
    with Peer(made).running() as peer:
        nodes.save(Archives((replace(node_from_address(peer.address), name="pacs"),)))
        wanted = []
        list_window.worklist.retrieval_wanted.disconnect()
        list_window.worklist.retrieval_wanted.connect(wanted.append)
        list_window.worklist.query("pacs")
        qtbot.waitUntil(lambda: len(list_window.worklist.studies) == 4)
        settled(list_window, qtbot)
    (there,) = [one for one in list_window.worklist.studies if not one.here]
    assert (there.node, there.patient, there.state) == ("pacs", "Doe Jane", StudyState.NEW)
    list_window.start.worklist._want(there)
    assert [(one.node.name, one.study_uid) for one in wanted] == [("pacs", made[0].StudyInstanceUID)]


def test_a_folder_that_is_no_longer_watched_takes_its_new_studies_along(list_window, qtbot, watched):
    analysed(watched / "study 0")
    list_window.worklist.look()
    settled(list_window, qtbot)
    list_window.worklist.unwatch(str(watched))
    assert [one.study_id for one in list_window.worklist.studies] == ["1.2.3.0"]
    assert list_window.settings.watched == ()


def test_forgetting_empties_the_list(list_window, qtbot):
    list_window.worklist.forget()
    assert list_window.worklist.studies == ()
    list_window.close()
    assert studies.load() == ()


def test_the_list_is_there_before_any_folder_is_looked_at(themed, qtbot, watched, monkeypatch):
    studies.save(listed(watched))
    monkeypatch.setattr(Worklist, "look", lambda self: None)
    window = MainWindow(settings.Settings(reader="Dr Grey"), beating)
    qtbot.addWidget(window)
    assert len(window.start.worklist.proxy.shown()) == 3
    window.close()
