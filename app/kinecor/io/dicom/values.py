"""Single values from a header that may hold anything: absent and unreadable both read as None or ""."""

import math
import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")


def element(header: Dataset, keyword: str) -> Any:
    """The element's value, or None where it is absent or cannot be parsed."""
    try:
        return header.get(keyword)
    except Exception:  # pydicom parses on access, and what it raises on garbage is not a closed set
        return None


def text(header: Dataset, keyword: str) -> str:
    """The element as one line of text, several values joined by a space; "" if absent."""
    value = element(header, keyword)
    if value is None:
        return ""
    try:
        parts = [str(part) for part in value] if isinstance(value, (MultiValue, list)) else [str(value)]
    except Exception:  # a person name in an unknown character set
        return ""
    line = " ".join(parts)
    if not line.isprintable():
        line = "".join(c if c.isprintable() else " " for c in line)
    return " ".join(line.split())


def numbers(header: Dataset, keyword: str) -> tuple[float, ...]:
    """All values of the element as finite floats; empty if absent or if one is not a number."""
    value = element(header, keyword)
    if value is None or isinstance(value, (str, bytes)):
        return ()
    several = value if isinstance(value, (MultiValue, Sequence)) else [value]
    try:
        found = tuple(float(one) for one in several)
    except (TypeError, ValueError, OverflowError):
        return ()
    return found if all(math.isfinite(one) for one in found) else ()


def number(header: Dataset, keyword: str) -> float | None:
    """The first value of the element as a finite float, or None."""
    found = numbers(header, keyword)
    return found[0] if found else None


def positive(header: Dataset, keyword: str) -> float | None:
    """The first value of the element where it is above zero, else None: in many headers 0 means "unknown"."""
    found = number(header, keyword)
    return found if found is not None and found > 0 else None


def items(header: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; empty if absent."""
    value = element(header, keyword)
    return [item for item in value if isinstance(item, Dataset)] if isinstance(value, Sequence | MultiValue) else []


def safe_id(uid: str) -> str:
    """`uid` where it is fit for a file name, else a digest of it; "" stays ""."""
    if not uid or _ID.fullmatch(uid):
        return uid
    return "uid-" + sha256(uid.encode("utf-8", "replace")).hexdigest()[:24]
