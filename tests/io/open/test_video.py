import os
import re
import time

import cv2
import numpy as np
import pytest

from kinecor.core.values.errors import KinecorError, no_tick
from kinecor.io.files import isolated, video
from kinecor.io.files.cache import FrameCache
from kinecor.io.files.video import Walker
from kinecor.io.open.recordings import open_path
from tests import decoders as planted

# ffmpeg looks at this once, at its first use, which in this process is the writing of test videos.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

ROWS, COLUMNS, COUNT = 48, 64, 40


def image(frame):
    """Frame number as the brightness of the right half; the left is red above and blue below."""
    made = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    made[:, COLUMNS // 2 :] = 5 * frame + 20
    made[: ROWS // 2, : COLUMNS // 2] = (200, 30, 30)
    made[ROWS // 2 :, : COLUMNS // 2] = (30, 30, 200)
    return made


def write(path, codec="mp4v", rate=25.0):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), rate, (COLUMNS, ROWS))
    assert video.isOpened()
    for frame in range(COUNT):
        video.write(image(frame)[:, :, ::-1])
    video.release()
    return path


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.avi", "XVID")])
def test_every_frame_in_any_order(tmp_path, name, codec):
    found = open_path(write(tmp_path / name, codec), cache=FrameCache(0))
    assert found.refused == ()
    (clip,) = found.recordings
    assert clip.frames.shape == (COUNT, ROWS, COLUMNS, 3)
    in_order = [clip.frames[i] for i in range(COUNT)]
    brightness = [float(frame[8:40, 40:60].mean()) for frame in in_order]
    assert brightness == pytest.approx([5 * i + 20 for i in range(COUNT)], abs=8)
    assert np.diff(brightness).min() > 2
    for frame in (39, 0, 3, 3, 38, 12, 13, 14, 1, 25):
        assert (clip.frames[frame] == in_order[frame]).all()
    red, blue = clip.frames[5][10, 10], clip.frames[5][40, 10]
    assert red[0] > 150 > red[2]
    assert blue[2] > 150 > blue[0]
    assert np.diff(clip.times_s) == pytest.approx(0.04, abs=1e-3)
    assert clip.times_origin == "video time stamps"
    assert clip.calibration is None
    assert clip.warnings == ()
    assert "no scale" in clip.calibration_origin


@pytest.fixture
def counted(monkeypatch):
    """How many frames all walkers have stepped over."""
    steps = []
    real = Walker.skip
    monkeypatch.setattr(Walker, "skip", lambda self: steps.append(self.next) or real(self))
    return steps


def test_a_step_back_is_paid_once(tmp_path, counted):
    frame_bytes = ROWS * COLUMNS * 3
    (clip,) = open_path(write(tmp_path / "a.mp4"), cache=FrameCache(4 * 20 * frame_bytes)).recordings
    in_order = [clip.frames[i] for i in range(COUNT)]
    counted.clear()
    for frame in reversed(range(COUNT)):
        assert (clip.frames[frame] == in_order[frame]).all()
    # From the 20 frames that the cache holds back to the first: one walk, not twenty.
    assert len(counted) <= 2 * 20 + 2


def test_two_readers_do_not_send_each_other_back(tmp_path, counted):
    (clip,) = open_path(write(tmp_path / "a.mp4"), cache=FrameCache(0)).recordings
    truth = [clip.frames[i] for i in range(COUNT)]
    counted.clear()
    for step in range(20):
        assert (clip.frames[step] == truth[step]).all()
        assert (clip.frames[20 + step] == truth[20 + step]).all()
    assert len(counted) <= 20 + 40


def test_many_threads_get_the_right_frames(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    (clip,) = open_path(write(tmp_path / "a.mp4"), cache=FrameCache(0)).recordings
    truth = [clip.frames[i] for i in range(COUNT)]
    requested = [int(i) for i in np.random.default_rng(0).integers(0, COUNT, 60)]
    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda i: bool((clip.frames[i] == truth[i]).all()), requested))
    assert len(clip.frames._resting) <= 3


def test_same_content_same_identity_in_any_folder(tmp_path):
    path = write(tmp_path / "a.mp4")
    first = open_path(path).recordings[0].source.recording_id
    path = path.rename(tmp_path / "b.mp4")
    assert open_path(path).recordings[0].source.recording_id == first


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5])
@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.avi", "MJPG")])
def test_damaged(tmp_path, name, codec, part, capfd):
    path = write(tmp_path / name, codec)
    capfd.readouterr()
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * part)])
    found = open_path(path, cache=FrameCache())
    assert len(found.recordings) + len(found.refused) == 1
    for one in found.refused:
        assert "xpected" in one.reason
        assert "unforeseen" not in one.reason
    for clip in found.recordings:
        # Where a container can be read without its end, it is as long as the frames that are there.
        assert 0 < len(clip) < COUNT
        assert f"cut off after {len(clip)} frames" in " ".join(clip.warnings)
    assert capfd.readouterr().err == ""


