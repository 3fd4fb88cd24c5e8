"""How large and how entangled the program is, as figures to compare: python benchmarks/architecture.py [--json]

Literal measurement codes, patterns that recover German from finished English, functions of high complexity, lines per
package, files that each recipe of CONTRIBUTING changes (by following tests/test_recipes.py), and files and functions
that the walks of walks.py run. The last two take some minutes; --quick leaves them out.
"""

import argparse
import ast
import contextlib
import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from walks import walked

ROOT = Path(__file__).parents[1]
SOURCES = ("app", "models", "resources")
PACKAGES = {
    "app": "app",
    "models": "models/kinecor_models",
    "phantoms": "models/kinecor_phantoms",
    "lab": "models/kinecor_lab",
    "tests": "tests",
    "resources": "resources",
}
CODES = ("EF", "EDV", "ESV", "GLS")
LANGUAGE = ROOT / "app/kinecor/core/report/language.py"
LANGUAGES = ROOT / "resources/kinecor_resources/languages"
_PLACEHOLDER = re.compile(r"\{[A-Za-z][a-z_]*\}")
MAX_COMPLEXITY = 20
_BRANCHES = (
    ast.If,
    ast.IfExp,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.match_case,
    ast.Assert,
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def sources(folder: str) -> Iterator[tuple[str, ast.Module]]:
    """Files of Python code below a folder of the repository, by path within it."""
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree: ast.Module) -> set[ast.expr]:
    """The docstrings of a module: strings that stand as a statement, also below a name."""
    return {one.value for one in ast.walk(tree) if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)}


def files_with_code(code: str) -> list[str]:
    """Files of the app in which a measurement's code stands as a string literal, docstrings left out."""
    return [
        path
        for path, tree in sources("app")
        if any(isinstance(one, ast.Constant) and one.value == code for one in set(ast.walk(tree)) - docstrings(tree))
    ]


def patterns() -> int:
    """Patterns that find German for a finished English sentence: texts with values, while that mechanism exists."""
    if not LANGUAGE.exists() or "re.compile" not in LANGUAGE.read_text(encoding="utf-8"):
        return 0
    found = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(LANGUAGES.glob("*_de.toml"))]
    # A text of which little more than values is fixed would fit anything, and is not among the patterns.
    return sum(
        bool(_PLACEHOLDER.search(english) and re.search("[a-z]{2}", _PLACEHOLDER.sub("", english)))
        for file in found
        for part, texts in file["texts"].items()
        if part != "joining"  # too short to be found again in a sentence
        for english in texts
    )


def complexity(function: ast.AST) -> int:
    """Cyclomatic complexity: 1 + branches, with conditions of comprehensions, `and` and `or`; inner functions apart."""
    count, todo = 1, list(ast.iter_child_nodes(function))
    while todo:
        node = todo.pop()
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            continue
        if isinstance(node, ast.BoolOp):
            count += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            count += 1 + len(node.ifs)
        else:
            count += isinstance(node, _BRANCHES)
        todo += ast.iter_child_nodes(node)
    return count


def complex_functions() -> list[dict[str, Any]]:
    """Functions over MAX_COMPLEXITY, the highest first."""
    found = [
        {"complexity": complexity(node), "file": path, "function": node.name}
        for folder in SOURCES
        for path, tree in sources(folder)
        for node in ast.walk(tree)
        if isinstance(node, _FUNCTIONS) and complexity(node) > MAX_COMPLEXITY
    ]
    return sorted(found, key=lambda one: (-one["complexity"], one["file"], one["function"]))


def lines(folder: str, *kinds: str) -> int:
    """Lines of the files of these kinds below a folder of the repository."""
    found = [path for kind in kinds for path in (ROOT / folder).rglob(f"*.{kind}")]
    return sum(len(path.read_text(encoding="utf-8").splitlines()) for path in found)


