"""Values that are derived from parts of a Reading, kept as long as those parts are the same objects."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

Value = TypeVar("Value")

# Some recordings of a study are looked at in turn, and a drag goes through some Readings a second.
_ROOM = 64
_lock = Lock()
_held: "OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]" = OrderedDict()


def kept(name: str, rests_on: tuple[Any, ...], make: Callable[[], Value]) -> Value:
    """What `make` gives, or what it gave when it was last asked for with the very same objects.

    Args:
        name: of the value.
        rests_on: everything it is derived from. Numbers, text and None are compared by value, all else by identity:
            parts of a Reading never change, so the same object is the same value.
        make: derives it.

    """
    key = (name, *((one if _plain(one) else id(one)) for one in rests_on))
    with _lock:
        if key in _held:
            _held.move_to_end(key)
            value: Value = _held[key][1]
            return value
    made = make()
    with _lock:
        # Holding what it rests on keeps its identity from being given to another object.
        _held[key] = (rests_on, made)
        while len(_held) > _ROOM:
            _held.popitem(last=False)
    return made


def _plain(one: Any) -> bool:
    return one is None or isinstance(one, int | float | str)
