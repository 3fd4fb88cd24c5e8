"""Who made which part of a Reading, and which accepted numbers are open again."""

from typing import Any

from kinecor.core.values.reading import Reading


def authored(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    """The Reading with some parts replaced, and `by` named as who made `part`."""
    return reading.with_(authors={**reading.authors, part: by}, **changes)


def unauthored(reading: Reading, part: str) -> Reading:
    """The Reading with nobody named for `part`."""
    return reading.with_(authors={one: who for one, who in reading.authors.items() if one != part})


def measured_anew(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    """As `authored`, for parts that numbers rest on: what was accepted before was another number, and is open again.

    Rejections and values of a reader's own stand.
    """
    kept = {code: d for code, d in reading.decisions.items() if not d.accepted or d.value is not None}
    return authored(reading, part, by, decisions=kept, **changes)
