"""The table of checks is complete: rows, thresholds, titles, and which function finds what."""

import ast
from pathlib import Path

import pytest

import kinecor.core.checks
from kinecor.core.checks.assessment import assess
from kinecor.core.checks.check import Check, by_code, finds, marked_functions
from kinecor.core.checks.findings import Severity, thresholds
from kinecor.core.checks.table import CHECKS, OF_A_RECORDING, short_title_of_check, title_of_check
from kinecor.core.checks.view import BETWEEN, OF_A_STUDY
from kinecor.core.report.language import language
from kinecor.core.values.message import in_context, message
from tests.core.readings import HALF_MM, reading_of

FOLDER = Path(kinecor.core.checks.__file__).parent


def test_a_title_begins_with_its_family_and_is_unique() -> None:
    """If this fails: give each check another short title. It may change; the code may not."""
    titles = {code: str(check.title) for code, check in CHECKS.items()}
    assert [title for code, title in titles.items() if not title.startswith(f"{_family(code)}: ")] == []
    assert len(set(titles.values())) == len(titles)
    assert title_of_check("cycle.es-at-the-end") == "Cycle: ES at the end"


def _family(code: str) -> str:
    return CHECKS[code].family.capitalize()


def test_a_short_title_is_of_its_family_and_the_end_of_the_title_in_each_language() -> None:
    assert [one.code for one in CHECKS.values() if one.short_title.context != one.family.value] == []
    for render in (language("en").render, language("de").render):
        assert [one.code for one in CHECKS.values() if not render(one.title).endswith(render(one.short_title))] == []
    assert short_title_of_check("cycle.es-at-the-end") == "ES at the end"
    assert language("de").render(title_of_check("contours.jump")) == "Konturen: Sprung"
    assert language("de").render(short_title_of_check("contours.jump")) == "Sprung"


def test_a_code_of_no_check_stands_for_itself() -> None:
    assert title_of_check("made.up") == "made.up"


def test_every_threshold_belongs_to_a_check() -> None:
    """If this fails: name the threshold in `limits` of the check that reads it, or remove it from thresholds.toml."""
    assert sorted(set(thresholds()) - {name for check in CHECKS.values() for name in check.limits}) == []


def test_the_functions_that_run_are_those_that_are_marked() -> None:
    """If this fails: list the function in the tuple of its family, or mark it with `@finds(ROW)`."""
    running = {*OF_A_RECORDING, *BETWEEN, *OF_A_STUDY}
    marked = {one for one in marked_functions() if one.__module__.startswith("kinecor.")}
    assert sorted(one.__qualname__ for one in marked ^ running) == []


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.stem)
def test_findings_are_made_by_rows_that_their_function_declares(file: Path) -> None:
    """If this fails: make the finding by the row (`ROW.finding(...)`), and name the row in `@finds(...)`."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    uses = {
        name: {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
        for name, node in functions.items()
    }
    rows = {
        node.target.id
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _makes(node.value, "Check")
    }
    declared: set[str] = set()
    for name, node in functions.items():
        marked = {part.id for one in node.decorator_list for part in ast.walk(one) if isinstance(part, ast.Name)}
        if "finds" in marked:
            declared |= marked & rows
            reached, waiting = set(), [name]
            while waiting:
                here = waiting.pop()
                if here not in reached:
                    reached.add(here)
                    waiting += uses[here] & functions.keys()
            used = {row for function in reached for row in uses[function] & rows}
            assert marked & rows <= used, f"{name} never finds {marked & rows - used}"
    assert declared == rows
    made = [node for node in ast.walk(tree) if _makes(node, "Finding")]
    assert file.stem == "check" or not made


def _makes(node: ast.AST | None, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def test_a_row_names_known_thresholds_and_a_known_family() -> None:
    with pytest.raises(ValueError, match=r"scale\.length: expected thresholds"):
        Check("scale.length", in_context("scale", "length"), limits=("scale.made-up",))
    with pytest.raises(ValueError, match="made"):
        Check("made.up", in_context("made", "up"))


def test_two_rows_with_one_code_are_refused() -> None:
    @finds(Check("view.unknown", in_context("view", "unknown")))
    def first() -> None: ...

    @finds(Check("view.unknown", in_context("view", "unknown")))
    def second() -> None: ...

    with pytest.raises(ValueError, match=r"view\.unknown: expected one row"):
        by_code((first, second))


def test_a_finding_is_as_its_row_says_where_the_function_says_nothing_else() -> None:
    check = CHECKS["scale.width"]
    plain = check.finding(Severity.CHECK, message("Too wide."), (3,))
    assert (plain.code, plain.measurements, plain.resolve) == (check.code, check.measurements, check.resolve)
    own = check.finding(Severity.INFO, message("Too wide."), resolve=message("look"), measurements=frozenset({"EDV"}))
    assert (own.measurements, own.resolve) == (frozenset({"EDV"}), "look")


def test_what_is_found_is_in_the_table() -> None:
    found = assess(reading_of([100.0, 60.0, 100.0], calibration=HALF_MM)).findings
    assert found
    assert {finding.code for finding in found} <= CHECKS.keys()
