"""Work for the command line's tests; a separate module, since worker processes import it by name."""

import os
import signal
import time

from kinecor.cli.batch import recordings
from kinecor.cli.batch.plan import Job
from kinecor.cli.batch.run import AnyOutcome, Anything
from kinecor.cli.batch.work import perform
from kinecor.core.values.errors import Tick


def with_stand_in(task: Anything, tick: Tick) -> AnyOutcome:
    """The work of `kinecor analyse`, with contours of a synthetic heart in place of the models."""
    from tests.cli.test_analyse_command import propose

    recordings.propose = propose  # type: ignore[assignment]
    return perform(task, tick)


def mortal(task: Anything, tick: Tick) -> AnyOutcome:
    """As `with_stand_in`; a recording whose path says "deadly" kills its process, "deadly-once" the first time."""
    if isinstance(task, Job) and "deadly" in task.shown:
        mark = task.options.out.with_name("died")
        if "once" not in task.shown or not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
    return with_stand_in(task, tick)


def waiting(task: Anything, tick: Tick) -> AnyOutcome:
    """As `with_stand_in`; a recording whose path says "wait" is never done."""
    while isinstance(task, Job) and "wait" in task.shown:
        tick(0, 1)
        time.sleep(0.01)
    return with_stand_in(task, tick)
