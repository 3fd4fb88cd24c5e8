"""Frames that the network does not see are carried to it along the motion."""

from collections.abc import Generator, Iterable

import numpy as np
import pytest

from kinecor_lab.pipeline import carried_frames
from kinecor_lab.pipeline.carried_frames import Carrying, Loop, measured, table
from kinecor_models.contract import ClipInput, load_card, load_weights
from kinecor_models.engines.opening import open_many
from kinecor_phantoms.echo.stream import echo_clips

SIDE = 64


def disc(x: float, radius: float = 14.0) -> np.ndarray:
    """A dark disc in speckle that stays with it."""
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    speckle = np.random.default_rng(0).integers(90, 255, (SIDE, 2 * SIDE), dtype=np.uint8)
    moved = speckle[:, SIDE // 2 - round(x) : 3 * SIDE // 2 - round(x)]
    inside = np.hypot(columns - 32 - x, rows - 32) < radius
    return np.where(inside, moved // 6, moved).astype(np.uint8)


class Thresholding:
    """Stands in for the network: what is dark is cavity. Counts the images that it is shown."""

    def __init__(self) -> None:
        self.shown: list[np.ndarray] = []

    def __call__(self, images: Iterable[np.ndarray]) -> Generator[np.ndarray]:
        for image in images:
            self.shown.append(image)
            cavity = (image < 60).astype(np.float32)
            none = np.zeros_like(cavity)
            yield np.stack([1 - cavity, cavity, none, none])


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    a, b = one[1] > 0.5, other[1] > 0.5
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def test_every_frame_is_seen_with_a_step_of_one() -> None:
    engine = Thresholding()
    clip = [disc(x) for x in range(6)]
    found = list(Carrying(engine, 1)(clip))
    assert len(engine.shown) == len(found) == 6
    assert all(overlap(one, next(Thresholding()([image]))) == 1 for one, image in zip(found, clip, strict=True))


def test_what_is_not_seen_moves_with_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_frames, "MAX_MOVED_PX", 1e9)
    engine = Thresholding()
    radii = [15, *[14] * 8, 12]
    clip = [disc(x, radius) for x, radius in enumerate(radii)]
    carrying = Carrying(engine, 3)
    found = list(carrying(clip))
    assert len(engine.shown) == carrying.seen < len(clip)
    last_truth = next(Thresholding()([clip[5]]))
    assert overlap(found[5], last_truth) > 0.93
    assert all(one.sum(axis=0) == pytest.approx(1, abs=1e-3) for one in found)


def test_the_ends_of_the_beat_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_frames, "MAX_MOVED_PX", 1e9)
    engine = Thresholding()
    radii = [12, 13, 14, 16, 14, 13, *[12] * 8, 10, 9, 10, *[12] * 4]
    clip = [disc(0, radius) for radius in radii]
    list(Carrying(engine, 3)(clip))
    shown = {at for at, image in enumerate(clip) if any(image is one for one in engine.shown)}
    assert {1, 2, 3, 4, 5, 13, 14, 15, 16, 17} <= shown
    assert not {7, 8, 10, 11} & shown


def test_a_frame_that_moves_far_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carried_frames, "MAX_MOVED_PX", 0.0)
    engine = Thresholding()
    clip = [disc(x) for x in range(9)]
    list(Carrying(engine, 4)(clip))
    assert len(engine.shown) == len(clip)


def test_a_simulated_loop_is_held_against_its_truth_and_a_real_one_against_every_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(carried_frames, "MAX_MOVED_PX", 1e9)
    made = next(iter(echo_clips(3, frames=16, side_px=160, views=("A4C",))))
    card = load_card("lv-apical")
    engine = open_many(card, load_weights(card), "cpu")
    clip = ClipInput(made.frames, interval_s=0.04)
    true = np.stack([label == 1 for label in made.left_labels])
    against_truth = measured(Loop("heart", clip, true), [1, 3], engine)
    against_itself = measured(Loop("clip", clip), [1, 3], engine)
    assert against_itself[0].cavity == 1.0
    assert 0.7 < against_truth[0].cavity < 1.0
    assert against_itself[1].seen < 1.0
    rows = table([*against_truth, *against_itself]).rows
    assert [row[:3] for row in rows] == [
        ("patients, against every frame seen", "1", 1),
        ("patients, against every frame seen", "3", 1),
        ("simulated", "1", 1),
        ("simulated", "3", 1),
    ]
