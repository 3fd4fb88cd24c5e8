"""Measurements as their reader left them: accepted, rejected, replaced, and what follows for the others."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from kinecor.core.table.measurement import Measurement, Quantity, Status
from kinecor.core.values.reading import Reading


def decided(rows: Sequence[Measurement], reading: Reading) -> tuple[Measurement, ...]:
    """The rows with the reader's decisions in them.

    What is made of a number that was replaced is worked out anew, and what is made of one that was rejected is
    withheld, so that the table never contradicts itself.
    """
    each = {row.code: _one(row, reading) for row in rows}
    return tuple(_following(row, each, reading) for row in each.values())


def _one(row: Measurement, reading: Reading) -> Measurement:
    """`row` as its reader left it: accepted, rejected, or with a value of their own."""
    decision = reading.decisions.get(row.code)
    if decision is None:
        return row
    if not decision.accepted:
        return replace(row, quantity=None, status=Status.WITHHELD, note=f"rejected by {decision.by}")
    if decision.value is not None:
        quantity = Quantity(decision.value, row.unit)
        return replace(
            row, quantity=quantity, status=Status.EDITED, method="entered by hand", by=(decision.by,), confidence=None
        )
    return row if row.quantity is None else replace(row, status=Status.ACCEPTED)


# What each number is made of, and how, in its own unit.
_MADE_OF: dict[str, tuple[tuple[str, ...], Callable[..., float]]] = {
    "SV": (("EDV", "ESV"), lambda edv, esv: edv - esv),
    "EF": (("EDV", "ESV"), lambda edv, esv: 100 * (edv - esv) / edv),
    "CO": (("EDV", "ESV", "HR"), lambda edv, esv, rate: (edv - esv) * rate / 1000),
    "RVSV": (("RVEDV", "RVESV"), lambda edv, esv: edv - esv),
    "RVEF": (("RVEDV", "RVESV"), lambda edv, esv: 100 * (edv - esv) / edv),
    "SVI": (("EDV", "ESV", "BSA"), lambda edv, esv, bsa: (edv - esv) / bsa),
    "CI": (("EDV", "ESV", "HR", "BSA"), lambda edv, esv, rate, bsa: (edv - esv) * rate / 1000 / bsa),
    "RVSVI": (("RVEDV", "RVESV", "BSA"), lambda edv, esv, bsa: (edv - esv) / bsa),
    **{
        f"{code}I": ((code, "BSA"), lambda volume, bsa: volume / bsa)
        for code in ("EDV", "ESV", "LVM", "RVEDV", "RVESV")
    },
}


def _following(row: Measurement, each: dict[str, Measurement], reading: Reading) -> Measurement:
    """`row`, worked out anew where a reader replaced a number it is made of, and withheld where they rejected one."""
    parts, formula = _MADE_OF.get(row.code, ((), None))
    decisions = {code: reading.decisions[code] for code in parts if code in reading.decisions}
    own = reading.decisions.get(row.code)
    if formula is None or (own is not None and (own.value is not None or not own.accepted)):
        return row
    for code, decision in decisions.items():
        if not decision.accepted:
            why = f"rests on {code}, which {decision.by} rejected"
            return replace(row, quantity=None, status=Status.WITHHELD, confidence=None, note=why)
    replaced = {code: decision for code, decision in decisions.items() if decision.value is not None}
    values = [one.quantity.value for one in map(each.__getitem__, parts) if one.quantity is not None]
    divisor = {"EF": 0, "RVEF": 0}.get(row.code, -1 if "BSA" in parts else None)
    if not replaced or len(values) < len(parts) or (divisor is not None and values[divisor] == 0):
        return row
    by = tuple(dict.fromkeys((*row.by, *(decision.by for decision in replaced.values()))))
    quantity, note = Quantity(formula(*values), row.unit), f"with {' and '.join(replaced)} as entered"
    return replace(row, quantity=quantity, status=Status.EDITED, by=by, confidence=None, note=note)
