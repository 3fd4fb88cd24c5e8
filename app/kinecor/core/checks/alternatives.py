"""What values would be if marks or beats were as a check's remedy has them.

Findings about the ends of a stack say so themselves, since they compute it anyway; for marks and beats it follows from
the remedy.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from kinecor.core.checks.findings import Finding, Remedy, State
from kinecor.core.table.intervals import Alternative, AlternativeKind
from kinecor.core.table.measures import EJECTION_FRACTION
from kinecor.core.values.events import Beat, frame_of, with_mark
from kinecor.core.values.geometry import FloatArray
from kinecor.core.values.message import Message, Value, joined_by, message, verbatim
from kinecor.core.values.reading import Reading, counted_beats
from kinecor.core.volumes.loop_volumes import curves
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, stack_curves


def alternatives_of(findings: Iterable[Finding]) -> tuple[Alternative, ...]:
    """What findings that are open name, each once.

    Args:
        findings: of a recording or a study.

    """
    named = (alternative for finding in findings if finding.state is State.OPEN for alternative in finding.alternatives)
    return tuple({str(alternative.message): alternative for alternative in named}.values())


def with_alternatives(reading: Reading, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, with the alternatives that follow from their remedies for marks and beats.

    Args:
        reading: of the recording.
        findings: of the same recording.

    """
    for finding in findings:
        alternatives = () if finding.alternatives else tuple(_of_remedies(reading, finding.remedies))
        yield replace(finding, alternatives=alternatives) if alternatives else finding


def _of_remedies(reading: Reading, remedies: Iterable[Remedy]) -> Iterator[Alternative]:
    for remedy in remedies:
        beats = _beats_after(reading, remedy)
        values = values_with(reading, beats) if beats else {}
        if not values:
            continue
        said: dict[str, Value] = {"values": values_words(values)}
        if remedy.action == "move-mark":
            mark, frame = verbatim(str(remedy.arguments["mark"]).upper()), int(remedy.arguments["frame"]) + 1
            text = (
                message("{values} if {mark} is at phase {frame}", mark=mark, frame=frame, **said)
                if reading.kind.gated
                else message("{values} if {mark} is at frame {frame}", mark=mark, frame=frame, **said)
            )
            yield Alternative(AlternativeKind.MARK, values, text)
        else:
            beat = int(remedy.arguments["beat"]) + 1
            yield Alternative(AlternativeKind.BEAT, values, message("{values} without beat {beat}", beat=beat, **said))


def _beats_after(reading: Reading, remedy: Remedy) -> tuple[Beat, ...]:
    """The beats that count after a remedy; none where it changes none, or cannot be done."""
    counted = counted_beats(reading)
    beats = reading.events.beats if reading.events else ()
    number = remedy.arguments.get("beat")
    if remedy.action == "exclude-beat" and isinstance(number, int) and number < len(beats):
        return tuple(beat for beat in counted if beat != beats[number])
    if remedy.action != "move-mark" or not counted:
        return ()
    mark, frame = remedy.arguments["mark"], int(remedy.arguments["frame"])
    if not isinstance(number, int):
        number = min(range(len(beats)), key=lambda place: abs(frame_of(beats[place], mark) - frame))
    if number >= len(beats) or beats[number] not in counted:
        return ()
    try:
        moved = with_mark(beats[number], mark, frame)
    except ValueError:  # ED and ES would fall together
        return ()
    return tuple(moved if beat == beats[number] else beat for beat in counted)


_NAMED: Final = ("EDV", "ESV", EJECTION_FRACTION)


def values_with(reading: Reading, beats: tuple[Beat, ...]) -> dict[str, float]:
    """Volumes of a loop or stack, and what follows from them, with these beats; without a scale EF alone.

    Args:
        reading: whose contours and scale they rest on.
        beats: over which the mean is taken.

    """
    ml = curves(reading).lv_volume if reading.kind.volumes in ("disks", "stack") else np.zeros(0)
    scaled = reading.calibration is not None
    values = _of_curve(ml, beats, "", scaled=scaled)
    if reading.kind.volumes == "stack":
        values |= _of_curve(stack_curves(reading).rv / MM3_PER_ML, beats, "RV", scaled=scaled)
    return values


def _of_curve(ml: FloatArray, beats: tuple[Beat, ...], side: str, *, scaled: bool) -> dict[str, float]:
    """Of one ventricle, by code; without a scale its EF alone."""
    if not len(ml):
        return {}
    edv, esv = (float(np.mean([ml[getattr(beat, mark)] for beat in beats])) for mark in ("ed", "es"))
    if not (np.isfinite([edv, esv]).all() and edv > 0):
        return {}
    values = {f"{side}{EJECTION_FRACTION}": 100 * (1 - esv / edv)}
    return values | {f"{side}EDV": edv, f"{side}ESV": esv, f"{side}SV": edv - esv} if scaled else values


def values_words(values: dict[str, float]) -> Message:
    """As "EDV 102 ml, ESV 51 ml, EF 50 %".

    Args:
        values: by code, volumes in ml, EF in percent.

    """
    said = []
    for code in _NAMED:
        if code in values and code == EJECTION_FRACTION:
            said.append(message("EF {percent:.0f} %", percent=values[code]))
        elif code in values:
            said.append(message("{code} {volume_ml:.0f} ml", code=verbatim(code), volume_ml=values[code]))
    return joined_by(", ", said)
