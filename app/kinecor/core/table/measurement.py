"""A number with everything a reader needs to judge it.

What machines read (result.json, CSV) uses "-", the only minus sign they accept.
"""

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kinecor.core.table.measures import decimals_of, unit_name
from kinecor.core.values.confidence import Trust
from kinecor.core.values.track import Structure

MINUS: Final = "\N{MINUS SIGN}"
_SIGN = re.compile(r"(?<![\w.)-])-(?=\d)")


def fixed(number: float, decimals: int) -> str:
    """With fixed decimals and "-", for programs."""
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if not float(text) else text


def signed(number: float, decimals: int = 1) -> str:
    """With fixed decimals and a true minus sign."""
    return fixed(number, decimals).replace("-", MINUS)


def with_unit(number: float, unit: str, decimals: int = 1) -> str:
    """The same with its unit."""
    return f"{signed(number, decimals)} {unit}"


def typeset(text: str) -> str:
    """Text with true minus signs before its numbers; hyphens and ranges stay."""
    return _SIGN.sub(MINUS, text)


class Status(StrEnum):
    """Where a measurement stands with its reader."""

    AUTO = "auto"
    ACCEPTED = "accepted"
    EDITED = "edited"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A finite value and its unit, one of `measures.UNITS`."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity is finite, got {self.value} {self.unit}")


def digits(quantity: Quantity, code: str = "") -> str:
    """The value as a reader is shown it, without its unit."""
    return signed(quantity.value, decimals_of(code, quantity.unit))


def plain_digits(quantity: Quantity, code: str = "") -> str:
    """The same for programs: with "-" for a minus sign."""
    return fixed(quantity.value, decimals_of(code, quantity.unit))


def format_quantity(quantity: Quantity, code: str = "") -> str:
    """The value as a reader is shown it, with its unit."""
    return f"{digits(quantity, code)} {unit_name(quantity.unit)}".rstrip()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table, one NUM item of a structured report, one entry of result.json.

    Attributes:
        code: short name, e.g. "EDV", "EF"; see `measures.MEASURES`.
        quantity: value and unit, or None where it is withheld: then `status` is WITHHELD and `note` says why.
        unit: the unit it has or would have.
        method: how it is computed, e.g. "method of disks (single plane, A4C)".
        frames: the frames (0-based) it rests on.
        structures: the contours it rests on.
        by: models ("name@version") and persons its contours and marks come from.
        confidence: 0..1, or None where there is none, such as of a value entered by a person.
        status: see Status.
        note: a remark for the reader, or why the value is withheld; None without one.
        trust: what may be done with the value; WITHHELD exactly where there is none.

    """

    code: str
    quantity: Quantity | None
    unit: str
    method: str
    frames: tuple[int, ...]
    structures: tuple[Structure, ...]
    by: tuple[str, ...]
    confidence: float | None
    status: Status
    note: str | None = None
    trust: Trust = Trust.OK

    def __post_init__(self) -> None:
        if (self.quantity is None) != (self.status is Status.WITHHELD):
            raise ValueError(f"{self.code}: withheld exactly where there is no value")
        if self.quantity is None and not self.note:
            raise ValueError(f"{self.code}: a withheld value must say why")
        if self.quantity is not None and self.quantity.unit != self.unit:
            raise ValueError(f"{self.code}: unit {self.quantity.unit} where {self.unit} was expected")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"{self.code}: confidence must lie in 0..1, got {self.confidence}")
        if self.quantity is None:
            object.__setattr__(self, "trust", Trust.WITHHELD)
        elif self.trust is Trust.WITHHELD:
            raise ValueError(f"{self.code}: a value that is not trusted at all must be withheld")
