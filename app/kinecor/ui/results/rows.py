"""One measurement in the words of the results panel: value, index, normal range, trust, and the reason for a doubt."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kinecor.core.checks.findings import Finding, Severity, State
from kinecor.core.norms.classes import NOT_MEASURED_WELL, Zone
from kinecor.core.norms.norms import Graded
from kinecor.core.table.measures import (
    BY_CODE,
    EXPLORATORY,
    SEGMENTAL,
    Measurement,
    Status,
    digits,
    format_quantity,
    interval_words,
    name_of,
    typeset,
    unit_name,
)
from kinecor.core.values.confidence import LOOP_CONTOURS, Trust
from kinecor.core.values.message import NOTHING, Message, join_texts, message, number, verbatim
from kinecor.core.values.reading import Decision, Reading, short_author
from kinecor.ui.style.language import tr, translated
from kinecor.ui.workspace.study_checks import Listed, Place

DASH: Final = "\N{EN DASH}"
NO_VALUE: Final = verbatim(DASH)
AUTOMATIC: Final = message("automatic")
STUDY: Final = -1
"""The owner of a value of the whole study."""


class Decided(Enum):
    """What a reader decided about a value, other than to accept it."""

    ENTERED = "entered"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Span:
    """A normal range and where the value stands.

    What is said of it follows from its interval (`core.norms.classes`).

    Attributes:
        graded: see there.
        at: the value, or its index, in the unit of the limits.

    """

    graded: Graded
    at: float

    @property
    def indexed(self) -> bool:
        """Whether it is of the value per m2 of body surface."""
        return self.graded.unit.endswith("/m2")

    @property
    def limits(self) -> Message:
        """The limits alone: "34–74", "≤ −18"."""
        return self.graded.range_words

    @property
    def words(self) -> Message:
        """The limits, and whether they are per m2: "34–74/m²"."""
        return join_texts(self.limits, "/m²") if self.indexed else self.limits

    @property
    def inside(self) -> bool:
        """Whether it may be said that it is normal."""
        return self.graded.normal

    @property
    def abnormal(self) -> bool:
        """Whether it may be said that it is abnormal, which is drawn in colour: a borderline value is not."""
        return self.graded.abnormal

    @property
    def flag_word(self) -> str:
        """The flag in a word, or two where it may be either; "" where it is not measured well enough for one."""
        zones = self.graded.statement.outwards
        flags = list(dict.fromkeys(map(self._flag_of, zones)))
        if len(flags) < 2:
            return "".join(flags)
        last = flags[-1]
        return tr("{first} to {last}").format(first=flags[0], last=last[:1].lower() + last[1:])

    def _flag_of(self, zone: Zone) -> str:
        """The flag of a class. Strain is negative: above its range it is reduced."""
        if zone.borderline:
            return tr("Borderline")
        if zone.flag == "within":
            return tr("Normal") if zone.normal else tr("Abnormal")
        if self.at < 0:
            return tr("Reduced") if zone.flag == "above" else tr("Increased")
        return tr("High") if zone.flag == "above" else tr("Low")

    @property
    def grade(self) -> str:
        """How abnormal, in the words of the source, or the flag."""
        statement = self.graded.statement
        # "Abnormal" alone says less than which way.
        plain = statement.certain is not None and statement.certain.grade in {"", "abnormal"}
        # Of classes without grades, the flags say which way.
        graded = any(zone.grade not in {"", "abnormal"} for zone in statement.stated)
        return self.flag_word if plain or not graded else translated(statement.range.capitalised())

    @property
    def lines(self) -> tuple[str, ...]:
        """Range, source and caveat, for a tool tip."""
        graded = self.graded
        printed = ", ".join(filter(None, (graded.citation, graded.table, graded.page and f"p. {graded.page}")))
        within = tr("normal {source}: {range}").format(
            source=translated(graded.source_words), range=translated(graded.words)
        )
        return tuple(filter(None, (self.likely, within, translated(graded.caveat), printed)))

    @property
    def likely(self) -> str:
        """The classes with their probabilities, those from 1 % on; "" where the value has no interval."""
        shares = [(zone, round(100 * share)) for zone, share in self.graded.statement.probabilities]
        return ", ".join(f"{translated(zone.name)} {percent} %" for zone, percent in shares if percent)


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
        interval: "± 6", or "".
        status: "automatic", "accepted by NAME", "corrected", "rejected", "withheld".
        kind: the status as a value.
        decided: see Decided; None where the reader accepted it, or decided nothing.
        note: a remark, or the reason it is not available.
        computed: what the reader replaced or rejected, with its unit; else "".
        exploratory: whether it is not for routine use.
        trust: what may be done with the value.
        checks: sentences of the checks that concern it.
        opened: whether one of them is open, or its confidence is low.
        owner: index of its recording, or STUDY.
        view: of its recording, where several views give such a value; else "".
        index: per m2 of body surface, digits; "" where there is none.
        codes: what accepting the row accepts: its own code, and that of its index where this is a measurement too.
        span: its normal range, or None.
        imprecise: whether it is not measured well enough for a class: then it has no large type, colour or flag.
        reason: the sentence below the row; "" where it has none, or another row says it.
        repeated: whether the reason only names the row above that says it.
        place: where that is seen, or None.
        computing: whether the models are not done with what it rests on, so that it may still change.

    """

    code: str
    name: Message
    value: Message
    unit: str
    method: Message
    frames: str
    by: str
    confidence: Message
    interval: Message
    status: Message
    kind: Status
    note: Message
    decided: Decided | None = None
    computed: Message = NOTHING
    exploratory: bool = False
    trust: Trust = Trust.OK
    checks: tuple[Message, ...] = ()
    opened: bool = False
    owner: int = STUDY
    view: str = ""
    index: Message = NOTHING
    codes: tuple[str, ...] = ()
    span: Span | None = None
    imprecise: bool = False
    reason: str = ""
    repeated: bool = False
    place: tuple[int, Place] | None = None
    computing: bool = False

    @property
    def key(self) -> tuple[int, str]:
        """Its recording and its code."""
        return self.owner, self.code

    @property
    def withheld(self) -> bool:
        """Whether it has no value."""
        return self.kind is Status.WITHHELD

    @property
    def accepted(self) -> bool:
        """Whether a person accepted it, or entered it."""
        return self.kind is Status.ACCEPTED or self.decided is Decided.ENTERED

    @property
    def rejected(self) -> bool:
        """Whether a person rejected it, so that it has no value."""
        return self.decided is Decided.REJECTED

    @property
    def mark(self) -> Severity | None:
        """The sign at its value where that is to be checked; None else: a value that is not shown raises no alarm."""
        return Severity.CHECK if self.trust is Trust.CHECK else None

    @property
    def muted(self) -> bool:
        """Whether a flag is shown without colour: a check of the value is open, or it may still change."""
        return self.opened or self.computing or self.imprecise

    @property
    def class_words(self) -> str:
        """What is said of the value next to it: its class, or that it is not measured well enough; "" for nothing."""
        if self.withheld:
            return ""
        if self.imprecise:
            return translated(NOT_MEASURED_WELL.capitalised())
        return self.span.grade if self.span else ""

    @property
    def label(self) -> str:
        """What stands at the beginning of its line."""
        if self.code in SEGMENTAL:
            return translated(self.name)
        return tr(BY_CODE[self.code].short or self.code) if self.code in BY_CODE else self.code

    @property
    def shown_name(self) -> str:
        """Its name in the language in force."""
        return translated(self.name)

    @property
    def short(self) -> str:
        """Its label with its view."""
        return f"{self.label} {self.view}".rstrip()


