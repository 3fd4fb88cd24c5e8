"""What is held against real recordings: simulated ones, or stand-ins that show what the measures can tell."""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from kinecor_models.evaluation.look_frame import LookFrame


def blurred_noise(frames: Iterable[LookFrame], seed: int) -> Iterator[LookFrame]:
    """An obviously bad simulation: blurred normal noise around each class's mean, on the labels of real frames."""
    rng = np.random.default_rng(seed)
    for frame in frames:
        labels = frame.labels if frame.labels is not None else np.zeros(frame.image.shape, np.uint8)
        lit = frame.image > 2
        made = np.zeros(frame.image.shape)
        for label in np.unique(labels):
            part = labels == label
            made[part] = frame.image[part & lit].mean() if (part & lit).any() else 0.0
        blurred = np.asarray(cv2.GaussianBlur(rng.standard_normal(made.shape), (0, 0), 1.5), np.float64)
        made += 12 * blurred / blurred.std()
        image = np.asarray(np.where(lit, made.clip(3, 255), 0), np.uint8)
        yield LookFrame(frame.name, image, frame.labels, frame.spacing_mm)
