"""The fixtures that fail a careless test are tested on careless tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CARELESS = """
import logging
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu, QWidget

kept = []
stop = threading.Event()


def test_thread(request):
    thread = threading.Thread(target=stop.wait, name="left-thread")
    thread.start()


def test_window(qapp):
    kept.append(QWidget(objectName="left-window"))
    kept[0].show()


def test_hidden(qapp):
    kept.append(QMenu(objectName="left-menu"))


def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)


def test_log():
    logging.getLogger("kinecor.io.us").warning("left-warning")


@pytest.mark.logs_warnings
def test_log_expected():
    logging.getLogger("kinecor_models").warning("expected-warning")


def test_log_of_others():
    logging.getLogger("elsewhere").warning("other-warning")


def test_careful(qtbot):
    widget, timer = QWidget(), QTimer()
    timer.start(1000)
    qtbot.addWidget(widget)
    widget.show()
    QWidget().show()
    timer.stop()


def test_zz_stop():
    stop.set()
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("careless")
    conftest = Path(__file__).with_name("conftest.py").read_text()
    assert "LEAVE_WITHIN_S = 30.0" in conftest
    (folder / "conftest.py").write_text(conftest.replace("LEAVE_WITHIN_S = 30.0", "LEAVE_WITHIN_S = 0.2"))
    (folder / "test_careless.py").write_text(CARELESS)
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "-p", "no:xdist", str(folder)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "COLUMNS": "400"}
    ended = subprocess.run(
        [*command, "--rootdir", str(folder), "-c", os.devnull],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "passed" in ended.stdout, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    ("test", "words"),
    [
        ("test_thread", "thread 'left-thread' (shut its pool down"),
        ("test_window", "an open window, QWidget 'left-window'"),
        ("test_hidden", "a hidden window, QMenu 'left-menu'"),
        ("test_timer", "a running QTimer"),
        ("test_log", "a log warning of kinecor.io.us: 'left-warning'"),
    ],
)
def test_what_is_left_behind_fails_the_test_that_left_it(report, test, words):
    assert f"ERROR test_careless.py::{test} - Failed: left behind: {words}" in report


@pytest.mark.parametrize("test", ["test_careful", "test_log_expected", "test_log_of_others", "test_zz_stop"])
def test_a_careful_test_passes(report, test):
    assert f"ERROR test_careless.py::{test} " not in report
    assert f"PASSED test_careless.py::{test}\n" in report
