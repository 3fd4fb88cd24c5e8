from itertools import permutations

import numpy as np
import pytest

from kinecor.cli.commands import LABEL_ORDERS, LABEL_PARTS
from kinecor.core.outlines.label_orders import BY_CODE, CUSTOM, STATED, guessed_order, part_named, parts_of_names
from kinecor.core.values.kind import APICAL_LOOP, SHORT_AXIS_STACK
from kinecor.core.values.labels import LabelFile, LabelPlane, Part
from kinecor.core.values.message import verbatim
from kinecor.io.write.labels import label_frame, stack_labels
from tests import stacks
from tests.readings import cine, read


def label_file(*planes: np.ndarray, **more) -> LabelFile:
    placed = tuple(LabelPlane(one, 0, number) for number, one in enumerate(planes))
    return LabelFile("x", verbatim("NIfTI"), placed, 1, len(placed), **more)


def exchanged(plane: np.ndarray, new: dict[int, int]) -> np.ndarray:
    table = np.arange(256)
    for old, value in new.items():
        table[old] = value
    return table[plane]


@pytest.mark.parametrize("new", list(permutations((1, 2, 3))))
def test_labels_of_an_apical_view_are_recognised_in_any_order(new: tuple[int, int, int]) -> None:
    plane = label_frame(read(cine()), 0)
    guess = guessed_order(label_file(exchanged(plane, dict(zip((1, 2, 3), new, strict=True)))), APICAL_LOOP.structures)
    assert guess.parts == dict(zip(new, (Part.LV_CAVITY, Part.LV_WALL, Part.LA), strict=True))


@pytest.mark.parametrize("new", [(1, 2, 4), *permutations((1, 2, 3)), (600, 205, 500)])
def test_labels_of_short_axes_are_recognised_in_any_order(new: tuple[int, int, int]) -> None:
    planes = stack_labels(stacks.read(stacks.stack()))[0, 2:6].astype(np.uint16)
    table = np.zeros(700, np.uint16)
    table[[1, 2, 4]] = new
    guess = guessed_order(label_file(*(table[one] for one in planes)), SHORT_AXIS_STACK.structures)
    assert guess.parts == dict(zip(new, (Part.LV_CAVITY, Part.LV_WALL, Part.RV), strict=True))


def test_the_order_has_its_name() -> None:
    planes = stack_labels(stacks.read(stacks.stack()))[0, 2:6]
    acdc = [exchanged(one, {1: 3, 4: 1}) for one in planes]
    assert guessed_order(label_file(*acdc), SHORT_AXIS_STACK.structures).code == "acdc"
    mms = [exchanged(one, {4: 3}) for one in planes]
    assert guessed_order(label_file(*mms), SHORT_AXIS_STACK.structures).code == "mms"
    odd = [exchanged(one, {1: 9, 4: 1}) for one in planes]
    assert guessed_order(label_file(*odd), SHORT_AXIS_STACK.structures).code == CUSTOM


def test_a_mask_of_one_label_is_the_cavity() -> None:
    plane = 255 * (label_frame(read(cine()), 0) == 1)
    assert guessed_order(label_file(plane), APICAL_LOOP.structures).parts == {255: Part.LV_CAVITY}


def test_what_the_file_says_decides() -> None:
    plane = label_frame(read(cine()), 0)
    parts = {1: Part.LA, 2: Part.LV_CAVITY}
    guess = guessed_order(label_file(plane, parts=parts), APICAL_LOOP.structures)
    assert guess.code == STATED
    assert guess.parts == {1: Part.LA, 2: Part.LV_CAVITY, 3: Part.NOTHING}


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("LV cavity", Part.LV_CAVITY),
        ("LV myocardium", Part.LV_WALL),
        ("Left Ventricle Myocardium", Part.LV_WALL),
        ("heart_ventricle_left", Part.LV_CAVITY),
        ("heart_atrium_left", Part.LA),
        ("heart_atrium_right", Part.NOTHING),
        ("heart_myocardium", Part.LV_WALL),
        ("RV cavity", Part.RV),
        ("RV myocardium", Part.NOTHING),
        ("MLV", Part.LV_WALL),
        ("LVC", Part.LV_CAVITY),
        ("LA", Part.LA),
        ("RA", Part.NOTHING),
        ("endocardium", Part.LV_CAVITY),
        ("Clear Label", Part.NOTHING),
        ("Segment_1", None),
        ("lavender", None),
    ],
)
def test_names(name: str, part: Part | None) -> None:
    assert part_named(name) is part


def test_names_that_say_one_part_twice_say_nothing() -> None:
    assert parts_of_names({1: "LV wall, septal", 2: "LV wall, lateral"}) == {}
    assert parts_of_names({1: "a", 2: "b"}) == {}


def test_the_command_line_knows_every_order_and_part() -> None:
    assert set(LABEL_ORDERS) == {"auto", *BY_CODE}
    assert set(LABEL_PARTS) == {one.value for one in Part}
