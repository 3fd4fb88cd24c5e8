"""Measurements as the words of a table row."""

from dataclasses import dataclass

from kinecor.core.table.measurement import Measurement, Status, digits, format_quantity, typeset
from kinecor.core.table.measures import EXPLORATORY, SEGMENTAL, name_of, unit_name
from kinecor.core.values.reading import Reading, short_author


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement in words; equal rows look equal.

    Attributes:
        code, name: "EF", "Ejection fraction".
        value: digits, or a dash where the value is withheld.
        unit: of the value.
        method: how it is computed.
        frames: "ED 1, ES 13", counted from 1.
        by: whose contours and marks it rests on.
        confidence: "0.93", or "".
        status: "automatic", "accepted by NAME", "corrected", "rejected", "withheld".
        kind: the status as a value.
        note: a remark, or the reason it is not available.
        computed: what the reader replaced or rejected, with its unit; else "".
        exploratory: whether it is not for routine use.

    """

    code: str
    name: str
    value: str
    unit: str
    method: str
    frames: str
    by: str
    confidence: str
    status: str
    kind: Status
    note: str
    computed: str = ""
    exploratory: bool = False


def row(measurement: Measurement, reading: Reading, computed: Measurement | None = None) -> Row:
    """The words for one measurement of a Reading; `computed` is the same without the reader's decision."""
    m = measurement
    segment = m.code in SEGMENTAL and m.method  # its method is which segment it is
    return Row(
        code=m.code,
        name=m.method if segment else name_of(m.code),
        value="–" if m.quantity is None else digits(m.quantity, m.code),
        unit=unit_name(m.unit),
        method="" if segment else typeset(m.method),
        frames=_frames(m, reading),
        by=", ".join(short_author(one) for one in m.by),
        confidence="" if m.confidence is None else f"{m.confidence:.2f}",
        status=_status(m, reading),
        kind=m.status,
        note=typeset(m.note or ""),
        computed=_computed(computed, reading),
        exploratory=m.code in EXPLORATORY,
    )


def _computed(computed: Measurement | None, reading: Reading) -> str:
    decision = reading.decisions.get(computed.code) if computed else None
    if computed is None or computed.quantity is None or decision is None:
        return ""
    if decision.accepted and decision.value is None:
        return ""
    return format_quantity(computed.quantity, computed.code)


def _frames(m: Measurement, reading: Reading) -> str:
    beats = reading.events.beats if reading.events else ()
    if len(beats) > 1 and len(m.frames) > 2:
        return ""  # the method says how many beats
    words = {beat.ed: "ED " for beat in beats} | dict.fromkeys(reading.valve_closures, "AVC ")
    words |= {beat.es: "ES " for beat in beats}
    return ", ".join(f"{words.get(frame, 'frame ')}{frame + 1}" for frame in m.frames)


def _status(m: Measurement, reading: Reading) -> str:
    decision = reading.decisions.get(m.code)
    match m.status:
        case Status.ACCEPTED:
            return f"accepted by {decision.by}" if decision else "accepted"
        case Status.EDITED:
            return "entered by hand" if decision and decision.value is not None else "corrected"
        case Status.WITHHELD:
            return "rejected" if decision and not decision.accepted else "withheld"
        case _:
            return "automatic"
