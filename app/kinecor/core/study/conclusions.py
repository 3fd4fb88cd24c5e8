"""Everything that is concluded about a study, as digests by recording: what a signature freezes.

A digest is over values as result.json has them (4 decimals) and contours to a hundredth of a pixel, so that another
computer gives the same one. It is over the rows that an edition of the table lists: what a later version measures of
the same contours and callipers changes nothing that was signed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from kinecor.core.checks.assessment import Assessment, assess, assessed_study
from kinecor.core.checks.findings import Finding, Severity
from kinecor.core.table.measures import BY_CODE, EDITION
from kinecor.core.values.callipers import Calliper
from kinecor.core.values.message import (
    NOTHING,
    Message,
    Value,
    join_texts,
    joined_by,
    message,
    plural,
    verbatim,
    written_date,
)
from kinecor.core.values.reading import Reading, compute_once
from kinecor.core.values.study import STUDY, Addendum, ReportText, Signature, StudyReading, counting


def parts_of(readings: Sequence[Reading], study: StudyReading, edition: int = EDITION) -> tuple[tuple[str, str], ...]:
    """(id, digest) of each recording of a study in the order of ids, and (STUDY, digest) of the study itself.

    Args:
        readings: of the study's recordings.
        study: all that is concluded about the study as a whole.
        edition: of the table of measurements, from 1; the rows of later editions are left out.

    """
    recordings = sorted((reading.facts.recording_id, _of_recording(reading, edition)) for reading in readings)
    return (*recordings, (STUDY, _of_study(readings, study, edition)))


class SignState(StrEnum):
    """Where a study stands with its signature."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    CHANGED = "changed"
    """Signed, and something is concluded otherwise since."""


@dataclass(frozen=True, slots=True)
class SignStatus:
    """The state of a study's signature.

    Attributes:
        state: whether what is concluded is what was signed.
        words: the clause that says so; empty where it is unsigned.
        opened: whether an addendum opened it to changes.

    """

    state: SignState
    words: Message
    opened: bool = False


def sign_status(readings: Sequence[Reading], study: StudyReading) -> SignStatus:
    """Whether what is concluded is what was signed.

    Recordings that were signed and are not among `readings` are passed over, and then the results over views, too. A
    signature by an earlier version is of the rows that its edition of the table listed.

    Args:
        readings: of the study's recordings that are open.
        study: with its signatures.

    """
    signature = study.signature
    if signature is None:
        return SignStatus(SignState.UNSIGNED, NOTHING)
    signed = dict(signature.parts)
    holds = any(_agree(signed, dict(parts_of(readings, study, edition))) for edition in range(EDITION, 0, -1))
    state = SignState.SIGNED if holds else SignState.CHANGED
    return SignStatus(state, signed_words(signature, state, study.addendum), study.addendum is not None)


def _agree(signed: Mapping[str, str], now: dict[str, str]) -> bool:
    if set(now) != set(signed) and not set(now) - set(signed):
        now.pop(STUDY)
    return all(signed.get(place) == digest for place, digest in now.items())


def signed_words(signature: Signature, state: SignState, addendum: Addendum | None) -> Message:
    """The clause that says who signed a study and when, and where it stands since.

    Args:
        signature: the last one.
        state: since then.
        addendum: that is being written; None without one.

    """
    at = join_texts(written_date(signature.at[:10]), " ", signature.at[11:16])
    values: dict[str, Value] = {"name": verbatim(signature.by), "time": at}
    if addendum is None:
        if state is SignState.CHANGED:
            return message("signed by {name} on {time} UTC, changed since", **values)
        return message("signed by {name} on {time} UTC", **values)
    values["reason"] = verbatim(addendum.reason)
    if state is SignState.CHANGED:
        return message("signed by {name} on {time} UTC, changed since: {reason}", **values)
    return message("signed by {name} on {time} UTC, open to changes: {reason}", **values)


def why_not_signed(readings: Sequence[Reading], study: StudyReading) -> Message | None:
    """Why a study cannot be signed, in one sentence; None where it can.

    Open findings that withhold values have to be resolved, acknowledged, their values rejected, or the recording left
    out.

    Args:
        readings: of the study's recordings.
        study: what was concluded about it.

    """
    if not readings:
        return message("Nothing has been read in this study yet: there is nothing to sign.")
    stops: list[Message] = []
    for reading in counting(readings, study):
        others = [other for other in readings if other is not reading]
        stops += _stops(assess(reading, others), (code for code, own in reading.decisions.items() if not own.accepted))
    stops += _stops(
        assessed_study(readings, study), (code for code, own in study.decisions.items() if not own.accepted)
    )
    if not stops:
        return None
    texts = list(dict.fromkeys(stops))
    return plural(
        "The study was not signed: an open finding withholds values ({findings}) Resolve or acknowledge each, reject "
        "its values, or leave the recording out.",
        "The study was not signed: {count} open findings withhold values ({findings}) Resolve or acknowledge each, "
        "reject its values, or leave the recording out.",
        len(texts),
        findings=joined_by(" ", (*texts[:2], "..." if len(texts) > 2 else "")),
    )


