"""The saved study as a DICOM object, and what becomes of it where it is opened."""

from datetime import UTC, datetime

import pydicom
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.study import StudyReading
from kinecor.io.dicom.header import read_dicom
from kinecor.io.dicom.saved_study import RAW_DATA, content_of, may_hold
from kinecor.io.open.recordings import open_path
from kinecor.io.open.returned import take_returned
from kinecor.io.write.derived import save_derived
from kinecor.io.write.saved_study import saved_study
from kinecor.session.audit import Head
from kinecor.session.edits import SetNotes
from kinecor.session.journal import Journal
from kinecor.session.store import Store, study_file
from kinecor.session.transport import Arrival, Packed, pack
from tests.io.dicom_check import standard_errors
from tests.io.write.sources import read_clip, write_clip

AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def clip(tmp_path):
    (tmp_path / "study").mkdir()
    return read_clip(write_clip(tmp_path / "study" / "clip.dcm"))


def written(clip, path, content=b"kinecor", entries=1):
    made = saved_study(Packed(content, Head(entries, "ab" * 32), AT), clip.recording.instances)
    save_derived(made, path)
    return path


def noted(clip, *notes, by="Anna"):
    source = clip.recording.source
    with Store.open(study_file(source.study_id)) as store:
        journal = Journal(store)
        journal.open_study(StudyReading(source.study_id))
        journal.open(clip.reading)
        for one in notes:
            journal.do(source.recording_id, SetNotes(one), by)
    return pack(study_file(source.study_id))


def test_the_object_is_as_the_standard_wants_it(clip, tmp_path):
    assert standard_errors(written(clip, tmp_path / "saved.dcm")) == []


def test_equal_studies_are_one_instance_and_others_are_others(clip, tmp_path):
    uids = [
        pydicom.dcmread(written(clip, tmp_path / f"{number}.dcm", entries=entries)).SOPInstanceUID
        for number, entries in enumerate((1, 1, 2))
    ]
    assert uids[0] == uids[1] != uids[2]
    assert (tmp_path / "0.dcm").read_bytes() == (tmp_path / "1.dcm").read_bytes()


@pytest.mark.parametrize("content", [b"even", b"odd"])
def test_the_bytes_are_found_again_and_the_class_without_reading_all(clip, tmp_path, content):
    path = written(clip, tmp_path / "saved.dcm", content)
    assert content_of(read_dicom(path)).rstrip(b"\0") == content
    assert may_hold(path)
    assert not may_hold(tmp_path / "study" / "clip.dcm")
    assert not may_hold(tmp_path / "nothing")
    stored = pydicom.dcmread(path)
    assert (stored.SOPClassUID, stored.Modality) == (RAW_DATA, "OT")


def test_it_is_a_document_of_the_study_and_taken_over(clip, tmp_path):
    packed = noted(clip, "one")
    source = clip.recording.source
    save_derived(saved_study(packed, clip.recording.instances), tmp_path / "study" / "saved.dcm")
    study_file(source.study_id).unlink()
    opened = open_path(tmp_path / "study")
    assert opened.refused == ()
    (document,) = opened.documents
    assert (document.series.kind, document.own, document.report) == ("own-study", True, None)
    (returned,) = take_returned(opened.documents)
    assert (returned.arrival, returned.words) == (Arrival.TAKEN, None)
    assert pack(study_file(source.study_id)) == packed


def test_of_several_the_longest_counts_and_what_contradicts_is_said(clip, tmp_path):
    early, late = noted(clip, "one"), noted(clip, "two")
    for number, packed in enumerate((early, late)):
        save_derived(saved_study(packed, clip.recording.instances), tmp_path / "study" / f"{number}.dcm")
    study_file(clip.recording.source.study_id).unlink()
    documents = open_path(tmp_path / "study").documents
    assert [one.arrival for one in take_returned(documents)] == [Arrival.TAKEN]
    assert pack(study_file(clip.recording.source.study_id)) == late
    study_file(clip.recording.source.study_id).unlink()
    mine = noted(clip, "mine", by="Ben")
    (returned,) = take_returned(documents)
    assert returned.arrival is Arrival.OTHER
    assert "another reading" in returned.words
    assert "by Anna" in returned.words
    assert "2.25" not in returned.words
    assert pack(study_file(clip.recording.source.study_id)) == mine


def test_damage_is_one_sentence_without_a_uid(clip, tmp_path):
    path = written(clip, tmp_path / "study" / "saved.dcm", noted(clip, "one").content[:-20])
    study_file(clip.recording.source.study_id).unlink()
    (returned,) = take_returned(open_path(tmp_path / "study").documents)
    assert returned.arrival is None
    assert returned.words == (
        "Series 9401 Kinecor saved study: Expected an intact saved study, this one is damaged or was changed; send or "
        "retrieve it again"
    )
    assert not study_file(clip.recording.source.study_id).exists()
    stored = pydicom.dcmread(path)
    del stored[0x0071, 0x1001]
    stored.save_as(path)
    (refused,) = open_path(tmp_path / "study").refused
    assert "Expected an intact saved study" in refused.reason
    with pytest.raises(KinecorError):
        content_of(read_dicom(path))
