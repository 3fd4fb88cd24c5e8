"""Archives in the window, against an archive in this process."""

import dataclasses

import pydicom
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import nodes
from kinecor.io.archive.archive import archive_of, send
from kinecor.io.archive.nodes import Archives, Node, node_from_address
from kinecor.io.archive.transfer import files_to_send
from kinecor.io.open.recordings import open_path
from kinecor.ui.archive import calls
from kinecor.ui.archive.calls import Content, Wanted
from kinecor.ui.archive.nodes_dialog import NodesDialog
from kinecor.ui.archive.open_dialog import OpenDialog
from kinecor.ui.archive.receive_dialog import ReceiveDialog
from kinecor.ui.archive.send_dialog import SendDialog
from kinecor.ui.commands import opening
from kinecor.ui.style.language import use_language
from tests.io.archive.instances import Peer, study, uid
from tests.io.archive.servers import free_port
from tests.io.write.sources import read_clip, write_clip

pytest.importorskip("pynetdicom")


@pytest.fixture
def peer():
    with Peer([*study(series=2, each=3, side=32), *study("other", series=1, each=1)]).running() as one:
        yield one


def archives(peer):
    return Archives((dataclasses.replace(node_from_address(peer.address), name="peer"),))


def finished(qtbot, dialog):
    qtbot.waitUntil(lambda: not dialog.jobs.keys)


def shown(qtbot, dialog):
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_search_series_preview_and_what_is_retrieved(themed, qtbot, peer):
    chosen = []
    dialog = shown(qtbot, OpenDialog(archives(peer), chosen.append))
    assert not dialog.retrieve.isEnabled()
    dialog.name.setText("doe")
    dialog.search.click()
    finished(qtbot, dialog)
    assert sorted(item.data(0, 256).uid for item in dialog._studies()) == sorted([uid("study"), uid("other")])
    item = next(one for one in dialog._studies() if one.data(0, 256).uid == uid("study"))
    assert [item.text(column) for column in (0, 1, 2, 5)] == ["Doe Jane", "4711", "2026-01-05", "Heart"]
    item.setExpanded(True)
    finished(qtbot, dialog)
    assert [item.child(row).text(0) for row in range(item.childCount())] == ["Series 0", "Series 1"]
    dialog.tree.clearSelection()
    item.child(1).setSelected(True)
    finished(qtbot, dialog)
    assert dialog.preview.pixmap().width() == 240
    assert len(peer.sent) == 1
    dialog.retrieve.click()
    assert [[(one.study_uid, one.series_uids) for one in each] for each in chosen] == [
        [(uid("study"), (uid("study", 1),))]
    ]


def test_a_search_that_fails_says_why(themed, qtbot):
    dialog = shown(qtbot, OpenDialog(Archives((Node("gone", "127.0.0.1", free_port(), "X"),)), lambda _: None))
    dialog.first.setText("yesterday")
    dialog.search.click()
    finished(qtbot, dialog)
    assert "YYYY-MM-DD" in dialog.words.text()
    dialog.first.clear()
    dialog.search.click()
    finished(qtbot, dialog)
    assert dialog.words.text().startswith("! gone (127.0.0.1")
    assert "nothing listens" in dialog.words.text()
    assert not shown(qtbot, OpenDialog(Archives(), lambda _: None)).search.isEnabled()


