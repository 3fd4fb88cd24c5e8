import numpy as np
import pytest

from kinecor.core.values.recording import ArrayFrames, CineSequence, Source, Stack


def slice_(phases=4, rows=8, step_s=0.04):
    frames = ArrayFrames(np.zeros((phases, rows, 6), np.uint8))
    return CineSequence(frames, np.arange(phases) * step_s, "TriggerTime", None, Source("x", "1", "2", "MR"))


def test_a_stack_has_the_phases_and_times_of_its_first_slice():
    stack = Stack((slice_(step_s=0.04), slice_(rows=9, step_s=0.05)), [0, 10], 8.0, "study")
    assert stack.phases == 4
    assert stack.times_s == pytest.approx([0, 0.04, 0.08, 0.12])
    assert not stack.positions_mm.flags.writeable


@pytest.mark.parametrize(
    ("slices", "positions_mm", "words"),
    [
        ((), [], "as many positions"),
        ((slice_(), slice_()), [0], "as many positions"),
        ((slice_(), slice_()), [[0, 10]], "as many positions"),
        ((slice_(), slice_()), [0, 0], "must increase"),
        ((slice_(), slice_()), [10, 0], "must increase"),
        ((slice_(), slice_()), [0, np.nan], "finite"),
        ((slice_(4), slice_(5)), [0, 10], "differ in phases"),
    ],
)
def test_what_is_no_grid_is_refused(slices, positions_mm, words):
    with pytest.raises(ValueError, match=words):
        Stack(slices, np.array(positions_mm, float), 8.0, "study")


def test_a_stack_comes_from_its_first_slice_s_file_under_a_separate_name():
    first = slice_()
    whole = Stack((first, slice_()), [0, 10], 8.0, "study", recording_id="whole")
    assert first.cines == (first,)
    assert whole.cines == whole.slices
    assert whole.source.recording_id == "whole"
    assert whole.source.path == first.source.path