class Recipes:
    """A plugin of pytest: for each test with a copy of the tree, the files of it that changed by its end."""

    def __init__(self) -> None:
        self.touched: dict[str, list[str]] = {}
        self.failed: list[str] = []
        self._before: dict[str, str] = {}

    def _files(self, folder: Path) -> dict[str, str]:
        """Digests of files in folders and under names that the repository has; what a test writes beside is none."""
        ours = {path.name for path in ROOT.iterdir()} - {".git", ".venv", "data"}
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*")
            if path.is_file()
            and not path.is_symlink()
            and path.relative_to(folder).parts[0] in ours
            and path.suffix != ".pyc"
        }

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Remember a copy as it is before the recipe is followed."""
        made = yield
        if fixturedef.argname == "copy":
            self._before = self._files(made.folder)
        return made

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Remember what did not pass: its files are none of a recipe that works."""
        if report.failed:
            self.failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: Any) -> None:
        """Compare the copy with what it was."""
        if "copy" in getattr(item, "funcargs", {}):
            after = self._files(item.funcargs["copy"].folder)
            changed = {path for path in self._before.keys() | after if self._before.get(path) != after.get(path)}
            self.touched[item.name] = sorted(changed)


def recipes() -> dict[str, list[str]]:
    """Files that each test of tests/test_recipes.py changes in its copy of the tree."""
    counted = Recipes()
    with contextlib.redirect_stdout(sys.stderr):
        pytest.main(["-q", "-p", "no:cacheprovider", str(ROOT / "tests/test_recipes.py")], plugins=[counted])
    if counted.failed:
        raise SystemExit(f"recipes that do not work are not counted: {', '.join(counted.failed)}")
    return counted.touched


def measured(*, quick: bool, suite_s: float | None) -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {
        "files_with_code": {code: files_with_code(code) for code in CODES},
        "german_patterns": patterns(),
        "complex_functions": complex_functions(),
        "lines": {name: lines(folder, "py") for name, folder in PACKAGES.items()}
        | {"languages": lines("resources", "toml", "ts", "po", "ftl")},
    }
    if suite_s is not None:
        figures["suite_s"] = suite_s
    if not quick:
        figures["recipes"] = recipes()
        figures["walks"] = {name: {"files": len(files), "functions": sum(files.values())} for name, files in walked()}
    return figures


def rows(figures: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """The figures as rows of a table."""
    for code, files in figures["files_with_code"].items():
        yield f'files of the app with "{code}" as a literal', len(files)
    yield "patterns that recover German", figures["german_patterns"]
    yield f"functions of complexity over {MAX_COMPLEXITY}", len(figures["complex_functions"])
    for one in figures["complex_functions"]:
        yield f"- `{one['function']}` in {one['file']}", one["complexity"]
    for name, count in figures["lines"].items():
        yield f"lines: {name}", count
    if "suite_s" in figures:
        yield "test suite, s", figures["suite_s"]
    for name, files in figures.get("recipes", {}).items():
        yield f"recipe {name}: files changed", f"{len(files)}: {', '.join(files)}"
    for name, found in figures.get("walks", {}).items():
        yield f"walk {name}: files, functions", f"{found['files']}, {found['functions']}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="as JSON, with the names of files and functions")
    parser.add_argument("--quick", action="store_true", help="read sources only: no recipes and no walks")
    parser.add_argument("--suite-s", type=float, metavar="S", help="duration of the test suite, to print with the rest")
    chosen = parser.parse_args()
    figures = measured(quick=chosen.quick, suite_s=chosen.suite_s)
    print_figures(figures, rows(figures), as_json=chosen.json)


def print_figures(figures: Mapping[str, Any], lines: Iterable[tuple[str, Any]], *, as_json: bool) -> None:
    """Print figures as a table of names and values, or all of them as JSON."""
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    print("| figure | value |", "|---|---|", *(f"| {name} | {value} |" for name, value in lines), sep="\n")


if __name__ == "__main__":
    main()