STILL_COMPUTING: Final = "The models are still computing: this value may change."
COMPUTING: Final = "computing\N{HORIZONTAL ELLIPSIS}"


def awaited_row(code: str, owner: int = STUDY) -> Row:
    """The place of a value that is not there yet."""
    return Row(
        code=code,
        name=name_of(code),
        value=NO_VALUE,
        unit="",
        method=NOTHING,
        frames="",
        by="",
        confidence=NOTHING,
        interval=NOTHING,
        status=AUTOMATIC,
        kind=Status.WITHHELD,
        note=verbatim(tr(COMPUTING)),
        exploratory=code in EXPLORATORY,
        owner=owner,
        codes=(code,),
        computing=True,
    )


def row(
    measurement: Measurement,
    reading: Reading | None,
    computed: Measurement | None = None,
    found: Sequence[Finding] = (),
    *,
    owner: int = STUDY,
    view: str = "",
) -> Row:
    """The words for one measurement.

    Args:
        measurement: as assessed.
        reading: it belongs to; None for one of the study.
        computed: the same without the reader's decision.
        found: findings of the checks that concern it.
        owner: see Row.
        view: see Row.

    """
    m = measurement
    decision = None if reading is None else reading.decisions.get(m.code)
    decided = _decided(m.status, decision)
    segment = m.code in SEGMENTAL and m.method  # its method is which segment it is
    checks = tuple(finding.message for finding in found) or reasons_to_check(m)
    return Row(
        code=m.code,
        name=m.method if segment else name_of(m.code),
        value=NO_VALUE if m.quantity is None else digits(m.quantity, m.code),
        unit=unit_name(m.unit),
        method=NOTHING if segment else m.method,
        frames="" if reading is None else _frames(m, reading),
        by=", ".join(short_author(name) for name in m.by),
        confidence=NOTHING if m.confidence is None else number(m.confidence, ".2f"),
        interval=interval_words(m),
        status=_status(m.status, decided, decision),
        kind=m.status,
        note=m.note or NOTHING,
        decided=decided,
        computed=NOTHING if reading is None else _computed(computed, reading),
        exploratory=m.code in EXPLORATORY,
        trust=m.trust,
        checks=checks,
        opened=any(finding.state is State.OPEN for finding in found) if found else bool(checks),
        owner=owner,
        view=view,
        codes=(m.code,),
    )


