"""ES seen together with ED: the ventricle alone, and what changes there carried to the frames around."""

import numpy as np
import pytest

from kinecor_models.contours.outlines import Outlines
from kinecor_models.contours.pairs import PairModel, PairOutput, with_pairs
from kinecor_models.contract import ClipInput, ClipOutput, fit_grid, load_card

SIZE = 64
BOX = (0, 0, SIZE, SIZE)


def line(x: float, points: int = 20) -> np.ndarray:
    return np.stack([np.full(points, x), np.linspace(10, 50, points)], axis=1).astype(np.float32)


def outlines(x: float | None) -> Outlines:
    contour = None if x is None else line(x)
    return Outlines(
        dict.fromkeys(("lv_endo", "lv_epi", "la"), contour), dict.fromkeys(("lv_endo", "lv_epi", "la"), 0.95)
    )


def clip_output(frames: int, gap: int | None = None) -> ClipOutput:
    lines = [None if frame == gap else line(20.0) for frame in range(frames)]
    names = ("lv_endo", "lv_epi", "la")
    return ClipOutput(
        {name: list(lines) for name in names},
        {name: np.full(frames, 0.8, np.float32) for name in names},
        fit_grid(BOX, SIZE),
    )


def test_es_of_each_beat_is_seen_with_ed() -> None:
    seen: list[tuple[int, int]] = []

    def engine(both: np.ndarray) -> np.ndarray:
        seen.append((int(both[0].max()), int(both[1].max())))
        out = np.zeros((4, SIZE, SIZE), np.float32)
        out[0] = 1
        return out

    frames = np.stack([np.full((SIZE, SIZE), grey, np.uint8) for grey in (100, 150, 200, 120, 180)])
    done: list[tuple[int, int]] = []
    output = PairModel(load_card("lv-apical"), engine)(ClipInput(frames), [(0, 2), (3, 4)], lambda *at: done.append(at))
    assert seen == [(200, 100), (180, 120)]
    assert set(output.frames) == {2, 4}
    assert done == [(1, 2), (2, 2)]


def x_of(after: ClipOutput, name: str = "lv_endo") -> list[float]:
    return [float(contour[0, 0]) for contour in after.contours[name] if contour is not None]


def test_a_change_is_whole_at_es_and_gone_at_ed_and_beyond() -> None:
    pairs = PairOutput({6: outlines(24.0)}, fit_grid(BOX, SIZE))
    after = with_pairs(clip_output(14), pairs, [(2, 6)])
    assert x_of(after) == pytest.approx([20, 20, 20, 21, 22, 23, 24, 23, 22, 21, 20, 20, 20, 20], abs=1e-4)
    assert x_of(after, "la") == [20.0] * 14
    sure = after.confidence["lv_epi"]
    assert sure[6] == pytest.approx(0.95)
    assert np.delete(sure, 6) == pytest.approx(0.8)


def test_of_two_beats_the_ed_between_stays_as_it_was() -> None:
    pairs = PairOutput({3: outlines(23.0), 9: outlines(16.0)}, fit_grid(BOX, SIZE))
    after = with_pairs(clip_output(12), pairs, [(0, 3), (7, 9)])
    assert x_of(after) == pytest.approx([20, 21, 22, 23, 22.25, 21.5, 20.75, 20, 18, 16, 18, 20], abs=1e-4)


def test_where_ed_follows_its_es_the_change_fades_to_both_sides() -> None:
    pairs = PairOutput({2: outlines(24.0)}, fit_grid(BOX, SIZE))
    after = with_pairs(clip_output(8), pairs, [(6, 2)])
    assert x_of(after) == pytest.approx([22, 23, 24, 23, 22, 21, 20, 20], abs=1e-4)


def test_a_contour_that_either_lacks_stays_as_it_was() -> None:
    without = PairOutput({4: outlines(None)}, fit_grid(BOX, SIZE))
    before = clip_output(6)
    after = with_pairs(before, without, [(2, 4)])
    assert all(np.array_equal(a, b) for a, b in zip(after.contours["lv_endo"], before.contours["lv_endo"], strict=True))
    gap = with_pairs(clip_output(6, gap=4), PairOutput({4: outlines(24.0)}, fit_grid(BOX, SIZE)), [(2, 4)])
    assert gap.contours["lv_endo"][4] is None
    assert gap.confidence["lv_endo"] == pytest.approx(0.8)
