"""Pictures of the contours that are furthest off, to be looked at: the expert's green, the network's yellow."""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import Image

_ENLARGED = 2
_EXPERT, _NETWORK, _WHITE = (0, 200, 0), (0, 255, 255), (255, 255, 255)
"""Blue, green, red."""


@dataclass(frozen=True, eq=False)
class ComparedImage:
    """What an expert and a network drew of one image.

    Attributes:
        title: which image, and how far the network is off.
        error: what the worst are chosen by; the higher, the worse.
        image: (rows, columns) uint8.
        expert, network: lines in pixels of the image, each (n, 2) as x, y; open ones as they are.

    """

    title: str
    error: float
    image: Image
    expert: Sequence[NDArray[np.float64]]
    network: Sequence[NDArray[np.float64]]


def outlines(mask: NDArray[np.bool_]) -> list[NDArray[np.float64]]:
    """The closed outlines of a mask of (rows, columns), in pixels as x, y.

    Args:
        mask: (rows, columns).

    """
    lines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return [np.concatenate([line[:, 0], line[:1, 0]]).astype(float) for line in lines]


def comparison(compared: ComparedImage, side_px: int) -> NDArray[np.uint8]:
    """A picture of an image with both drawings, cut out around the expert's.

    Args:
        compared: what was drawn.
        side_px: of the picture, of an image enlarged twice.

    Returns:
        (rows, columns, 3) uint8 as blue, green, red; smaller where the image is.

    """
    enlarged = cv2.resize(compared.image, None, fx=_ENLARGED, fy=_ENLARGED, interpolation=cv2.INTER_CUBIC)
    shown = np.asarray(cv2.cvtColor(enlarged, cv2.COLOR_GRAY2BGR), np.uint8)
    for lines, colour in ((compared.expert, _EXPERT), (compared.network, _NETWORK)):
        for line in lines:
            cv2.polylines(shown, [_enlarged(line)], False, colour, 1)
            if not np.array_equal(line[0], line[-1]):
                for end in _enlarged(line[[0, -1]]):
                    cv2.circle(shown, (int(end[0]), int(end[1])), 3, colour, 1)
    rows, columns = shown.shape[:2]
    middle = np.concatenate(compared.expert).mean(axis=0) if compared.expert else np.array([columns, rows]) / 4
    x, y = (_ENLARGED * middle - side_px / 2).astype(int)
    left, top = max(0, min(int(x), columns - side_px)), max(0, min(int(y), rows - side_px))
    part = shown[top : top + side_px, left : left + side_px].copy()
    cv2.putText(part, compared.title, (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _WHITE, 1)
    return np.asarray(part, np.uint8)


def _enlarged(line: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.round(_ENLARGED * line + 0.5).astype(np.int32)


def write_worst(images: Iterable[ComparedImage], count: int, folder: Path, side_px: int = 260) -> list[Path]:
    """Writes worst-01.png and so on, the worst first.

    Args:
        images: all that were compared.
        count: of pictures.
        folder: for them; made if missing.
        side_px: of a picture.

    Returns:
        the files.

    """
    folder.mkdir(parents=True, exist_ok=True)
    worst = sorted(images, key=lambda compared: -compared.error)[:count]
    files = [folder / f"worst-{number:02d}.png" for number in range(1, len(worst) + 1)]
    for file, compared in zip(files, worst, strict=True):
        cv2.imwrite(str(file), comparison(compared, side_px))
    return files


def add_worst(parser: argparse.ArgumentParser) -> None:
    """The option of a command that writes such pictures."""
    parser.add_argument(
        "--worst", type=int, default=0, metavar="N", help="write pictures of the N worst contours into --out"
    )
