"""Real and simulated frames side by side, for eyes."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_lab.realism.frame import CAVITY, LookFrame

_HIGH, _WIDE, _COLUMNS, _CAPTION = 300, 330, 5, 24


class Sheet:
    """Keeps the first frames of two rows of pictures, so that frames can be measured and shown in one pass."""

    def __init__(self, count: int = 2 * _COLUMNS) -> None:
        self._count = count
        self._kept: dict[str, dict[str, tuple[int, LookFrame]]] = {}

    def watch(self, title: str, frames: Iterable[LookFrame]) -> Iterable[LookFrame]:
        """Hand frames on; of each of the first recordings (names up to "_") the one with most cavity is kept."""
        kept = self._kept.setdefault(title, {})
        for frame in frames:
            cavity, recording = int(frame.part(CAVITY).sum()), frame.name.partition("_")[0]
            if cavity > kept.get(recording, (0,))[0] and (recording in kept or len(kept) < self._count):
                kept[recording] = cavity, frame
            yield frame

    def write(self, path: Path) -> None:
        """Write a PNG: a block of rows a title, pictures of one block at one height, grey levels as they are."""
        blocks = [_block(title, [frame for _, frame in kept.values()]) for title, kept in self._kept.items() if kept]
        done, code = cv2.imencode(".png", np.concatenate(blocks)) if blocks else (False, np.zeros(0, np.uint8))
        if not done:
            raise OSError(f"expected frames to draw on {path}, got none")
        path.write_bytes(code.tobytes())


def _block(title: str, frames: Sequence[LookFrame]) -> NDArray[np.uint8]:
    tiles = [_tile(frame.image) for frame in frames]
    tiles += [np.zeros((_HIGH, _WIDE), np.uint8)] * (-len(tiles) % _COLUMNS)
    rows = [np.concatenate(tiles[start : start + _COLUMNS], axis=1) for start in range(0, len(tiles), _COLUMNS)]
    caption = np.full((_CAPTION, rows[0].shape[1]), 40, np.uint8)
    cv2.putText(caption, title, (6, _CAPTION - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (230,), 1, cv2.LINE_AA)
    return np.concatenate([caption, *rows])


def _tile(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture as large as fits, in the middle."""
    scale = min(_HIGH / image.shape[0], _WIDE / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    tile = np.zeros((_HIGH, _WIDE), np.uint8)
    y, x = (_HIGH - size[1]) // 2, (_WIDE - size[0]) // 2
    tile[y : y + size[1], x : x + size[0]] = small
    return tile
