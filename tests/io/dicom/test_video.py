"""DICOM video: MPEG-2 and MPEG-4 streams in the pixel data, with times and scale from the header."""

import os
import stat
import tempfile

import cv2
import numpy as np
import pytest
from pydicom.encaps import encapsulate

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.io.files import packing
from kinecor.io.files.cache import FrameCache
from kinecor.io.open.recordings import open_path
from kinecor.io.write.anonymise import Key, Rules, plan_copy
from tests.io import make_dicom as make

# ffmpeg looks at this once, at its first use, which in this process is the writing of test videos.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

MPEG_2, MPEG_4, HEVC = (f"1.2.840.10008.1.2.4.{end}" for end in ("100", "102", "107"))
ROWS, COLUMNS, COUNT = 48, 64, 20
CODEC_ERROR = 12
"""Grey levels, of means over some hundred pixels."""


def image(frame):
    """Frame number as the brightness of the right half; the left is red above and blue below."""
    made = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    made[:, COLUMNS // 2 :] = 10 * frame + 20
    made[: ROWS // 2, : COLUMNS // 2] = (200, 30, 30)
    made[ROWS // 2 :, : COLUMNS // 2] = (30, 30, 200)
    return made


@pytest.fixture(scope="module")
def streams(tmp_path_factory):
    """The same loop as an MP4 file (MPEG-4), and as program, transport and elementary stream of MPEG-2."""
    made = {}
    for name, codec in (("a.mp4", "mp4v"), ("a.mpg", "mpg2"), ("a.ts", "mpg2"), ("a.m2v", "mpg2")):
        path = tmp_path_factory.mktemp("streams") / name
        video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), 25.0, (COLUMNS, ROWS))
        if video.isOpened():
            for frame in range(COUNT):
                video.write(image(frame)[:, :, ::-1])
        video.release()
        made[name] = path.read_bytes() if path.exists() else b""
    return made


def wrapped(path, stream, syntax=MPEG_4, pieces=1, **elements):
    """A DICOM file around a stream; `elements` of None are left out."""
    header = make.loop_dataset(np.zeros((COUNT, ROWS, COLUMNS, 3), np.uint8), photometric="RGB")
    header.PhotometricInterpretation, header.file_meta.TransferSyntaxUID = "YBR_PARTIAL_420", syntax
    header.PixelData = encapsulate([stream], fragments_per_frame=pieces, has_bot=False)
    header["PixelData"].is_undefined_length = True
    for name, value in elements.items():
        if value is None:
            delattr(header, name)
        else:
            setattr(header, name, value)
    return make.save(header, path)


def refusal(path):
    opened = open_path(path, cache=FrameCache())
    assert not opened.recordings
    (refused,) = opened.refused
    return refused.reason


@pytest.mark.parametrize(
    ("name", "syntax", "pieces"),
    [("a.mp4", MPEG_4, 1), ("a.mp4", MPEG_4, 3), ("a.mpg", MPEG_2, 1), ("a.ts", MPEG_2, 2), ("a.m2v", MPEG_2, 1)],
)
def test_every_frame_with_times_and_scale_of_the_header(tmp_path, streams, name, syntax, pieces):
    if not streams[name]:
        pytest.skip("this OpenCV does not write MPEG-2")
    area = make.regions(make.region(x1=COLUMNS - 1, y1=ROWS - 1))
    path = wrapped(tmp_path / "a.dcm", streams[name], syntax, pieces, HeartRate="61", **area)
    opened = open_path(path, cache=FrameCache(0))
    assert opened.refused == ()
    (clip,) = opened.recordings
    assert clip.frames.shape == (COUNT, ROWS, COLUMNS, 3)
    for frame in (0, 19, 5, 4, 12):
        here, truth = clip.frames[frame].astype(float), image(frame).astype(float)
        for rows, columns in (((4, 20), (4, 28)), ((28, 44), (4, 28)), ((4, 44), (36, 60))):
            part = np.s_[slice(*rows), slice(*columns)]
            assert here[part].mean((0, 1)) == pytest.approx(truth[part].mean((0, 1)), abs=CODEC_ERROR)
    assert np.diff(clip.times_s) == pytest.approx(0.04)
    assert (clip.times_origin, clip.heart_rate_per_min) == ("FrameTime", 61)
    assert clip.calibration.row_mm == pytest.approx(0.5)
    assert (clip.source.patient.name, clip.source.modality) == ("Test^Patient", "US")
    assert [one.frame for one in clip.instances] == list(range(1, COUNT + 1))
    assert clip.warnings == ()


def test_the_digest_is_of_the_stream_and_not_of_its_pieces(tmp_path, streams):
    one, other = (wrapped(tmp_path / f"{pieces}.dcm", streams["a.mp4"], pieces=pieces) for pieces in (1, 4))
    digests = [open_path(path).recordings[0].source.digest for path in (one, other)]
    assert digests[0] == digests[1]


def test_without_frame_times_in_the_header_those_of_the_stream(tmp_path, streams):
    path = wrapped(tmp_path / "a.dcm", streams["a.mp4"], FrameTime=None, FrameIncrementPointer=None)
    (clip,) = open_path(path).recordings
    assert clip.times_origin == "video time stamps"
    assert np.diff(clip.times_s) == pytest.approx(0.04, abs=1e-3)
    assert clip.warnings == ()


def test_a_stream_of_another_speed_than_the_header_says_is_warned_of(tmp_path, streams):
    (clip,) = open_path(wrapped(tmp_path / "a.dcm", streams["a.mp4"], FrameTime="20")).recordings
    assert clip.times_s[-1] == pytest.approx(0.38)
    assert "0.38 s, by the video in it 0.76 s" in " ".join(clip.warnings)


def test_a_header_of_one_frame_opens_all(tmp_path, streams):
    (clip,) = open_path(wrapped(tmp_path / "a.dcm", streams["a.mp4"], NumberOfFrames=1)).recordings
    assert len(clip.frames) == COUNT
    assert "declares one frame, the file holds 20" in " ".join(clip.warnings)


def test_other_numbers_of_frames_and_other_sizes_are_refused(tmp_path, streams):
    assert refusal(wrapped(tmp_path / "a.dcm", streams["a.mp4"], NumberOfFrames=25)).startswith(
        "Expected 25 frames, 20 can be decoded from the video"
    )
    assert "the video has 64 x 48" in refusal(wrapped(tmp_path / "b.dcm", streams["a.mp4"], Rows=50))


@pytest.mark.parametrize("part", [0.01, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(("name", "syntax"), [("a.mp4", MPEG_4), ("a.mpg", MPEG_2)])
def test_a_stream_that_is_cut_off_is_refused(tmp_path, streams, name, syntax, part, capfd):
    if not streams[name]:
        pytest.skip("this OpenCV does not write MPEG-2")
    whole = streams[name]
    reason = refusal(wrapped(tmp_path / "a.dcm", whole[: int(len(whole) * part)], syntax))
    assert reason.startswith("Expected")
    assert "unforeseen" not in reason
    assert capfd.readouterr().err == ""


def test_frames_that_the_decoder_conceals_are_marked(tmp_path, streams):
    sound = wrapped(tmp_path / "a.dcm", streams["a.mpg"], MPEG_2)
    assert not any(open_path(sound).recordings[0].frames.repaired(frame) for frame in range(COUNT))
    stream = bytearray(streams["a.mpg"])
    stream[len(stream) // 2 : len(stream) // 2 + 8] = b"\x55" * 8
    (clip,) = open_path(wrapped(tmp_path / "b.dcm", bytes(stream), MPEG_2)).recordings
    assert any(clip.frames.repaired(frame) for frame in range(COUNT))


def test_a_stream_of_noise_or_a_list_of_files_is_refused(tmp_path):
    for stream in (
        np.random.default_rng(1).bytes(4000),
        b"#EXTM3U\n#EXTINF:1,\n/etc/hostname\n",
        b"ffconcat version 1.0\n",
    ):
        assert "video stream (HEVC" in refusal(wrapped(tmp_path / "a.dcm", stream, HEVC))
    noise = b"\0\0\1" + np.random.default_rng(1).bytes(4000)
    assert "damaged or its codec is not known" in refusal(wrapped(tmp_path / "a.dcm", noise, HEVC))


def test_the_temporary_file_is_private_and_goes_with_the_recording(tmp_path, streams, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    opened = open_path(wrapped(tmp_path / "a.dcm", streams["a.mp4"]))
    (held,) = temporary.rglob("stream")
    if os.name != "nt":
        assert stat.S_IMODE(held.stat().st_mode) == 0o600
        assert stat.S_IMODE(held.parent.stat().st_mode) == 0o700
    assert opened.recordings
    del opened
    assert list(temporary.iterdir()) == []


def test_cancel_and_a_full_disk_leave_nothing_behind(tmp_path, streams, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = wrapped(tmp_path / "a.dcm", streams["a.mp4"])

    def cancel(_done, _of):
        if list(temporary.rglob("stream")):
            raise Cancelled

    with pytest.raises(Cancelled):
        open_path(path, tick=cancel)
    assert list(temporary.iterdir()) == []
    monkeypatch.setattr(packing, "_FREE_SHARE", 0.0)
    assert "the disk is almost full" in refusal(path)
    assert list(temporary.iterdir()) == []


def test_a_video_is_not_anonymised(tmp_path, streams):
    """It would be stored uncompressed, hundreds of times its size."""
    with pytest.raises(KinecorError, match="this is a video"):
        plan_copy(wrapped(tmp_path / "a.dcm", streams["a.mp4"]), Rules(Key(b"a key of sixteen characters or more")))
