"""Render the window to a PNG without a screen."""

import os
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from kinecor.core.values.errors import KinecorError
from kinecor.ui.app import settings
from kinecor.ui.app.application import application
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.workspace.analysis_queue import Propose, propose_with_models

WAIT_S = 900.0


def shot(
    path: str | Path,
    out_png: str | Path,
    size: tuple[int, int] = (1440, 900),
    *,
    propose: Propose = propose_with_models,
    strain: bool = False,
) -> None:
    """What the window shows of `path` once it is analysed, at end-diastole, as a PNG of `size` (width, height) pixels.

    With `strain` at end-systole and with the strain page; all apical loops of the study are then analysed.

    As in the window, the analysis is saved in the study's file; an existing one is shown as it is.

    Raises:
        KinecorError: nothing under `path` could be opened, or the PNG cannot be written.

    """
    if QApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    app = application()
    window = MainWindow(settings.load(), propose)
    try:
        window.resize(*size)
        window.show()
        window.open_paths([str(path)])
        limit_s = time.monotonic() + WAIT_S
        while window.busy and time.monotonic() < limit_s:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        if window.workspace.recording is None:
            raise KinecorError(" ".join(window.banner.messages) or f"{path}: nothing could be opened.")
        window.player.pause()
        action = window.actions_by_name["strain"]
        if strain and action.isEnabled():
            action.trigger()
            while window.busy and time.monotonic() < limit_s:
                app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        reading = window.workspace.reading
        beats = reading.events.beats if reading and reading.events else ()
        window.player.seek((beats[0].es if strain else beats[0].ed) if beats else 0)
        app.processEvents()
        while window.busy and time.monotonic() < limit_s:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        if not window.grab().save(str(out_png), "PNG"):
            raise KinecorError(f"The PNG could not be written to {out_png}: choose a writable folder.")
    finally:
        window.close()
        window.deleteLater()
        app.processEvents()
