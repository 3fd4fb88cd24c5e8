"""Deep equality of the values of core, which compare by identity for the sake of the views."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from kinecor.core.values.message import Message


def same(a: object, b: object) -> bool:
    """Whether two values agree in every field, arrays to the last bit."""
    if isinstance(a, Message) and isinstance(b, Message):
        return a == b and same(a.__reduce__()[1], b.__reduce__()[1])
    if isinstance(a, str) and isinstance(b, str) and Message in (type(a), type(b)):
        return a == b  # what a file has as a string is read as a message
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if dataclasses.is_dataclass(a):
        return all(
            same(getattr(a, field.name), getattr(b, field.name)) for field in dataclasses.fields(a) if field.compare
        )
    return a == b
