"""Live sources: real folders, pipes and recordings, written while they are read."""

import os
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.io.open.live import Newest, open_live
from tests.io.write.sources import write_clip


def grey(level: int) -> np.ndarray:
    return np.full((12, 16), level, np.uint8)


def png(level: int) -> bytes:
    return bytes(cv2.imencode(".png", grey(level))[1].tobytes())


def test_a_folder_gives_what_is_written_from_now_on(tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(png(9))  # was there before
    frames = open_live(str(tmp_path))(lambda: False)

    def write() -> None:
        time.sleep(0.05)
        whole = png(10)
        half = tmp_path / "1.png"
        half.write_bytes(whole[: len(whole) // 2])
        (tmp_path / "10.png").write_bytes(png(30))
        (tmp_path / "2.png").write_bytes(png(20))
        time.sleep(0.05)
        half.write_bytes(whole)

    writer = threading.Thread(target=write)
    writer.start()
    found = [next(frames) for _ in range(3)]
    writer.join()
    assert [int(one[0, 0, 0]) for one in found] == [10, 20, 30]


def test_an_image_written_before_the_first_read_is_not_missed(tmp_path: Path) -> None:
    source = open_live(str(tmp_path))
    (tmp_path / "1.png").write_bytes(png(10))
    assert int(next(source(lambda: False))[0, 0, 0]) == 10


def test_a_pipe_of_yuv4mpeg(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def write() -> None:
        with pipe.open("wb") as stream:
            stream.write(b"YUV4MPEG2 W16 H12 F30:1 Ip A1:1 C420jpeg\n")
            for level in (40, 50):
                stream.write(b"FRAME\n" + grey(level).tobytes() + bytes(2 * 6 * 8))

    writer = threading.Thread(target=write)
    writer.start()
    found = list(open_live(str(pipe))(lambda: False))
    writer.join()
    assert [one.shape for one in found] == [(12, 16)] * 2
    assert [int(one.mean()) for one in found] == [40, 50]


@pytest.mark.parametrize(
    "head", [b"RIFF\n", b"YUV4MPEG2 W16\n", b"YUV4MPEG2 W16 H12 C420p10\n", b"YUV4MPEG2 W99999 H9\n"]
)
def test_another_stream_is_refused(tmp_path: Path, head: bytes) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(head))
    writer.start()
    with pytest.raises(KinecorError, match="expected a YUV4MPEG2 stream of 8 bits"):
        next(open_live(str(pipe))(lambda: False))
    writer.join()


def test_a_recording_is_replayed_at_its_speed(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "clip.dcm")  # 12 frames, 80 ms apart
    began_s = time.monotonic()
    assert len(list(open_live(str(clip))(lambda: False))) == 12
    assert time.monotonic() - began_s > 0.8


def test_what_opencv_captures(tmp_path: Path) -> None:
    """A capture of OpenCV's own, of a video by its URL; it ends as a camera does whose cable is pulled."""
    video = tmp_path / "loop.avi"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 30, (32, 24))
    for level in (40, 120, 200):
        picture = np.zeros((24, 32, 3), np.uint8)
        picture[..., 2] = level  # red
        writer.write(picture)
    writer.release()
    frames = open_live(f"file://{video}")(lambda: False)
    found = [next(frames) for _ in range(3)]
    with pytest.raises(KinecorError, match=r"camera loop\.avi gives no more frames"):
        next(frames)
    assert [one.shape for one in found] == [(24, 32, 3)] * 3
    reds = [float(one[..., 0].mean()) for one in found]
    assert np.abs(np.array(reds) - (40, 120, 200)).max() < 8
    assert max(float(one[..., 2].mean()) for one in found) < 20


def test_no_camera_and_no_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing:
        def __init__(self, which: object) -> None: ...
        def set(self, *_: object) -> None: ...
        def release(self) -> None: ...
        def isOpened(self) -> bool:  # noqa: N802 (OpenCV's)
            return False

    monkeypatch.setattr(cv2, "VideoCapture", Nothing)
    with pytest.raises(KinecorError, match="camera 3 cannot be opened"):
        next(open_live("3")(lambda: False))
    with pytest.raises(KinecorError) as error:
        next(open_live("rtsp://reader:secret@host:554/echo")(lambda: False))
    assert str(error.value).startswith("camera host:554 cannot be opened")


def test_the_newest_frame_and_how_often_they_come() -> None:
    given_s = []

    def source(stop: object) -> object:
        for level in range(30):
            time.sleep(0.01)
            given_s.append(time.monotonic())
            yield grey(level)

    newest = Newest(source)  # type: ignore[arg-type]
    while (frame := newest.next(-1)) is None or frame.number <= 5:
        time.sleep(0.01)
    assert frame.number == int(frame.image[0, 0])
    assert 0.005 < frame.interval_s < 2 * np.diff(given_s).max() + 0.1
    while not newest.ended:
        time.sleep(0.01)
    last = newest.next(frame.number)
    assert last is not None
    assert last.number == 29
    assert newest.next(29) is None
    newest.close()


def test_a_failing_source_says_so(tmp_path: Path) -> None:
    def source(stop: object) -> object:
        yield grey(1)
        raise KinecorError("the cable is out")

    newest = Newest(source)  # type: ignore[arg-type]
    while not newest.ended:
        time.sleep(0.01)
    assert newest.next(-1) is not None
    with pytest.raises(KinecorError, match="cable"):
        newest.next(0)
    newest.close()


def test_nothing_there() -> None:
    with pytest.raises(KinecorError, match="expected a folder, a named pipe, a camera"):
        open_live("/nowhere/at/all")