def test_video_that_shrinks_while_it_is_open(tmp_path):
    path = write(tmp_path / "a.avi", "MJPG")
    clip = open_path(path, cache=FrameCache(0)).recordings[0]
    path.write_bytes(b"")
    with pytest.raises(KinecorError, match="video"):
        _ = [clip.frames[frame] for frame in (39, 0)]


def damaged_frames(path):
    (clip,) = open_path(path, cache=FrameCache()).recordings
    return [frame for frame in range(len(clip)) if clip.frames.repaired(frame)]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mp4v"), ("a.avi", "MJPG"), ("a.avi", "XVID")])
def test_what_the_decoder_conceals_is_marked(tmp_path, name, codec, capfd):
    path = write(tmp_path / name, codec)
    assert damaged_frames(path) == []
    data = bytearray(path.read_bytes())
    if codec == "MJPG":
        at = [one.start() for one in re.finditer(b"\xff\xda", data)][20] + 16
    else:
        start = data.index(b"mdat" if name == "a.mp4" else b"movi")
        at = start + (data.rindex(b"moov" if name == "a.mp4" else b"idx1") - start) // 2
    data[at : at + 8] = b"\x75" * 8
    path.write_bytes(data)
    found = damaged_frames(path)
    if codec == "MJPG":
        assert found == [20]  # each frame by itself
    else:
        assert 10 < found[0] < 30
        (clip,) = open_path(path, cache=FrameCache()).recordings
        assert found == list(range(found[0], found[-1] + 1))  # and what is predicted from it
        assert found[-1] + 1 in ({24, 36, len(clip)} if codec == "mp4v" else range(24, len(clip) + 1))
    assert capfd.readouterr().err == ""


def test_a_frame_that_ends_the_decoding_marks_the_last_one(tmp_path):
    path = write(tmp_path / "a.avi", "MJPG")
    data = bytearray(path.read_bytes())
    tables = [one.start() for one in re.finditer(b"\xff\xc4", data)][20]
    data[tables + 5 : tables + 21] = b"\xff" * 16
    path.write_bytes(data)
    (clip,) = open_path(path, cache=FrameCache()).recordings
    assert len(clip) == 20
    assert damaged_frames(path) == [19]


@pytest.mark.parametrize(("decoder", "said"), [(planted.hanging, "took more than 1 s"), (planted.dying, "crashed")])
def test_a_decoder_that_hangs_or_crashes_over_a_video_is_ended_in_time_with_a_sentence(
    tmp_path, monkeypatch, decoder, said
):
    path = write(tmp_path / "a.mp4", "mp4v")
    sound = video.frame_stamps(path, no_tick)
    own = isolated.Decoders(1, 1.0)
    own.run(planted.process, b"")  # it is started, which may take long
    monkeypatch.setattr(video, "_counter", lambda: own)
    monkeypatch.setattr(video, "_walk_apart", decoder)
    began_s = time.monotonic()
    opened = open_path(path, cache=FrameCache())
    assert time.monotonic() - began_s < 20  # it hangs for 60
    assert not opened.recordings
    assert said in opened.refused[0].reason
    monkeypatch.undo()
    assert video.frame_stamps(path, no_tick) == sound
    own.close()


def test_frames_are_counted_in_pieces_and_the_same_without_a_process_of_its_own(tmp_path, monkeypatch):
    path = write(tmp_path / "a.mp4", "mp4v")
    apart = video.frame_stamps(path, no_tick)
    monkeypatch.setattr(video, "_stamps_apart", lambda *_: None)
    monkeypatch.setattr(video, "_PIECE_S", 0.0)
    pieces = []
    assert video.frame_stamps(path, lambda *done: pieces.append(done)) == apart
    assert len(pieces) == len(apart[0]) + 1


@pytest.mark.logs_warnings
def test_where_nothing_can_be_started_to_listen_nothing_is_marked(tmp_path, monkeypatch):
    monkeypatch.setattr(isolated._Worker, "__init__", lambda _: (_ for _ in ()).throw(OSError("no more processes")))
    monkeypatch.setattr(video, "_listener", isolated.Decoders)
    path = write(tmp_path / "a.avi", "MJPG")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8] = b"\x55" * 8
    path.write_bytes(data)
    assert damaged_frames(path) == []
