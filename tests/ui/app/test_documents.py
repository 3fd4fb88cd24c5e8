import numpy as np
import pytest

from kinecor.core.values.errors import Cancelled, no_tick
from kinecor.ui.app.documents import demo, open_all, sample
from tests.io import make_dicom as make
from tests.io.dicom.test_documents import channel, ecg


def test_the_demo_opens_as_a_study_of_three_views_with_a_scale():
    recordings, refused, *_ = open_all((demo(),), no_tick)
    assert sorted(one.view for one in recordings) == ["A2C", "A3C", "A4C"]
    assert len({one.source.study_id for one in recordings}) == 1
    assert all(one.calibration is not None for one in recordings)
    assert refused == ()


def test_the_sample_opens_with_an_offered_scale():
    (recording,), refused, *_ = open_all((sample(),), no_tick)
    assert len(recording) == 30
    assert recording.calibration is None
    assert recording.offered is not None
    assert refused == ()


def test_what_is_refused_is_named_and_the_rest_opens(tmp_path):
    (tmp_path / "words.txt").write_text("no picture")
    recordings, refused, *_ = open_all((str(tmp_path / "words.txt"), str(tmp_path / "gone.dcm"), sample()), no_tick)
    assert len(recordings) == 1
    assert [one.partition(":")[0] for one in refused] == ["words.txt", "gone.dcm"]


def test_an_empty_folder_says_what_to_do(tmp_path):
    recordings, refused, *_ = open_all((str(tmp_path),), no_tick)
    assert recordings == ()
    assert len(refused) == 1


def test_opening_can_be_cancelled(tmp_path):
    def tick(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        open_all((demo(),), tick)


def test_recordings_of_several_paths_that_claim_one_identity_are_distinguished(tmp_path):
    loop = make.grey_loop()
    paths = [make.write_loop(tmp_path / "a.dcm", loop, SOPInstanceUID="1.2.3")]
    paths.append(make.write_loop(tmp_path / "copy.dcm", loop, SOPInstanceUID="1.2.3"))
    paths.append(make.write_loop(tmp_path / "b.dcm", 255 - loop, SOPInstanceUID="1.2.3"))
    recordings, refused, *_ = open_all(tuple(map(str, paths)), no_tick)
    assert refused == ()
    assert len({one.source.recording_id for one in recordings}) == len(recordings) == 2


def test_an_ecg_alone_says_where_it_is_shown(tmp_path):
    path = make.save(ecg(np.zeros((10, 1)), [channel("Lead I")]), tmp_path / "ecg.dcm")
    recordings, (sentence,), (report,), _ = open_all((str(path),), no_tick)
    assert not recordings
    assert report.leads
    assert "found only 12-lead ECG Waveform; open it together with recordings of the patient" in sentence
