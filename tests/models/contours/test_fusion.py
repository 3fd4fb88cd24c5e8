from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from kinecor_models.contours.smoothing import MotionFusion, fuse_frames, moving_average
from kinecor_models.engines.engine import open_dis

SIZE, DT_S = 96, 0.02
Clip = list[tuple[np.ndarray, np.ndarray]]


def tissue(seed: int = 0) -> np.ndarray:
    """A grainy image, larger than is shown, so that it can slide by."""
    grain = np.random.default_rng(seed).normal(0, 1, (2 * SIZE, 2 * SIZE)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 2.5)
    return np.clip(120 + 45 * grain / grain.std(), 0, 255).astype(np.float32)


def disk(x: float, y: float, radius: float = 18.0) -> np.ndarray:
    """(4, SIZE, SIZE) probabilities of a disk of cavity in wall, with edges a pixel wide."""
    yy, xx = np.mgrid[0:SIZE, 0:SIZE]
    away = np.hypot(xx - x, yy - y)
    cavity, whole = (1 / (1 + np.exp(np.clip(away - r, -30, 30))) for r in (radius, radius + 8))
    return np.stack([1 - whole, cavity, whole - cavity, 0 * cavity]).astype(np.float32)


def sliding(frames: int, step_px: float, noise: float = 0.0) -> tuple[Clip, list[np.ndarray]]:
    """A disk that slides to the right with the tissue around it, its outline shaken in each frame; and its truth."""
    rng, behind = np.random.default_rng(1), tissue()
    clip, truth = [], []
    for frame in range(frames):
        shift = np.array([[1, 0, step_px * frame - SIZE / 2], [0, 1, -SIZE / 2]])
        image = cv2.warpAffine(behind, shift, (SIZE, SIZE), flags=cv2.INTER_LINEAR)
        x, y = 30 + step_px * frame, 48.0
        truth.append(disk(x, y))
        clip.append((image.astype(np.uint8), disk(x, y, 18 + noise * rng.normal())))
    return clip, truth


def run(clip: Clip, *, live: bool = False) -> list[np.ndarray]:
    return list(fuse_frames(iter(clip), SIZE, DT_S, open_dis(), live=live))


def cavity_px(probability: np.ndarray) -> float:
    return float((probability.argmax(axis=0) == 1).sum())


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(abs(one - other).max())


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("frames", [0, 1, 2, 5, 30])
def test_every_frame_comes_out_once_and_what_stands_still_stays(frames: int, live: bool) -> None:
    clip, truth = sliding(frames, 0.0)
    out = run(clip, live=live)
    assert len(out) == frames
    for found, true in zip(out, truth, strict=True):
        assert apart(found, true) < 2e-3
        assert abs(found.sum(axis=0) - 1).max() < 1e-5


def test_what_moves_is_not_blurred_as_a_plain_average_blurs_it() -> None:
    clip, truth = sliding(24, 1.5)
    middle = slice(6, 18)
    ours = np.array([apart(a, b) for a, b in zip(run(clip)[middle], truth[middle], strict=True)])
    plain = list(moving_average((p for _, p in clip), DT_S))[middle]
    theirs = np.array([apart(a, b) for a, b in zip(plain, truth[middle], strict=True)])
    assert ours.max() < 0.1
    # And that although it averages over four times as long.
    assert theirs.min() > 1.4 * ours.max()


def test_outlines_that_shake_are_held_still_while_they_move() -> None:
    clip, truth = sliding(24, 1.0, noise=1.0)
    middle = slice(5, 19)
    true = cavity_px(truth[10])
    raw = np.std([cavity_px(p) / true for _, p in clip][middle])
    plain = np.std([cavity_px(p) / true for p in moving_average((p for _, p in clip), DT_S)][middle])
    ours = np.std([cavity_px(p) / true for p in run(clip)][middle])
    assert ours < 0.9 * plain
    assert plain < 0.5 * raw


def test_a_frame_gone_wrong_is_outvoted() -> None:
    clip, truth = sliding(20, 0.5)
    clip[10] = clip[10][0], disk(70, 20, 10)
    found = run(clip)[10]
    overlap = (found.argmax(axis=0) == 1) & (truth[10].argmax(axis=0) == 1)
    assert overlap.sum() > 0.95 * cavity_px(truth[10])
    assert cavity_px(found) < 1.05 * cavity_px(truth[10])


def test_frames_fed_one_by_one_give_what_the_whole_clip_gives_looking_back() -> None:
    clip, _ = sliding(14, 1.0, noise=1.0)
    fusion, flow = MotionFusion(SIZE, DT_S, open_dis(), live=True), []
    for image, probability in clip:
        flow += fusion.push(image, probability)
    assert fusion.finish() == []
    for one, other in zip(flow, run(clip, live=True), strict=True):
        assert apart(one, other) < 1e-4


def test_looking_back_does_not_lag_behind() -> None:
    """The mitral annulus moves some 1.5 pixels a frame at its fastest."""
    clip, truth = sliding(24, 1.5)
    x = np.arange(SIZE)
    for found, true in list(zip(run(clip, live=True), truth, strict=True))[6:]:
        lag = [(p[1].sum(axis=0) * x).sum() / p[1].sum() for p in (found, true)]
        assert lag[0] == pytest.approx(lag[1], abs=0.3)


def test_a_cut_to_another_image_is_not_averaged_over() -> None:
    first, _ = sliding(12, 0.0)
    other = tissue(9)[:SIZE, :SIZE].astype(np.uint8)
    clip = [*first, *[(other, disk(70, 60, 12))] * 12]
    out = run(clip)
    # The short average in place reaches over the cut by a frame or two; no further.
    assert apart(out[7], first[7][1]) < 0.2
    assert apart(out[16], disk(70, 60, 12)) < 0.2


def test_a_long_clip_holds_a_window_only() -> None:
    calls = []

    def frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for number, frame in enumerate(sliding(60, 0.2)[0]):
            calls.append(number)
            yield frame

    made = fuse_frames(frames(), SIZE, DT_S, open_dis())
    next(made)
    assert len(calls) < 20


def test_a_side_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 8"):
        MotionFusion(100, DT_S, open_dis())
