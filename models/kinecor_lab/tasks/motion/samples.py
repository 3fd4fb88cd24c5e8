"""Batches of pairs of images with known motion, augmented."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from kinecor_lab.tasks.motion.pairs import KNOWN, SCALE, SIDE_PX, WALL, FlowPairs
from kinecor_models.engines.engine import level_images

Floats = NDArray[np.float32]
WALL_WEIGHT = 4.0
"""What a node in the wall counts, over one elsewhere."""
# A pair's error counts relative to its own motion and so much more, in pixels: slow frames are many, and strain adds
# them up.
_AND_PX = 0.5
Batch = tuple[Tensor, Tensor, Tensor, Tensor]
"""Images (n, 2, side, side) levelled, guesses (n, 4, nodes, nodes) x and y of each in pixels, motion (n, 2, nodes,
nodes) in pixels, weights (n, 1, nodes, nodes)."""


def turned(
    pictures: NDArray[np.uint8], fields: Floats, known: NDArray[np.uint8], rng: Generator
) -> tuple[NDArray[np.uint8], Floats, NDArray[np.uint8]]:
    """A pair mirrored and, at times, laid on its side.

    Args:
        pictures: (2, side, side).
        fields: (k, nodes, nodes, 2) motions x and y.
        known: (nodes, nodes).
        rng: decides.

    """
    if rng.random() < 0.5:
        fields = fields[:, :, ::-1] * np.array((-1, 1), np.float32)
        pictures, known = pictures[:, :, ::-1], known[:, ::-1]
    if rng.random() < 0.2:
        fields = fields[:, ::-1] * np.array((1, -1), np.float32)
        pictures, known = pictures[:, ::-1], known[::-1]
    if rng.random() < 0.2:
        pictures, fields, known = pictures.transpose(0, 2, 1), fields.transpose(0, 2, 1, 3)[..., ::-1], known.T
    return pictures, fields, known


def cut(
    pictures: NDArray[np.uint8], fields: Floats, known: NDArray[np.uint8], side: int, rng: Generator
) -> tuple[NDArray[np.uint8], Floats, NDArray[np.uint8]]:
    """A square of `side` pixels of a pair (see `turned`) with some of the wall; most others are less informative."""
    step = pictures.shape[1] // known.shape[0]
    wide, whole = side // step, known.shape[0]
    rows, columns = np.nonzero(known == WALL) if (known == WALL).any() else np.nonzero(known >= 0)
    at = int(rng.integers(len(rows)))
    y, x = (int(np.clip(one[at] - rng.uniform(0.1, 0.9) * wide, 0, whole - wide)) for one in (rows, columns))
    return (
        pictures[:, y * step : y * step + side, x * step : x * step + side],
        fields[:, y : y + wide, x : x + wide],
        known[y : y + wide, x : x + wide],
    )


def regreyed(pictures: NDArray[np.uint8], rng: Generator) -> NDArray[np.uint8]:
    """The pair with another grey curve for both, and a little gain and noise for each."""
    curve = float(np.exp(rng.normal(0, 0.25)))
    gains = np.exp(rng.normal(0, 0.06, 2))
    noise = float(rng.uniform(0, 4)) * float(rng.random() < 0.4)
    table = 255 * (np.arange(256) / 255) ** curve
    out = np.stack([table[image] * gain for image, gain in zip(pictures, gains, strict=True)]).astype(np.float32)
    if noise:
        out += rng.standard_normal(out.shape, np.float32) * np.float32(noise)
    return np.asarray(np.clip(np.rint(out), 0, 255), np.uint8)


def sample(
    pairs: FlowPairs, number: int, rng: Generator | None = None, side: int = SIDE_PX
) -> tuple[Floats, Floats, Floats, Floats]:
    """One pair, as in Batch without its first axis; cut to `side` pixels and varied by `rng`, or as it is."""
    first, second = pairs.ends[number]
    pictures, known = pairs.frames[[first, second]], pairs.known[number]
    kept = np.concatenate([pairs.motion[number][None], pairs.guesses[number]])
    fields = np.asarray(kept / SCALE, np.float32)
    if rng is not None:
        if side < pictures.shape[1]:
            pictures, fields, known = cut(pictures, fields, known, side, rng)
        pictures, fields, known = turned(pictures, fields, known, rng)
        pictures = regreyed(pictures, rng)
    weight = np.where(known == WALL, WALL_WEIGHT, (known == KNOWN).astype(np.float64))
    size_px = float((np.linalg.norm(fields[0], axis=-1) * weight).sum() / max(weight.sum(), 1e-6))
    weight = weight / (_AND_PX + size_px)
    channels = fields.transpose(0, 3, 1, 2)
    return (
        level_images(pictures[0], pictures[1]),
        np.ascontiguousarray(channels[1:].reshape(4, *known.shape)),
        np.ascontiguousarray(channels[0]),
        weight[None].astype(np.float32),
    )


def batch_of(
    pairs: Mapping[str, FlowPairs], shares: Mapping[str, float], count: int, seed: Sequence[int], side: int = SIDE_PX
) -> Batch:
    """A batch; the same seed is always the same batch.

    Args:
        pairs: by source.
        shares: relative frequency of each source; one that is not there is not drawn.
        count: pairs in the batch.
        seed: of the batch.
        side: images are cut to this many pixels.

    """
    sources = [source for source in pairs if shares.get(source, 0) > 0]
    weight = np.array([shares[source] for source in sources])
    rng = np.random.default_rng(tuple(seed))
    found = []
    for source in rng.choice(len(sources), count, p=weight / weight.sum()):
        some = pairs[sources[int(source)]]
        found.append(sample(some, int(rng.integers(len(some))), rng, side))
    images, guesses, motion, weights = (torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True))
    return images, guesses, motion, weights
