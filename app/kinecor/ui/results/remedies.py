"""What a remedy of a finding does, as the edit that a reader would make by hand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from kinecor.core.checks.assessment import assess
from kinecor.core.checks.findings import Finding, Remedy, State
from kinecor.core.table.measures import BY_CODE, MAIN, format_quantity
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.events import Mark, frame_of, with_beats, with_mark
from kinecor.core.values.message import NOTHING, Message, join_texts, joined_by, message
from kinecor.core.values.reading import Reading, View, choices
from kinecor.core.volumes.extent import extent_of, marks_of, right_base_of, slices_with_number, with_end
from kinecor.session.edits import (
    AcknowledgeFinding,
    Decide,
    Edit,
    SetEvents,
    SetExcluded,
    SetRvBase,
    SetStrainChoices,
    SetView,
    Several,
)
from kinecor.ui.style.language import translated
from kinecor.ui.workspace.corrections import extent_edit

MAX_SHOWN = 2


def edit_of(remedy: Remedy, reading: Reading, by: str) -> Edit:
    """The edit of a remedy.

    Args:
        remedy: its arguments are complete; see Remedy.
        reading: the saved one.
        by: the reader who chose it, recorded with a view.

    Raises:
        KinecorError: it cannot be done with this Reading any more, e.g. its beat is gone.

    """
    try:
        if remedy.action == "name-view":
            return SetView(View(str(remedy.arguments["view"]), None, by))
        return _MADE[remedy.action](reading, remedy.arguments)
    except (ValueError, KeyError, IndexError) as error:
        raise KinecorError(
            message("{remedy} is not possible any more: {reason}.", remedy=remedy.label, reason=error_message(error))
        ) from error


def chosen_edit(remedy: Remedy, finding: Finding, reading: Reading, by: str) -> Edit:
    """The edit of a remedy that the reader chose for a finding.

    Where the finding asks which slice ends the ventricle, the choice answers it: the doubt that the images still give
    about that slice is acknowledged in the same step, with the choice as its reason.

    Args:
        remedy: one of the finding's; its arguments are complete.
        finding: as listed.
        reading: the saved one.
        by: the reader.

    Raises:
        KinecorError: see edit_of.

    """
    edit = edit_of(remedy, reading, by)
    if remedy.action != "move-base":
        return edit
    left = [
        single_finding
        for single_finding in assess(edit.apply(reading, by)).findings
        if _same_question(single_finding, finding, remedy)
    ]
    if not left:
        return edit
    at, why = datetime.now(UTC).isoformat(timespec="seconds"), remedy.reason or remedy.label
    # The reason is stored as the reader's own words: as they were read.
    return Several(why, (edit, *(AcknowledgeFinding(finding.key, at, translated(why)) for finding in left)))


def _same_question(single_finding: Finding, finding: Finding, remedy: Remedy) -> bool:
    """Whether a finding asks for the slice that a remedy of another has chosen."""
    chosen = remedy.arguments.get("frame"), remedy.arguments["slice"]
    asked = {(kept.arguments.get("frame"), kept.arguments.get("slice")) for kept in single_finding.remedies[:1]}
    return single_finding.code == finding.code and single_finding.state is State.OPEN and chosen in asked


def effect_of(remedy: Remedy, reading: Reading, others: tuple[Reading, ...], codes: frozenset[str], by: str) -> Message:
    """The values that follow from a remedy, e.g. "EF 51 %, EDV 97 ml"; "" where it cannot be done or needs a value.

    Args:
        remedy: see Remedy; its own words, where it has some, are taken.
        reading: the saved one.
        others: Readings of the study's other recordings.
        codes: of the measurements that the finding concerns.
        by: the reader.

    """
    if remedy.effect or (remedy.action == "enter-value" and "value" not in remedy.arguments):
        return remedy.effect
    try:
        after = edit_of(remedy, reading, by).apply(reading, by)
    except (KinecorError, ValueError):
        return NOTHING
    rows = {measurement.code: measurement for measurement in assess(after, others).measurements}
    measurements = [rows[code] for code in MAIN if code in codes and code in rows]
    values = [
        join_texts(measurement.code, " ", format_quantity(measurement.quantity, measurement.code))
        for measurement in measurements
        if measurement.quantity is not None
    ]
    return joined_by(", ", values[:MAX_SHOWN])


def _enter_value(reading: Reading, given: Mapping[str, Any]) -> Edit:
    code = str(given["code"])
    row = next((measurement for measurement in assess(reading).measurements if measurement.code == code), None)
    computed = row.quantity.value if row is not None and row.quantity is not None else None
    return Decide(code, accepted=True, value=float(given["value"]), computed=computed, unit=BY_CODE[code].unit)


def _exclude_beat(reading: Reading, given: Mapping[str, Any]) -> Edit:
    beats = reading.events.beats if reading.events else ()
    left = tuple(beat for number, beat in enumerate(beats) if number != given["beat"])
    if len(left) == len(beats) or not left:
        raise ValueError(message("there is no such beat besides another one"))
    return SetEvents(with_beats(reading.events, left))


def _move_mark(reading: Reading, given: Mapping[str, Any]) -> Edit:
    mark: Mark = given["mark"]
    frame, beats = int(given["frame"]), reading.events.beats if reading.events else ()
    if not beats:
        raise ValueError(message("there is no beat"))
    nearest = min(range(len(beats)), key=lambda number: abs(frame_of(beats[number], mark) - frame))
    number = int(given.get("beat", nearest))
    moved = (*beats[:number], with_mark(beats[number], mark, frame), *beats[number + 1 :])
    return SetEvents(with_beats(reading.events, moved))


def _move_base(reading: Reading, given: Mapping[str, Any]) -> Edit:
    """`end` is "base" (the default), "apex" or "rv base"; without `frame` it holds for all phases."""
    frame, number, end = given.get("frame"), int(given["slice"]), given.get("end", "base")
    if end == "rv base":
        return SetRvBase(slices_with_number(right_base_of(reading), number, frame, marks_of(reading)))
    return extent_edit(reading, with_end(extent_of(reading), end, number, frame, marks_of(reading)))


def _exclude_slice(reading: Reading, given: Mapping[str, Any]) -> Edit:
    return SetExcluded(tuple(sorted({*choices(reading).excluded, int(given["slice"])})))


def _exclude_segment(reading: Reading, given: Mapping[str, Any]) -> Edit:
    excluded = tuple(sorted({*reading.strain.excluded, int(given["segment"])}))
    return SetStrainChoices(replace(reading.strain, excluded=excluded))


_MADE: Final[Mapping[str, Callable[[Reading, Mapping[str, Any]], Edit]]] = {
    "enter-value": _enter_value,
    "exclude-beat": _exclude_beat,
    "move-mark": _move_mark,
    "move-base": _move_base,
    "exclude-slice": _exclude_slice,
    "exclude-segment": _exclude_segment,
}
