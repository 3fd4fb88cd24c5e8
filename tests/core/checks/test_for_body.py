"""Which checks depend on the size of the body: the others are not run again where height or weight is entered."""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import replace

import pytest

from kinecor.core.checks import (
    assessment,
    check,
    contours,
    cycle,
    drawn,
    expected,
    images,
    scale,
    slices,
    stack,
    strain,
)
from kinecor.core.checks import foreshortening as checks_of_apex
from kinecor.core.checks import view as checks_of_view
from kinecor.core.checks.table import OF_A_RECORDING
from kinecor.core.table.measures import INDICES
from kinecor.core.values.choices import Body
from kinecor.core.values.reading import parts_but_body
from kinecor.core.volumes import extent, foreshortening, heart_size, loop_volumes
from tests import stacks
from tests.readings import cine, read

CHECKED = (contours, cycle, drawn, expected, images, scale, slices, stack, strain, checks_of_apex, checks_of_view)
CALLED = (foreshortening, extent, heart_size, loop_volumes)
# `foreshortening` gives all evidence at once; of it `shape` alone is of the body.
GIVES_ALL = {"foreshortening"}
OF_THE_BODY = {"body", "bsa_m2", "body_m2", "height_cm", "weight_kg"}


def functions() -> Iterator[ast.FunctionDef]:
    """All functions of the checks, and of what they call that may ask for the body."""
    for module in (*CHECKED, *CALLED):
        tree = ast.parse(inspect.getsource(module))
        yield from (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))


def names_in(function: ast.FunctionDef) -> set[str]:
    """Names and attributes that it uses, and the texts of codes."""
    nodes = list(ast.walk(function))
    used = {one.id for one in nodes if isinstance(one, ast.Name)}
    used |= {one.attr for one in nodes if isinstance(one, ast.Attribute)}
    return used | {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def reaching_the_body() -> set[str]:
    """Names of functions that ask for the body or an index by it, by themselves or through others."""
    used = {one.name: names_in(one) for one in functions()}
    used = {name: names for name, names in used.items() if name not in GIVES_ALL}
    found = {name for name, names in used.items() if names & (OF_THE_BODY | INDICES)}
    while more := {name for name, names in used.items() if name not in found and names & found}:
        found |= more
    return found


def test_a_check_that_asks_for_the_body_says_so():
    reaching = reaching_the_body()
    marked = {one.__name__ for one in OF_A_RECORDING if check.is_for_body(one)}
    assert marked == {one.__name__ for one in OF_A_RECORDING} & reaching


@pytest.mark.parametrize("reading", [read(cine()), stacks.read(stacks.stack())], ids=["loop", "stack"])
def test_all_others_find_the_same_in_any_body(reading):
    def of(body):
        slices_ = tuple(one.with_(facts=replace(one.facts, body=body)) for one in reading.slices)
        return reading.with_(facts=replace(reading.facts, body=body), slices=slices_, short_axis=None)

    small, large = of(Body(150.0, 40.0)), of(Body(205.0, 140.0))
    assert [str(one) for one in parts_but_body(small)] == [str(one) for one in parts_but_body(large)]
    assert assessment._findings(small, for_body=False) == assessment._findings(large, for_body=False)
