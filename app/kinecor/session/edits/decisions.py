"""What a reader decides on a measurement: accepted, rejected, or overridden by a value of theirs."""

import math
from dataclasses import dataclass

from kinecor.core.table.measurement import Quantity, digits, typeset
from kinecor.core.table.measures import unit_name
from kinecor.core.values.reading import Decision, Reading
from kinecor.session.codec import Edit, authored, tagged


@tagged("decide/1")
@dataclass(frozen=True, slots=True)
class Decide(Edit):
    """A reader's decision on one measurement: accepted, rejected, or overridden by a value of theirs.

    Attributes:
        code: of the measurement.
        accepted: False where it was rejected.
        value: the reader's own value instead of the computed one, or None.
        computed: the value on screen at the time, or None where it was withheld; for the record only.
        unit: of both values, as in Quantity; "" where unknown.

    Raises:
        ValueError: no code, or a value that is not finite.

    """

    code: str
    accepted: bool
    value: float | None = None
    computed: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a decision needs the code of its measurement")
        for value in (self.value, self.computed):
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.code}: a value is finite, got {value}")

    @property
    def summary(self) -> str:
        """A few plain words for the history, with the old and the new value."""
        unit = f" {unit_name(self.unit)}".rstrip()
        before = "" if self.computed is None else f" {digits(Quantity(self.computed, self.unit), self.code)}{unit}"
        if self.value is not None:
            return f"{self.code}{before} {'replaced by' if before else 'set to'} {typeset(f'{self.value:g}')}{unit}"
        return f"{self.code}{before} {'accepted' if self.accepted else 'rejected'}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this decision."""
        decision = Decision(self.code, self.accepted, self.value, by)
        return authored(reading, f"decisions/{self.code}", by, decisions={**reading.decisions, self.code: decision})


@tagged("clear-decision/1")
@dataclass(frozen=True, slots=True)
class ClearDecision(Edit):
    """Withdraws a decision: the measurement is as computed again."""

    code: str

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"{self.code} as computed"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without that decision."""
        decisions = {code: decision for code, decision in reading.decisions.items() if code != self.code}
        return authored(reading, f"decisions/{self.code}", by, decisions=decisions)
