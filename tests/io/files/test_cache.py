import gc
import math
import mmap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.io.files import isolated
from kinecor.io.files.cache import SHARE, CachedFrames, FrameCache, shared_cache
from kinecor.io.open.recordings import open_path
from tests.io import make_dicom as make


def frames_of(cache, count=10, size=100, seen=None):
    def decode(frame):
        if seen is not None:
            seen.append(frame)
        return np.full((10, size // 10), frame, np.uint8)

    return CachedFrames(decode, (count, 10, size // 10), cache)


def test_a_frame_is_decoded_once_while_it_is_held():
    seen = []
    frames = frames_of(FrameCache(10_000), seen=seen)
    assert [int(frames[i][0, 0]) for i in (3, 3, 0, 3)] == [3, 3, 0, 3]
    assert seen == [3, 0]


def test_the_least_recently_used_frame_goes_first():
    seen = []
    frames = frames_of(FrameCache(300 * SHARE), seen=seen)
    for frame in (0, 1, 2, 0, 3, 0, 1):
        _ = frames[frame]
    assert seen == [0, 1, 2, 3, 1]


def test_frames_are_read_only():
    frame = frames_of(FrameCache())[0]
    with pytest.raises(ValueError, match="read-only"):
        frame[0, 0] = 1


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=60), st.integers(0, 2500))
def test_the_bound_holds_for_any_requests(requested, limit):
    cache = FrameCache(limit)
    sources = [frames_of(cache, size=100 * (1 + k)) for k in range(5)]
    for source, frame in requested:
        assert (sources[source][frame] == frame).all()
        assert cache.held_bytes <= limit


def test_one_recording_is_limited_to_its_share():
    cache = FrameCache(400 * SHARE)
    one, other = frames_of(cache), frames_of(cache)
    for frame in range(10):
        _ = one[frame]
    assert cache.held_bytes == 400
    _ = other[0]
    assert cache.held_bytes == 500


def test_a_recording_that_is_gone_gives_its_room_back():
    cache = FrameCache(10_000)
    one = frames_of(cache)
    _ = one[0]
    del one
    gc.collect()
    other = frames_of(cache)
    _ = other[0]
    assert cache.held_bytes == 100


@pytest.mark.parametrize("frame", [-1, 10])
def test_no_such_frame(frame):
    with pytest.raises(IndexError):
        _ = frames_of(FrameCache())[frame]


def test_a_frame_of_another_size_is_refused():
    frames = CachedFrames(lambda _frame: np.zeros((3, 3), np.uint8), (2, 4, 4), FrameCache())
    with pytest.raises(KinecorError, match="Frame 2: expected"):
        _ = frames[1]


@pytest.mark.parametrize("syntax", [make.EXPLICIT, make.JPEG_LS, make.RLE])
def test_threads_hammering_one_source_all_see_the_right_frames(tmp_path, syntax):
    truth = make.grey_loop(frames=12)
    path = make.write_loop(tmp_path / "a.dcm", truth, syntax=syntax)
    clip = open_path(path, cache=FrameCache(3 * SHARE * truth[0].nbytes)).recordings[0]
    wrong = []

    def hammer(seed):
        requested = np.random.default_rng(seed).integers(0, 12, 80)
        wrong.extend(frame for frame in requested if not (clip.frames[int(frame)] == truth[frame]).all())

    threads = [threading.Thread(target=hammer, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_random_access_in_any_order(tmp_path):
    truth = make.colour_loop(frames=9)
    clip = open_path(make.write_loop(tmp_path / "a.dcm", truth, syntax=make.RLE), cache=FrameCache(0)).recordings[0]
    for frame in (8, 0, 4, 4, 7, 1):
        assert (clip.frames[frame] == truth[frame]).all()


def test_the_environment_sets_the_limit(monkeypatch):
    shared_cache.cache_clear()
    monkeypatch.setenv("KINECOR_CACHE_MB", "3")
    assert shared_cache().limit_bytes == 3 << 20
    shared_cache.cache_clear()
    monkeypatch.setenv("KINECOR_CACHE_MB", "lots")
    with pytest.raises(KinecorError, match="whole number of megabytes, got 'lots'"):
        shared_cache()
    monkeypatch.delenv("KINECOR_CACHE_MB")
    assert shared_cache().limit_bytes == 384 << 20
    shared_cache.cache_clear()


def test_a_negative_limit_is_refused():
    with pytest.raises(ValueError, match="0 or more"):
        FrameCache(-1)


def test_a_long_loop_is_neither_read_nor_decoded_on_opening(tmp_path):
    import tracemalloc

    frames = np.zeros((200, 200, 200), np.uint8)
    path = make.write_loop(tmp_path / "a.dcm", frames)
    del frames
    cache = FrameCache()
    tracemalloc.start()
    found = open_path(path, cache=cache)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.recordings[0]) == 200
    assert cache.held_bytes == 200 * 200
    assert peak < 2 << 20


class Slow:
    """Frames whose first decoding waits for `go_on`, and fails where it should."""

    def __init__(self, cache, fails=False):
        self.began, self.go_on, self.decodings, self.fails = threading.Event(), threading.Event(), 0, fails
        self.frames = CachedFrames(self.decode, (1, 2, 2), cache)

    def decode(self, _):
        self.decodings += 1
        number = self.decodings
        if number == 1:
            self.began.set()
            assert self.go_on.wait(60)
            if self.fails:
                raise KinecorError("damaged")
        return np.full((2, 2), number, np.uint8)

    def wanted_twice(self):
        """What two threads get, or why not, of which the second asks while the first decodes."""
        got = {}

        def ask(name):
            try:
                got[name] = self.frames[0]
            except KinecorError as error:
                got[name] = str(error)

        first, second = (threading.Thread(target=ask, args=(name,)) for name in ("first", "second"))
        first.start()
        assert self.began.wait(60)
        second.start()
        while not next(iter(self.frames._cache._coming.values())).waiting:
            time.sleep(0.001)
        self.go_on.set()
        first.join()
        second.join()
        return got["first"], got["second"]


@pytest.mark.parametrize("limit_bytes", [1 << 20, 0])
def test_a_frame_that_two_threads_want_is_decoded_once(limit_bytes):
    slow = Slow(FrameCache(limit_bytes))
    first, second = slow.wanted_twice()
    assert second is first
    assert slow.decodings == 1


def test_who_waited_for_a_frame_that_failed_decodes_it():
    slow = Slow(FrameCache(), fails=True)
    first, second = slow.wanted_twice()
    assert first == "damaged"
    assert second[0, 0] == slow.decodings == 2


def test_waiting_for_another_thread_s_frame_can_be_cancelled():
    slow = Slow(FrameCache())
    thread = threading.Thread(target=lambda: slow.frames[0])
    thread.start()
    assert slow.began.wait(60)
    with isolated.cancellable(lambda: True), pytest.raises(Cancelled):
        slow.frames[0]
    slow.go_on.set()
    thread.join()
    assert slow.frames[0][0, 0] == 1


def resident_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


@pytest.mark.skipif(not hasattr(mmap, "MAP_POPULATE"), reason="Linux alone gives pages back at once")
def test_frames_that_are_forgotten_give_their_memory_back():
    """Also where short-lived arrays of their size, and small ones that stay, lie between them."""
    shape, count = (480, 640, 3), 60
    np.ones(64 << 20, np.uint8)  # when it goes, the C library begins to take arrays of up to its size from the heap
    cache = FrameCache(SHARE * count * math.prod(shape))

    def recording():
        return CachedFrames(lambda frame: np.full(shape, frame, np.uint8), (count, *shape), cache)

    source, small = recording(), []
    for frame in range(count):
        source[frame]
        small.append(np.ones(1000))
    held = resident_bytes()
    cache.limit_bytes = math.prod(shape)
    last = recording()[3]
    assert cache.held_bytes == math.prod(shape)
    assert held - resident_bytes() > 0.9 * count * math.prod(shape)
    assert (last == 3).all()
    with pytest.raises(ValueError, match="read-only"):
        last[0] = 0
