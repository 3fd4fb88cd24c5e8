"""Frames and slices as findings name them."""

import pytest

from kinecor.core.checks.findings import frames_words, numbers_from_1, slices_words
from kinecor.core.report.language import language


@pytest.mark.parametrize(
    ("frames", "english", "german"),
    [
        ((2,), "frame 3", "Bild 3"),
        ((4, 2, 3, 8), "frames 3 to 5, 9", "Bilder 3 bis 5, 9"),
        ((0, 2, 4, 6, 8, 10), "frames 1, 3, 5, 7 and 2 more", "Bilder 1, 3, 5, 7 und 2 weitere"),
    ],
)
def test_frames_are_counted_from_1_and_runs_of_them_named_by_their_ends(frames, english, german) -> None:
    assert frames_words(frames) == english
    assert language("de").render(frames_words(frames)) == german


def test_one_slice_is_singular() -> None:
    assert [slices_words((0,)), slices_words((0, 1))] == ["slice 1", "slices 1 to 2"]
    assert language("de").render(slices_words((0,))) == "Schicht 1"
    assert numbers_from_1((2, 4)) == "3, 5"
