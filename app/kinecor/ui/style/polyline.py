"""Points as Qt draws them, copied in one piece: a contour in 16 us instead of 300 by a QPointF each."""

from typing import Any

import numpy as np
import shiboken6
from PySide6.QtGui import QPolygonF

from kinecor.core.values.geometry import FloatArray

# The type stubs know VoidPtr(value) only, not the size and the right to write that follow it.
_memory: Any = shiboken6.VoidPtr


def polyline(points: FloatArray) -> QPolygonF:
    """A polygon of (n, 2) points (x, y), float64."""
    line = QPolygonF()
    if len(points):
        line.resize(len(points))
        held = _memory(line.data(), points.shape[0] * 16, True)
        np.frombuffer(held, dtype=np.float64).reshape(-1, 2)[:] = points
    return line
