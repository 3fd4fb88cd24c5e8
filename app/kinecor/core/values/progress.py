"""Progress and cancelling, as one idea."""

from collections.abc import Callable

Tick = Callable[[int, int], None]
"""Called as tick(done, total) between pieces of work; raises `Cancelled` when the work is no longer wanted."""


class Cancelled(Exception):  # noqa: N818 - not an error
    """The work was cancelled from outside; nothing is wrong."""


def no_tick(done: int, total: int) -> None:
    """A tick for those who neither watch nor cancel."""
