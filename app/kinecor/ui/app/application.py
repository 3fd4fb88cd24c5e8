"""Starting the window, on a screen or for an image of it."""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import joined_by, message, verbatim
from kinecor.io.files import isolated
from kinecor.io.files.atomic import whole
from kinecor.ui.app import settings
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.modes import Mode
from kinecor.ui.style import spoken
from kinecor.ui.style.language import use_language
from kinecor.ui.style.palettes import PALETTES
from kinecor.ui.style.theme import apply_theme
from kinecor.ui.workspace.jobs import Propose, catch_everything, propose_with_models, start_logging

if TYPE_CHECKING:
    from kinecor.analysis.live import LiveSession

log = logging.getLogger(__name__)
SWITCH_S = 0.0005
"""For how long a worker may hold the interpreter while the window's thread waits for it.

Many calls of Qt give it away and take it back: with Python's usual 5 ms a picture of some twenty such calls would be
painted in a tenth of a second while a worker computes.
"""


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
        return running
    screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not screen:
        raise KinecorError(
            message(
                "No display was found to open the window on: use `kinecor analyse` or `kinecor shot`, or set DISPLAY "
                "to a running X server."
            )
        )
    qInstallMessageHandler(_note_qt)
    sys.setswitchinterval(SWITCH_S)
    app = QApplication(["kinecor"])
    app.setApplicationName("Kinecor")
    apply_theme(app)
    spoken.install()
    return app


def run_live(
    session: "Callable[[], LiveSession]", name: str, saved: str = "", seconds: float | None = None
) -> str | None:
    """Show a window of one live source until it is closed, or for `seconds`; why the source failed, or None.

    Raises:
        KinecorError: no display.

    """
    from kinecor.ui.live.window import LiveWindow

    app = application()
    window = LiveWindow(session, name, saved)
    window.show()
    if seconds is not None:
        QTimer.singleShot(round(1000 * seconds), window.close)
    app.exec()
    sys.excepthook = sys.__excepthook__
    return window.session.error


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
    stored = settings.load()
    apply_theme(app, PALETTES[stored.theme])
    use_language(app, stored.language)
    isolated.isolate()
    if paths:  # ready by the first frame; on the start page, the first compressed recording starts a process
        isolated.warm()
    window = MainWindow(stored)
    _use(window)
    if stored.geometry or window.fits:
        window.show()
    else:  # with the frame of the desktop it would reach beyond the screen
        window.showMaximized()
    window.activateWindow()
    window.opening.open_paths(paths)
    if not stored.tour_seen and not paths and app.platformName() != "offscreen":
        window.helping.start_tour()
    status = app.exec()
    isolated.end()
    sys.excepthook = sys.__excepthook__
    return status


def _use(window: MainWindow) -> None:
    """Make this the window of the program."""
    window.remembers = True
    catch_everything(window.banner.show_message)

    def change_over() -> None:
        _use(made_again(window))
        window.deleteLater()

    window.look_chosen.connect(change_over, Qt.ConnectionType.QueuedConnection)


def made_again(window: MainWindow) -> MainWindow:
    """The same window in theme and language of its settings, on the same recordings; the old one is closed.

    Widgets take their colours and words when they are made, so that none of them needs to know that these can change.
    """
    recordings, index, frame = window.workspace.opened.recordings, window.workspace.index, window.player.frame
    window.remember()
    apply_theme(application(), PALETTES[window.settings.theme])
    use_language(application(), window.settings.language)
    again = MainWindow(window.settings, window.propose)
    again.show()  # before the old one is closed: without any window the program ends
    window.remembers = False
    window.close()
    if recordings:
        again.workspace.open(recordings)
        again.workspace.show(index)
        again.show_mode(window.mode)
        again.player.pause()
        again.player.seek(frame)
    return again


WAIT_S = 900.0


def shot(
    path: str | Path,
    out_png: str | Path,
    size: tuple[int, int] = (1440, 900),
    *,
    propose: Propose = propose_with_models,
    strain: bool = False,
    mode: Mode | None = None,
    tour: int = 0,
    checks: bool = False,
) -> None:
    """What the window shows of `path` once it is analysed, at end-diastole, as a PNG of `size` (width, height) pixels.

    With `strain` at end-systole and with the strain page; all apical loops of the study are then analysed. `mode` is
    the mode on screen (Measure if None), `tour` the step of the tour that is shown over it, from 1; 0 for none. With
    `checks` the list of checks is open.

    As in the window, the analysis is saved in the study's file; an existing one is shown as it is.

    Raises:
        KinecorError: nothing under `path` could be opened, or the PNG cannot be written.

    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = application()
    window = MainWindow(settings.load().plain, propose)
    try:
        window.resize(*size)
        window.show()
        window.opening.open_paths([str(path)])
        limit_s = time.monotonic() + WAIT_S
        while window.busy and time.monotonic() < limit_s:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        if window.workspace.recording is None:
            nothing = message("{path}: nothing could be opened.", path=verbatim(str(path)))
            raise KinecorError(joined_by(" ", window.banner.messages) or nothing)
        window.player.pause()
        action = window.actions_by_name["strain"]
        if strain and action.isEnabled():
            action.trigger()
            while window.busy and time.monotonic() < limit_s:
                app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        reading = window.workspace.reading
        beats = reading.events.beats if reading and reading.events else ()
        window.player.seek((beats[0].es if strain else beats[0].ed) if beats else 0)
        if mode is not None or not strain:
            window.show_mode(mode or Mode.MEASURE)
        if checks:
            window.actions_by_name["checks"].trigger()
        if tour:
            window.helping.start_tour()
            assert window.helping.tour is not None
            window.helping.tour.show_step(tour - 1)
        app.processEvents()
        while (window.busy or window.study_list.busy) and time.monotonic() < limit_s:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        for _ in range(3):  # what came last is laid out, in steps
            app.processEvents()
        with whole(Path(out_png), private=True) as temporary:
            if not window.grab().save(str(temporary), "PNG"):
                raise OSError("no image could be encoded or stored")
    finally:
        window.close()
        window.deleteLater()
        app.processEvents()
