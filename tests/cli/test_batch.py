import os
import time

import pytest

from kinecor.cli.analyse import in_order
from kinecor.core.values.errors import KinecorError, no_tick
from tests.cli_stand_ins import endless, gone, slow_square


def test_one_after_the_other_in_this_process() -> None:
    ticks: list[tuple[int, int]] = []
    found = list(in_order(range(3), slow_square, 1, lambda done, total: ticks.append((done, total))))
    assert found == [(0, os.getpid()), (1, os.getpid()), (4, os.getpid())]
    assert ticks == [(1, 1)] * 3


def test_several_processes_preserve_the_order() -> None:
    found = list(in_order(range(4), slow_square, 2, no_tick))
    assert [square for square, _ in found] == [0, 1, 4, 9]
    assert os.getpid() not in {process for _, process in found}


def test_work_ends_at_its_next_tick_after_the_caller_is_gone() -> None:
    results = in_order([0, 1, 1, 1], endless, 2, no_tick)
    assert next(results) == 0
    start_s = time.monotonic()
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start_s < 10


def test_a_process_ended_from_outside_is_one_sentence() -> None:
    with pytest.raises(KinecorError, match="use fewer --jobs"):
        list(in_order([1, 2], gone, 2, no_tick))
