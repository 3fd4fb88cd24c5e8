from dataclasses import replace

import numpy as np

from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, RV, SaxSample
from kinecor_lab.tasks.sax.train import difficult_for_the_right, undisputed

GREY = np.zeros((8, 8), np.uint8)


def test_slices_left_out_next_to_contoured_ones_are_not_learnt_from() -> None:
    empty = SaxSample("1", "03", 0, GREY, np.full((8, 8), BACKGROUND | RV, np.uint8), (4.0, 4.0), "York")
    contoured = replace(empty, allowed=np.full((8, 8), CAVITY, np.uint8))
    stack = [replace(contoured if number in (3, 4) else empty, number=number) for number in range(8)]
    other = replace(empty, phase="04", number=2)
    assert [(one.phase, one.number) for one in undisputed([*stack, other])] == [
        *(("03", number) for number in (0, 1, 3, 4, 6, 7)),
        ("04", 2),
    ]


def test_slices_that_are_difficult_for_the_right_ventricle_are_its_base_and_at_es_all_that_have_it() -> None:
    def volume(phase: str, *pixels: int) -> list[SaxSample]:
        out = []
        for number, count in enumerate(pixels):
            allowed = np.full((8, 8), BACKGROUND, np.uint8)
            allowed.flat[:count] = RV
            out.append(SaxSample("1", phase, number, GREY, allowed, (4.0, 4.0), "ACDC"))
        return out

    without = [replace(one, patient="2") for one in volume("ES", 0, 0)]
    found = difficult_for_the_right([*volume("ED", 0, 0, 30, 20, 9), *volume("ES", 5, 9, 30, 0, 0), *without])
    assert [(one.phase, one.number) for one in found] == [
        *(("ED", number) for number in (1, 2)),
        *(("ES", number) for number in (0, 1, 2, 3)),
    ]
