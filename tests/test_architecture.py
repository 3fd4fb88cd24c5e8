"""Rules of the architecture, as tests."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

import kinecor

ROOT = Path(__file__).parents[1]
SOURCES = sorted(path for folder in ("app", "models", "resources") for path in (ROOT / folder).rglob("*.py"))
BIN = Path(sys.executable).parent
LARGEST_FOLDER = 24

CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "--diff", "."],
    "mypy": ["mypy"],
    "lint-imports": ["lint-imports"],
}


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
def test_the_house_is_in_order(check):
    program, *arguments = CHECKS[check]
    ended = subprocess.run([str(BIN / program), *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"{check}:\n{ended.stdout}\n{ended.stderr}"


LOADED = """
import importlib, pkgutil, sys
import kinecor
for found in pkgutil.walk_packages(kinecor.__path__, "kinecor."):
    if found.name != "kinecor.ui.style.plots":  # after the first frame
        importlib.import_module(found.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_nothing_heavy_is_loaded_before_it_is_needed():
    ended = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    loaded = set(ended.stdout.split())
    assert "kinecor" in loaded
    # The window is up before any of these is; each costs from half a second to several.
    assert not loaded & {"torch", "openvino", "filterpy", "matplotlib", "pyqtgraph"}


def test_no_folder_is_too_large_to_take_in():
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in SOURCES if path.name != "__init__.py")
    assert {folder: files for folder, files in sizes.items() if files > LARGEST_FOLDER} == {}
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [str(path) for path in SOURCES if path.stem in drawers] == []


def test_no_item_of_a_layout_is_taken_into_python():
    # Its wrapper outlives it, and the next object at its address crashes: see ui/style/layouts.py.
    taking = re.compile(r"\.(itemAt|takeAt|itemAtPosition)\(")
    assert [str(path) for path in SOURCES if taking.search(path.read_text(encoding="utf-8"))] == []


def test_the_table_says_which_value_leads():
    """Others read rank, group and order; who names EF has a formula or a check of it, or its codes in a standard."""
    naming = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if path.is_relative_to(ROOT / "app")
        and any(
            isinstance(node, ast.Constant) and node.value == "EF"
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
        )
    }
    assert naming == {
        *(f"app/kinecor/core/table/{name}.py" for name in ("measures", "over_views", "intervals")),
        *(f"app/kinecor/core/checks/{name}.py" for name in ("drawn", "expected", "strain")),
        "app/kinecor/io/write/codes.py",
    }


def test_every_module_says_what_it_is():
    silent = [path for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_the_version_is_the_same_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert kinecor.__version__ == importlib.metadata.version("kinecor") == project
    assert newest is not None
    assert newest[1] == project


# What benchmarks/names.py counts at most. Lower these when the code gets better; a name that says nothing is no reason
# to raise one (docs/decisions/0226).
MAX_BINDINGS = {
    "one": 110,
    "found": 578,
    "of": 210,
    "at": 509,
    "words": 129,
    "told": 1,
    "kept": 31,
    "rest": 22,
    "LEAST_": 0,
    "MOST_": 0,
}
MAX_BARE_FUNCTIONS = 1033
# By types alone: an object that says of what class its owner is, which loads nothing.
MAX_CIRCLES_OF_TYPES = 2
# Rooms in which every public function says what its parameters are.
FULLY_DOCUMENTED = (
    "app/kinecor/api",
    "app/kinecor/core",
    "app/kinecor/io",
    "models/kinecor_models",
)
MAX_UNDOCUMENTED = 0


def test_names_say_what_things_are(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import names

    trees = names.modules(ROOT)
    counted = names.bindings(trees)
    assert {name: counted[name] for name, most in MAX_BINDINGS.items() if counted[name] > most} == {}
    bare = [
        function.name for _, function in names.functions(trees) if names.is_participle_or_preposition(function.name)
    ]
    assert len(bare) <= MAX_BARE_FUNCTIONS
    assert names.import_circles(trees) == []
    assert len(names.import_circles(trees, types=True)) <= MAX_CIRCLES_OF_TYPES
    silent = [
        f"{path}: {name}"
        for path, tree in trees.items()
        if path.startswith(tuple(f"{folder}/" for folder in FULLY_DOCUMENTED))
        for name, function in names.public_functions(tree)
        if names.undocumented_parameters(function)
    ]
    assert len(silent) <= MAX_UNDOCUMENTED, silent
    # Two branches that document one function merge into two sections.
    assert [path for path, tree in trees.items() if any(repeats_a_section(text) for text in docstrings(tree))] == []


def docstrings(tree):
    described = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Module)
    return [ast.get_docstring(node) or "" for node in ast.walk(tree) if isinstance(node, described)]


def repeats_a_section(text):
    return any(text.count(f"\n{section}:\n") > 1 for section in ("Args", "Returns", "Raises"))
