import json
import os
from io import BytesIO

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.archive import arrivals as module
from kinecor.io.archive.arrivals import LIST, Arrivals, study_of
from kinecor.io.archive.spool import DiskFullError
from kinecor.io.archive.transfer import Outcome
from kinecor.io.files.incomplete import MARK, incomplete
from kinecor.io.open.recordings import open_path
from tests.io.archive.instances import instance, study, uid


def content(one):
    written = BytesIO()
    one.save_as(written, enforce_file_format=True)
    return written.getvalue()


def test_an_instance_is_written_once_for_its_owner_only(tmp_path):
    into = Arrivals(tmp_path)
    outcome, held = into.take(content(instance()))
    assert outcome is Outcome.STORED
    assert held.path == tmp_path / uid("study") / f"{uid('study', 0, 0)}.dcm"
    assert held.path.read_bytes() == content(instance())
    if os.name != "nt":
        assert (held.path.stat().st_mode & 0o777, held.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert into.take(content(instance()))[0] is Outcome.ALREADY
    assert study_of(content(instance())) == uid("study")


def test_another_image_of_the_same_uid_is_a_conflict_and_changes_nothing(tmp_path):
    into = Arrivals(tmp_path)
    _, held = into.take(content(instance()))
    assert into.take(content(instance(value=1)))[0] is Outcome.CONFLICT
    renamed = instance()
    renamed.PatientName = "Roe^Richard"
    assert into.take(content(renamed))[0] is Outcome.CONFLICT
    assert held.path.read_bytes() == content(instance())


def test_the_same_image_in_another_transfer_syntax_is_no_conflict(tmp_path):
    into = Arrivals(tmp_path)
    into.take(content(instance()))
    implicit = instance()
    implicit.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
    assert content(implicit) != content(instance())
    assert into.take(content(implicit))[0] is Outcome.ALREADY
    implicit.PixelData = bytes(127) + b"\1"
    assert into.take(content(implicit))[0] is Outcome.CONFLICT


def test_only_what_is_unchanged_on_disk_counts_as_here(tmp_path):
    into = Arrivals(tmp_path)
    for one in study(each=3, series=1):
        into.take(content(one))
    paths = sorted((tmp_path / uid("study")).glob("*.dcm"))
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-1])
    with (tmp_path / uid("study") / LIST).open("a") as file:
        file.write('{"file": "half a li')
    assert [one.path for one in Arrivals(tmp_path).held(uid("study")).values()] == [paths[2]]
    assert Arrivals(tmp_path).held("1.2.3") == {}
    # What was damaged is written again, in place.
    again = Arrivals(tmp_path)
    outcomes = [again.take(content(one))[0] for one in study(each=3, series=1)]
    assert sorted(one.value for one in outcomes) == ["already here", "stored", "stored"]
    assert len(Arrivals(tmp_path).held(uid("study"))) == 3


def test_garbage_and_paths_in_identifiers_are_refused(tmp_path):
    into = Arrivals(tmp_path / "in")
    with pytest.raises(KinecorError, match=r"damaged|missing"):
        into.take(b"no dicom")
    nameless = instance()
    del nameless.StudyInstanceUID
    with pytest.raises(KinecorError, match="one is missing"):
        into.take(content(nameless))
    for name in ("StudyInstanceUID", "SOPInstanceUID"):
        hostile = instance()
        setattr(hostile, name, "../../etc/passwd")
        with pytest.raises(KinecorError, match="UID"):
            into.take(content(hostile))
    with pytest.raises(KinecorError):
        into.folder("..")
    assert not (tmp_path / "in").exists()


def test_a_full_disk_is_reported_and_leaves_nothing_half_written(tmp_path, monkeypatch):
    into = Arrivals(tmp_path)
    into.take(content(instance()))
    with pytest.raises(DiskFullError, match="make room"):
        Arrivals(tmp_path, free_bytes=1 << 60).take(content(instance(number=1)))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "write", full)
    with pytest.raises(DiskFullError, match="make room"):
        into.take(content(instance(number=2)))
    monkeypatch.undo()
    names = {one.name for one in (tmp_path / uid("study")).iterdir()}
    # The second was complete; without its line in the list it is fetched again.
    assert names == {LIST, f"{uid('study', 0, 0)}.dcm", f"{uid('study', 0, 2)}.dcm"}
    assert Arrivals(tmp_path).held(uid("study")).keys() == {uid("study", 0, 0)}


def test_a_study_is_marked_until_everything_that_was_asked_for_is_here(tmp_path):
    into, name = Arrivals(tmp_path), uid("study")
    everything = study(series=2, each=2)
    uids = [one.SOPInstanceUID for one in everything]
    into.expect(name, uids, "pacs")
    for one in everything[:2]:
        into.take(content(one))
    into.expect(name, uids, "pacs")
    mark = incomplete(into.folder(name))
    assert mark.expected == frozenset(uids)
    assert "4 images" in mark.words
    # Another series that is whole does not hide that the rest is missing.
    into.expect(name, uids[:2], "pacs", all_of_it=False)
    assert incomplete(into.folder(name)) is not None
    for one in everything[2:]:
        into.take(content(one))
    into.expect(name, uids[:2], "pacs", all_of_it=False)
    assert incomplete(into.folder(name)) is None


def test_a_mark_that_cannot_be_read_is_a_mark(tmp_path):
    (tmp_path / MARK).write_text("{")
    assert "still arriving" in incomplete(tmp_path).words
    assert incomplete(tmp_path / "nowhere") is None


def test_an_incomplete_study_is_named_when_it_is_opened_and_makes_no_stack(tmp_path):
    into, name = Arrivals(tmp_path), uid("study")
    everything = study(series=1, each=3, side=32)
    into.expect(name, [one.SOPInstanceUID for one in everything], "pacs")
    for one in everything[:2]:
        into.take(content(one))
    opened = open_path(into.folder(name))
    assert opened.recordings == ()
    assert [one.reason for one in opened.refused] == [incomplete(into.folder(name)).words]
    assert "3 images" in opened.refused[0].reason
    assert json.loads((into.folder(name) / MARK).read_text())["source"] == "pacs"
