"""Decoders in processes of their own."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.io.dicom import pixels as dicom_pixels
from kinecor.io.dicom.layout import PixelLayout
from kinecor.io.dicom.pixels import DicomPixels, libjpeg_warns
from kinecor.io.files import codecs, isolated
from kinecor.io.files.isolated import DecoderDiedError, DecoderFailedError, Decoders
from tests import decoders as planted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX systems")
BASELINE = "1.2.840.10008.1.2.4.50"


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def jpeg(seed=0, shape=(48, 64, 3)):
    return imagecodecs.jpeg8_encode(np.random.default_rng(seed).integers(0, 256, shape, np.uint8), level=90)


@pytest.fixture(scope="module")
def shared():
    """Processes that tests use in turn; starting one takes half a second."""
    made = Decoders(most=1, limit_s=30)
    yield made
    pids = made.processes
    made.close()
    assert not any(alive(pid) for pid in pids)


@pytest.fixture
def isolating(shared, monkeypatch):
    """Everything decodes in these processes."""
    monkeypatch.setattr(isolated, "_decoders", shared)
    return shared


@pytest.mark.parametrize(
    ("codec", "encode", "spaces"),
    [
        ("jpeg8", imagecodecs.jpeg8_encode, {"colorspace": "YCBCR", "outcolorspace": "RGB"}),
        ("png", imagecodecs.png_encode, {}),
        ("jpeg2k", imagecodecs.jpeg2k_encode, {}),
        ("jpegls", imagecodecs.jpegls_encode, {}),
        ("jpegxl", imagecodecs.jpegxl_encode, {}),
    ],
)
def test_the_same_pixels_as_in_this_process(isolating, codec, encode, spaces):
    image = np.random.default_rng(1).integers(0, 256, (40, 56, 3), np.uint8)
    data = encode(image)
    here = codecs._decoded(data, codec, spaces)
    there = codecs.decode_image(codec, data, **spaces)
    assert there.dtype == here.dtype
    np.testing.assert_array_equal(there, here)
    assert there.flags.writeable


def test_run_lengths_and_warnings_come_from_there_too(isolating):
    plane = np.repeat(np.arange(40, dtype=np.uint8), 25).reshape(40, 25)
    runs = b"".join(bytes((257 - 25, value)) for value in range(40))
    data = np.array([1, 64] + [0] * 14, "<u4").tobytes() + runs
    np.testing.assert_array_equal(codecs.run_lengths(data, "<u1", plane.size), plane.reshape(-1))
    assert len(codecs.run_lengths(data, "<u1", plane.size + 5)) == plane.size
    data = jpeg()
    assert codecs.libjpeg_warning(data) == ""
    assert libjpeg_warns(data[:-800] + data[-2:])


def test_nothing_large_is_imported_there(isolating):
    assert isolating.run(planted.loaded, b"") == []
    assert isolating.run(planted.process, b"") in isolating.processes


@pytest.mark.parametrize("shape", [(0, 4), (7,), (3, 5, 3), (2200, 2100, 3)], ids=str)
@pytest.mark.parametrize("dtype", ["u1", "<u2"])
def test_arrays_of_any_size_come_whole(isolating, shape, dtype):
    got = isolating.run(planted.samples, b"", shape, dtype)
    np.testing.assert_array_equal(got, planted.samples(b"", shape, dtype))


def test_data_of_any_size_arrive(isolating):
    for size in (0, 1, isolated.MAX_DATA_BYTES, isolated.MAX_DATA_BYTES + 1):
        assert isolating.run(len, bytes(size)) == size


def test_a_crash_costs_the_call_and_the_next_has_a_new_process(isolating):
    before = isolating.run(planted.process, b"")
    with pytest.raises(DecoderDiedError, match="their decoder crashed"):
        isolating.run(planted.dying, b"")
    assert not alive(before)
    assert isolating.run(planted.process, b"") != before


def test_what_fails_there_is_told_and_the_process_stays(isolating):
    before = isolating.processes
    with pytest.raises(DecoderFailedError, match="ValueError: no such stream"):
        isolating.run(planted.failing, b"")
    with pytest.raises(ImportError):
        isolating.run(planted.missing, b"")
    assert isolating.processes == before


def test_one_that_was_killed_while_idle_is_replaced_without_a_word(isolating):
    pid = isolating.run(planted.process, b"")
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while any(one.process.is_alive() for one in isolating._all) and time.monotonic() < until:
        time.sleep(0.01)
    assert isolating.run(planted.process, b"") != pid


def test_what_takes_too_long_is_given_up(shared):
    hasty = Decoders(most=1, limit_s=0.2)
    try:
        hasty.warm()
        (before,) = hasty.processes
        with pytest.raises(DecoderDiedError, match=r"took more than 0\.2 s"):
            hasty.run(planted.hanging, b"")
        assert len(hasty.processes) == 1
        assert hasty.processes != (before,)
    finally:
        hasty.close()


def test_cancelling_ends_a_decoder_that_hangs(shared):
    made = Decoders(most=1)
    try:
        pid = made.run(planted.process, b"")
        began_s = time.monotonic()
        cancelled = threading.Event()
        threading.Timer(0.05, cancelled.set).start()
        with isolated.cancellable(cancelled.is_set), pytest.raises(Cancelled):
            made.run(planted.hanging, b"")
        assert time.monotonic() - began_s < 30  # it hangs for 60
        assert not alive(pid)
        assert made.run(planted.process, b"") != pid  # no longer cancelled: the context has ended
    finally:
        made.close()


def test_cancelling_lets_a_process_start_and_those_who_wait_go(monkeypatch):
    made = Decoders(most=1)
    try:
        with monkeypatch.context() as hasty:
            hasty.setattr(isolated, "PATIENCE_S", 0.0)  # on a fast machine it is ready within a tenth of a second
            with isolated.cancellable(lambda: True), pytest.raises(Cancelled):
                made.run(planted.process, b"")
        (pid,) = made.processes
        assert made.run(planted.process, b"") == pid
        with monkeypatch.context() as patient, isolated.cancellable(lambda: True):
            patient.setattr(isolated, "PATIENCE_S", 60.0)  # on a busy machine no answer is quick
            assert made.run(planted.process, b"") == pid  # quick answers are awaited
        worker = made._taken()
        with isolated.cancellable(lambda: True), pytest.raises(Cancelled):
            made.run(planted.process, b"")
        made._give_back(worker)
    finally:
        made.close()


def test_no_folder_for_shared_memory_is_needed(monkeypatch):
    if not hasattr(os, "memfd_create"):
        pytest.skip("this system has no anonymous files")
    monkeypatch.setattr("multiprocessing.heap.tempfile.mkstemp", lambda **_: pytest.fail("a file was made"))
    made = Decoders(most=1)
    try:
        assert made.run(len, b"abc") == 3
    finally:
        made.close()


@pytest.mark.logs_warnings
def test_where_no_process_can_be_started_it_is_decoded_here(monkeypatch, caplog):
    def refuse(*_, **__):
        raise OSError("no more processes")

    monkeypatch.setattr(isolated, "_Worker", refuse)
    made = Decoders(most=1)
    made.warm()
    for _ in range(2):
        assert made.run(planted.process, b"") == os.getpid()
    assert [one.getMessage() for one in caplog.records].count(
        "decoding in this process, since no other could be started: no more processes"
    ) == 1
    made.close()


def test_closing_ends_what_waits():
    made = Decoders(most=1)
    said = []

    def wait():
        try:
            made.run(planted.hanging, b"")
        except DecoderDiedError as error:
            said.append(error)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for one in threads:
        one.start()
    while not made.processes:
        time.sleep(0.01)
    (pid,) = made.processes
    began_s = time.monotonic()
    made.close()
    for one in threads:
        one.join(60)
    assert time.monotonic() - began_s < 30  # it hangs for 60
    assert len(said) == 2
    assert not alive(pid)
    with pytest.raises(DecoderDiedError, match="was ended"):
        made.run(planted.process, b"")


def test_several_threads_share_the_processes(shared):
    data = [jpeg(seed) for seed in range(4)]
    wanted = [codecs._decoded(one, "jpeg8", {}) for one in data]
    wrong = []

    def decode(which):
        got = [shared.run(codecs._decoded, data[which], "jpeg8", {}) for _ in range(20)]
        wrong.extend(which for one in got if not np.array_equal(one, wanted[which]))

    threads = [threading.Thread(target=decode, args=(which,)) for which in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert wrong == []
    assert len(shared.processes) == 1


def test_processes_end_with_the_program(tmp_path):
    script = (
        "import os, sys\nfrom kinecor.io.files import isolated\nfrom tests import decoders\n"
        "if __name__ == '__main__':\n"
        "    print(isolated.isolate().run(decoders.process, b''), flush=True)\n    os.kill(os.getpid(), 9)\n"
    )
    (tmp_path / "killed.py").write_text(script)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.environ.get("PYTHONPATH", ""), str(Path.cwd())])}
    ran = subprocess.run(
        [sys.executable, tmp_path / "killed.py"], stdout=subprocess.PIPE, text=True, check=False, env=environment
    )
    pid = int(ran.stdout)
    until = time.monotonic() + 60
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(pid)


def test_without_isolation_nothing_is_started(monkeypatch):
    monkeypatch.setattr(isolated, "_decoders", None)
    isolated.warm()
    assert isolated.run(planted.process, b"") == os.getpid()
    assert isolated.isolate() is isolated.isolate()
    assert isolated.isolate().processes == ()
    isolated.end()


@pytest.fixture
def loop(tmp_path):
    """A JPEG loop of eight frames, three of which crash the planted decoder."""
    streams = [jpeg(seed) for seed in range(8)]
    for which in (2, 4, 5):
        streams[which] = streams[which][:2] + b"\xff\xfe\x00\x06KILL" + streams[which][2:]  # a comment
    places, at = [], 0
    for one in streams:
        places.append(((at, len(one)),))
        at += len(one)
    (tmp_path / "loop.bin").write_bytes(b"".join(streams))
    layout = PixelLayout(BASELINE, 48, 64, 8, 3, 8, 8, 7, False, "YBR_FULL_422", False)
    return DicomPixels(tmp_path / "loop.bin", layout, tuple(places))


def test_a_frame_that_crashes_its_decoder_is_lost_alone(isolating, monkeypatch, loop):
    wanted = loop.samples(0)
    monkeypatch.setattr(codecs, "_decoded", planted.dying_of_marked)
    np.testing.assert_array_equal(loop.samples(0), wanted)
    with pytest.raises(KinecorError, match="Frame 3: Expected pixels, but their decoder crashed"):
        loop.samples(2)
    assert loop.samples(3).shape == (48, 64, 3)
    after = isolating.processes
    with pytest.raises(KinecorError, match="Frame 3"):
        loop.samples(2)
    assert isolating.processes == after  # not tried again


def test_a_frame_that_was_cancelled_is_not_lost(isolating, monkeypatch, loop):
    wanted = loop.samples(0)
    with monkeypatch.context() as patched, isolated.cancellable(lambda: True):
        patched.setattr(codecs, "_decoded", planted.hanging)
        with pytest.raises(Cancelled):
            loop.samples(0)
    np.testing.assert_array_equal(loop.samples(0), wanted)


def test_pixels_are_those_of_their_stream_whatever_came_before(isolating):
    for seed, shape in enumerate([(48, 64, 3), (48, 64, 3), (48, 64), (64, 48, 3), (16, 16), (48, 64, 3)]):
        data = jpeg(seed, shape)
        got = codecs.decode_image("jpeg8", data)
        np.testing.assert_array_equal(got, codecs._decoded(data, "jpeg8", {}))
        with pytest.raises(DecoderFailedError):
            codecs.decode_image("jpeg8", data[:40])
        cut = data[:-60]
        np.testing.assert_array_equal(codecs.decode_image("jpeg8", cut), codecs._decoded(cut, "jpeg8", {}))
        np.testing.assert_array_equal(got, codecs._decoded(data, "jpeg8", {}))  # a copy, not the shared memory


def test_a_recording_that_keeps_crashing_it_is_given_up(isolating, monkeypatch, loop):
    monkeypatch.setattr(codecs, "_decoded", planted.dying_of_marked)
    for which in (2, 4, 5):
        with pytest.raises(KinecorError):
            loop.samples(which)
    with pytest.raises(KinecorError, match="Frame 3"):
        loop.samples(0)
    assert dicom_pixels._MAX_LOST == 3
