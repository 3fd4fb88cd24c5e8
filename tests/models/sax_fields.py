"""A beating short-axis slice whose grey levels encode the structures, and a stand-in for the network."""

import cv2
import numpy as np

from kinecor_models.contours.sax import SaxModel
from kinecor_models.contract import ModelCard
from kinecor_models.engines.engine import one_by_one

GREY = {"background": 0, "wall": 85, "cavity": 170, "rv": 255}
SIZE = 160


def engine(square: np.ndarray) -> np.ndarray:
    """Probabilities by the distance of each grey level to those above: background, cavity, wall, RV."""
    levels = np.array([GREY[name] for name in ("background", "cavity", "wall", "rv")], np.float32)
    scores = -abs(square.astype(np.float32)[None] - levels[:, None, None]) / 6
    odds = np.exp(scores - scores.max(axis=0))
    return (odds / odds.sum(axis=0)).astype(np.float32)


def model(**options) -> SaxModel:
    card = ModelCard("lv-sax", "0", "", "", "0" * 64, "", "", (), "", (), {}, SIZE)
    return SaxModel(card, one_by_one(engine), **options)


def image(
    inner_px: float,
    centre: tuple[float, float] = (100.0, 90.0),
    shape: tuple[int, int] = (200, 220),
    wall_px: float = 10,
) -> np.ndarray:
    """One phase: a cavity of radius `inner_px` in a wall, a right ventricle to the left of it."""
    out = np.zeros(shape, np.uint8)
    x, y = (round(value * 16) for value in centre)

    def disk(dx: float, radius: float, grey: int) -> None:
        cv2.circle(out, (x + round(dx * 16), y), round(radius * 16), (grey,), -1, shift=4)

    if inner_px > 0:
        disk(-inner_px - 12, 20, GREY["rv"])
        disk(0, inner_px + wall_px, GREY["wall"])
        disk(0, inner_px, GREY["cavity"])
    return out


def beating(frames: int = 20, low_px: float = 12, high_px: float = 20, **where) -> np.ndarray:
    """(frames, rows, columns): a cosine from ED at phase 0 to ES in the middle and back."""
    phase = 2 * np.pi * np.arange(frames) / frames
    radii = (high_px + low_px) / 2 + (high_px - low_px) / 2 * np.cos(phase)
    return np.stack([image(float(radius), **where) for radius in radii])
