import os
import time

from kinecor.cli.batch.pool import KILLED, Here, Processes
from tests.pool_work import endless, mortal_square, slow_square


def test_one_after_the_other_in_this_process() -> None:
    ticks: list[tuple[int, int]] = []
    pool = Here(slow_square, lambda done, total: ticks.append((done, total)))
    found = []
    for task in range(3):
        pool.submit(task)
        assert pool.free == 0
        found += pool.finished()
    assert found == [(one, (one * one, os.getpid())) for one in range(3)]
    assert ticks == [(1, 1)] * 3
    assert pool.finished() == []


def test_a_killed_process_names_its_task_and_the_others_go_on() -> None:
    pool = Processes(mortal_square, 2)
    found = []
    left = [3, 1, 2, 1]
    while left or pool.free < 2:
        while left and pool.free:
            pool.submit(left.pop())
        found += pool.finished()
    pool.close()
    assert sorted(found, key=str) == [(1, KILLED), (1, KILLED), (2, 4), (3, 9)]


def test_work_ends_at_its_next_tick_once_the_pool_is_closed() -> None:
    pool = Processes(endless, 2)
    pool.submit(0)
    pool.submit(1)
    assert pool.finished() == [(0, 0)]
    start_s = time.monotonic()
    pool.close()
    assert time.monotonic() - start_s < 60
