"""ED and ES seen together: the mean of several networks, and what it changes carried to the frames between."""

import numpy as np
import pytest

from kinecor_models.contours.outlines import Outlines
from kinecor_models.contours.pairs import PairModel, PairOutput, as_members, members_of, with_pairs
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


def test_each_frame_is_seen_with_the_other_phase_by_every_network_and_averaged() -> None:
    seen: list[tuple[int, int]] = []

    def engine(level: float):
        def run(both: np.ndarray) -> np.ndarray:
            seen.append((int(both[0].max()), int(both[1].max())))
            out = np.zeros((4, SIZE, SIZE), np.float32)
            out[1] = level
            out[0] = 1 - level
            return out

        return run

    model = PairModel(load_card("lv-apical"), [engine(0.2), engine(0.6)])
    assert model.passes == 2
    probability = model.probability(np.zeros((SIZE, SIZE), np.uint8), np.zeros((SIZE, SIZE), np.uint8))
    assert probability[1] == pytest.approx(0.4)
    seen.clear()
    frames = np.stack([np.full((SIZE, SIZE), grey, np.uint8) for grey in (100, 150, 200)])
    done: list[tuple[int, int]] = []
    found = model(ClipInput(frames), [(0, 2)], lambda *at: done.append(at))
    assert seen == [(100, 200)] * 2 + [(200, 100)] * 2
    assert set(found.frames) == {0, 2}
    assert done == [(1, 2), (2, 2)]


def test_a_change_is_whole_at_ed_and_es_interpolated_between_and_gone_beyond() -> None:
    pairs = PairOutput({2: outlines(24.0), 6: outlines(22.0)}, fit_grid(BOX, SIZE))
    after = with_pairs(clip_output(14), pairs, [(2, 6)])
    x = [float(one[0, 0]) for one in after.contours["lv_endo"] if one is not None]
    assert x == pytest.approx([22, 23, 24, 23.5, 23, 22.5, 22, 21.5, 21, 20.5, 20, 20, 20, 20], abs=1e-4)
    sure = after.confidence["lv_epi"]
    assert sure[[2, 6]] == pytest.approx(0.95)
    assert np.delete(sure, [2, 6]) == pytest.approx(0.8)


def test_a_contour_that_either_lacks_stays_as_it_was() -> None:
    without = PairOutput({2: outlines(None)}, fit_grid(BOX, SIZE))
    before = clip_output(6)
    after = with_pairs(before, without, [(2, 4)])
    assert all(np.array_equal(a, b) for a, b in zip(after.contours["la"], before.contours["la"], strict=True))
    gap = with_pairs(clip_output(6, gap=2), PairOutput({2: outlines(24.0)}, fit_grid(BOX, SIZE)), [(2, 4)])
    assert gap.contours["lv_endo"][2] is None
    assert gap.confidence["lv_endo"] == pytest.approx(0.8)


def test_networks_are_stored_as_members() -> None:
    networks = [{"last.bias": np.full(4, number, np.float32)} for number in range(3)]
    stored = as_members(networks)
    assert set(stored) == {"0.last.bias", "1.last.bias", "2.last.bias"}
    assert [float(one["last.bias"][0]) for one in members_of(stored)] == [0, 1, 2]
