"""How plainly the code is named and documented, as figures to compare: python benchmarks/names.py [--revision REV]

Counts in app, models and resources: bindings of names that say nothing, functions named by one word or by a bare
participle or preposition, LEAST_/MOST_ against MIN_/MAX_, public functions whose parameters are all documented, the
largest classes, decisions over 25 lines and circles of imports. --revision counts another commit of the repository,
--json adds the members, --walks the files that the walks of walks.py run (some minutes; not with --revision).
"""

import argparse
import ast
import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from architecture import print_figures
from walks import walked

ROOT = Path(__file__).parents[1]
SOURCES = ("app", "models", "resources")


def as_set(names: str) -> frozenset[str]:
    """Names written with blanks between them."""
    return frozenset(names.split())


SAY_NOTHING = ("one", "found", "of", "at", "words", "told", "kept", "rest")
PREPOSITIONS = as_set(
    "about above across after against along among around at before behind below beside between beyond by down "
    "during for from in inside into near of off on onto out outside over past per since through to towards under "
    "until up upon via with within without"
)
# Participles that do not end in "ed"; "read", "set", "put", "cut", "fit" and "split" are verbs, too, and left out.
PARTICIPLES = as_set(
    "bent begun born bound bought brought built caught chosen done drawn driven fallen felt flown forgotten found "
    "frozen given gone grown heard held hidden kept known laid learnt led left lent lost made meant met opened paid "
    "said sought seen sent shown spent spoken spun stood stretched sworn swung taken taught thought thrown told "
    "torn understood woken won worn woven written"
)
NOUNS_IN_ED = as_set("bed embed feed need red seed shed speed unneeded")
# Rooms whose public functions document their parameters, by folder.
DOCUMENTED_ROOMS = ("app/kinecor/core", "app/kinecor/io", "app/kinecor/api", "models/kinecor_models")
MAX_DECISION_LINES = 25
# What `import kinecor` offers is loaded when it is first used, and is no circle (as for import-linter, pyproject.toml).
LOADS_ON_USE = "app/kinecor/__init__.py"
LARGE_CLASSES = 8
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Modules: TypeAlias = dict[str, ast.Module]


def modules(root: Path) -> Modules:
    """Trees of all Python files of the program below a root, by path within it."""
    return {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for folder in SOURCES
        for path in sorted((root / folder).rglob("*.py"))
    }


def bound_names(tree: ast.Module) -> Iterator[str]:
    """Every name that a module binds, once for each time: variables, parameters, functions, classes, imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.arg(arg=name):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                yield name
            case ast.alias(asname=str(name)):
                yield name


def bindings(trees: Modules) -> Counter[str]:
    """How often each name that says nothing is bound, and constants that begin with LEAST_, MOST_, MIN_ and MAX_."""
    counted: Counter[str] = Counter()
    for tree in trees.values():
        for name in bound_names(tree):
            bare = name.strip("_")
            if bare in SAY_NOTHING:
                counted[bare] += 1
            for prefix in ("LEAST_", "MOST_", "MIN_", "MAX_"):
                counted[prefix] += bare.startswith(prefix)
    return counted


def functions(trees: Modules) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function and method with its file; magic methods are named by the language and left out."""
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, _FUNCTIONS) and not node.name.startswith("__"):
                yield path, node


