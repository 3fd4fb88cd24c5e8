import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from kinecor.core.values.errors import Cancelled, KinecorError
from kinecor.io.files import isolated
from kinecor.ui.workspace import player as decoding
from kinecor.ui.workspace.jobs import Jobs
from kinecor.ui.workspace.player import FrameDecoder
from tests.readings import cine


class Frames:
    """Frame i is filled with i; decoding waits until `release` is set where the thread is not the GUI's."""

    shape = (30, 4, 4)

    def __init__(self):
        self.release, self.gui, self.threads = threading.Event(), threading.get_ident(), []

    def __len__(self):
        return self.shape[0]

    def __getitem__(self, frame):
        self.threads.append(threading.get_ident())
        if self.threads[-1] != self.gui:
            self.release.wait(60)
        if frame == 13:
            raise KinecorError("Frame 13 is damaged.")
        return np.full((4, 4), frame, np.uint8)


@pytest.fixture
def feed(qapp):
    made = FrameDecoder()
    made.seen = []
    made.decoded.connect(lambda frame, pixels: made.seen.append((frame, int(pixels[0, 0]))))
    made.failed.connect(lambda frame, why: made.seen.append((frame, why)))
    yield made
    made.shutdown()


def finish(feed):
    """Waits for the worker to end, and delivers whatever it left."""
    feed.shutdown()
    feed._jobs.deliver()


@pytest.fixture
def slow(feed, monkeypatch):
    """A source that was slow once."""
    frames = Frames()
    feed.load(frames)
    monkeypatch.setattr(decoding, "SLOW_S", -1.0)
    feed.request(0)
    monkeypatch.undo()
    assert feed.seen == [(0, 0)]
    yield frames
    frames.release.set()


def test_a_quick_source_answers_at_once(feed):
    frames = Frames()
    feed.load(frames)
    feed.request(4)
    feed.request(13)
    assert feed.seen == [(4, 4), (13, "Frame 13 is damaged.")]
    assert set(frames.threads) == {frames.gui}


def test_after_a_damaged_frame_the_next_is_read_on_a_worker(feed, qtbot):
    frames = Frames()
    feed.load(frames)
    feed.request(13)
    feed.request(5)
    assert feed.seen == [(13, "Frame 13 is damaged.")]
    frames.release.set()
    qtbot.waitUntil(lambda: not feed.busy)
    assert feed.seen[1:] == [(5, 5)]
    assert frames.threads[1] != frames.gui


def test_a_slow_source_is_read_on_a_worker_and_skipped_frames_are_left_out(feed, slow, qtbot):
    for frame in (1, 2, 3, 13):
        feed.request(frame)
    assert feed.seen == [(0, 0)]
    assert feed.busy
    slow.release.set()
    qtbot.waitUntil(lambda: not feed.busy)
    assert feed.seen == [(0, 0), (1, 1), (13, "Frame 13 is damaged.")]
    assert slow.gui not in slow.threads[1:]


def test_going_back_to_what_is_on_screen_needs_no_decoding(feed, slow):
    feed.request(1)
    feed.request(0)
    assert not feed.busy
    slow.release.set()
    finish(feed)
    assert feed.seen == [(0, 0)]


def test_nothing_of_another_source_comes_late(feed, slow):
    feed.request(1)
    feed.load(Frames())
    feed.request(7)
    slow.release.set()
    finish(feed)
    assert feed.seen == [(0, 0), (7, 7)]


def test_contours_go_by_the_frame_that_is_drawn(open_window, qtbot, monkeypatch):
    frames = Frames()
    frames.release.set()
    window = open_window([replace(cine(30, rows=4, columns=4), frames=frames)])
    window.player.seek(0)
    window.image.decoder._slow = True
    frames.release.clear()
    window.player.seek(9)
    assert (window.player.frame, window.image._frame) == (9, 0)
    frames.release.set()
    qtbot.waitUntil(lambda: window.image._frame == 9)
    assert not window.busy


def test_a_decoder_that_hangs_keeps_the_window_for_a_moment_only(feed, qtbot):
    threads = []

    class Hanging(Frames):
        """As a decoder in a process of its own: ended where it is not wanted, and asked of a worker again."""

        def __getitem__(self, frame):
            threads.append(threading.get_ident())
            if threads[-1] == self.gui:
                until_s = time.monotonic() + 60
                while not isolated.is_cancelled():
                    assert time.monotonic() < until_s
                    time.sleep(0.01)
                raise Cancelled
            return super().__getitem__(frame)

    frames = Hanging()
    frames.release.set()
    feed.load(frames)
    feed.request(4)
    qtbot.waitUntil(lambda: not feed.busy)
    assert feed.seen == [(4, 4)]
    assert len(threads) == 2


def test_cancelling_ends_a_frame_that_a_worker_waits_for(qapp):
    began, seen = threading.Event(), []
    jobs = Jobs(1, "test")

    def work(tick):
        began.set()
        until_s = time.monotonic() + 60
        while not isolated.is_cancelled() and time.monotonic() < until_s:
            time.sleep(0.01)
        seen.append(isolated.is_cancelled())

    jobs.start("frame", work, seen.append, seen.append)
    assert began.wait(60)
    jobs.shutdown()
    assert seen == [True]


def test_frames_ahead_are_dropped_with_their_recording():
    began, ended = threading.Event(), []

    class Waiting(Frames):
        def __getitem__(self, frame):
            began.set()
            until_s = time.monotonic() + 60
            while not isolated.is_cancelled() and time.monotonic() < until_s:
                time.sleep(0.01)
            ended.append(frame)
            raise Cancelled

    ahead = decoding.AheadDecoder(1)
    ahead.want(Waiting(), (2, 3))
    assert began.wait(60)
    ahead.forget()
    ahead.shutdown()
    assert ended == [2]
