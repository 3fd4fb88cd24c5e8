"""Waiting until what a worker checks is on screen."""

from PySide6.QtCore import QEventLoop, QTimer

LIMIT_MS = 60_000


def settle(window):
    """Wait until everything follows what was saved last, and it is checked; the window, for chaining."""
    space = window.workspace
    space.pass_on()
    while not space.checks.current:
        loop, limit = QEventLoop(), QTimer(singleShot=True, interval=LIMIT_MS)
        space.checks_changed.connect(loop.quit)
        space.message.connect(loop.quit)
        limit.timeout.connect(loop.quit)
        limit.start()
        loop.exec()
        assert limit.isActive(), "the checks did not come"
        limit.stop()
        space.checks_changed.disconnect(loop.quit)
        space.message.disconnect(loop.quit)
    return window
