"""Cells of tables that spreadsheet programs open: what a file calls a patient must not become a formula there."""

from collections.abc import Iterable
from typing import Final

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_cells(cells: Iterable[object]) -> list[object]:
    """Cells as they are written: a text that a spreadsheet would compute has an apostrophe before it, numbers have not.

    Args:
        cells: of a row.

    """
    return [f"'{cell}" if isinstance(cell, str) and _computes(cell) else cell for cell in cells]


def _computes(text: str) -> bool:
    if not text.startswith(_BEGINS_A_FORMULA) or len(text) == 1:
        return False
    try:
        float(text)
    except ValueError:
        return True
    return False
