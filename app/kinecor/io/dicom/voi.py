"""The grey window that a header asks for, in real values."""

from collections.abc import Sequence
from statistics import median
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.values.grey import Curve, GreyWindow
from kinecor.io.dicom.values import element, items, number, numbers, text

CURVES = ("LINEAR", "LINEAR_EXACT", "SIGMOID")
# Of a table's range of greys, what lies below and above counts as black and white.
_DARK, _BRIGHT = 0.02, 0.98


def header_window(header: Dataset) -> GreyWindow | None:
    """Window Center and Width with their VOI LUT Function, the first where there are several; else a VOI LUT's range.

    A table (VOI LUT Sequence) is taken for the straight line from where it leaves black to where it reaches white.

    Args:
        header: of a classic image, or a Frame VOI LUT macro's item (PS3.3 C.7.6.16.2.10).

    """
    centre, width = number(header, "WindowCenter"), number(header, "WindowWidth")
    if centre is not None and width is not None and width > 0:
        named = text(header, "VOILUTFunction").upper()
        curve = cast("Curve", named) if named in CURVES else "LINEAR"
        # LINEAR of width 1 is a threshold, and of less it is not allowed: nothing is seen of a heart.
        return GreyWindow(centre, width, curve) if width > 1 or curve != "LINEAR" else None
    return next((found for one in items(header, "VOILUTSequence") if (found := _of_table(one)) is not None), None)


def _of_table(table: Dataset) -> GreyWindow | None:
    described = numbers(table, "LUTDescriptor")
    data: Any = element(table, "LUTData")
    if len(described) != 3 or data is None:
        return None
    try:
        values: NDArray[Any] = np.frombuffer(data, "<u2") if isinstance(data, bytes) else np.asarray(data)
        grey = values.astype(np.float64)
    except (TypeError, ValueError):
        return None
    if len(grey) < 2 or grey.max() <= grey.min():
        return None
    share = (grey - grey.min()) / (grey.max() - grey.min())
    first = int(np.argmax(share > _DARK))
    last = int(np.argmax(share >= _BRIGHT))
    if last <= first:
        return None
    low, high = described[1] + max(first - 1, 0), described[1] + last
    return GreyWindow((low + high) / 2, high - low, "LINEAR_EXACT")


def common_window(windows: Sequence[GreyWindow | None]) -> GreyWindow | None:
    """One window for pictures that are looked at together: the medians of theirs; None where none has one."""
    told = [one for one in windows if one is not None]
    if not told:
        return None
    return GreyWindow(median(one.centre for one in told), median(one.width for one in told), told[0].curve)