def test_days_are_asked_for_as_the_language_writes_them(themed, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr(calls, "search", lambda node, fields, tick: asked.append(fields) or ())
    use_language(themed, "de")
    dialog = shown(qtbot, OpenDialog(Archives((Node("a", "127.0.0.1", 104, "X"),)), lambda _: None))
    assert dialog.first.placeholderText() == "TT.MM.JJJJ"
    dialog.first.setText("03.02.2025")
    dialog.last.setText("2025-02-04")
    dialog.search.click()
    finished(qtbot, dialog)
    use_language(themed, "en")
    assert [(one["first_date"], one["last_date"]) for one in asked] == [("2025-02-03", "2025-02-04")]


def test_settings_are_tested_saved_and_removed(themed, qtbot, peer):
    changes = []
    dialog = shown(qtbot, NodesDialog(Archives(), changes.append))
    dialog.test.click()
    assert "name" in dialog.words.text()
    dialog.name.setText("peer")
    dialog.host.setText("127.0.0.1")
    dialog.title.setText("PEER")
    dialog.port.setValue(peer.port)
    dialog.test.click()
    finished(qtbot, dialog)
    assert "peer answers" in dialog.words.text()
    dialog.save.click()
    finished(qtbot, dialog)
    assert changes[-1].nodes == (Node("peer", "127.0.0.1", peer.port, "PEER"),)
    assert nodes.load() == changes[-1]
    dialog.name.setText("renamed")
    dialog.save.click()
    finished(qtbot, dialog)
    assert [one.name for one in nodes.load().nodes] == ["renamed"]
    dialog.kind.setCurrentIndex(1)
    dialog.test.click()
    assert "URL" in dialog.words.text()
    dialog.remove.click()
    finished(qtbot, dialog)
    assert nodes.load().nodes == ()


def test_the_outcome_of_each_object_is_listed(themed, qtbot, tmp_path):
    clip = read_clip(write_clip(tmp_path / "clip.dcm"))

    def pdf(path, tick):
        path.write_bytes(b"%PDF-1.7 test")

    with Peer(status=0xA700).running() as peer:
        dialog = shown(qtbot, SendDialog(archives(peer), Content(((clip.recording, clip.reading),), None, pdf)))
        for box in dialog.objects.values():
            box.setChecked(True)
        dialog.send.click()
        assert not dialog.send.isEnabled()
        finished(qtbot, dialog)
        lines = [dialog.outcome.topLevelItem(row) for row in range(dialog.outcome.topLevelItemCount())]
        assert {line.text(0) for line in lines} == {"SR US", "PDF", "SEG A4C 1", "Key images A4C 1"}
        assert all(line.text(1).startswith("! ") for line in lines)
        assert dialog.words.text() == "0 of 4 objects stored"


def test_a_study_is_retrieved_in_the_background_and_opened(open_window, qtbot, tmp_path, monkeypatch):
    clips = [write_clip(tmp_path / f"{view}.dcm", view, instance=number) for number, view in enumerate(("A4C", "A2C"))]
    made = [pydicom.dcmread(path) for path in clips]
    window = open_window()
    monkeypatch.setattr(opening, "open_all", _open_all)
    with Peer(made).running() as peer:
        nodes.save(archives(peer))
        window.archiving.open_from_archive()
        dialog = window.findChild(OpenDialog)
        dialog.search.click()
        finished(qtbot, dialog)
        dialog.retrieve.click()
        qtbot.waitUntil(lambda: len(window.workspace.opened.recordings) == 2 and not window.jobs.keys)
    assert window.banner.messages == []
    place = calls.saved().place
    assert all(str(place) in one.source.path for one in window.workspace.opened.recordings)
    window.player.pause()


def _open_all(paths, tick):
    found = [one for path in paths for one in open_path(path, tick=tick).recordings]
    return tuple(found), (), ()


def test_what_did_not_arrive_is_said_above_the_images(open_window, qtbot):
    window = open_window()
    nameless = study(series=1, each=2)
    with Peer(nameless, refuse=True).running() as peer:
        nodes.save(archives(peer))
        window.retrieval.start([Wanted(calls.saved().nodes[0], uid("study"))])
        assert not window.status.cancel.isHidden()
        qtbot.waitUntil(lambda: not window.jobs.keys and bool(window.banner.messages))
    assert "2 of 2 images did not arrive from peer" in " ".join(window.banner.messages)


def test_the_receiver_is_switched_on_and_off(themed, qtbot, tmp_path):
    opened = []
    dialog = shown(qtbot, ReceiveDialog(Archives(), opened.append))
    assert dialog.host.currentData() == "127.0.0.1"
    dialog.port.setValue(0)
    dialog.switch.click()
    assert dialog.words.text().startswith("! No sender is allowed yet")
    dialog.allow.setText("SCANNER1, KINECOR")
    dialog.switch.click()
    assert "KINECOR listens at 127.0.0.1" in dialog.words.text()
    assert not dialog.port.isEnabled()
    node = Node("here", "127.0.0.1", dialog.receiving.port, "KINECOR", own_ae_title="SCANNER1")
    files, _ = files_to_send([write_clip(tmp_path / "clip.dcm")])
    send(archive_of(node), files)
    qtbot.waitUntil(lambda: dialog.studies.topLevelItemCount() == 1 and "complete" in item_text(dialog, 2))
    assert [item_text(dialog, column) for column in (0, 1, 2)] == ["SCANNER1", "1", "complete"]
    dialog.studies.topLevelItem(0).setSelected(True)
    dialog.open_study.click()
    assert len(list(opened[0].rglob("*.dcm"))) == 1
    port = dialog.receiving.port
    dialog.switch.click()
    assert dialog.receiving is None
    with pytest.raises(KinecorError, match="nothing listens"):
        archive_of(dataclasses.replace(node, port=port)).echo()


def item_text(dialog, column):
    return dialog.studies.topLevelItem(0).text(column)


def test_several_studies_are_retrieved_one_after_the_other(open_window, qtbot, tmp_path, monkeypatch):
    clips = [
        write_clip(tmp_path / f"{number}.dcm", instance=number, StudyInstanceUID=uid(f"study {number}"))
        for number in range(3)
    ]
    made = [pydicom.dcmread(path) for path in clips]
    window = open_window()
    monkeypatch.setattr(opening, "open_all", _open_all)
    with Peer(made).running() as peer:
        nodes.save(archives(peer))
        window.archiving.open_from_archive()
        dialog = window.findChild(OpenDialog)
        dialog.search.click()
        finished(qtbot, dialog)
        first, second, _ = dialog._studies()
        dialog.tree.clearSelection()
        first.setSelected(True)
        second.setSelected(True)
        dialog.retrieve.click()
        qtbot.waitUntil(lambda: len(window.workspace.opened.recordings) == 2 and not window.jobs.keys)
    assert window.banner.messages == []
    assert len({one.source.study_id for one in window.workspace.opened.recordings}) == 2
    window.player.pause()
