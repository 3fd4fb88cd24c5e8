"""`kinecor` and `python -m kinecor`."""

import signal
import sys
from types import FrameType

from kinecor.cli import main as run


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the command line of this process; its exit status."""
    if getattr(sys, "frozen", False):
        # Processes of a frozen program are this program with other arguments.
        import multiprocessing

        multiprocessing.freeze_support()
    # Being asked to end is being interrupted: what is half written is cleared away.
    signal.signal(signal.SIGTERM, _interrupt)
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
