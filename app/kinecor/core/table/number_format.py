"""Numbers as shown to a reader: fixed decimals and a true minus sign, never a negative zero.

What machines read (result.json, CSV) keeps "-", which is all that they take for a sign.
"""

import re
from typing import Final

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
