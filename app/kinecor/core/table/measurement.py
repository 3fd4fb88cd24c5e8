"""A number with everything a reader needs to judge it."""

import math
from dataclasses import dataclass
from enum import StrEnum

from kinecor.core.strain.codes import SHORT_AXIS_NAMES, STRAIN_CODES, STRAIN_NAMES
from kinecor.core.table.number_format import fixed, signed
from kinecor.core.values.track import Structure

NAMES = {
    "EDV": "End-diastolic volume",
    "ESV": "End-systolic volume",
    "SV": "Stroke volume",
    "EF": "Ejection fraction",
    "CO": "Cardiac output",
    "HR": "Heart rate",
    "LAV": "Left atrial volume at ES",
    "EDVI": "End-diastolic volume index",
    "ESVI": "End-systolic volume index",
    "SVI": "Stroke volume index",
    "CI": "Cardiac index",
    "LVM": "LV mass at ED",
    "LVMI": "LV mass index at ED",
    "LVMES": "LV mass at ES",
    "PER": "Peak ejection rate",
    "PFR": "Peak filling rate",
    "MWT": "Thickest segment at ED",
    "BSA": "Body surface area",
    "RVEDV": "RV end-diastolic volume",
    "RVEDVI": "RV end-diastolic volume index",
    "RVESV": "RV end-systolic volume",
    "RVESVI": "RV end-systolic volume index",
    "RVSV": "RV stroke volume",
    "RVSVI": "RV stroke volume index",
    "RVEF": "RV ejection fraction",
    **STRAIN_NAMES,
    **SHORT_AXIS_NAMES,
}
"""What a reader calls each measurement, by its code."""

DECIMALS = {"1/s": 2, "%": 0, "ml": 0, "1/min": 0, "ml/m2": 0, "g": 0, "g/m2": 0, "ml/s": 0, "m2": 2, "ms": 0}
"""Decimals shown by unit; one for all others."""
UNIT_NAMES = {"1/min": "/min", "1/s": "/s", "m2": "m²", "ml/m2": "ml/m²", "g/m2": "g/m²", "l/min/m2": "l/min/m²"}


class Status(StrEnum):
    """Where a measurement stands with its reader."""

    AUTO = "auto"
    ACCEPTED = "accepted"
    EDITED = "edited"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A finite value and its unit (ml, %, l/min, 1/min, g, mm, ms, cm2, ml/s, m2, and per m2)."""

    value: float
    unit: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"a quantity is finite, got {self.value} {self.unit}")


def index_code(code: str) -> str:
    """The code of a measurement's index by body surface area."""
    return "CI" if code == "CO" else f"{code}I"


def decimals_of(code: str, unit: str) -> int:
    """How many decimals a measure has wherever it stands: of strain one, of other percentages none."""
    return 1 if code in (*STRAIN_CODES, *SHORT_AXIS_NAMES) and unit == "%" else DECIMALS.get(unit, 1)


def digits(quantity: Quantity, code: str = "") -> str:
    """The value as a reader is shown it, without its unit."""
    return signed(quantity.value, decimals_of(code, quantity.unit))


def plain_digits(quantity: Quantity, code: str = "") -> str:
    """The same as machines read it: with "-" for a minus sign."""
    return fixed(quantity.value, decimals_of(code, quantity.unit))


def told(quantity: Quantity, code: str = "") -> str:
    """The value as a reader is shown it, with its unit."""
    return f"{digits(quantity, code)} {unit_name(quantity.unit)}"


def unit_name(unit: str) -> str:
    """The unit as a reader is shown it."""
    return UNIT_NAMES.get(unit, unit)


@dataclass(frozen=True, slots=True)
class Measurement:
    """One row of the table, one NUM item of a structured report, one entry of result.json.

    Attributes:
        code: short name, e.g. "EDV", "EF".
        quantity: value and unit, or None where it cannot be had: then `status` is WITHHELD and `note` says why.
        unit: the unit it has or would have.
        method: how it is computed, e.g. "single-plane disks".
        frames: the frames (0-based) it rests on.
        structures: the contours it rests on.
        by: models ("name@version") and persons its contours and marks come from.
        confidence: 0..1, or None where there is none to give.
        status: see Status.
        note: what a reader must know beside the number, or None.

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

    def __post_init__(self) -> None:
        if (self.quantity is None) != (self.status is Status.WITHHELD):
            raise ValueError(f"{self.code}: withheld exactly where there is no value")
        if self.quantity is None and not self.note:
            raise ValueError(f"{self.code}: a withheld value must say why")
        if self.quantity is not None and self.quantity.unit != self.unit:
            raise ValueError(f"{self.code}: unit {self.quantity.unit} where {self.unit} was expected")
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise ValueError(f"{self.code}: confidence must lie in 0..1, got {self.confidence}")
