"""Who made which part of a Reading, and which accepted values have to be reviewed again."""

from collections.abc import Collection, Mapping
from typing import Any

from kinecor.core.values.reading import Decision, Reading


def authored(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    """The Reading with some parts replaced, and `by` recorded as the author of `part`."""
    return reading.with_(authors={**reading.authors, part: by}, **changes)


def unauthored(reading: Reading, part: str) -> Reading:
    """The Reading without an author of `part`."""
    return reading.with_(authors={one: who for one, who in reading.authors.items() if one != part})


def invalidate_accepted(
    reading: Reading, part: str, by: str, among: Collection[str] | None = None, **changes: Any
) -> Reading:
    """As `authored`, for parts that measurements are computed from: what was accepted was another value.

    Rejections and values that a reader entered stay.

    Args:
        reading: the Reading before.
        part: what changes, as a key of `Reading.authors`.
        by: who changes it.
        among: codes of the measurements that are computed from this part; all of them where None.
        **changes: the parts of the Reading that are replaced.

    """
    return authored(reading, part, by, decisions=without_accepted(reading.decisions, among), **changes)


def without_accepted(decisions: Mapping[str, Decision], among: Collection[str] | None = None) -> dict[str, Decision]:
    """The decisions without plain acceptances of the measurements `among` (codes; all where None)."""
    return {
        code: one
        for code, one in decisions.items()
        if not one.accepted or one.value is not None or (among is not None and code not in among)
    }
