"""Measurements of cine MRI as a Comprehensive SR of imaging measurements (PS3.16 TID 1500, groups by TID 1501)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from kinecor.core.table.measures import name_of
from kinecor.core.table.technique import Kind
from kinecor.core.values.study import StudyReading
from kinecor.io.write import codes
from kinecor.io.write.codes import Code
from kinecor.io.write.content import CONTAINS, CONTEXT, MODIFIER, code, container, text, uid
from kinecor.io.write.derived import Series, uid_of
from kinecor.io.write.report_items import METHOD, SITE, number_item, report
from kinecor.io.write.values import Read, Reported, values_to_report

REPORT: Final = Code("126000", "DCM", "Imaging Measurement Report")
PROCEDURE: Final = Code("121058", "DCM", "Procedure reported")
CARDIAC_MRI: Final = Code("241620005", "SCT", "Cardiac MRI")
MEASUREMENTS: Final = Code("126010", "DCM", "Imaging Measurements")
GROUP: Final = Code("125007", "DCM", "Measurement Group")
TRACKING: Final = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID: Final = Code("112040", "DCM", "Tracking Unique Identifier")
SERIES: Final = Series("SR", 9102, "Kinecor MRI measurements")


def mr_report(read: Sequence[Read], at: datetime, study: StudyReading | None = None) -> Dataset:
    """The values of the cine MRI of one study, a group for each recording; `save_derived` makes an instance of them.

    Args:
        read: the recordings and what was concluded, all of one study.
        at: when the report is made, with a time zone.
        study: what was concluded about the study as a whole, or None.

    Raises:
        KinecorError: a recording has no UIDs, or its file cannot be read again.

    """
    everything = [(interpreted, values_to_report([interpreted])) for interpreted in read]
    of_study = values_to_report(read, study)[sum(len(values) for _, values in everything) :]
    groups = [_group(interpreted.recording.source.recording_id, values) for interpreted, values in everything if values]
    if of_study:
        groups.append(_group("study", of_study))
    values = [value for _, reported_values in everything for value in reported_values] + of_study
    content = [code(MODIFIER, PROCEDURE, CARDIAC_MRI), container(CONTAINS, MEASUREMENTS, groups)]
    return report(ComprehensiveSRStorage, SERIES, (REPORT, "1500"), read, values, content, at)


def _group(name: str, values: Sequence[Reported]) -> Dataset:
    tracked = [text(CONTEXT, TRACKING, name), uid(CONTEXT, TRACKING_UID, uid_of("group", name))]
    return container(CONTAINS, GROUP, [*tracked, *(_value(reported_value) for reported_value in values)], "1501")


def _value(reported_value: Reported) -> Dataset:
    """A value by its standard code where there is one, else by one of our own; with method and site (TID 300)."""
    row, what = reported_value.row, codes.concept_of(reported_value.row.code, reported_value.row.unit)
    kind, parts = row.technique.kind if row.technique else None, []
    if kind is Kind.SINGLE_PLANE:
        parts.append(code(MODIFIER, METHOD, codes.BY_DISKS))
    elif kind is Kind.SLICES and what.kind != codes.INDEXED:  # an index of slices is by its formula
        parts.append(code(MODIFIER, METHOD, codes.OF_SLICES))
    parts.append(code(MODIFIER, SITE, what.site))
    name = what.mr or codes.own(row.code, name_of(row.code))
    return number_item(reported_value, name, parts, comment=reported_value.sentences)
