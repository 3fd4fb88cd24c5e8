"""Slices of a stack compared: one body, phases in order."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from kinecor.analysis.images.slices import phase_likeness, phase_order, unlike_after
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.recording import CineSequence, Source, Stack

SIDE, PHASES, STEP_MM = 160, 8, 9.0


def body(seed: int, slices: int = 8) -> list[np.ndarray]:
    """(phases, rows, columns) of each slice: fine structures that change slowly from slice to slice, with noise."""
    rng = np.random.default_rng(seed)
    whole = gaussian_filter(rng.standard_normal((slices + 8, SIDE, SIDE)), (2.0, 2.0, 2.0))[4:-4]
    whole = 120 + 45 * whole / whole.std()
    return [np.clip(one[None] + rng.normal(0, 6, (PHASES, SIDE, SIDE)), 0, 255).astype(np.uint8) for one in whole]


def stack_of(slices: list[np.ndarray], step_mm: float = STEP_MM) -> Stack:
    cines = tuple(
        CineSequence(
            frames=frames,
            times_s=np.arange(len(frames)) * 0.05,
            times_origin="TriggerTime",
            calibration=Calibration(1.5, 1.5, "Pixel Spacing in the file"),
            source=Source("s.dcm", f"1.{number}", "1", modality="MR"),
        )
        for number, frames in enumerate(slices)
    )
    return Stack(cines, np.arange(len(cines)) * step_mm, 8.0, "1")


ONE, OTHER = body(1), body(2)


@pytest.mark.parametrize("shift", [(0, 0), (10, -8)])
def test_slices_of_one_body_are_alike_wherever_a_breath_hold_moved_them(shift: tuple[int, int]) -> None:
    slices = [*ONE[:4], np.roll(ONE[4], shift, (1, 2)), *ONE[5:]]
    assert unlike_after(stack_of(slices)) == ()


def test_slices_of_another_body_are_not() -> None:
    assert unlike_after(stack_of([*ONE[:4], *OTHER[4:]])) == (3,)
    assert unlike_after(stack_of([*ONE[:4], OTHER[4], *ONE[5:]])) == (3, 4)
    mixed = [one if number % 2 else other for number, (one, other) in enumerate(zip(ONE, OTHER, strict=True))]
    assert len(unlike_after(stack_of(mixed))) >= 5


def test_what_is_far_apart_or_unlike_throughout_is_not_compared() -> None:
    assert unlike_after(stack_of([*ONE[:4], *OTHER[4:]], step_mm=18.0)) == ()
    assert unlike_after(stack_of([body(seed)[0] for seed in range(8)])) == ()
    assert unlike_after(stack_of([ONE[0], OTHER[0], ONE[1]])) == ()
    assert unlike_after(stack_of([np.zeros_like(one) for one in ONE])) == ()


def pattern(places: np.ndarray) -> np.ndarray:
    return np.abs(places[:, None] - places[None])


def test_phases_of_a_cycle_differ_the_more_the_farther_apart_they_are() -> None:
    cycle = np.cos(2 * np.pi * np.arange(20) / 20)
    part = np.arange(20.0)
    mixed = np.random.default_rng(3).permutation(cycle)
    still = phase_order([None, np.zeros((20, 20)), pattern(cycle[:5])])
    order = phase_order([pattern(cycle), pattern(part), pattern(mixed)])
    assert np.isnan(still).all()
    assert order[0] > 0.5
    assert order[1] > 0.9
    assert abs(order[2]) < 0.2


def test_phases_of_another_body_have_little_in_common() -> None:
    def in_motion(frames: list[np.ndarray]) -> list[np.ndarray]:
        """Two phases a slice: the second of another, or of the same body a little moved and noisy."""
        rng = np.random.default_rng(7)
        return [np.stack([one[0], np.clip(two[0] + rng.normal(0, 4, two[0].shape), 0, 255).astype(np.uint8)])
                for one, two in zip(ONE, frames, strict=True)]  # fmt: skip

    same = phase_likeness(stack_of(in_motion([np.roll(one, 1, axis=1) for one in ONE])))
    other = phase_likeness(stack_of(in_motion(OTHER)))
    assert same is not None
    assert other is not None
    assert same > 0.52 > other
    assert phase_likeness(stack_of([one[:1] for one in ONE])) is None
    assert phase_likeness(stack_of([np.zeros((2, *one.shape[1:]), np.uint8) for one in ONE])) is None
