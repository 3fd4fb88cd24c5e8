"""The text and the pages of a study's report, made on the window's workers; reportlab is loaded there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import kinecor
from kinecor.core.report.sentences import Drafted, draft_sections, parts_of, value_words
from kinecor.core.study.prior import Comparison, Examined, compare_with_prior
from kinecor.core.study.signed_pairs import signed_values
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import Signature, StudyReading
from kinecor.session.documents import saved_report
from kinecor.session.edits import Sign
from kinecor.session.signed_studies import encode_values, patient_digest
from kinecor.session.store import study_file
from kinecor.ui.style.language import in_force
from kinecor.ui.workspace.workspace import Workspace

Pages = tuple[NDArray[np.uint8], ...]
"""Pages of a report, each (h, w, 3) RGB."""


@dataclass(frozen=True, eq=False)
class Content:
    """What a report is made of.

    Attributes:
        members: recordings of a study that were read.
        study: what was concluded about it.
        then: an earlier study.
        language: of the window, for a report that nobody has chosen one for; "" for English.
        kept: the study's file and the signature, where it is signed: the report is then the one in the file.
        printed_on: the day on the report; None for today.

    """

    members: tuple[tuple[Recording, Reading], ...]
    study: StudyReading
    then: Examined | None = None
    language: str = ""
    kept: tuple[Path, Signature] | None = None
    printed_on: date | None = None

    def prior(self) -> Comparison | None:
        """The study against the earlier one; it takes a moment."""
        readings = tuple(reading for _, reading in self.members)
        return compare_with_prior(Examined(self.study, readings), self.then) if self.then else None


@dataclass(frozen=True, eq=False)
class Draft:
    """The text of a report.

    Attributes:
        sections: impression first.
        words: every value that a text may hold, as printed, by key.
        english: the same as a reader's text is stored with.
        templates: names of those for this kind of study.
        problems: a sentence for each template that cannot be used.
        open: number of open checks.

    """

    sections: tuple[Drafted, ...]
    words: dict[str, str]
    english: dict[str, str]
    templates: tuple[str, ...]
    problems: tuple[str, ...]
    open: int


def content_of(workspace: Workspace) -> Content | None:
    """The study on screen as it is saved; None where nothing of it has been read."""
    study = workspace.study.reading
    recordings = [workspace.opened.recordings[at] for at in workspace.study.members]
    known = [(recording, workspace.opened.known_reading(recording, provisional=False)) for recording in recordings]
    members = tuple((recording, reading) for recording, reading in known if reading is not None)
    earlier = next(iter(workspace.study.priors), None)
    then = None
    if earlier is not None:
        examined = workspace.study.examined(earlier.study_id)
        then = examined if examined.readings or examined.stated else None
    if not members or study is None:
        return None
    signature = study.signature if study.closed else None
    signed_document = (study_file(study.study_id), signature) if signature is not None and signature.document else None
    return Content(members, study, then, in_force(), signed_document)


def draft_of(content: Content, tick: Tick) -> Draft:
    """The text of the report as it stands.

    Raises:
        Cancelled: by `tick`.

    """
    from kinecor.io.report.study_report import report_language, study_kind
    from kinecor.io.report.templates import templates

    tick(0, 0)
    parts = parts_of([reading for _, reading in content.members], content.study)
    every, problems = templates()
    kind = study_kind(parts)
    names = tuple(template.name for template in every if template.study == kind)
    texts = {
        finding.message
        for part in parts
        for each in (*part.found, part.study)
        for finding in each.open
        if finding.marks
    }
    language = report_language(content.study, parts, otherwise=content.language)
    sections = draft_sections(parts, content.study.report, language)
    return Draft(sections, value_words(parts, language), value_words(parts), names, problems, len(texts))


def report_to_sign(
    content: Content, signature: Sign, reader: str, tick: Tick, proposed: Sequence[Reading] = ()
) -> tuple[Sign, bytes, bytes]:
    """The signature with what its report is, the PDF report of the study as it is being signed, and its values.

    Args:
        content: of the report.
        signature: as it will be given.
        reader: who gives it.
        tick: see below.
        proposed: the recordings as the program proposed them.

    Raises:
        KinecorError: a frame cannot be decoded, or the template cannot be used.
        Cancelled: by `tick`.

    """
    from kinecor.io.report.study_report import report_language

    tick(0, 0)
    parts = parts_of([reading for _, reading in content.members], content.study)
    prior = content.then.study.study_id if content.then and content.study.report.printed.prior else ""
    language = report_language(content.study, parts, otherwise=content.language).code
    signature = replace(signature, prior=prior, language=language)
    made = replace(content, study=signature.apply(content.study, reader))
    report = _made(made, signing=True)
    tick(0, 0)
    readings = [reading for _, reading in content.members]
    values = signed_values(proposed, readings, content.study, patient_digest(content.study))
    tick(0, 0)  # the last moment at which Cancel leaves the study unsigned
    return signature, report, encode_values(values)


def _report(content: Content) -> bytes:
    """The PDF report of the study: of a signed one the report that was signed."""
    return _made(content) if content.kept is None else saved_report(*content.kept)


def _made(content: Content, *, signing: bool = False) -> bytes:
    from kinecor.io.report.study_report import Member, study_report_bytes

    return study_report_bytes(
        [Member(*member) for member in content.members],
        content.study,
        software_version=kinecor.__version__,
        prior=content.prior(),
        otherwise=content.language,
        signing=signing,
        printed_on=content.printed_on,
    )


def report_pages(content: Content, dots_per_inch: float, tick: Tick) -> Pages:
    """The pages of the PDF report as images; of a signed study those of the report that was signed.

    Raises:
        KinecorError: a frame cannot be decoded, the template cannot be used, or the signed report is not there.
        Cancelled: by `tick`.

    """
    from kinecor.io.report.pdf import page_images

    tick(0, 0)
    return page_images(_report(content), dots_per_inch=dots_per_inch, tick=tick)


def write_pdf(path: Path, content: Content, tick: Tick) -> None:
    """The PDF report of the study, whole or not at all; of a signed study the report that was signed.

    Raises:
        KinecorError: the file cannot be written there, a frame cannot be decoded, the template cannot be used, or the
            signed report is not there.
        Cancelled: by `tick`; nothing was written, and an existing file at `path` is unchanged.

    """
    from kinecor.io.files.atomic import whole

    tick(0, 0)
    with whole(path, private=True) as temporary:
        temporary.write_bytes(_report(content))
        tick(0, 0)  # the last moment at which Cancel leaves nothing behind
