"""Every check has a title, and no title is left of a check that is gone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import kinecor.core.checks
from kinecor.core.checks.titles import TITLES, title_of_check

FOLDER = Path(kinecor.core.checks.__file__).parent
CODE = re.compile(r"[a-z]+\.[a-z]+(-[a-z]+)*")
ACRONYMS = ("ed", "es", "ef", "hr")


def codes_of(node: ast.AST) -> set[str]:
    """Strings that may be codes of findings."""
    found = {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {one for one in found if CODE.fullmatch(one)}


def raised(file: Path) -> Iterator[str]:
    """Codes of the findings that a file makes; of one that is chosen, those that its function can choose from."""
    tree = ast.parse(file.read_text())
    constants = {
        ast.unparse(target): node.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else (node.target,))
    }
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        names = {one.id for one in ast.walk(function) if isinstance(one, ast.Name)}
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "Finding":
                continue
            if isinstance(call.args[0], ast.Constant):
                yield call.args[0].value
            else:
                yield from codes_of(function)
                for name in names & constants.keys():
                    yield from codes_of(constants[name])


def title(code: str) -> str:
    """A code in words."""
    family, _, what = code.partition(".")
    words = " ".join(one.upper() if one in ACRONYMS else one for one in what.split("-"))
    return f"{family.capitalize()}: {words}"


def test_every_code_that_is_raised_has_a_title_and_no_other() -> None:
    codes = {code for file in FOLDER.glob("*.py") for code in raised(file)}
    assert codes == set(TITLES)


def test_the_title_is_the_code_in_words() -> None:
    assert dict(TITLES) == {code: title(code) for code in TITLES}
    assert title_of_check("cycle.es-at-the-end") == "Cycle: ES at the end"


def test_a_code_of_no_check_stands_for_itself() -> None:
    assert title_of_check("made.up") == "made.up"
