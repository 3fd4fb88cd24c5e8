"""Whether the values of an image are labels: few whole numbers, 0 among them, where images have many levels of grey."""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message

_MAX_LABELS: Final = 16
"""Different values at most."""
_MAX_VALUE: Final = 31
"""Of labels that are more than _ANY_VALUE."""
_ANY_VALUE: Final = 4
"""As many labels with the background may have any value, as where they are spread over grey to be seen."""
_LARGE_ORDERS: Final = frozenset({0, 205, 420, 500, 550, 600, 820, 850})
"""Labels of MM-WHS, whose numbers are large."""


def are_labels(planes: Iterable[NDArray[Any]]) -> bool:
    """Whether planes (rows, columns) hold labels; colour and planes of background alone are none.

    Args:
        planes: of one image or volume.

    """
    seen: set[float] = set()
    for plane in planes:
        if plane.ndim != 2 or plane.dtype.kind not in "iufb":
            return False
        values = np.unique(plane)
        if len(values) > _MAX_LABELS or not np.isfinite(values).all() or (values != np.round(values)).any():
            return False
        seen.update(values.tolist())
        if len(seen) > _MAX_LABELS:
            return False
    if not 2 <= len(seen) <= _MAX_LABELS or min(seen) != 0:
        return False
    return len(seen) <= _ANY_VALUE or max(seen) <= _MAX_VALUE or seen <= _LARGE_ORDERS


class LabelsError(KinecorError):
    """A file that was opened as a recording holds labels: it is listed, and its contours can be imported."""

    def __init__(self) -> None:
        super().__init__(
            message(
                "Expected images, this file holds labels of parts of the heart: open the images, then choose Contour > "
                "Import contours"
            )
        )
