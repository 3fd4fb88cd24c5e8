"""What the program proposed for a study next to what its reader signed, value by value."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from kinecor.core.checks.assessment import assess, assessed_study
from kinecor.core.table.measures import MEASURES, Group, Measurement, Rank
from kinecor.core.values.confidence import Trust
from kinecor.core.values.kind import STACK_VIEW
from kinecor.core.values.reading import Reading
from kinecor.core.values.study import Sources, StudyReading, counting

COMPARED: Final = tuple(
    measure.code
    for measure in MEASURES
    if measure.rank in (Rank.HEADLINE, Rank.MAIN) and measure.group is not Group.RATES
)
"""Codes of the values that are compared, in the order of the table; a heart rate is the header's or the ECG's."""
OVER_VIEWS: Final = ""
"""The view of a value of the study as a whole, such as a biplane EF."""


@dataclass(frozen=True, slots=True)
class SignedPair:
    """An automatic value and the one that was signed.

    Attributes:
        code: of the measurement.
        unit: of all values.
        view: of the recording; OVER_VIEWS of a value of the study.
        automatic: what the program proposed.
        signed: what the reader signed: unchanged, after corrections, or entered.
        low, high: the interval of 95 % that was shown with the automatic value, or None.
        doubtful: whether an open check marked the automatic value, or it was to be reviewed.

    """

    code: str
    unit: str
    view: str
    automatic: float
    signed: float
    low: float | None = None
    high: float | None = None
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class SignedValues:
    """The values of one study as its reader signed them.

    Attributes:
        patient: digest that tells patients apart; "" where the study names none.
        equipment: maker, model and software of the scanner; "" where it is not known.
        pairs: see SignedPair; of a view the first recording that counts.
        withheld: by code, how many values were signed that the program had withheld or not found.

    """

    patient: str
    equipment: str
    pairs: tuple[SignedPair, ...]
    withheld: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def signed_values(
    proposed: Sequence[Reading], readings: Sequence[Reading], study: StudyReading, patient: str
) -> SignedValues:
    """Compare what is signed with what the program proposed.

    Args:
        proposed: Readings of the recordings as the program proposed them; those that it did not read are left out.
        readings: of all recordings of the study, as they are signed.
        study: what is concluded about the study.
        patient: see SignedValues.

    """
    own = {reading.facts.recording_id: _undecided(reading) for reading in proposed}
    pairs: list[SignedPair] = []
    withheld: dict[str, int] = {}
    seen: set[tuple[str, str]] = set()
    for code, view, before, after in _rows(own, readings, study):
        if after.quantity is None or (code, view) in seen:
            continue
        if before is None or before.quantity is None:
            withheld[code] = withheld.get(code, 0) + 1
            continue
        seen.add((code, view))
        interval = before.interval
        pairs.append(
            SignedPair(
                code,
                before.unit,
                view,
                before.quantity.value,
                after.quantity.value,
                interval.low if interval else None,
                interval.high if interval else None,
                before.trust is not Trust.OK,
            )
        )
    return SignedValues(patient, study.equipment, tuple(pairs), MappingProxyType(withheld))


def _undecided(reading: Reading) -> Reading:
    return reading.with_(decisions={}, acknowledged={}) if reading.decisions or reading.acknowledged else reading


_Row = tuple[str, str, Measurement | None, Measurement]


def _rows(own: Mapping[str, Reading], readings: Sequence[Reading], study: StudyReading) -> Iterator[_Row]:
    """Code, view, automatic and signed row of every compared value: of the study first, then of its recordings."""
    # What was chosen, decided and scored is the reader's; who the patient is and which stills belong together is not.
    automatic = study.with_(sources=Sources(), decisions={})
    before = _by_code(assessed_study(tuple(own.values()), automatic).measurements)
    after = _by_code(assessed_study(readings, study).measurements)
    yield from ((code, OVER_VIEWS, before.get(code), after[code]) for code in COMPARED if code in after)
    for reading in counting(readings, study):
        view = STACK_VIEW if reading.kind.stack else reading.view.label if reading.view else ""
        proposed = own.get(reading.facts.recording_id)
        if not view or proposed is None:
            continue
        others = [other for name, other in own.items() if name != reading.facts.recording_id]
        before = _by_code(assess(proposed, others).measurements)
        after = _by_code(assess(reading, [other for other in readings if other is not reading]).measurements)
        yield from ((code, view, before.get(code), after[code]) for code in COMPARED if code in after)


def _by_code(rows: Sequence[Measurement]) -> dict[str, Measurement]:
    return {row.code: row for row in rows}