def _stops(assessment: Assessment, rejected: Iterable[str]) -> list[Message]:
    gone = set(rejected)

    def concerns(finding: Finding) -> bool:
        return any(row.code in finding.measurements and row.code not in gone for row in assessment.measurements)

    return [finding.message for finding in assessment.open if finding.severity is Severity.STOP and concerns(finding)]


def _of_recording(reading: Reading, edition: int) -> str:
    name = f"digest of conclusions, edition {edition}"
    return compute_once(reading, name, (reading,), lambda: _digest(_concluded(reading, edition)))


def _concluded(reading: Reading, edition: int) -> dict[str, Any]:
    """What is concluded about a recording, with the measurements that an edition of the table lists."""
    later = _read_from_callipers_later(reading, edition)
    rows = [row for row in _rows(assess(reading), edition) if row[0] not in later]
    outlines, slices = compute_once(
        reading,
        "outlines signed",
        (reading,),
        lambda: (_outlines(reading), [_outlines(slice_reading) for slice_reading in reading.slices]),
    )
    events, scale, view = reading.events, reading.calibration, reading.view
    return {
        "pixels": reading.facts.digest,
        "view": view.label if view else None,
        "scale": [scale.row_mm, scale.col_mm] if scale else None,
        "beats": [[beat.ed, beat.es] for beat in events.beats] if events else [],
        "closures": list(reading.valve_closures),
        "notes": reading.notes,
        "withheld": reading.withheld,
        "acknowledged": sorted(
            (key, acknowledgement.by, acknowledgement.why) for key, acknowledgement in reading.acknowledged.items()
        ),
        "measurements": rows,
        "contours": outlines,
        "slices": slices,
        # Without callipers as before there were any, so that earlier signatures hold; so for aneurysms below.
        **({"callipers": callipers} if (callipers := _callipers(reading)) else {}),
    }


_EXCURSION_BY_CALLIPER: Final = 2
"""The edition from which on a calliper on an echo gives TAPSE, which long axes of MRI had before."""


def _read_from_callipers_later(reading: Reading, edition: int) -> frozenset[str]:
    """Codes that an edition listed, but did not read from this recording's callipers."""
    by_calliper = "TAPSE" in reading.callipers and not reading.kind.oriented_by_plane
    return frozenset({"TAPSE"}) if by_calliper and edition < _EXCURSION_BY_CALLIPER else frozenset()


def _callipers(reading: Reading) -> list[Any]:
    """Distances, angles, areas and times by name; points to a hundredth of a pixel."""
    return [
        [name, calliper.shape, *_frames(calliper), [[round(x, 2), round(y, 2)] for x, y in calliper.points]]
        for name, calliper in sorted(reading.callipers.items())
        if calliper.shape != "line"
    ]


def _frames(calliper: Calliper) -> tuple[int, ...]:
    return (calliper.frame,) if calliper.until is None else (calliper.frame, calliper.until)


def _of_study(readings: Sequence[Reading], study: StudyReading, edition: int) -> str:
    now = study.demographics
    assessment = assessed_study(readings, study)
    return _digest(
        {
            "patient": [now.sex, now.birth_date, now.height_cm, now.weight_kg, now.heart_rate_per_min, now.formula],
            "measurements": _rows(assessment, edition),
            "comments": sorted(study.comments.items()),
            "left out": sorted(study.sources.left_out),
            "chosen": sorted(study.sources.chosen),
            "wall motion": sorted((stage, list(motion.scores)) for stage, motion in study.wall_motion.items()),
            **_aneurysms(study),
            **_stages(study),
            # Without a reader's text as before there were any, so that earlier signatures hold.
            **_written(study.report),
        }
    )


def _stages(study: StudyReading) -> dict[str, Any]:
    """The stages that a reader set; nothing where there are none, so that earlier signatures hold."""
    stages = sorted((recording_id, stage.name if stage else "") for recording_id, stage in study.stages.items())
    return {"stages": stages} if stages else {}


def _aneurysms(study: StudyReading) -> dict[str, Any]:
    aneurysms = sorted(
        (stage, list(motion.aneurysms)) for stage, motion in study.wall_motion.items() if motion.aneurysms
    )
    return {"aneurysms": aneurysms} if aneurysms else {}


def _written(report: ReportText) -> dict[str, Any]:
    """A reader's own text of the report and the letterhead; nothing where there is none."""
    own = sorted((section, sentence.text) for section, sentence in report.sentences.items())
    head = list(astuple(report.letterhead))
    return {"report": own, "letterhead": head} if own or any(head) else {}


def _rows(assessment: Assessment, edition: int) -> list[list[Any]]:
    return [
        [row.code, round(row.quantity.value, 4) if row.quantity else None, row.unit, row.status.value, row.note]
        for row in assessment.measurements
        if BY_CODE[row.code].since <= edition
    ]


def _outlines(reading: Reading) -> dict[str, str]:
    """A digest of each structure's contours."""
    found = {}
    for structure, track in sorted(reading.tracks.items()):
        chain = hashlib.sha256()
        for contour in track.contours:
            points = np.zeros((0, 2)) if contour is None else contour.points
            chain.update(len(points).to_bytes(4, "little"))
            chain.update(np.round(points * 100).astype("<i4").tobytes())
        found[structure.value] = chain.hexdigest()
    return found


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
