"""Importing the modules of the window without work that nothing here needs."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quick_imports() -> Iterator[None]:
    """While the window is imported, no garbage is collected; afterwards, what was imported is never looked at again.

    Also PySide no longer reads the source of each module that is imported. It looks there for the name of PySide6, so
    that `from __feature__ import` (methods in snake case) changes no other program's modules; nothing here uses that,
    and OpenCV, OpenVINO and others that are imported later would be read, too. A PySide that does not do so is left
    alone.
    """
    collected = gc.isenabled()
    gc.disable()
    try:
        import PySide6.QtCore  # noqa: F401 - brings shibokensupport with it

        feature = sys.modules.get("shibokensupport.feature")
        if feature is not None and hasattr(feature, "_mod_uses_pyside"):
            vars(feature)["_mod_uses_pyside"] = lambda _: False
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()
