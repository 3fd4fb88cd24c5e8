"""Importing the window quickly."""

import subprocess
import sys

CHECK = """
import gc, inspect
read = []
source = inspect.getsource
inspect.getsource = lambda one: read.append(one) or source(one)
from kinecor.ui.app.quick_start import quick_imports
with quick_imports():
    import PySide6.QtWidgets
    import kinecor.ui.style.palettes
    assert not gc.isenabled()
assert gc.isenabled()
assert gc.get_freeze_count()
import wave
assert not [one.__name__ for one in read if one.__name__.startswith(("kinecor.ui.style", "wave"))]
from PySide6.QtCore import QObject
assert hasattr(QObject, "objectName")
"""


def test_no_garbage_is_collected_and_no_source_read_while_the_window_is_imported():
    subprocess.run([sys.executable, "-c", CHECK], check=True)
