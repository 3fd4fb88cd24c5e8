import numpy as np
import pytest

from kinecor_models.training.data_folder import kind_of, labelled_frames
from kinecor_models.training.echonet import outline, videos
from kinecor_models.training.echonet_clips import BEFORE, echonet_sequences
from kinecor_models.training.samples import DataSetError
from kinecor_models.training.sequence_clip import NOT_CAVITY
from tests.models.public_sets import write_echonet


@pytest.fixture(scope="module")
def echonet(tmp_path_factory):
    return write_echonet(tmp_path_factory.mktemp("echonet"))


def test_chords_become_an_outline():
    chords = np.array([(5, 0, 5, 20), (4, 1, 6, 1), (3, 10, 7, 10), (4, 19, 6, 19)], float)
    assert outline(chords).tolist() == [[4, 1], [3, 10], [4, 19], [6, 19], [7, 10], [6, 1]]


def test_videos_are_split_by_their_table(echonet):
    assert kind_of(echonet) == "echonet"
    assert [[one.name for one in videos(echonet, [split])] for split in ("train", "valid", "test")] == [
        ["0X1A"],
        ["0X2A"],
        ["0X3A"],
    ]


def test_frames_say_what_is_cavity_and_what_is_anything_else(echonet):
    ed, es = labelled_frames(echonet, ["train"])
    assert (ed.phase, es.phase) == ("ED", "ES")
    assert set(np.unique(ed.label)) == {1, NOT_CAVITY}
    # Ellipses of half axes 20 (12) and 32, cut off a little at both ends.
    assert (ed.label == 1).sum() == pytest.approx(np.pi * 20 * 32, rel=0.06)
    assert (es.label == 1).sum() == pytest.approx(np.pi * 12 * 32, rel=0.06)
    assert np.isnan(ed.spacing_mm)


def test_sequences_hold_the_traced_beat_and_interpolate_it(echonet):
    (clip,) = echonet_sequences(echonet, ["valid"], 56)
    assert (clip.ed, clip.es) == ((4,), (12,))
    assert clip.frames.shape == (20, 56, 56)  # frame 4 has less than BEFORE frames before it
    assert BEFORE > 4
    areas = (clip.labels[4:13] == 1).sum(axis=(1, 2))
    assert (np.diff(areas) <= 0).all()
    assert areas[4] == pytest.approx((areas[0] + areas[-1]) / 2, rel=0.05)
    assert np.flatnonzero(clip.labelled).tolist() == list(range(4, 13))
    (sparse,) = echonet_sequences(echonet, ["valid"], 56, interpolate=False)
    assert np.flatnonzero(sparse.labelled).tolist() == [4, 12]


def test_what_is_missing_or_damaged_is_named(tmp_path):
    folder = write_echonet(tmp_path, videos=1)
    video, table = folder / "Videos" / "0X1A.avi", folder / "VolumeTracings.csv"
    told = table.read_text()
    table.write_text(told.replace("X1,", "A,", 1))
    with pytest.raises(DataSetError, match="found no X1"):
        videos(folder, ["train"])
    table.write_text(told.replace(",12\n", ",twelve\n", 1).replace(",12\r\n", ",twelve\r\n", 1))
    with pytest.raises(DataSetError, match="expected numbers"):
        videos(folder, ["train"])
    table.write_text(told.replace(",12", ",50"))
    with pytest.raises(DataSetError, match=r"expected frame 50 in .*, found 20 frames"):
        labelled_frames(folder, ["train"])
    table.write_text(told)
    with pytest.raises(DataSetError, match="no traced video of split valid"):
        videos(folder, ["valid"])
    video.unlink()
    with pytest.raises(DataSetError, match=r"expected a video at .*0X1A\.avi"):
        labelled_frames(folder, ["train"])
    table.unlink()
    with pytest.raises(DataSetError, match=r"expected VolumeTracings\.csv"):
        videos(folder, ["train"])
