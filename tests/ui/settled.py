"""Waiting until what a worker checks is on screen."""

from PySide6.QtCore import QEventLoop, QTimer

from kinecor.ui.workspace.changes import Topic, follow

LIMIT_MS = 60_000


def settle(window):
    """Wait until everything follows what was saved last, and it is checked; the window, for chaining."""
    space = window.workspace
    space.pass_on()
    while not space.checks.current:
        loop, limit = QEventLoop(), QTimer(singleShot=True, interval=LIMIT_MS)
        checked = follow(space, loop.quit, Topic.CHECKS)
        space.notices.message.connect(loop.quit)
        limit.timeout.connect(loop.quit)
        limit.start()
        loop.exec()
        assert limit.isActive(), "the checks did not come"
        limit.stop()
        checked.end()
        space.notices.message.disconnect(loop.quit)
    return window
