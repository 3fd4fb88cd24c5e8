"""Cache of values derived from parts of a Reading, valid as long as those parts are the same objects.

`functools.lru_cache` would need every part as a separate hashable argument; a Reading itself cannot be the key,
since each edit makes a new one that shares most parts with the last.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")

# Several recordings of a study are viewed in turn, and a drag makes many Readings a second.
_CAPACITY = 64
_lock = Lock()
_entries: "OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]" = OrderedDict()


def cached(name: str, key: tuple[Any, ...], compute: Callable[[], Value]) -> Value:
    """The result of `compute`, or its earlier result for the same objects.

    Args:
        name: of the value.
        key: everything it is derived from. Numbers, text and None are compared by value, all else by identity:
            parts of a Reading never change, so the same object is the same value.
        compute: derives it.

    """
    place = (name, *((one if _is_plain(one) else id(one)) for one in key))
    with _lock:
        if place in _entries:
            _entries.move_to_end(place)
            value: Value = _entries[place][1]
            return value
    made = compute()
    with _lock:
        # Holding a reference to each part keeps its id from being reused for another object.
        _entries[place] = (key, made)
        while len(_entries) > _CAPACITY:
            _entries.popitem(last=False)
    return made


def _is_plain(one: Any) -> bool:
    return one is None or isinstance(one, int | float | str)
