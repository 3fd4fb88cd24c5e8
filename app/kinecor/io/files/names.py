"""Recording identifiers as file names."""

import hashlib
import re
from collections.abc import Iterable

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_MAX_LENGTH = 100


def safe_name(recording_id: str) -> str:
    """`recording_id` itself where it can be a file name; else cleaned, with a digest that keeps it apart.

    A UID stays as it is; nothing a header says can point outside the folder.
    """
    cleaned = _UNSAFE.sub("_", recording_id).lstrip(".")[:_MAX_LENGTH]
    if cleaned == recording_id and cleaned:
        return cleaned
    digest = hashlib.sha256(recording_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{cleaned or 'recording'}-{digest[:8]}"


def safe_names(recording_ids: Iterable[str]) -> tuple[str, ...]:
    """A name per recording, each different: a second recording of the same identifier gets "-2" and so on."""
    names: list[str] = []
    taken: set[str] = set()
    for one in recording_ids:
        base = name = safe_name(one)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return tuple(names)