def reasons_to_check(m: Measurement) -> tuple[Message, ...]:
    """Why a value that no finding names is to be checked all the same: its contours, or a value it is computed from."""
    if m.trust is not Trust.CHECK:
        return ()
    if m.confidence is None or m.confidence >= LOOP_CONTOURS.check:
        return (message("A value it is computed from has a check: see Checks."),)
    return (message("Low confidence ({confidence:.2f}): review the contours.", confidence=m.confidence),)


def place_of(finding: Finding, owner: int) -> tuple[int, Place] | None:
    """Where a finding is seen first: the recording, and a frame or slice where it names one."""
    return None if owner == STUDY else (owner, Listed(owner, "", finding).places[0])


def details(row: Row) -> str:
    """Everything a row knows, a line each; for tool tips."""
    parts = [
        f"{row.shown_name}{f' ({row.view})' if row.view else ''}: {translated(row.value)} {row.unit}".rstrip(),
        row.index and tr("indexed: {value}").format(value=f"{translated(row.index)} {row.unit}/m²"),
        row.computing and tr(STILL_COMPUTING),
        row.imprecise and translated(NOT_MEASURED_WELL.capitalised()),
        *(row.span.lines if row.span else ()),
        typeset(translated(row.method)),
        row.frames,
        row.by and tr("by {who}").format(who=row.by),
        row.interval and tr("interval of 95 %: {value}").format(value=f"{translated(row.interval)} {row.unit}"),
        row.confidence and tr("confidence {value}").format(value=translated(row.confidence)),
        translated(row.status),
        row.computed and tr("computed: {value}").format(value=translated(row.computed)),
        typeset(translated(row.note)),
        *(typeset(translated(check)) for check in row.checks),
    ]
    return "\n".join(dict.fromkeys(part for part in parts if part))


COLUMNS: Final = ("Measurement", "View", "Value", "Unit", "Interval", "Per m²", "Normal", "Flag", "Trust", "Status")


def as_table(rows: Sequence[Row]) -> str:
    """Rows as lines with tabulators between the cells, for the clipboard; a spreadsheet takes them as a table."""
    lines = [tuple(map(tr, COLUMNS))]
    for row in rows:
        span = row.span
        why = row.reason or typeset(translated(row.note or next(iter(row.checks), NOTHING)))
        trust = f"{row.trust}{f': {why}' if row.checks or row.withheld else ''}"
        lines.append(
            (
                row.shown_name if row.name != row.code else row.code,
                row.view,
                "" if row.withheld else row.value,
                row.unit,
                row.interval,
                row.index,
                span.words if span else "",
                row.class_words if row.imprecise else span.flag_word if span else "",
                trust,
                translated(row.status),
            )
        )
    return "\n".join("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in line) for line in lines) + "\n"


def _computed(computed: Measurement | None, reading: Reading) -> Message:
    decision = reading.decisions.get(computed.code) if computed else None
    if computed is None or computed.quantity is None or decision is None:
        return NOTHING
    if decision.accepted and decision.value is None:
        return NOTHING
    return format_quantity(computed.quantity, computed.code)


def _frames(m: Measurement, reading: Reading) -> str:
    beats = reading.events.beats if reading.events else ()
    if len(beats) > 1 and len(m.frames) > 2:
        return ""  # the method says how many beats
    texts_by_key = {beat.ed: "ED {number}" for beat in beats} | dict.fromkeys(reading.valve_closures, "AVC {number}")
    texts_by_key |= {beat.es: "ES {number}" for beat in beats}
    plain = tr("phase {number}") if reading.kind.gated else tr("frame {number}")
    return ", ".join(texts_by_key.get(frame, plain).format(number=frame + 1) for frame in m.frames)


def _decided(status: Status, decision: Decision | None) -> Decided | None:
    if status is Status.EDITED and decision is not None and decision.value is not None:
        return Decided.ENTERED
    if status is Status.WITHHELD and decision is not None and not decision.accepted:
        return Decided.REJECTED
    return None


def _status(status: Status, decided: Decided | None, decision: Decision | None) -> Message:
    match status:
        case Status.ACCEPTED:
            return message("accepted by {who}", who=verbatim(decision.by)) if decision else message("accepted")
        case Status.EDITED:
            return message("entered by hand") if decided is Decided.ENTERED else message("corrected")
        case Status.WITHHELD:
            return message("rejected") if decided is Decided.REJECTED else message("withheld")
        case _:
            return AUTOMATIC
