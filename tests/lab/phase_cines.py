"""Drawn cines: a bright disc that empties and fills by Eq. 4, its events known exactly."""

import cv2
import numpy as np

from kinecor_lab.tasks.phases.data import PhaseCine
from kinecor_models.phases.model import label_curve


def drawn_cine(
    seed: int, frames: int = 24, side: int = 40, *, closed: bool = True, source: str = "warped mri"
) -> PhaseCine:
    rng = np.random.default_rng(seed)
    cycle_s, start_s = float(rng.uniform(0.7, 1.0)), float(rng.uniform(0, 0.6))
    times_s = start_s + np.arange(frames) * (cycle_s / frames if closed else 0.04)
    eds = tuple(turn * cycle_s for turn in range(-1, 5))
    ess = tuple(at + float(0.38 * cycle_s) for at in eds)
    curve = label_curve(times_s, eds, ess)
    middle, level = rng.uniform(0.45, 0.55, 2) * side, int(rng.integers(150, 230))
    images = np.full((frames, side, side), 50, np.uint8)
    for number, value in enumerate(curve):
        at = tuple(np.round(middle * 16).astype(int).tolist())
        cv2.circle(images[number], at, round(16 * side * (0.12 + 0.1 * value)), (level,), -1, cv2.LINE_AA, 4)
    noisy = np.clip(images + rng.normal(0, 3, images.shape), 0, 255).astype(np.uint8)
    return PhaseCine(f"p{seed}/0", source, noisy, times_s, eds, ess, cycle_s if closed else None)
