"""Objects of a study that are no recordings: what they are, who made them, and what can be read of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.recording import Recording
from kinecor.core.values.series import Series
from kinecor.io.dicom.documents import is_document, is_report, read_document, read_report
from kinecor.io.dicom.header import DicomFile, equipment, patient, safe_id, sop_class, text
from kinecor.io.dicom.saved_study import content_of
from kinecor.io.open.candidate import Candidate


def read_object(file: DicomFile, candidate: Candidate, series: Series) -> Document:
    """A document with what can be read of it.

    Args:
        file: its header.
        candidate: the file.
        series: with its kind.

    Raises:
        KinecorError: it is a report, an ECG, a PDF or a saved study, and damaged.

    """
    header = file.header
    report: ForeignReport | None = None
    if is_report(file) and series.kind in ("report", "own-report"):
        report = read_report(candidate.path, candidate.shown)
    elif is_document(file):
        report = read_document(file, candidate.shown)
    saved = content_of(file) if series.kind == "own-study" else b""
    title = text(header, "ContentLabel") or text(header, "DocumentTitle")
    return Document(
        path=candidate.shown,
        study_id=safe_id(text(header, "StudyInstanceUID")),
        series=series,
        title=(report.title if report is not None else "") or title or sop_class(header).removesuffix(" Storage"),
        patient=patient(header).identity,
        date=text(header, "ContentDate") or text(header, "StudyDate"),
        equipment=equipment(header),
        report=report,
        saved=saved,
    )


def label_document(candidate: Candidate) -> Document:
    """A label image among recordings; of which study, `in_study_of` says.

    Args:
        candidate: the file.

    """
    name = PurePath(candidate.shown).name
    return Document(candidate.shown, "", Series(kind="labels", rule="few whole numbers as values"), name)


def in_study_of(document: Document, recordings: Sequence[Recording]) -> Document:
    """A document without a study as one of the recordings in its folder, else of the first recording.

    Args:
        document: with or without a study.
        recordings: that were opened with it.

    """
    if document.study_id or not recordings:
        return document
    folder = PurePath(document.path).parent
    beside = next(
        (recording for recording in recordings if PurePath(recording.source.path).parent == folder), recordings[0]
    )
    return replace(document, study_id=beside.source.study_id, patient=beside.source.patient.identity)
