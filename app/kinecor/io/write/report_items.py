"""What structured reports of echo and of cine MRI have in common: document, observers, numbers, comments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset

import kinecor
from kinecor.core.table.measures import Status
from kinecor.core.values.recording import Instance
from kinecor.io.write import codes
from kinecor.io.write.codes import Code
from kinecor.io.write.content import (
    COMMENT,
    CONTAINS,
    ENGLISH,
    INFERRED,
    LANGUAGE,
    MODIFIER,
    PROPERTY,
    SHORT_LABEL,
    SOURCE_OF_MEASUREMENT,
    code,
    container,
    image,
    number,
    observers,
    outline,
    text,
)
from kinecor.io.write.derived import Series, derived_object, evidence, with_private_codes
from kinecor.io.write.values import Read, Reported, models, persons

SELECTION: Final = Code("121404", "DCM", "Selection Status")
SITE: Final = Code("363698007", "SCT", "Finding Site")
METHOD: Final = Code("370129005", "SCT", "Measurement Method")


def report(
    sop_class: str,
    series: Series,
    title: tuple[Code, str],
    read: Sequence[Read],
    values: Sequence[Reported],
    content: Sequence[Dataset],
    at: datetime,
) -> Dataset:
    """A document with its observers, evidence and closing comments; it has no SOP Instance UID yet.

    Args:
        sop_class: UID of the kind of report.
        series: see Series.
        title: of the document, and the number of the template of PS3.16 that it follows.
        read: the recordings, all of one study.
        values: what is written of them.
        content: the items between observers and comments.
        at: when the report is made, with a time zone.

    Raises:
        KinecorError: a source file cannot be read again.

    """
    readings = [interpreted.reading for interpreted in read]
    whole: list[Instance] = [interpreted.recording.cines[0].instances[0] for interpreted in read]
    made = derived_object(whole[0], sop_class, series, at)
    with_private_codes(made)
    made.ReferencedPerformedProcedureStepSequence = made.PerformedProcedureCodeSequence = []
    made.CompletionFlag, made.CompletionFlagDescription = "PARTIAL", "Measurements without an impression"
    made.VerificationFlag = "UNVERIFIED"
    made.CurrentRequestedProcedureEvidenceSequence = evidence(
        [*whole, *(i for reported_value in values for i in reported_value.images)]
    )
    items = [code(MODIFIER, LANGUAGE, ENGLISH), *observers(persons(readings), models(readings)), *content]
    items += [text(CONTAINS, COMMENT, sentence) for sentence in _comments(values)]
    name, template = title
    made.update(container("", name, items, template))
    return made


def _comments(values: Sequence[Reported]) -> list[str]:
    """Who accepted what and acknowledged which finding of the checks, and what the report is for."""
    by: dict[str, list[str]] = {}
    for reported_value in values:
        if reported_value.by:
            by.setdefault(reported_value.by, []).append(short_label(reported_value))
    said = [f"Accepted or edited by {name}: {', '.join(labels)}." for name, labels in by.items()]
    seen = {
        f"{short_label(reported_value)}: {remark}"
        for reported_value in values
        if not reported_value.doubtful
        for remark in reported_value.remarks
    }
    return [
        *said,
        *sorted(seen),
        f"{kinecor.RESEARCH_USE}. Values without a reader's name were not confirmed by a person.",
    ]


def short_label(reported_value: Reported) -> str:
    """What a reader sees next to the value, e.g. "EDV (A4C)".

    Args:
        reported_value: of a recording or of the study.

    """
    return f"{reported_value.row.code} ({reported_value.view or 'study'})"


def number_item(reported_value: Reported, name: Code, parts: Sequence[Dataset] = (), comment: str = "") -> Dataset:
    """A value with its label, whether a reader chose it, and the frames and outlines it rests on.

    Args:
        reported_value: of a recording or of the study.
        name: its concept.
        parts: further items of it.
        comment: in words; "" for none.

    """
    content = list(parts)
    if reported_value.row.status in (Status.ACCEPTED, Status.EDITED):
        content.append(code(PROPERTY, SELECTION, codes.USER_CHOSEN))
    content.append(text(PROPERTY, SHORT_LABEL, short_label(reported_value)))
    if comment:
        content.append(text(PROPERTY, COMMENT, comment))
    outlined = {instance for instance, _, _ in reported_value.outlines}
    content += [
        outline(INFERRED, SOURCE_OF_MEASUREMENT, contour, instance) for instance, _, contour in reported_value.outlines
    ]
    content += [
        image(INFERRED, frame, SOURCE_OF_MEASUREMENT) for frame in reported_value.images if frame not in outlined
    ]
    return number(
        CONTAINS, name, reported_value.number, reported_value.value, codes.UNITS[reported_value.row.unit], content
    )
