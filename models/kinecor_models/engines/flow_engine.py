"""What finds motion between two pictures: how it is asked, and the one that needs no weights."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

FlowEngine = Callable[[NDArray[np.uint8], NDArray[np.uint8]], tuple[NDArray[np.float32], NDArray[np.float32]]]
"""Two (size, size) uint8 pictures -> displacement from the first to the second, and back from the second to the first.

Each (size, size, 2) float32 in pixels, x and y, at the pixels of the picture it starts from.
"""


def open_dis() -> FlowEngine:
    """Dense inverse search (Kroeger et al., ECCV 2016) of OpenCV, at its medium setting."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def run(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return _flow(search, one, other), _flow(search, other, one)

    return run


def _flow(search: cv2.DISOpticalFlow, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(search.calc(one, other, None), np.float32)  # type: ignore[call-overload]


def return_error(there: NDArray[np.float32], back: NDArray[np.float32]) -> NDArray[np.float32]:
    """(size, size) how far from its start, in pixels, each pixel lands that goes there and comes back.

    Args:
        there: (size, size, 2) displacement of the first picture's pixels.
        back: likewise of the second's.

    """
    rows, columns = there.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    returned = cv2.remap(back, x + there[..., 0], y + there[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.linalg.norm(there + returned, axis=-1), np.float32)
