"""The keys of the window's actions, as a reader changed them: what is bound twice, and a file to carry them along."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtGui import QKeySequence

from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.io.files.atomic import read_settings, whole
from kinecor.ui.app.actions import ACTIONS, Action

Bindings = Mapping[str, tuple[str, ...]]
"""Keys in Qt's portable notation by the name of an action; what is missing has the keys of the table."""
FORMAT: Final = "kinecor-keys"
VERSION: Final = 1
FILE_NAME: Final = "kinecor-keys.json"
"""Offered for an export."""
_RESERVED: Final = ("Esc", "Tab", "Shift+Tab", "Return", "Enter")
"""Keys that move, accept and cancel everywhere."""


def keys_of(action: Action, bindings: Bindings) -> tuple[str, ...]:
    """The keys of an action: the reader's, else those of the table."""
    return bindings.get(action.name, action.keys)


def portable(keys: QKeySequence) -> str:
    """A key in Qt's portable notation; "" for none."""
    return keys.toString(QKeySequence.SequenceFormat.PortableText)


def owner_of(key: str, bindings: Bindings, but: str = "") -> Action | None:
    """The action that a key is bound to; None where it is free.

    Args:
        key: in Qt's portable notation.
        bindings: the reader's keys.
        but: name of an action that does not count.

    """
    return next(
        (action for action in ACTIONS if action.name != but and key in keys_of(action, bindings)),
        None,
    )


def rebound(name: str, key: str, bindings: Bindings) -> dict[str, tuple[str, ...]]:
    """The bindings with another first key of an action; whoever had the key loses it.

    Args:
        name: of the action.
        key: in Qt's portable notation; "" for no key.
        bindings: the reader's keys.

    Raises:
        KinecorError: the key moves, accepts or cancels everywhere.

    """
    if key in _RESERVED:
        raise KinecorError(
            message("{key} moves, accepts or cancels everywhere: expected another key.", key=verbatim(key))
        )
    changed = dict(bindings)
    for action in ACTIONS:
        keys = keys_of(action, bindings)
        if action.name == name:
            changed[name] = tuple(dict.fromkeys(filter(None, (key, *keys[1:]))))
        elif key and key in keys:
            changed[action.name] = tuple(other for other in keys if other != key)
    return without_defaults(changed)


def without_defaults(bindings: Bindings) -> dict[str, tuple[str, ...]]:
    """Those that differ from the table."""
    own = {action.name: action.keys for action in ACTIONS}
    return {name: keys for name, keys in bindings.items() if name in own and keys != own[name]}


def checked(stored: object) -> dict[str, tuple[str, ...]]:
    """Bindings from a file: names that the table lacks are left out, and a key that is bound twice keeps its first.

    Raises:
        TypeError, ValueError: it is no table of keys by name.

    """
    if not isinstance(stored, dict):
        raise TypeError(f"expected keys by the names of actions, got {type(stored).__name__}")
    known = {action.name for action in ACTIONS}
    bindings: dict[str, tuple[str, ...]] = {}
    for name, keys in stored.items():
        if not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
            raise ValueError(f"expected a list of keys for {name}, got {keys!r}")
        if name in known:
            bindings[name] = tuple(filter(None, (portable(QKeySequence(key)) for key in keys)))
    taken: set[str] = set(_RESERVED)
    for action in ACTIONS:  # in the order of the table, so that a file gives the same keys everywhere
        keys = keys_of(action, bindings)
        free = tuple(key for key in keys if key not in taken)
        taken.update(free)
        if free != keys:
            bindings[action.name] = free
    return without_defaults(bindings)


def write_keys(file: Path, bindings: Bindings) -> None:
    """Write the reader's keys to a file for another workstation.

    Raises:
        KinecorError: the file cannot be written.

    """
    text = json.dumps({"format": FORMAT, "version": VERSION, "keys": dict(bindings)}, indent=1)
    with whole(file) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_keys(file: Path) -> dict[str, tuple[str, ...]]:
    """The keys in a file that `write_keys` wrote.

    Raises:
        KinecorError: it cannot be read, or is none.

    """
    try:
        stored = json.loads(read_settings(file))
        if stored["format"] != FORMAT or stored["version"] != VERSION:
            raise ValueError("it is of another program or version")
        return checked(stored["keys"])
    except (*UNREADABLE, TypeError) as error:
        raise KinecorError(
            message(
                "{file} is not a file of Kinecor's keyboard shortcuts: choose one that Preferences exported.",
                file=verbatim(file.name),
            )
        ) from error
