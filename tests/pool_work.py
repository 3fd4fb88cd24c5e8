"""Work for the pool's tests; a module that imports next to nothing, since every worker process imports it."""

import os
import signal
import time

from kinecor.core.values.errors import Tick


def slow_square(task: int, tick: Tick) -> tuple[int, int]:
    """(task squared, process that did it); the first task takes longest."""
    time.sleep(0.2 if task == 0 else 0)
    tick(1, 1)
    return task * task, os.getpid()


def endless(task: int, tick: Tick) -> int:
    """Only a tick ends it, unless it is task 0."""
    while task:
        tick(0, 1)
        time.sleep(0.01)
    return task


def mortal_square(task: int, tick: Tick) -> int:
    """As `slow_square`; task 1 kills the process it runs in, as the system does for want of memory."""
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task
