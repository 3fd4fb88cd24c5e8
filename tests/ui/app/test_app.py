"""The window as its own process."""

import signal
import subprocess
import sys

import pytest

SCRIPT = """
import sys, time
from PySide6.QtCore import QTimer
from kinecor.ui.app import application as app
from kinecor.ui.app import main_window
from kinecor.ui.app.documents import demo

began_s = time.process_time()
shown = []

class Watched(main_window.MainWindow):
    def __init__(self, saved):
        super().__init__(saved, propose=lambda cine, reading, tick: 1 / 0)
        self._watch = QTimer(self)
        self._watch.timeout.connect(self.look)
        self._watch.start(20)

    def look(self):
        if self.workspace.cine and not shown:
            self.image.grab()
            early = "torch" in sys.modules or "pyqtgraph" in sys.modules
            shown.append((time.process_time() - began_s, early, self.player.playing))
            raise RuntimeError("a slot fails")
        if shown and "unexpected error" in " ".join(self.banner.messages):
            self._watch.stop()
            self.close()

app.MainWindow = Watched
status = app.run_window([demo()])
print(*shown[0], status)
"""


def test_first_frame_of_the_demo_without_torch_or_pyqtgraph_and_a_failing_slot_does_not_close_it(data_dir):
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    first_frame_s, loaded_early, playing, status = ran.stdout.split()
    assert loaded_early == "False"
    assert playing == "True"
    assert status == "0"
    assert float(first_frame_s) < 10  # benchmarks/startup.py has the figure; here only that it comes at all
    assert "Traceback" not in ran.stderr


def test_without_a_screen_it_says_so(data_dir):
    script = "from kinecor.ui.app.application import run_window; run_window([])"
    environment = {"PATH": "/usr/bin", "KINECOR_DATA_DIR": str(data_dir)}
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False, env=environment
    )
    if sys.platform.startswith("linux"):
        assert "No display was found" in ran.stderr


UP = """
import sys
from kinecor.__main__ import main
from kinecor.ui.app import application as app
from kinecor.ui.app import main_window

class Told(main_window.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        print("up", flush=True)

app.MainWindow = Told
sys.argv = ["kinecor"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are a thing of POSIX systems")
@pytest.mark.parametrize("requested", [signal.SIGTERM, signal.SIGINT])
def test_a_termination_signal_ends_it(data_dir, requested):
    with subprocess.Popen(
        [sys.executable, "-c", UP], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as window:
        assert window.stdout.readline() == "up\n"
        window.send_signal(requested)
        assert window.wait(60) == -requested
        assert "Traceback" not in window.stderr.read()
