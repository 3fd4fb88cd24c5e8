from dataclasses import replace

import numpy as np
import pytest

from kinecor_lab.tasks.sax.stacks import simulated_stack
from kinecor_lab.tasks.trust.patients.limits import (
    ONE,
    TWO,
    Ejection,
    joined,
    likenesses,
    table_of_ejections,
    table_of_likeness,
)


@pytest.fixture(scope="module")
def hearts():
    made = [simulated_stack(population, seed, 2) for population, seed in (("normal", 4), ("dilated", 8))]
    return [replace(one, source="test", patient=f"patient{seed}") for one, seed in zip(made, (2, 4), strict=True)]


def test_ed_and_es_of_one_heart_have_more_in_common_than_of_two(hearts) -> None:
    found = {(one.name, one.bodies): one.correlation for one in likenesses(hearts)}
    for heart in hearts:
        assert found[heart.patient, ONE] > found[heart.patient, TWO]
    (row, other) = table_of_likeness(list(likenesses(hearts))).rows
    assert (row[:3], other[:3]) == (("even", ONE, 2), ("even", TWO, 2))


def test_a_joined_stack_has_two_phases_with_the_pixels_of_ed(hearts) -> None:
    first, second = hearts
    cut = replace(
        second,
        recording=replace(
            second.recording,
            slices=tuple(
                replace(cine, frames=type(cine.frames)(np.asarray(cine.frames[:])[:, 4:-6, 8:]))
                for cine in second.recording.slices
            ),
        ),
    )
    both = joined(first, cut)
    assert len(both.slices) == len(first.recording.slices)
    for cine, here in zip(both.slices, first.recording.slices, strict=True):
        assert len(cine) == 2
        assert np.array_equal(cine.frames[0], here.frames[first.marks["ED"]])
        assert cine.frames[1].shape == here.frames[0].shape
        assert not np.array_equal(cine.frames[1], here.frames[first.marks["ES"]])


def test_efs_beyond_the_limits_are_counted_by_set() -> None:
    found = [Ejection("a", "1", 5.0), Ejection("a", "2", 60.0), Ejection("b", "3", 90.0)]
    a, b, every = table_of_ejections(found).rows
    assert a == ("a", 2, 5.0, 60.0, 1, 0)
    assert b == ("b", 1, 90.0, 90.0, 0, 1)
    assert every == ("all", 3, 5.0, 90.0, 1, 1)
