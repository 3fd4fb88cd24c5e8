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
from kinecor.io.write.values import Read, Reported, reported

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
    values = reported(read, study)
    simple = [one for one in values if _standard(one) is not None and not one.doubtful]
    rest = [one for one in values if one not in simple]
    content = []
    if simple:
        content.append(container(CONTAINS, PRE, [_pre(one) for one in simple]))
    if rest:
        content.append(container(CONTAINS, POST, [_post(one) for one in rest]))
    return report(SimplifiedAdultEchoSRStorage, SERIES, (REPORT, "5300"), read, values, content, at)


def _standard(one: Reported) -> Code | None:
    """The code that says all of the value; None where there is none."""
    row = one.row
    if row.code == "GLS":
        by = row.technique
        endocardial = by is not None and by.kind is Kind.STRAIN and by.depth == ENDOCARDIUM
        return codes.ENDOCARDIAL_GLS.get(one.view) if endocardial else None
    known = codes.concept_of(row.code, row.unit).echo
    return known.get(one.view, known.get(codes.ANY_VIEW))


def _pre(one: Reported) -> Dataset:
    name = _standard(one)
    assert name is not None
    return number_item(one, name)


def _post(one: Reported) -> Dataset:
    """A value described by its parts; where a standard code says all of it, that code is its name."""
    row, what = one.row, codes.concept_of(one.row.code, one.row.unit)
    view = f"-{one.view.replace(' ', '')}" if one.view else ""
    name = _standard(one) or codes.own(
        f"{row.code}{view}", f"{name_of(row.code)}, {one.view}" if one.view else name_of(row.code)
    )
    kind = codes.BY_HAND if row.entered and row.code in row.entered else what.kind
    parts = [
        code(MODIFIER, KIND, kind),
        code(MODIFIER, SITE, _site(one)),
        code(MODIFIER, OBSERVED, what.observed),
        code(MODIFIER, MEASURED, what.measured),
    ]
    if (method := _method(one)) is not None:
        parts.append(code(MODIFIER, METHOD, method))
    parts.append(code(MODIFIER, MODE, TWO_D))
    if one.view in codes.VIEWS:
        parts.append(code(MODIFIER, VIEW, codes.VIEWS[one.view]))
    if what.point is not None:
        parts.append(code(MODIFIER, POINT, what.point))
    if what.kind == codes.INDEXED:
        parts.append(code(MODIFIER, DIVISOR, codes.BSA))
    return number_item(one, name, parts, comment=one.sentences)


def _site(one: Reported) -> Code:
    """The segment of a regional value, else the site of its measurement."""
    row = one.row
    if row.code.startswith("LS") and row.code[2:].isdigit() and one.view in SIDES:
        names = names_of(one.view)
        found = codes.segment_site(names[int(row.code[2:]) - 1])
        if found is not None:
            return found
    return codes.concept_of(row.code, row.unit).site


def _method(one: Reported) -> Code | None:
    by = one.row.technique
    if by is None:
        return None
    return _DISKS.get(by.kind) or (None if by.depth is None else _LAYERS.get(by.depth))


_DISKS: Final = {Kind.SINGLE_PLANE: codes.BY_DISKS, Kind.BIPLANE: codes.BIPLANE}
_LAYERS: Final = {ENDOCARDIUM: codes.ENDOCARDIAL, MID_WALL: codes.MID_WALL, EPICARDIUM: codes.EPICARDIAL}
