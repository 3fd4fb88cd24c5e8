"""Why work stops: the one error a reader may meet, and cancelling; and how it reports progress."""

from collections.abc import Callable

from kinecor.core.values.message import Message, verbatim


class KinecorError(Exception):
    """A refusal in one clear sentence, shown to the reader.

    Raised wherever a file, a value or a request cannot be used. Its message names what was expected, what came
    and what to do; it never holds a traceback or a class name. Logs and the command line have it in English.
    """

    def __init__(self, text: Message) -> None:
        super().__init__(text)

    @property
    def message(self) -> Message:
        """What it says, to be rendered in the reader's language."""
        return verbatim(self.args[0])


UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What is raised where the content of a file of JSON is not what it should be: of another kind, too deep, cut off."""


def error_message(error: BaseException) -> Message:
    """What an error says: the message it was raised with, else its text as it is.

    Args:
        error: of any kind.

    """
    first = error.args[0] if len(error.args) == 1 else None
    return first if isinstance(first, Message) else verbatim(str(error))


class Cancelled(Exception):  # noqa: N818 - not an error
    """The work was cancelled from outside; nothing is wrong."""


Tick = Callable[[int, int], None]
"""Called as tick(done, total) between pieces of work; raises `Cancelled` when the result is no longer wanted."""


def no_tick(done: int, total: int) -> None:
    """A tick for callers that neither show progress nor cancel.

    Args:
        done: steps done.
        total: steps of all.

    """
