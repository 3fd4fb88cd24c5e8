"""Values of the program in files that hold no code: dataclasses, enumerations, arrays and plain Python values.

A pickle runs what it names while it is read. Here a file is numpy's own format (`allow_pickle=False`): arrays, and a
tree of JSON that says how they belong together. A class is looked up by its name among those of Kinecor and built from
its fields only, by numbers, texts and values that were built likewise.
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.derived import Derived
from kinecor.core.values.message import Message
from kinecor.io.files.atomic import write_bytes

_PACKAGES: Final = ("kinecor", "kinecor_models", "kinecor_phantoms", "kinecor_lab")
_TREE: Final = "tree"


def save(path: Path, value: Any) -> None:
    """Write a value, whole or not at all.

    Args:
        path: of the file.
        value: of dataclasses and enumerations of Kinecor, messages, arrays, dictionaries, lists, tuples, sets, numbers,
            texts, None.

    Raises:
        TypeError: a part of it is of another type.
        KinecorError: the file cannot be written.

    """
    arrays: list[NDArray[Any]] = []
    tree = _written(value, arrays)
    held = BytesIO()
    named = {f"a{number}": array for number, array in enumerate(arrays)}
    np.savez_compressed(
        held, allow_pickle=False, **{_TREE: np.frombuffer(json.dumps(tree).encode(), np.uint8)}, **named
    )
    write_bytes(path, held.getvalue())


def load(path: Path) -> Any:
    """The value in a file that `save` wrote.

    Raises:
        ValueError: the file is no such file, is damaged, or names a class that is none of Kinecor's values.
        OSError: it cannot be read.

    """
    try:
        with np.load(path, allow_pickle=False) as held:
            tree = json.loads(held[_TREE].tobytes())
            return _read(tree, {name: held[name] for name in held.files})
    except (KeyError, TypeError, AttributeError, EOFError, RecursionError, ImportError) as error:
        raise ValueError(f"{path}: {error}") from error


def _written(value: Any, arrays: list[NDArray[Any]]) -> Any:
    if isinstance(value, Message):
        _, parts = value.__reduce__()
        return {"message": [_written(part, arrays) for part in parts]}
    if isinstance(value, Enum):
        return {"enum": _name(type(value)), "member": value.name}
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return {"float": value.hex()}
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.hasobject:
            raise TypeError("an array of objects cannot be stored")
        arrays.append(np.asarray(value))
        return {"scalar" if isinstance(value, np.generic) else "array": f"a{len(arrays) - 1}"}
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, Mapping):
        return {
            "dict": [[_written(key, arrays), _written(single_value, arrays)] for key, single_value in value.items()]
        }
    for kind in (list, tuple, set, frozenset):
        if type(value) is kind:
            return {kind.__name__: [_written(one, arrays) for one in value]}
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        # What is derived from the others is computed again.
        content = {name: _written(part, arrays) for name, part in parts.items() if not isinstance(part, Derived)}
        return {"class": _name(type(value)), "fields": content}
    raise TypeError(f"expected values that can be stored, got a {type(value).__name__}")


def _name(of: type) -> str:
    if of.__module__.partition(".")[0] not in _PACKAGES:
        raise TypeError(f"expected a class of Kinecor, got {of.__module__}.{of.__qualname__}")
    return f"{of.__module__}:{of.__qualname__}"


def _class(name: str) -> type:
    module, _, qualified = name.partition(":")
    if module.partition(".")[0] not in _PACKAGES:
        raise ValueError(f"{name} is no class of Kinecor")
    found: Any = import_module(module)
    for part in qualified.split("."):
        found = getattr(found, part)
    if not (isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum))):
        raise ValueError(f"{name} is no value of Kinecor")
    return found


def _read(tree: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "class" in tree:
        content = {name: _read(field, arrays) for name, field in tree["fields"].items()}
        found = _class(tree["class"])
        if not is_dataclass(found):
            raise ValueError(f"{tree['class']} has no fields")
        return found(**content)
    if "enum" in tree:
        return _class(tree["enum"])[tree["member"]]  # type: ignore[index]
    ((kind, content),) = tree.items()
    if kind in ("array", "scalar"):
        return arrays[content] if kind == "array" else arrays[content][()]
    if kind == "float":
        return float.fromhex(content)
    if kind == "path":
        return Path(content)
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "dict":
        return {_read(key, arrays): _read(one, arrays) for key, one in content}
    parts = [_read(one, arrays) for one in content]
    if kind == "message":
        return Message(*parts)
    return {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind](parts)
