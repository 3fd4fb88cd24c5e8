import cv2
import numpy as np
import pytest

from kinecor_models.contours.beats import alike, beat_frames, mates, over_beats
from kinecor_models.engines.engine import open_dis

SIZE, BEAT, DT_S = 96, 18, 0.04


def grain() -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, 1, (SIZE, SIZE)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), 2.0)
    return np.clip(110 + 45 * noise / noise.std(), 0, 255).astype(np.float32)


def radius(frame: int) -> float:
    """Systole takes a third of the beat, so that no filling is the mirror image of an emptying."""
    share = frame % BEAT / BEAT
    return 20 - 6 * (share * 3 if share < 1 / 3 else (1 - share) * 1.5)


def disk(size_px: float) -> np.ndarray:
    """(4, SIZE, SIZE) probabilities of a cavity in a wall, with edges a pixel wide."""
    yy, xx = np.mgrid[0:SIZE, 0:SIZE]
    away = np.hypot(xx - 48, yy - 48)
    cavity, whole = (1 / (1 + np.exp(np.clip(away - r, -30, 30))) for r in (size_px, size_px + 8))
    return np.stack([1 - whole, cavity, whole - cavity, 0 * cavity]).astype(np.float32)


def clip(frames: int, noise_px: float = 0.0) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Images of tissue that breathes with the disk, a network's output for it, and the truth."""
    rng, behind = np.random.default_rng(1), grain()
    images, said, truth = [], [], []
    yy, xx = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) - 48
    for frame in range(frames):
        zoom = 20 / radius(frame)
        moved = cv2.remap(behind, xx * zoom + 48, yy * zoom + 48, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        moved += rng.normal(0, 3, moved.shape)
        images.append(np.clip(moved, 0, 255).astype(np.uint8))
        truth.append(disk(radius(frame)))
        said.append(disk(radius(frame) + noise_px * rng.normal()))
    return images, said, truth


def off(found: list[np.ndarray], truth: list[np.ndarray]) -> float:
    """Mean error of the cavity's area, as a share of it."""
    return float(np.mean([abs(a[1].sum() / b[1].sum() - 1) for a, b in zip(found, truth, strict=True)]))


def test_the_beat_and_its_mates_are_read_off_the_images() -> None:
    images, *_ = clip(3 * BEAT)
    likeness = alike(images)
    assert beat_frames(likeness, DT_S) == BEAT
    found = dict(mates(likeness, BEAT, 20))
    assert set(found) == {2, 38}
    assert all(0 < share <= 1 for share in found.values())


def test_one_beat_or_less_and_noise_stay_as_they_are() -> None:
    images, said, _ = clip(BEAT)
    noise = list(np.random.default_rng(0).integers(0, 255, (50, SIZE, SIZE)).astype(np.uint8))
    for some in (images[:0], images[:1], images, noise[:BEAT], noise):
        chosen = (said * 3)[: len(some)]
        found = over_beats(some, chosen, DT_S, open_dis())
        assert len(found) == len(some)
        assert all(one is other for one, other in zip(found, chosen, strict=True))


def test_contours_that_shake_are_pooled_over_beats_and_stay_probabilities() -> None:
    images, said, truth = clip(3 * BEAT, noise_px=1.0)
    found = over_beats(images, said, DT_S, open_dis())
    assert off(found, truth) < 0.75 * off(said, truth)
    for one in found:
        assert one.shape == (4, SIZE, SIZE)
        assert abs(one.sum(axis=0) - 1).max() < 1e-5
        assert one.min() >= 0


def test_pooling_leaves_what_agrees_as_it_is() -> None:
    images, said, truth = clip(2 * BEAT)
    found = over_beats(images, said, DT_S, open_dis())
    assert off(found, truth) == pytest.approx(0, abs=0.02)
