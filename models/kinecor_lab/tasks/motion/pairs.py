"""Pairs of images with dense truth about what moved where, saved in files for training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE_PX = 128
"""Side of the images."""
NODES = 64
"""Truth is given for NODES x NODES squares of pixels, as their mean."""
UNKNOWN, KNOWN, WALL = 0, 1, 2
SCALE = 1024
"""Steps of a pixel that displacement is saved in: to a thousandth of a pixel, up to 32 pixels."""


@dataclass(frozen=True, eq=False)
class FlowPairs:
    """Some images, and pairs of them.

    Attributes:
        frames: (images, SIDE_PX, SIDE_PX) uint8.
        ends: (n, 2) int32, from which image to which.
        motion: (n, NODES, NODES, 2) int16, displacement (x, y) in 1 / SCALE pixels of the material at each node.
        known: (n, NODES, NODES) uint8: UNKNOWN, KNOWN, or WALL where the left ventricle's wall is.
        guesses: (n, 2, NODES, NODES, 2) int16, in the same steps: see Guesser of engines/engine.py.

    """

    frames: NDArray[np.uint8]
    ends: NDArray[np.int32]
    motion: NDArray[np.int16]
    known: NDArray[np.uint8]
    guesses: NDArray[np.int16]

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.ends)


def nodes() -> NDArray[np.float64]:
    """(NODES * NODES, 2) positions of the nodes, (x, y) in pixels: middles of squares."""
    step = SIDE_PX // NODES
    y, x = np.mgrid[0:NODES, 0:NODES] * step + (step - 1) / 2
    return np.stack([x.ravel(), y.ravel()], axis=1)


def packed(displacement: NDArray[np.floating]) -> NDArray[np.int16]:
    """Pixels in whole steps of 1 / SCALE."""
    return np.asarray(np.clip(np.rint(displacement * SCALE), -32767, 32767), np.int16)


def joined(parts: Sequence[FlowPairs]) -> FlowPairs:
    """All pairs as one.

    Raises:
        ValueError: there are none.

    """
    if not parts:
        raise ValueError("expected pairs of pictures, got none")
    before = np.cumsum([0, *(len(part.frames) for part in parts)])[:-1]
    return FlowPairs(
        np.concatenate([part.frames for part in parts]),
        np.concatenate([part.ends + shift for part, shift in zip(parts, before, strict=True)]).astype(np.int32),
        np.concatenate([part.motion for part in parts]),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.guesses for part in parts]),
    )


def write_pairs(path: Path, pairs: FlowPairs) -> None:
    """Writes a file (.npz) whole or not at all."""
    part = path.with_suffix(".part.npz")
    np.savez_compressed(
        part, frames=pairs.frames, ends=pairs.ends, motion=pairs.motion, known=pairs.known, guesses=pairs.guesses
    )
    part.replace(path)


def read_pairs(paths: Sequence[Path]) -> FlowPairs:
    """The pairs of some files.

    Raises:
        ValueError: there are none.

    """
    flow_pairs_list = []
    for path in paths:
        with np.load(path) as held:
            flow_pairs_list.append(
                FlowPairs(held["frames"], held["ends"], held["motion"], held["known"], held["guesses"])
            )
    return joined(flow_pairs_list)
