"""Starting the window."""

import logging
import os
import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from kinecor.core.values.errors import KinecorError
from kinecor.ui.app import settings
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.style.theme import apply_theme
from kinecor.ui.workspace.failures import catch_everything, start_logging

log = logging.getLogger(__name__)


def _note_qt(kind: QtMsgType, _: QMessageLogContext, words: str) -> None:
    """Write Qt's own messages to the log: they do not help a reader, nor on a terminal."""
    log.info("Qt: %s", words)
    if kind is QtMsgType.QtFatalMsg:
        print(f"kinecor: {words}", file=sys.stderr)


def application() -> QApplication:
    """The one QApplication, with the dark theme.

    Raises:
        KinecorError: no display; Qt would abort the whole process.

    """
    running = QApplication.instance()
    if isinstance(running, QApplication):
        apply_theme(running)
        return running
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not screen:
        raise KinecorError(
            "No display was found to open the window on: use `kinecor analyse` or `kinecor shot`, "
            "or set DISPLAY to a running X server."
        )
    qInstallMessageHandler(_note_qt)
    app = QApplication(["kinecor"])
    app.setApplicationName("Kinecor")
    apply_theme(app)
    return app


def run_window(paths: Sequence[str]) -> int:
    """Open the window, on `paths` or on the start page, and run until it is closed; the exit status.

    Raises:
        KinecorError: no display.

    """
    app = application()
    # Python's own handlers would run at the next event, and raise inside it; every edit is on disk already.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    start_logging()
    window = MainWindow(settings.load())
    catch_everything(window.banner.show_message)
    window.show()
    window.activateWindow()
    window.open_paths(paths)
    status = app.exec()
    sys.excepthook = sys.__excepthook__
    return status
