"""Why work stops: the one error a reader may meet, and cancelling; and how it reports progress."""

from collections.abc import Callable


class KinecorError(Exception):
    """A refusal in one clear sentence, shown to the reader as it is.

    Raised wherever a file, a value or a request cannot be used. Its text names what was expected, what came
    and what to do; it never holds a traceback or a class name.
    """


class Cancelled(Exception):  # noqa: N818 - not an error
    """The work was cancelled from outside; nothing is wrong."""


Tick = Callable[[int, int], None]
"""Called as tick(done, total) between pieces of work; raises `Cancelled` when the result is no longer wanted."""


def no_tick(done: int, total: int) -> None:
    """A tick for callers that neither show progress nor cancel."""
