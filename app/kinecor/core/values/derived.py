"""What is derived from a recording, kept with its Readings for as long as any of them lives.

Every Reading of a recording shares one `Derived`, which the next Reading takes over: what rests on parts that an edit
left alone is not computed again, and recordings never displace each other's values. Of each value only the last few are
kept, so that neither a long history of edits nor a drag, with many Readings a second, piles up values.
"""

from collections.abc import Callable
from enum import Enum
from threading import Lock
from typing import Any, Final, TypeVar
from weakref import ref

Value = TypeVar("Value")

KEPT: Final = 4
"""Of each value of a recording: of the state on screen, of the one before (undo), and of two that are tried."""


class _State(Enum):
    COMPUTING = "computing"
    THERE = "there"
    FAILED = "failed"


class _Entry:
    __slots__ = ("computing", "key", "state", "value")

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key
        self.value: Any = None
        self.state = _State.COMPUTING
        self.computing = Lock()
        """Held by the thread that computes the value."""


class Derived:
    """Values derived from the parts of a recording; safe to use from several threads.

    A value that one thread computes is waited for by others, and not computed twice.
    """

    __slots__ = ("__weakref__", "_lock", "_values")

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[str, list[_Entry]] = {}

    def value(
        self, name: str, key: tuple[Any, ...], compute: Callable[[], Value], kept: int = KEPT, *, waits: bool = True
    ) -> Value:
        """The result of `compute`, or its earlier result for the same `key`.

        Args:
            name: of the value.
            key: everything it is derived from. Numbers, text and None are compared by value, all else by identity:
                parts of a Reading never change, so the same object is the same value.
            compute: derives it.
            kept: how many values of this name are kept, those used last.
            waits: whether to wait for another thread that computes it already. Not where that thread may itself be
                waiting, as work in the background does while a contour is dragged: it is then computed twice.

        """
        while True:
            with self._lock:
                entry, mine = self._found(name, key), False
                if entry is None:
                    entry, mine = _Entry(tuple(map(_held, key))), True
                    entry.computing.acquire()
                    same = self._values.setdefault(name, [])
                    same.append(entry)
                    del same[:-kept]
            if mine:
                return self._computed(name, entry, compute)
            if entry.state is not _State.THERE:
                if not waits:
                    return compute()
                with entry.computing:  # until the other thread is done
                    pass
            if entry.state is _State.THERE:
                value: Value = entry.value
                return value

    def known(self, name: str, key: tuple[Any, ...]) -> bool:
        """Whether a value is there, so that `value` computes nothing.

        Args:
            name: what is derived, as in `value`.
            key: what it depends on, see `value`.

        """
        with self._lock:
            entry = self._found(name, key)
            return entry is not None and entry.state is _State.THERE

    def _computed(self, name: str, entry: _Entry, compute: Callable[[], Value]) -> Value:
        try:
            made = entry.value = compute()
            entry.state = _State.THERE
        except BaseException:
            with self._lock:
                entry.state = _State.FAILED
                if entry in self._values[name]:
                    self._values[name].remove(entry)
            raise
        finally:
            entry.computing.release()
        return made

    def _found(self, name: str, key: tuple[Any, ...]) -> _Entry | None:
        """The entry of a key, which then is the last that is given up."""
        same = self._values.get(name)
        if not same:
            return None
        for index in range(len(same) - 1, -1, -1):
            entry = same[index]
            if len(entry.key) == len(key) and all(map(_same, entry.key, key)):
                if index < len(same) - 1:
                    same.append(same.pop(index))
                return entry
        return None


def _held(part: Any) -> Any:
    """What an entry holds of a part of its key: a Reading weakly, since it holds the entry."""
    return ref(part) if isinstance(getattr(part, "derived", None), Derived) else part


def _same(held: Any, part: Any) -> bool:
    if held is part:
        return True
    if isinstance(held, ref):
        return held() is part
    return type(held) is type(part) and isinstance(held, int | float | str) and bool(held == part)
