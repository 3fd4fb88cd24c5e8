"""Digests of values: whether a recording, its study and the options are those that a result was computed from."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

import numpy as np

from kinecor.core.values.recording import Recording

# Where a recording lies and how its frames are read changes with every copy of it; their digest is in its source.
_PLACES = ("path", "frames", "depth")


def digest_of(*values: Any) -> str:
    """sha256 in hex of plain values, containers, arrays and dataclasses, by content.

    Raises:
        TypeError: a value of another kind.

    """
    digest = hashlib.sha256()
    _add(digest, values, ())
    return digest.hexdigest()


def recording_digest(recording: Recording) -> str:
    """sha256 in hex of what a recording is: its pixels by their digests, and all that its header says."""
    digest = hashlib.sha256()
    _add(digest, recording, _PLACES)
    return digest.hexdigest()


def _add(digest: Any, value: Any, without: Collection[str]) -> None:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str | bytes | PurePath):
        digest.update(f"{type(value).__name__}:{value!r};".encode("utf-8", "backslashreplace"))
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        digest.update(type(value).__name__.encode())
        for one in fields(value):
            if one.name not in without:
                digest.update(one.name.encode())
                _add(digest, getattr(value, one.name), without)
    elif isinstance(value, Mapping):
        digest.update(b"{")
        for key in sorted(value, key=str):
            _add(digest, key, without)
            _add(digest, value[key], without)
        digest.update(b"}")
    elif isinstance(value, tuple | list):
        digest.update(b"(")
        for one in value:
            _add(digest, one, without)
        digest.update(b")")
    elif isinstance(value, set | frozenset):
        _add(digest, sorted(value, key=str), without)
    else:
        raise TypeError(f"no digest of {type(value).__name__}")
