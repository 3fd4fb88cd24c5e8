"""A decoder that crashes, seen from the window."""

import sys

import numpy as np
import pytest

from kinecor.io.files import codecs, isolated
from kinecor.ui.app.main_window import MainWindow
from kinecor.ui.app.settings import Settings
from tests import decoders as planted
from tests.io import make_dicom as make
from tests.ui.conftest import beating

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals as on POSIX systems")


def test_it_costs_a_frame_and_not_the_window(themed, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(codecs, "_decoded", planted.dying_of_dark)
    loop = make.grey_loop()
    loop = np.concatenate([loop, loop])[:6].astype(np.uint8)
    loop = np.maximum(loop, 40)
    loop[3] = 0
    path = make.write_loop(tmp_path / "a.dcm", loop, syntax=make.JPEG_BASELINE)
    decoders = isolated.isolate()
    assert decoders.processes == ()  # nothing compressed is open
    try:
        window = MainWindow(Settings(), beating)
        qtbot.addWidget(window)
        window.show()
        window.opening.open_paths([str(path)])
        qtbot.waitUntil(lambda: not window.busy)
        assert decoders.processes
        window.player.pause()
        said = []
        window.image.decoder.failed.connect(lambda frame, why: said.append((frame, why)))
        for frame in range(len(loop)):
            window.player.seek(frame)
            qtbot.waitUntil(lambda: not window.busy)
        assert {frame for frame, _ in said} == {3}
        assert "Frame 4: Expected pixels, but their decoder crashed" in said[0][1]
        frames = window.workspace.cine.frames
        assert np.abs(frames[5].astype(int) - loop[5]).max() < 12
        window.close()
    finally:
        isolated.end()
