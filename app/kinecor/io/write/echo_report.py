"""Measurements of an echo study as a Simplified Adult Echo SR (PS3.3 A.35.17, PS3.16 TID 5300).

Receivers look values up by their code in the container of pre-coordinated measurements and need no more of them than
that. A value is put there only if a standard code says all of it (CID 12300) and no open check marks it; every other
value is described by its parts (TID 5302), with method, interval and the sentences of the checks in a comment.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import SimplifiedAdultEchoSRStorage

from kinecor.core.table.measures import name_of
from kinecor.core.table.technique import Kind
from kinecor.core.values.choices import ENDOCARDIUM, EPICARDIUM, MID_WALL
from kinecor.core.values.study import StudyReading
from kinecor.core.volumes.segments import SIDES, names_of
from kinecor.io.write import codes
from kinecor.io.write.codes import Code
from kinecor.io.write.content import CONTAINS, MODIFIER, code, container
from kinecor.io.write.derived import Series
from kinecor.io.write.report_items import METHOD, SITE, number_item, report
from kinecor.io.write.values import Read, Reported, values_to_report

REPORT: Final = Code("125200", "DCM", "Adult Echocardiography Procedure Report")
PRE: Final = Code("125301", "DCM", "Pre-coordinated Measurements")
POST: Final = Code("125302", "DCM", "Post-coordinated Measurements")
KIND: Final = Code("125306", "DCM", "Measurement Type")
OBSERVED: Final = Code("125305", "DCM", "Finding Observation Type")
MEASURED: Final = Code("125307", "DCM", "Measured Property")
MODE: Final = Code("399264008", "SCT", "Image mode")
TWO_D: Final = Code("399064001", "SCT", "2D mode")
VIEW: Final = Code("111031", "DCM", "Image View")
POINT: Final = Code("272518008", "SCT", "Cardiac Cycle Point")
DIVISOR: Final = Code("125308", "DCM", "Measurement Divisor")
SERIES: Final = Series("SR", 9101, "Kinecor echo measurements")


def echo_report(read: Sequence[Read], at: datetime, study: StudyReading | None = None) -> Dataset:
    """The values of the echo recordings of one study; `save_derived` makes an instance of them.

    Args:
        read: the recordings and what was concluded, all of one study.
        at: when the report is made, with a time zone.
        study: what was concluded about the study as a whole, or None.

    Raises:
        KinecorError: a recording has no UIDs, or its file cannot be read again.

    """
    values = values_to_report(read, study)
    simple = [
        reported_value
        for reported_value in values
        if _standard(reported_value) is not None and not reported_value.doubtful
    ]
    remaining_reported_values = [reported_value for reported_value in values if reported_value not in simple]
    content = []
    if simple:
        content.append(container(CONTAINS, PRE, [_pre(reported_value) for reported_value in simple]))
    if remaining_reported_values:
        content.append(
            container(CONTAINS, POST, [_post(reported_value) for reported_value in remaining_reported_values])
        )
    return report(SimplifiedAdultEchoSRStorage, SERIES, (REPORT, "5300"), read, values, content, at)


def _standard(reported_value: Reported) -> Code | None:
    """The code that says all of the value; None where there is none."""
    row = reported_value.row
    if row.code == "GLS":
        by = row.technique
        endocardial = by is not None and by.kind is Kind.STRAIN and by.depth == ENDOCARDIUM
        return codes.ENDOCARDIAL_GLS.get(reported_value.view) if endocardial else None
    known = codes.concept_of(row.code, row.unit).echo
    return known.get(reported_value.view, known.get(codes.ANY_VIEW))


def _pre(reported_value: Reported) -> Dataset:
    name = _standard(reported_value)
    assert name is not None
    return number_item(reported_value, name)


def _post(reported_value: Reported) -> Dataset:
    """A value described by its parts; where a standard code says all of it, that code is its name."""
    row, what = reported_value.row, codes.concept_of(reported_value.row.code, reported_value.row.unit)
    view = f"-{reported_value.view.replace(' ', '')}" if reported_value.view else ""
    name = _standard(reported_value) or codes.own(
        f"{row.code}{view}", f"{name_of(row.code)}, {reported_value.view}" if reported_value.view else name_of(row.code)
    )
    kind = codes.BY_HAND if row.entered and row.code in row.entered else what.kind
    parts = [
        code(MODIFIER, KIND, kind),
        code(MODIFIER, SITE, _site(reported_value)),
        code(MODIFIER, OBSERVED, what.observed),
        code(MODIFIER, MEASURED, what.measured),
    ]
    if (method := _method(reported_value)) is not None:
        parts.append(code(MODIFIER, METHOD, method))
    parts.append(code(MODIFIER, MODE, TWO_D))
    if reported_value.view in codes.VIEWS:
        parts.append(code(MODIFIER, VIEW, codes.VIEWS[reported_value.view]))
    if what.point is not None:
        parts.append(code(MODIFIER, POINT, what.point))
    if what.kind == codes.INDEXED:
        parts.append(code(MODIFIER, DIVISOR, codes.BSA))
    return number_item(reported_value, name, parts, comment=reported_value.sentences)


def _site(reported_value: Reported) -> Code:
    """The segment of a regional value, else the site of its measurement."""
    row = reported_value.row
    if row.code.startswith("LS") and row.code[2:].isdigit() and reported_value.view in SIDES:
        names = names_of(reported_value.view)
        found = codes.segment_site(names[int(row.code[2:]) - 1])
        if found is not None:
            return found
    return codes.concept_of(row.code, row.unit).site


def _method(reported_value: Reported) -> Code | None:
    by = reported_value.row.technique
    if by is None:
        return None
    return _DISKS.get(by.kind) or (None if by.depth is None else _LAYERS.get(by.depth))


_DISKS: Final = {Kind.SINGLE_PLANE: codes.BY_DISKS, Kind.BIPLANE: codes.BIPLANE}
_LAYERS: Final = {ENDOCARDIUM: codes.ENDOCARDIAL, MID_WALL: codes.MID_WALL, EPICARDIUM: codes.EPICARDIAL}
