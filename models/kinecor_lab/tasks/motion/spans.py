"""Motion from frame to frame, corrected over spans of several frames.

A search between neighbouring frames finds less than moved, and the shares that are missing add up. The idea: what does
not move with the muscle (haze, side lobes, persistence) weighs the less, the larger the displacement is. So the last
image of a span is warped back by the motion found from frame to frame; what a second search still finds between the
first image and it is shared out evenly over the span. Every pair of frames is in up to as many spans as a span has
frames, and takes the mean of their corrections. It is measured, not used: see docs/decisions/0147.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.engines.engine import DenseSearch, Floats, at_nodes, dense_search
from kinecor_models.motion.model import MotionModel, Pair

Square = NDArray[np.uint8]
SPAN = 4
"""Frames from the first to the last of a span."""


class SpanningModel(MotionModel):
    """A motion model whose dense inverse search is corrected over spans."""

    def pairs(self, squares: Iterable[Square], frames: int) -> Iterator[Pair | None]:
        """See MotionModel."""
        yield from over_spans(squares, dense_search, min(SPAN, frames - 1))


class _OneWay:
    """Fields from frame to frame of one direction in time, and the corrections that they collect."""

    def __init__(self, search: DenseSearch) -> None:
        self._search = search
        self.fields: deque[Floats] = deque()
        self._sums: deque[Floats] = deque()
        self._counts: deque[int] = deque()

    def add(self, first: Square, second: Square) -> None:
        """The next pair of frames."""
        motion = self._search(first, second)
        self.fields.append(motion)
        self._sums.append(np.zeros_like(motion))
        self._counts.append(0)

    def correct(self, first: Square, last: Square, pairs: list[int]) -> None:
        """What a whole span shows, shared out over its pairs, given in the order in which the motion passes them."""
        so_far = [np.zeros_like(self.fields[pairs[0]])]
        for pair in pairs:
            so_far.append(_after(so_far[-1], self.fields[pair]))
        share = self._search(first, _warped(last, so_far[-1])) / np.float32(len(pairs))
        for pair, moved in zip(pairs, so_far[:-1], strict=True):
            # Where a node of this pair was at the beginning of the span, nearly.
            self._sums[pair] += _looked_up(share, -moved)
            self._counts[pair] += 1

    def take(self) -> Floats:
        """The oldest pair's motion at nodes."""
        field, total, count = self.fields.popleft(), self._sums.popleft(), self._counts.popleft()
        return at_nodes(field + total / np.float32(max(count, 1)))


def over_spans(squares: Iterable[Square], search: DenseSearch, span: int) -> Iterator[Pair | None]:
    """Motion between neighbouring squares.

    Args:
        squares: (size, size) images, one after the other; no more than a span of them is held.
        search: displacement at every pixel, in pixels.
        span: frames from the first to the last of a span; less than 2 leaves motion as it is found.

    Yields:
        None after each square, and in between each pair's displacement at nodes, there and back, in order, once it is
        known.

    """
    on, back, held = _OneWay(search), _OneWay(search), deque[Square](maxlen=max(span, 1) + 1)
    for square in squares:
        if held:
            on.add(held[-1], square)
            back.add(square, held[-1])
        held.append(square)
        if span > 1 and len(held) == span + 1:
            pairs = list(range(len(on.fields) - span, len(on.fields)))
            on.correct(held[0], square, pairs)
            back.correct(square, held[0], pairs[::-1])
        yield None
        if len(on.fields) >= max(span, 1):
            yield on.take(), back.take()
    while on.fields:
        yield on.take(), back.take()


@lru_cache(maxsize=4)
def _places(rows: int, columns: int) -> tuple[Floats, Floats]:
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    return x, y


def _looked_up(field: Floats, moved: Floats) -> Floats:
    """The values of a field (rows, columns, ...) where each pixel comes to by a displacement."""
    x, y = _places(*moved.shape[:2])
    at = x + moved[..., 0], y + moved[..., 1]
    return np.asarray(cv2.remap(field, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


def _after(moved: Floats, next_step: Floats) -> Floats:
    """A displacement followed by the next."""
    return np.asarray(moved + _looked_up(next_step, moved), np.float32)


def _warped(image: Square, moved: Floats) -> Square:
    """An image taken back by a displacement; cubic, since a blurred image would be matched worse."""
    x, y = _places(*image.shape)
    at = x + moved[..., 0], y + moved[..., 1]
    return np.asarray(cv2.remap(image, *at, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)
