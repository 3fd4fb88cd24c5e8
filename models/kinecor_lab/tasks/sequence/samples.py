"""What a training step on clips sees: part of a clip at a random frame step, placed and varied alike in all frames.

Sub-sequences with a random frame step, rotation, depth cut, gamma, shadows, JPEG and blackout are those of Smistad
(section II-C); see placing.py and pictures.py for what the others stand for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.common.pictures import varied
from kinecor_lab.datasets.clip import Annotations, SequenceClip
from kinecor_lab.datasets.placing import IGNORE
from kinecor_models.views.classes import APICAL

Frames = NDArray[np.uint8]

FAINT, PLAIN = 0.25, 0.25
"""Strength of augmentation, of 1, that counts as faint, and the share of clips that get no more."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """How samples are cut out of clips.

    Attributes:
        frames: N of Smistad, which takes 20; 1 gives single annotated frames.
        side: of the images in pixels.
        steps: frame steps, of which one is drawn for each sample; Smistad takes 1 and 2.
        annotations: whose labels are used.

    """

    frames: int = 20
    side: int = 128
    steps: tuple[int, ...] = (1, 2)
    annotations: Annotations = "every"


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """One sample: frames and labels (n, side, side) uint8, and the view's number in APICAL."""

    frames: Frames
    labels: Frames
    view: int


def draw_subsequence(clip: SequenceClip, cutting: Cutting, rng: Generator) -> NDArray[np.intp]:
    """(frames,) numbers of a sub-sequence with at least one annotated frame; the last frame repeats where it is short.

    Raises:
        ValueError: the clip has no annotated frame.

    """
    annotated = clip.annotated(cutting.annotations)
    if not annotated:
        raise ValueError(f"{clip.name} has no frame annotated as '{cutting.annotations}' asks for; leave it out")
    wanted = int(rng.choice(annotated))
    if cutting.frames == 1:
        return np.array([wanted], np.intp)
    total = len(clip.frames)
    fits = [step for step in cutting.steps if step * (cutting.frames - 1) < total]
    step = int(rng.choice(fits)) if fits else 1
    # The wanted frame is one of those taken, at any place of the sub-sequence that the clip allows.
    earliest = max(0, cutting.frames - 1 - (total - 1 - wanted) // step)
    latest = min(cutting.frames - 1, wanted // step)
    place = int(rng.integers(earliest, latest + 1)) if earliest <= latest else wanted // step
    start = max(0, wanted - step * place)
    return np.minimum(start + step * np.arange(cutting.frames), total - 1).astype(np.intp)


def _cut_depth(labels: Frames, rng: Generator) -> int:
    """A row below the lowest LV pixel of all frames from which on nothing is shown."""
    rows = np.flatnonzero((labels == 1).any(axis=(0, 2)))
    high = labels.shape[1]
    return int(rng.integers(min(int(rows[-1]) + 2, high), high + 1)) if len(rows) else high


def placement(shape: tuple[int, int], side: int, rng: Generator, strength: float) -> NDArray[np.float64]:
    """(2, 3) from an image to the square: turned, mirrored, stretched and moved, as placing.py does single frames."""
    rows, columns = shape
    scale = side / max(shape) * np.exp(rng.uniform(np.log(0.7), np.log(1.2)) * strength)
    aspect = np.exp(rng.normal(0, 0.07) * strength)
    angle, shear = np.radians(rng.uniform(-10, 10) * strength), rng.normal(0, 0.05) * strength
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[scale * aspect, shear * scale], [0, scale / aspect]])
    if rng.random() < 0.3 * strength:
        matrix = matrix @ np.diag((-1.0, 1.0))
    slack = np.maximum(side - scale * np.array((columns, rows)), 0.12 * side) / 2
    centre = (side - 1) / 2 + rng.uniform(-1, 1, 2) * slack * strength
    return np.column_stack([matrix, centre - matrix @ (np.array((columns, rows)) / 2 - 0.5)])


def cut_out(clip: SequenceClip, cutting: Cutting, rng: Generator) -> Cut:
    """A random sample of a clip."""
    taken = draw_subsequence(clip, cutting, rng)
    strength = FAINT if rng.random() < PLAIN else float(rng.uniform(0.6, 1.0))
    frames, labels = clip.frames[taken], clip.labels[taken]
    labels[~np.isin(taken, clip.annotated(cutting.annotations))] = IGNORE
    depth = _cut_depth(labels, rng) if rng.random() < 0.4 * strength else frames.shape[1]
    matrix = placement((depth, frames.shape[2]), cutting.side, rng, strength)
    size, look = (cutting.side, cutting.side), int(rng.integers(2**31))
    grain = float(rng.uniform(0, 5)) * strength
    pictures, marked = [], []
    for frame, label in zip(frames, labels, strict=True):
        placed = np.asarray(cv2.warpAffine(frame[:depth], matrix, size, flags=cv2.INTER_LINEAR), np.uint8)
        # The same chance for every frame: shadows, text and grey map belong to the clip.
        seen = varied(placed, np.random.default_rng(look), strength)
        if grain > 0:
            seen = np.clip(seen + rng.standard_normal(seen.shape, np.float32) * np.float32(grain), 0, 255)
        pictures.append(seen.astype(np.uint8))
        marked.append(cv2.warpAffine(label[:depth], matrix, size, flags=cv2.INTER_NEAREST))
        if (label == IGNORE).all():  # beyond the image, too, nothing is known of such a frame
            marked[-1][:] = IGNORE
    return Cut(np.stack(pictures), np.stack(marked).astype(np.uint8), APICAL.index(clip.view))


def usable(clips: Sequence[SequenceClip], cutting: Cutting) -> list[SequenceClip]:
    """The clips that have an annotated frame."""
    return [clip for clip in clips if clip.annotated(cutting.annotations)]
