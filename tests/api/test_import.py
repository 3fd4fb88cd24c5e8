"""What `import kinecor` loads, and what it offers; counted in modules, since seconds depend on the machine."""

import subprocess
import sys

import pytest

import kinecor

HEAVY = {"PySide6", "pyqtgraph", "torch", "openvino", "numpy", "scipy", "cv2", "pydicom", "SimpleITK", "matplotlib"}
MAX_MODULES = 20
"""Of kinecor and others that Python itself does not bring; there are 3 today."""


def modules_after(code):
    program = f"{code}\nimport sys\nprint(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return set(ended.stdout.split())


def test_import_loads_next_to_nothing():
    loaded = modules_after("import kinecor")
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    ours = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names | {"__main__"}}
    assert len([name for name in ours if name.startswith("kinecor")]) <= MAX_MODULES


@pytest.mark.parametrize("code", ["import kinecor; kinecor.open, kinecor.analyse", "from kinecor import *"])
def test_what_is_used_first_needs_no_window_and_no_torch(code):
    loaded = {name.partition(".")[0] for name in modules_after(code)}
    assert not loaded & {"PySide6", "pyqtgraph", "torch", "openvino", "scipy", "matplotlib", "pandas"}


def test_everything_that_is_listed_is_there():
    assert set(kinecor.__all__) <= set(dir(kinecor))
    from kinecor import api

    for name in kinecor.__all__:
        assert getattr(kinecor, name) is not None
    assert set(api.__all__) == set(kinecor.__all__) - {"RESEARCH_USE", "__version__"}


def test_another_name_is_answered_with_those_there_are():
    with pytest.raises(AttributeError, match=r"it offers .*analyse, "):
        _ = kinecor.analyze
