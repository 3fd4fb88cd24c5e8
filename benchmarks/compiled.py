"""Modules compiled as in an installed program, whatever the environment says about bytecode.

Where Python is told to write no bytecode (PYTHONDONTWRITEBYTECODE, as in many containers) it compiles each module that
it imports, every time: seven tenths of the processor's time of importing filterpy, and nearly a fifth of that of
opening three views, are no part of the program that a reader has.
"""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

_IMPORTS = """
import importlib, pkgutil
import kinecor, kinecor_models
for package in (kinecor, kinecor_models):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
for name in ("filterpy.common", "keyring.backends.fail", "openvino", "pyqtgraph", "reportlab", "scipy.ndimage"):
    importlib.import_module(name)
"""


@cache
def as_installed() -> dict[str, str]:
    """The environment of a process whose modules are compiled; compiles them where they are not yet.

    They are kept in a folder of the system's temporary one for the next time.
    """
    user = os.getuid() if hasattr(os, "getuid") else 0
    environment = dict(os.environ) | {"PYTHONDONTWRITEBYTECODE": "", "QT_QPA_PLATFORM": "offscreen"}
    environment.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / f"kinecor-compiled-{user}"))
    subprocess.run([sys.executable, "-c", _IMPORTS], env=environment, check=True, capture_output=True)
    return environment
