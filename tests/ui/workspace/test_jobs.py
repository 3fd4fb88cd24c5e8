import threading
import time

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.session.store import log_file
from kinecor.ui.workspace.jobs import Jobs


@pytest.fixture
def jobs(qapp):
    made = Jobs(2, "test")
    yield made
    made.shutdown()


@pytest.fixture
def reported():
    return {"done": [], "failed": [], "ticked": []}


def start(jobs, reported, work, key="a"):
    jobs.start(
        key,
        work,
        reported["done"].append,
        reported["failed"].append,
        lambda done, total: reported["ticked"].append((done, total)),
    )


def finish(jobs):
    """Waits for the workers to end, and delivers whatever they left."""
    jobs.shutdown()
    jobs.deliver()


def test_a_result_comes_back_on_the_gui_thread(jobs, reported, qtbot):
    threads = []
    jobs.start("a", lambda tick: threading.get_ident(), lambda one: threads.extend((one, threading.get_ident())), print)
    qtbot.waitUntil(lambda: bool(threads))
    worker, receiver = threads
    assert receiver == threading.get_ident() != worker
    assert jobs.keys == ()


def test_a_turn_of_the_event_loop_delivers_one_result(jobs, reported, qtbot):
    for key in "abc":
        start(jobs, reported, lambda tick, key=key: key, key)
    for job in tuple(jobs._live.values()):
        job.future.result(60)
    delivered = []
    for _ in "abc":
        jobs.deliver()
        delivered.append(len(reported["done"]))
    assert delivered == [1, 2, 3]
    assert sorted(reported["done"]) == ["a", "b", "c"]
    assert jobs.keys == ()


def test_progress_is_reported_before_the_result(jobs, reported, qtbot):
    shown = threading.Event()

    def work(tick):
        for i in range(4):
            tick(i, 4)
        assert shown.wait(60)
        return "ready"

    start(jobs, reported, work)
    qtbot.waitUntil(lambda: bool(reported["ticked"]))
    shown.set()
    qtbot.waitUntil(lambda: reported["done"] == ["ready"])
    assert reported["ticked"]
    assert all(total in (0, 4) for _, total in reported["ticked"])


def test_cancel_is_felt_at_once_though_the_worker_is_stuck(jobs, reported):
    release = threading.Event()
    begun = threading.Event()
    stopped = threading.Event()

    def stuck(tick):
        begun.set()
        release.wait(60)
        try:
            tick(1, 2)
        except BaseException:
            stopped.set()
            raise

    start(jobs, reported, stuck)
    assert begun.wait(60)
    assert jobs.cancel("a")
    assert jobs.keys == ()
    assert not stopped.is_set()  # the worker is still where it was
    release.set()
    assert stopped.wait(60)
    finish(jobs)
    assert reported["done"] == reported["failed"] == []
    assert not jobs.cancel("a")


def test_a_newer_job_silences_the_older(jobs, reported, qtbot):
    release = threading.Event()

    def old(tick):
        release.wait(60)
        return "old"

    start(jobs, reported, old)
    start(jobs, reported, lambda tick: "new")
    qtbot.waitUntil(lambda: bool(reported["done"]))
    release.set()
    finish(jobs)
    assert reported["done"] == ["new"]


def test_jobs_of_different_keys_do_not_meet(jobs, reported, qtbot):
    start(jobs, reported, lambda tick: 1, "a")
    start(jobs, reported, lambda tick: 2, "b")
    qtbot.waitUntil(lambda: sorted(reported["done"]) == [1, 2])


def test_a_refusal_is_reported_in_its_own_words(jobs, reported, qtbot):
    def refuse(tick):
        raise KinecorError("A loop was expected, a still came: open a loop.")

    start(jobs, reported, refuse)
    qtbot.waitUntil(lambda: bool(reported["failed"]))
    assert reported["failed"] == ["A loop was expected, a still came: open a loop."]


@pytest.mark.logs_warnings
def test_an_unforeseen_error_is_reported_in_one_sentence_and_logged(jobs, reported, qtbot, caplog):
    start(jobs, reported, lambda tick: 1 / 0)
    qtbot.waitUntil(lambda: bool(reported["failed"]))
    assert "division" not in reported["failed"][0]
    assert str(log_file()) in reported["failed"][0]
    assert "ZeroDivisionError" in caplog.text


def test_shutdown_leaves_no_thread(qapp, reported):
    before = set(threading.enumerate())
    jobs = Jobs(2, "short")

    def endless(tick):
        while True:
            tick(0, 0)
            time.sleep(0.005)

    start(jobs, reported, endless)
    jobs.shutdown()
    assert set(threading.enumerate()) <= before
    assert reported["done"] == reported["failed"] == []
