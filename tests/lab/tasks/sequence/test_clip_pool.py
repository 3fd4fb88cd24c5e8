import time

import numpy as np
import pytest

from kinecor_lab.tasks.sequence.clip_pool import ClipPool
from tests.lab.streams import counting, failing


def test_the_pool_is_filled_and_renewed():
    with ClipPool(counting, 1, capacity=6) as pool:
        pool.fill(6, limit_s=60)
        rng = np.random.default_rng(0)
        until = time.monotonic() + 20
        seen = {pool.sample(rng)[1]}
        while pool.made < 20 and time.monotonic() < until:
            seen.add(pool.sample(rng)[1])
            time.sleep(0.005)
    assert pool.made >= 20
    assert max(seen) > 1010  # clips that came after the pool was full


def test_two_makers_have_seeds_of_their_own():
    with ClipPool(counting, 1, capacity=8, makers=2) as pool:
        pool.fill(8, limit_s=60)
        rng = np.random.default_rng(0)
        until, seen = time.monotonic() + 20, set()
        while len(seen) < 2 and time.monotonic() < until:
            seen.add(pool.sample(rng)[1] // 1000)
    assert seen == {1, 2}


def test_the_makers_end_with_the_pool():
    with ClipPool(counting, 1, capacity=2) as pool:
        pool.fill(1, limit_s=60)
    assert not any(maker.is_alive() for maker in pool._makers)


def test_a_dead_maker_is_told():
    with ClipPool(failing, 1, capacity=4) as pool, pytest.raises(RuntimeError, match="died"):
        pool.fill(4, limit_s=60)


@pytest.mark.parametrize(("capacity", "makers"), [(0, 1), (4, 0)])
def test_a_pool_of_nothing_is_refused(capacity, makers):
    with pytest.raises(ValueError, match="got"):
        ClipPool(counting, 1, capacity=capacity, makers=makers)
