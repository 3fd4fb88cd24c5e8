import threading
import time

import pytest

from kinecor.core.values.errors import KinecorError
from kinecor.ui.workspace.jobs import Jobs, log_file


@pytest.fixture
def jobs(qapp):
    made = Jobs(2, "test")
    yield made
    made.shutdown()


@pytest.fixture
def told():
    return {"done": [], "failed": [], "ticked": []}


def start(jobs, told, work, key="a"):
    jobs.start(
        key,
        work,
        told["done"].append,
        told["failed"].append,
        lambda done, total: told["ticked"].append((done, total)),
    )


def test_a_result_comes_back_on_the_gui_thread(jobs, told, qtbot):
    threads = []
    jobs.start("a", lambda tick: threading.get_ident(), lambda one: threads.extend((one, threading.get_ident())), print)
    qtbot.waitUntil(lambda: bool(threads))
    worker, receiver = threads
    assert receiver == threading.get_ident() != worker
    assert jobs.keys == ()


def test_progress_is_told_before_the_result(jobs, told, qtbot):
    def work(tick):
        for i in range(4):
            tick(i, 4)
            time.sleep(0.03)
        return "ready"

    start(jobs, told, work)
    qtbot.waitUntil(lambda: told["done"] == ["ready"])
    assert told["ticked"]
    assert all(total in (0, 4) for _, total in told["ticked"])


def test_cancel_is_felt_at_once_though_the_worker_is_stuck(jobs, told, qtbot):
    release = threading.Event()
    stopped = threading.Event()

    def stuck(tick):
        release.wait(5)
        try:
            tick(1, 2)
        except BaseException:
            stopped.set()
            raise

    start(jobs, told, stuck)
    qtbot.wait(30)
    began_s = time.perf_counter()
    assert jobs.cancel("a")
    assert time.perf_counter() - began_s < 0.05
    assert jobs.keys == ()
    release.set()
    assert stopped.wait(2)
    qtbot.wait(50)
    assert told["done"] == told["failed"] == []
    assert not jobs.cancel("a")


def test_a_newer_job_silences_the_older(jobs, told, qtbot):
    release = threading.Event()

    def old(tick):
        release.wait(5)
        return "old"

    start(jobs, told, old)
    start(jobs, told, lambda tick: "new")
    qtbot.waitUntil(lambda: bool(told["done"]))
    release.set()
    qtbot.wait(60)
    assert told["done"] == ["new"]


def test_jobs_of_different_keys_do_not_meet(jobs, told, qtbot):
    start(jobs, told, lambda tick: 1, "a")
    start(jobs, told, lambda tick: 2, "b")
    qtbot.waitUntil(lambda: sorted(told["done"]) == [1, 2])


def test_a_refusal_is_told_in_its_own_words(jobs, told, qtbot):
    def refuse(tick):
        raise KinecorError("A loop was expected, a still came: open a loop.")

    start(jobs, told, refuse)
    qtbot.waitUntil(lambda: bool(told["failed"]))
    assert told["failed"] == ["A loop was expected, a still came: open a loop."]


@pytest.mark.logs_warnings
def test_an_unforeseen_error_is_told_in_one_sentence_and_logged(jobs, told, qtbot, caplog):
    start(jobs, told, lambda tick: 1 / 0)
    qtbot.waitUntil(lambda: bool(told["failed"]))
    assert "division" not in told["failed"][0]
    assert str(log_file()) in told["failed"][0]
    assert "ZeroDivisionError" in caplog.text


def test_shutdown_leaves_no_thread(qapp, told):
    before = set(threading.enumerate())
    jobs = Jobs(2, "short")

    def endless(tick):
        while True:
            tick(0, 0)
            time.sleep(0.005)

    start(jobs, told, endless)
    jobs.shutdown()
    assert set(threading.enumerate()) <= before
    assert told["done"] == told["failed"] == []
