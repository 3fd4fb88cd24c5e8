"""truth.json next to a simulated recording: its true values, to compare measurements with.

Its layout is public like that of result.json: it changes only with a higher `SCHEMA` and a line in CHANGELOG.md.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kinecor
from kinecor.io.write.dataset import write_errors

SCHEMA = 1
Json = dict[str, Any]

# Decimals written, by the unit that a name ends in; finer than anything measured, coarse enough for a small file.
_DECIMALS = {"s": 6, "ms": 4, "mm": 6, "ml": 4, "g": 4, "percent": 4, "deg": 4, "orientation": 9}
_OTHER_DECIMALS = 3
"""Of contours, in pixels, and of whatever has no unit."""


def write_truth(folder: Path, kind: str, content: Mapping[str, Any]) -> Path:
    """Write truth.json into a folder that becomes visible as a whole; its path.

    Args:
        folder: where.
        kind: "echo" or "mri".
        content: further members. Numbers may be numpy's, arrays become lists, NaN becomes null; a number is rounded
            by the unit that the nearest name above it ends in ("_s", "_mm", "_ml", "_percent" ...); directions have
            nine digits.

    Raises:
        KinecorError: the file cannot be written there.
        TypeError: something that JSON cannot hold.

    """
    path = folder / "truth.json"
    head = {"schema": SCHEMA, "software": {"name": "kinecor", "version": kinecor.__version__}, "kind": kind}
    document = {**head, **_plain(content, _OTHER_DECIMALS)}
    with write_errors(path):
        path.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return path


def write_dense(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> Path:
    """Write truth.npz (label maps, material points) into the same folder; its path.

    Args:
        folder: of the recording.
        arrays: by name.

    Raises:
        KinecorError: the file cannot be written there.

    """
    path = folder / "truth.npz"
    with write_errors(path):
        np.savez_compressed(path, allow_pickle=False, **dict(arrays))
    return path


def _plain(value: Any, digits: int) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(single_value, _decimals(str(name), digits)) for name, single_value in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), digits)
    if isinstance(value, list | tuple):
        return [_plain(element, digits) for element in value]
    if isinstance(value, np.generic):
        return _plain(value.item(), digits)
    if isinstance(value, float):
        return round(value, digits) if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    raise TypeError(f"expected numbers, text, lists and names in a truth file, got {type(value).__name__}")


def _decimals(name: str, above: int) -> int:
    """Decimals by the unit in the name, else those of the enclosing member."""
    return _DECIMALS.get(name.rpartition("_")[2], above)
