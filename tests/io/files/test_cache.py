import gc
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinecor.core.values.errors import KinecorError
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
    assert shared_cache().limit_bytes == 1 << 30
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
