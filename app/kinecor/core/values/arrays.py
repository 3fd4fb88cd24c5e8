"""Read-only copies, so that a frozen value stays frozen to its last number."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

FloatArray = NDArray[np.float64]
BytesArray = NDArray[np.uint8]


def frozen(values: object, dtype: DTypeLike = np.float64) -> NDArray[Any]:
    """A read-only, contiguous array of `dtype`; copied unless `values` is one already."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, order="C")
        array.flags.writeable = False
    return array


def finite(array: FloatArray, what: str, error: Callable[[str], Exception] = ValueError) -> FloatArray:
    """`array` unchanged, or `error` if any of its numbers is NaN or infinite."""
    if not np.isfinite(array).all():
        raise error(f"{what}: expected finite numbers, got NaN or infinity")
    return array
