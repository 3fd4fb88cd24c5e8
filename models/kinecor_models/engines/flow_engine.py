"""Dense motion between two images: the interface, and the searches that need no weights."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

NODE_PX = 2
"""Pixels from node to node along x and y; motion is given at nodes, each the mean of NODE_PX by NODE_PX pixels."""
FlowEngine = Callable[[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Two (size, size) uint8 images -> displacement from the first to the second, and back from the second to the first.

Each (side, side, 2) float32 in pixels, x and y, at nodes of the image it starts from: the means over squares of
size / side pixels, NODE_PX unless an engine says otherwise.
"""
Floats = NDArray[np.float32]


def open_dis() -> FlowEngine:
    """Dense inverse search (Kroeger et al., ECCV 2016) of OpenCV, at its medium setting."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def one_way(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Floats:
        return at_nodes(np.asarray(search.calc(one, other, None), np.float32))  # type: ignore[call-overload]

    return both_ways(one_way)


def both_ways(one_way: Callable[[NDArray[np.uint8], NDArray[np.uint8]], Floats]) -> FlowEngine:
    """An engine from a function that finds motion from a first image to a second, at nodes."""

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        return one_way(one, other), one_way(other, one)

    return run


def at_nodes(field: Floats) -> Floats:
    """A field of pixels (size, size, ...) at its nodes."""
    rows, columns = (side // NODE_PX for side in field.shape[:2])
    parts = field.reshape(rows, NODE_PX, columns, NODE_PX, *field.shape[2:])
    return np.asarray(parts.mean(axis=(1, 3)), np.float32)


def return_error(there: Floats, back: Floats, node_px: int = NODE_PX) -> Floats:
    """(rows, columns) forward-backward error: distance of each node from its start, there and back, in pixels.

    Args:
        there: (rows, columns, 2) displacement of the first image's nodes, in pixels.
        back: likewise of the second's.
        node_px: pixels from node to node.

    """
    rows, columns = there.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    to_x, to_y = x + there[..., 0] / node_px, y + there[..., 1] / node_px
    returned = cv2.remap(back, to_x, to_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.linalg.norm(there + returned, axis=-1), np.float32)


def levelled(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(2, rows, columns) both images with mean 0 and standard deviation about 1 over the two."""
    both = np.stack([one, other]).astype(np.float32)
    return np.asarray((both - both.mean()) / (both.std() + 4), np.float32)


def halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image at half its resolution, means over two by two pixels."""
    size = image.shape[1] // 2, image.shape[0] // 2
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


Guesser = Callable[[NDArray[np.uint8], NDArray[np.uint8]], Floats]
"""Two (2 size, 2 size) uint8 images -> (2, size / NODE_PX, size / NODE_PX, 2) float32 motion from the first on.

Found on the images as they are, and on them halved; both in pixels of the halved ones.
"""


def open_guesser() -> Guesser:
    """Dense inverse search at two resolutions: the fine one follows speckle, the coarse one is robust to noise."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> Floats:
        fine = np.asarray(search.calc(one, other, None), np.float32)  # type: ignore[call-overload]
        coarse = np.asarray(search.calc(halved(one), halved(other), None), np.float32)  # type: ignore[call-overload]
        return np.stack([at_nodes(at_nodes(fine)) / 2, at_nodes(coarse)])

    return run


# Standard deviation, in nodes, over which forward-backward errors are averaged, and the error in pixels that is
# negligible.
_AROUND_NODES, _NONE_PX = 2.0, 0.05


def open_two_searches() -> FlowEngine:
    """Dense inverse search at two resolutions, mixed by their forward-backward errors.

    Speckle needs fine images, noise coarse ones: neither is best for both echo and MRI. For images of an even
    size; motion is given at every fourth pixel.
    """
    guess = open_guesser()

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        there, back = guess(one, other), guess(other, one)
        # A pixel of the halved images is two of these.
        return 2 * _mixed(there, back), 2 * _mixed(back, there)

    return run


def _mixed(there: Floats, back: Floats) -> Floats:
    """(rows, columns, 2) out of both searches' (2, rows, columns, 2), by the inverse square of their return errors."""
    total, weights = np.zeros_like(there[0]), np.zeros((*there.shape[1:3], 1), np.float32)
    for one_way, other_way in zip(there, back, strict=True):
        square = cv2.GaussianBlur(return_error(one_way, other_way) ** 2, (0, 0), _AROUND_NODES)
        weight = (1 / (np.asarray(square, np.float32) + np.float32(_NONE_PX**2)))[..., None]
        total, weights = total + weight * one_way, weights + weight
    return np.asarray(total / weights, np.float32)


def refiner_input(one: NDArray[np.uint8], other: NDArray[np.uint8], guess: Guesser) -> tuple[Floats, Floats]:
    """The input of FlowRefiner for two images of twice its size: (2, 1, ...) levelled grey and (2, 4, ...) guesses."""
    images = levelled(halved(one), halved(other))[:, None]
    both = np.stack([guess(one, other), guess(other, one)])
    return images, np.ascontiguousarray(both.transpose(0, 1, 4, 2, 3)).reshape(2, 4, *both.shape[2:4])