def is_participle_or_preposition(name: str) -> bool:
    """Whether a name is one bare participle or preposition, such as `moved`, `drawn` or `of`."""
    bare = name.strip("_")
    return (
        bare in PREPOSITIONS
        or bare in PARTICIPLES
        or (bare.endswith("ed") and bare.isalpha() and bare not in NOUNS_IN_ED)
    )


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Names of the parameters of a function that a caller gives."""
    given = function.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    named += [extra for extra in (given.vararg, given.kwarg) if extra]
    return [parameter.arg for parameter in named if parameter.arg not in ("self", "cls", "_")]


def undocumented_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    """Parameters that the section Args of the docstring does not name."""
    sections = (ast.get_docstring(function) or "").partition("Args:\n")[2]
    described = {line.strip().lstrip("*").partition(":")[0].partition(" (")[0] for line in sections.splitlines()}
    named_together = {name.strip(" *") for entry in described for name in entry.split(",")}
    return [name for name in parameters(function) if name not in named_together]


def public_functions(tree: ast.Module, owner: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Public functions with parameters, and public methods of public classes, by qualified name."""

    def within(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for node in body:
            if isinstance(node, _FUNCTIONS) and not node.name.startswith("_") and parameters(node):
                yield f"{prefix}{node.name}", node
            elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from within(node.body, f"{prefix}{node.name}.")

    return within(tree.body, owner)


def documented(trees: Modules, folder: str = "") -> tuple[int, int]:
    """Public functions below a folder of which every parameter is documented, and all of them."""
    public = [
        function for path, tree in trees.items() if path.startswith(folder) for _, function in public_functions(tree)
    ]
    return sum(not undocumented_parameters(function) for function in public), len(public)


def large_classes(trees: Modules) -> list[dict[str, Any]]:
    """Classes with the most lines: their lines, methods and public methods, signals and imports of their file."""
    classes = [
        {
            "class": node.name,
            "file": path,
            "lines": (node.end_lineno or node.lineno) - node.lineno + 1,
            "methods": sum(isinstance(member, _FUNCTIONS) for member in node.body),
            "public_methods": sum(
                isinstance(member, _FUNCTIONS) and not member.name.startswith("_") for member in node.body
            ),
            "signals": sum(
                isinstance(member, ast.Assign) and ast.unparse(member.value).startswith("Signal(")
                for member in node.body
            ),
            "imports": len(imported(path, tree, trees)),
        }
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    return sorted(classes, key=lambda entry: -entry["lines"])[:LARGE_CLASSES]


def for_types_alone(tree: ast.Module) -> set[ast.AST]:
    """All that stands under `if TYPE_CHECKING:`: it is read by type checkers, and never runs."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }


def imported(path: str, tree: ast.Module, trees: Modules, *, types: bool = True) -> set[str]:
    """Files of the program that a file imports anywhere, inside functions, too, and for types alone if `types`."""
    by_name = {module_name(other): other for other in trees}
    left_out = set() if types else for_types_alone(tree)
    named = set()
    for node in ast.walk(tree):
        if node in left_out:
            continue
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            # A name of a package is its submodule, where there is one.
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            named |= (submodules & by_name.keys()) | ({node.module} if submodules - by_name.keys() else set())
    return {by_name[name] for name in named & by_name.keys()} - {path}


def module_name(path: str) -> str:
    """The dotted name of a module by its path: app/kinecor/core/__init__.py is kinecor.core."""
    return ".".join(Path(path).with_suffix("").parts[1:]).removesuffix(".__init__")


def import_circles(trees: Modules, *, types: bool = False) -> list[list[str]]:
    """Sets of files that import each other around, inside functions, too (Tarjan's components).

    With `types`, those that close only by what is imported for types alone are among them. Nothing is loaded by these:
    an object may say of what class its owner is, which cannot be said without naming the owner's file.
    """
    following = {
        path: set() if path == LOADS_ON_USE else imported(path, tree, trees, types=types)
        for path, tree in trees.items()
    }
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    circles: list[list[str]] = []

    def visit(path: str) -> None:
        index[path] = lowest[path] = len(index)
        stack.append(path)
        for target in sorted(following[path]):
            if target not in index:
                visit(target)
            if target in stack:
                lowest[path] = min(lowest[path], lowest[target])
        if lowest[path] == index[path]:
            start = stack.index(path)
            if len(stack) - start > 1:
                circles.append(sorted(stack[start:]))
            del stack[start:]

    for path in sorted(trees):
        if path not in index:
            visit(path)
    return circles


def long_decisions(root: Path) -> list[str]:
    """Decisions over MAX_DECISION_LINES lines."""
    return [
        path.name
        for path in sorted((root / "docs/decisions").glob("[0-9]*.md"))
        if len(path.read_text(encoding="utf-8").splitlines()) > MAX_DECISION_LINES
    ]


def figures(root: Path) -> dict[str, Any]:
    """All figures of the tree below a root but the walks."""
    trees = modules(root)
    names = [function.name.strip("_") for _, function in functions(trees)]
    bare = Counter(name for name in names if is_participle_or_preposition(name))
    return {
        "bindings": {name: bindings(trees)[name] for name in (*SAY_NOTHING, "LEAST_", "MOST_", "MIN_", "MAX_")},
        "functions": len(names),
        "one_word": sum("_" not in name and name.islower() for name in names),
        "bare": dict(bare.most_common()),
        "documented": {folder or "all": documented(trees, folder) for folder in ("", *DOCUMENTED_ROOMS)},
        "large_classes": large_classes(trees),
        "long_decisions": long_decisions(root),
        "import_circles": import_circles(trees),
        "circles_of_types": [
            circle for circle in import_circles(trees, types=True) if circle not in import_circles(trees)
        ],
    }


def rows(measured: dict[str, Any]) -> Iterator[tuple[str, object]]:
    """The figures as rows of a table."""
    for name, count in measured["bindings"].items():
        yield f"bindings of `{name}`", count
    total = measured["functions"]
    yield "functions", total
    yield "of them named by one word", f"{measured['one_word']} ({measured['one_word'] / total:.0%})"
    bare = sum(measured["bare"].values())
    yield "of them a bare participle or preposition", f"{bare} ({bare / total:.0%})"
    for folder, (complete, public) in measured["documented"].items():
        yield f"public functions with all parameters documented, {folder}", f"{complete} of {public}"
    for entry in measured["large_classes"]:
        yield (
            f"`{entry['class']}` in {entry['file']}: lines, methods (public), signals, files imported",
            f"{entry['lines']}, {entry['methods']} ({entry['public_methods']}), {entry['signals']}, {entry['imports']}",
        )
    yield f"decisions over {MAX_DECISION_LINES} lines", len(measured["long_decisions"])
    for title, circles in (
        ("import circles", measured["import_circles"]),
        ("circles by types alone, which load nothing", measured["circles_of_types"]),
    ):
        yield title, len(circles)
        for circle in circles:
            yield f"- {', '.join(circle[:4])}{' ...' if len(circle) > 4 else ''}", f"{len(circle)} files"
    for name, files in measured.get("walks", {}).items():
        yield f"walk {name}: files", files


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revision", metavar="REV", help="count this commit instead of the working tree")
    parser.add_argument("--json", action="store_true", help="as JSON, with the members of what is counted")
    parser.add_argument("--walks", action="store_true", help="count files of the walks, too")
    chosen = parser.parse_args()
    if chosen.revision:
        with tempfile.TemporaryDirectory() as place:
            archive = Path(place, "tree.tar")
            command = ["git", "archive", "-o", str(archive), chosen.revision, *SOURCES, "docs/decisions"]
            subprocess.run(command, cwd=ROOT, check=True)
            with tarfile.open(archive) as packed:
                packed.extractall(place, filter="data")
            measured = figures(Path(place))
    else:
        measured = figures(ROOT)
        if chosen.walks:
            measured["walks"] = {name: len(files) for name, files in walked()}
    print_figures(measured, rows(measured), as_json=chosen.json)


if __name__ == "__main__":
    main()
