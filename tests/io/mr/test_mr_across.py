"""Parallel long axes among short axes: by orientation, where no name says so."""

import numpy as np
import pytest

from kinecor.core.values.recording import CineSequence, Stack
from kinecor.io.open.recordings import open_path
from kinecor.io.write.dataset import About
from kinecor.io.write.mr import MrSeries, MrSlice, write_classic, write_enhanced

ABOUT = About("Normal", "mri normal 5", "Simulated cine MRI")
ACROSS, DOWN = np.array([0.8, 0.6, 0.0]), np.array([0.0, 0.0, -1.0])
NORMAL = np.cross(ACROSS, DOWN)
TRANSVERSE = (np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def series(count, across, down, name="cine"):
    """Parallel slices, 10 mm apart, 4 phases of 20 x 24 pixels."""
    rng = np.random.default_rng(count)
    normal = np.cross(across, down)
    return MrSeries(
        name,
        tuple(
            MrSlice(
                rng.integers(0, 250, (4, 20, 24)).astype(np.uint8),
                20 + 200.0 * np.arange(4),
                (1.5, 1.5),
                8.0,
                10.0 * place * normal,
                across,
                down,
            )
            for place in range(count)
        ),
        75.0,
    )


def tilted(degrees):
    """Directions of slices whose normal is that far from a right angle with the short axes' normal."""
    angle = np.radians(degrees)
    return DOWN, np.cos(angle) * NORMAL - np.sin(angle) * ACROSS


def study(folder, *several, enhanced=False):
    for number, one in enumerate(several, start=1):
        if enhanced:
            write_enhanced(folder / f"{number}.dcm", one, ABOUT, number)
        else:
            write_classic(folder / str(number), one, ABOUT, number)
    found = open_path(folder)
    assert found.refused == ()
    stacks = [one for one in found.recordings if isinstance(one, Stack)]
    loops = [one for one in found.recordings if isinstance(one, CineSequence)]
    return stacks, loops


@pytest.mark.parametrize("enhanced", [False, True])
@pytest.mark.parametrize("degrees", [-30, 0, 30])
def test_parallel_slices_across_the_short_axes_are_loops(tmp_path, degrees, enhanced):
    short, long = series(6, ACROSS, DOWN), series(3, *tilted(degrees))
    stacks, loops = study(tmp_path, short, long, enhanced=enhanced)
    assert [len(one.slices) for one in stacks] == [6]
    assert stacks[0].warnings == ()
    assert len(loops) == 3
    assert {one.view for one in loops} == {None}
    assert {one.source.study_id for one in loops} == {stacks[0].study_id}
    assert len({one.source.recording_id for one in loops}) == 3
    reported = [warning for one in loops for warning in one.warnings]
    assert len(reported) == 1
    assert reported[0].startswith(
        "3 parallel slices cross this study's larger stack of 6: they are opened as separate long"
    )


def test_slices_in_separate_series_too(tmp_path):
    long = series(3, *tilted(5))
    alone = [MrSeries("cine", (one,), 75.0) for one in long.slices]
    stacks, loops = study(tmp_path, series(6, ACROSS, DOWN), *alone)
    assert ([len(one.slices) for one in stacks], len(loops)) == ([6], 3)


@pytest.mark.parametrize(
    "other",
    [
        series(3, *tilted(50)),  # too oblique to decide
        series(3, *tilted(0), name="cine SAX"),  # its name is trusted
        series(6, *tilted(0)),  # neither is the larger
    ],
    ids=["oblique", "named", "as many"],
)
def test_what_may_be_short_axes_stays_a_stack(tmp_path, other):
    stacks, loops = study(tmp_path, series(6, ACROSS, DOWN), other)
    assert (len(stacks), loops) == (2, [])


@pytest.mark.parametrize(
    "larger",
    [series(9, *TRANSVERSE, name="cine"), series(9, *tilted(0), name="cine 4CH")],
    ids=["transverse", "long axes"],
)
def test_short_axes_with_a_larger_stack_of_another_kind_stay_a_stack(tmp_path, larger):
    stacks, _ = study(tmp_path, series(6, ACROSS, DOWN), larger)
    assert 6 in [len(one.slices) for one in stacks]


def test_another_study_is_ignored(tmp_path):
    write_classic(tmp_path / "a", series(6, ACROSS, DOWN), ABOUT, 1)
    write_classic(tmp_path / "b", series(3, *tilted(0)), About("Other", "mri other 6", "Simulated cine MRI"), 1)
    assert [type(one) for one in open_path(tmp_path).recordings] == [Stack, Stack]
