"""Every test runs off screen, in a separate data folder, and leaves no thread, window, timer or log warning."""

import contextlib
import gc
import importlib
import logging
import os
import sys
import threading
import time
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Threads that wait by spinning make two test processes on two cores ten times slower; networks as small as those of the
# tests take twice the processor time on two threads.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# What a test expects must not depend on whether this processor gains by eight-bit integers; these have their own tests.
os.environ.setdefault("KINECOR_PRECISION", "float")

# An example that waits for the processor is not a slow one.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

# A pool's worker may take a moment to see that its pool was shut down, on a busy machine a long one.
LEAVE_WITHIN_S = 30.0


def pytest_configure(config):
    config.addinivalue_line("markers", "logs_warnings: the test expects a warning in the log of kinecor")


def pytest_collection(session):
    """The second of two processes imports the last files first: each compiles one half, and reads the other's.

    It takes a third of a minute to rewrite the assertions of all test files where none is in a cache.
    """
    whole = session.config.args == session.config.getini("testpaths")
    if os.environ.get("PYTEST_XDIST_WORKER") != "gw1" or not whole:
        return
    root = session.config.rootpath
    for path in sorted((root / "tests").rglob("test_*.py"), reverse=True):
        # What cannot be imported is reported when it is collected.
        with contextlib.suppress(Exception, pytest.skip.Exception):
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts))


def pytest_collection_modifyitems(items):
    """Files with slow tests first: the last file handed to a process should be a short one."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


# Processor time of this process and of those it waited for, at the last report of a test.
_cpu_s = [0.0]
# By test, as reported by every process.
_dearest: dict[str, float] = {}


def _used_s():
    return sum(os.times()[:4])


def pytest_collection_finish():
    """The first test begins here."""
    _cpu_s[0] = _used_s()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Adds the processor time since the last report, which xdist hands on to the process that prints."""
    report = yield
    now = _used_s()
    report.cpu_s, _cpu_s[0] = now - _cpu_s[0], now
    return report


def pytest_runtest_logreport(report):
    """Sums set-up, call and teardown of each test."""
    _dearest[report.nodeid] = _dearest.get(report.nodeid, 0.0) + getattr(report, "cpu_s", 0.0)


def pytest_terminal_summary(terminalreporter, config):
    """With --durations: the tests with most processor time, which unlike seconds is the same on a busy machine."""
    if not config.option.durations:
        return
    # The processes of xdist have ended, and count as children.
    terminalreporter.section(f"processor time: {_used_s():.0f} s in all, {sum(_dearest.values()):.0f} s of it in tests")
    for name, used_s in sorted(_dearest.items(), key=lambda one: -one[1])[: config.option.durations]:
        terminalreporter.write_line(f"{used_s:7.2f} s  {name}")


@pytest.fixture(autouse=True)
def data_dir(tmp_path, monkeypatch):
    """Readings and settings of the test land here, never in the user's own folders."""
    folder = tmp_path / "kinecor-data"
    monkeypatch.setenv("KINECOR_DATA_DIR", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("KINECOR_AUDIT_KEY", str(tmp_path / "config" / "audit.key"))  # never the user's keyring
    return folder


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real recordings; a test that uses it is skipped where it is missing."""
    named = os.environ.get("KINECOR_TEST_DATA")
    folder = Path(named) if named else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder}: set KINECOR_TEST_DATA to the folder that holds them")
    return folder


@pytest.fixture(autouse=True, scope="module")
def older_objects_set_aside():
    """What lives before a module's tests is not looked through for timers again, nor by the garbage collector.

    Both look through all objects there are, before and after each test.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def nothing_left_behind(request):
    """Fails a test that leaves a thread, a window or a running timer, or that logs an unexpected warning.

    What the test got from qtbot and from its own fixtures is closed before this one looks.
    """
    threads = set(threading.enumerate())
    windows, timers = set(_windows()), set(_timers())
    warned = _Warnings()
    logging.getLogger().addHandler(warned)
    yield
    logging.getLogger().removeHandler(warned)
    expected = request.node.get_closest_marker("logs_warnings")
    left = [
        *_windows_left(windows),
        *_timers_left(timers),
        *_threads_left(threads),
        *([] if expected else warned.found),
    ]
    if left:
        pytest.fail("left behind: " + "; ".join(left), pytrace=False)


class _Warnings(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.found = []

    def emit(self, record):
        if record.name.startswith("kinecor"):
            self.found.append(
                f"a log {record.levelname.lower()} of {record.name}: {record.getMessage()!r} "
                "(mark the test logs_warnings if it belongs there)"
            )


def _threads_left(before):
    until = time.monotonic() + LEAVE_WITHIN_S
    while True:
        left = [one for one in threading.enumerate() if one not in before and not one.daemon]
        if not left or time.monotonic() > until:
            return [f"thread {one.name!r} (shut its pool down, or join it)" for one in left]
        time.sleep(0.01)


def _windows():
    """The top-level widgets alive, by their address; {} as long as no one uses Qt."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or not isinstance(widgets.QApplication.instance(), widgets.QApplication):
        return {}
    # Qt's own, shared by all windows.
    found = [one for one in widgets.QApplication.topLevelWidgets() if one.metaObject().className() != "QTipLabel"]
    return {_address(one): one for one in found}


def _windows_left(before):
    if _windows().keys() - before:
        # Perhaps closed, and only waiting for the event loop to delete it, or to be collected, which takes as long as
        # a third of a window.
        _delete_what_waits()
    if _windows().keys() - before:
        gc.collect()
        _delete_what_waits()
    return [
        f"{'an open' if one.isVisible() else 'a hidden'} window, {type(one).__name__} "
        f"{one.objectName() or one.windowTitle()!r} (give it to qtbot.addWidget, or a parent)"
        for address, one in _windows().items()
        if address not in before
    ]


def _delete_what_waits():
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)


def _timers():
    """The running QTimers created since the module's tests began, by their address."""
    core = sys.modules.get("PySide6.QtCore")
    if core is None or core.QCoreApplication.instance() is None:
        return {}
    valid = sys.modules["shiboken6"].isValid
    kinds = _and_subclasses(core.QTimer)
    found = [one for one in gc.get_objects() if type(one) in kinds]
    found = [one for one in found if valid(one) and one.isActive()]
    return {_address(one): one for one in found}


def _and_subclasses(kind):
    return {kind}.union(*(_and_subclasses(one) for one in kind.__subclasses__()))


def _timers_left(before):
    left = [one for address, one in _timers().items() if address not in before]
    for one in left:
        one.stop()  # it must not run on into the next test
    return [f"a running QTimer of {type(one.parent()).__name__} (stop it when its owner closes)" for one in left]


def _address(thing):
    return sys.modules["shiboken6"].getCppPointer(thing)[0]
