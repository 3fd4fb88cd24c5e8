"""What is done with one study of `kinecor analyse` once its recordings are: values over views, documents, result."""

from collections.abc import Sequence
from datetime import datetime

import kinecor
from kinecor.cli.batch.folder import RunFolder, StudyOutcome
from kinecor.cli.batch.plan import Study
from kinecor.cli.batch.recordings import JobResult, finish_again, write_report
from kinecor.core.checks.assessment import assessed_study
from kinecor.core.study.conclusions import SignState, sign_status
from kinecor.core.study.prior import Examined, compare_with_prior
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.message import message
from kinecor.core.values.reading import Reading
from kinecor.io.export.objects import write_reports_as_dicom
from kinecor.io.export.result import assess_entry, document
from kinecor.io.export.schema import StudyEntry
from kinecor.io.files.atomic import safe_name, write_bytes
from kinecor.session.audit import saved_head
from kinecor.session.documents import saved_report
from kinecor.session.store import study_file
from kinecor.session.transport import last_written, pack
from kinecor.session.valve import VALVE_AUTHOR, valve_edit


def conclude(
    study: Study, members: Sequence[JobResult], before: tuple[Study, Sequence[JobResult]] | None, fingerprint: str
) -> StudyOutcome:
    """Write the documents of a study and its result; entries of its recordings are changed, not written.

    Args:
        study: see Study.
        members: what came of its recordings.
        before: the study it is compared with, and its recordings.
        fingerprint: see StudyOutcome.

    Raises:
        KinecorError: results cannot be written.

    """
    failed_before = {result.job.name for result in members if result.entry["error"] is not None}
    settle(members)
    _decide_bases(() if before is None else before[1], written=False)
    sentences = _write_documents(study, members, before)
    RunFolder(study.jobs[0].options.out).write_study(study.name, _entry(study, members, before))
    errors = {
        result.job.name: error
        for result in members
        if (error := result.entry["error"]) is not None and result.job.name not in failed_before
    }
    return StudyOutcome(fingerprint, sentences, errors)


def settle(members: Sequence[JobResult]) -> None:
    """Decide and judge what recordings of one study say of each other; their entries and documents are changed."""
    _decide_bases(members)
    _assess_in_study(members)


def _write_documents(
    study: Study, members: Sequence[JobResult], before: tuple[Study, Sequence[JobResult]] | None
) -> list[str]:
    """Write the documents of the options; sentences on those that could not be written."""
    options = study.jobs[0].options
    sentences: list[str] = []
    _write_study_reports(members, sentences)
    _write_report_of_study(study, members, before, sentences)
    _write_structured_reports(study, members, sentences)
    _write_saved_study(study, members, sentences)
    if options.pdf and options.wanted.dicom:
        reports = (
            (result.job.name, result.job.report, result.recording) for result in members if result.recording is not None
        )
        sentences += write_reports_as_dicom(options.out, reports)
    if options.csv:
        _write_study_table(study, members)
    return sentences


def _entry(study: Study, members: Sequence[JobResult], before: tuple[Study, Sequence[JobResult]] | None) -> StudyEntry:
    """The study's entry in result.json."""
    everything = [*members, *(() if before is None else before[1])]
    concluded = {study.study: study.concluded} | ({before[0].study: before[0].concluded} if before else {})
    head = saved_head(study.study)
    found = document(
        [result.entry for result in everything],
        [result.job.study for result in everything],
        [result.of_study for result in everything],
        concluded,
        [result.compared_on for result in everything],
        study.reports,
        {} if head is None else {study.study: head},
        () if study.stated is None else (study.stated,),
    )
    return found["studies"][0]


def _decide_bases(members: Sequence[JobResult], *, written: bool = True) -> None:
    """Decide on the base of stacks again with the valve that long axes of the study show; saved readings stay.

    Args:
        members: of one study.
        written: whether entries and documents follow; those of an earlier study are not this run's.

    """
    for result in members:
        if result.reading is None or result.saved or result.entry["error"] is not None or not result.reading.kind.stack:
            continue
        loops = [other for member in members if member is not result and (other := member.apical) is not None]
        edit = result.decided = valve_edit(result.reading, loops)
        if edit is not None and written:
            finish_again(result, edit.apply(result.reading, VALVE_AUTHOR), loops)
        elif edit is not None:
            result.reading = edit.apply(result.reading, VALVE_AUTHOR)


def _assess_in_study(members: Sequence[JobResult]) -> None:
    """Assess apical views again with the other views of their study, which may contradict them."""
    for result in members:
        others = [other for member in members if member is not result and (other := member.apical) is not None]
        if result.apical is not None and others and result.entry["error"] is None:
            assess_entry(result.entry, result.apical, others)


def _write_study_reports(members: Sequence[JobResult], sentences: list[str]) -> None:
    """Write the reports of apical views whose study has others: they show strain averaged over the study."""
    waiting = [
        result for result in members if result.apical is not None and result.job.options.pdf and not result.job.alone
    ]
    for single_result in waiting:
        assert single_result.recording is not None
        assert single_result.reading is not None
        others = [other.reading for other in waiting if other is not single_result and other.reading is not None]
        try:
            write_report(single_result.job, single_result.recording, single_result.reading, others)
        except KinecorError as error:
            single_result.entry["error"] = str(error)
            sentences.append(f"{single_result.entry['source']}: failed: {error}")


def _write_report_of_study(
    study: Study,
    members: Sequence[JobResult],
    before: tuple[Study, Sequence[JobResult]] | None,
    sentences: list[str],
) -> None:
    """Write the report of the study as a whole, in addition to those of its recordings.

    Of a signed study it is the report that was signed. What is asked for beyond that - another language, an earlier
    study that it does not compare with - is a second file, which says on every page that it is not the signed one.
    """
    options = study.jobs[0].options
    pairs = [(result.recording, result.reading) for result in members]
    read = [(recording, reading) for recording, reading in pairs if recording is not None and reading is not None]
    if not options.pdf or not read:
        return
    from kinecor.io.report import study_report  # loaded only where a report is written

    path = options.out / "study-reports" / f"{study.name}.pdf"
    earlier = _latest_earlier(study, before)
    try:
        if (kept := _signed_report(study, [reading for _, reading in read])) is not None:
            write_bytes(path, kept, private=True)
            if not _beyond_the_signature(study, earlier):
                return
            path = path.with_name(f"{study.name}-not-signed.pdf")
            sentences.append(
                f"{study.name}: the report that was signed was written; {path.name}, with another language or earlier "
                "study, is not part of it"
            )
        rows = [study_report.Member(recording, reading) for recording, reading in read]
        data = study_report.study_report_bytes(
            rows,
            study.concluded,
            software_version=kinecor.__version__,
            prior=None if earlier is None else compare_with_prior(_examined(study, members), earlier),
            language=options.language,
        )
        write_bytes(path, data, private=True)
    except KinecorError as error:
        for member in members:
            if member.reading is not None:
                member.entry["error"] = member.entry["error"] or str(error)
        sentences.append(str(error))


def _signed_report(study: Study, readings: Sequence[Reading]) -> bytes | None:
    """The report that was signed, where what was read is what was signed; None where another one is to be made.

    Raises:
        KinecorError: the study's file does not hold it.

    """
    concluded, options = study.concluded, study.jobs[0].options
    signature = concluded.signature
    if signature is None or not signature.document or not concluded.closed:
        return None
    if options.anonymised or not options.readings or sign_status(readings, concluded).state is not SignState.SIGNED:
        return None
    return saved_report(study_file(study.study), signature)


def _latest_earlier(study: Study, before: tuple[Study, Sequence[JobResult]] | None) -> Examined | None:
    """The study that it is compared with: measured in this run, or stated by another system, whichever is later."""
    several = [_examined(*before)] if before is not None else []
    several += [study.stated] if study.stated is not None else []
    return max(several, key=lambda study: study.study.study_date, default=None)


def _beyond_the_signature(study: Study, earlier: Examined | None) -> bool:
    """Whether more is asked for than the report that was signed."""
    signature, language = study.concluded.signature, study.jobs[0].options.language
    if signature is None:
        return False
    other = earlier is not None and earlier.study.study_id != signature.prior and study.concluded.report.printed.prior
    return other or language not in ("", signature.language)


def _examined(study: Study, members: Sequence[JobResult]) -> Examined:
    """A study as it is compared with another one."""
    return Examined(study.concluded, tuple(result.reading for result in members if result.reading is not None))


def _write_structured_reports(study: Study, members: Sequence[JobResult], sentences: list[str]) -> None:
    """Write a DICOM structured report of the study; recordings it cannot refer to are left out with a sentence."""
    options = study.jobs[0].options
    if not options.sr:
        return
    from kinecor.io.write.derived import check_identified, save_derived  # loaded only where a report is written
    from kinecor.io.write.echo_report import echo_report
    from kinecor.io.write.mr_report import mr_report
    from kinecor.io.write.values import Read

    time = (last_written(study.study) if options.readings else None) or datetime.now().astimezone()
    kinds: dict[str, list[tuple[JobResult, Read]]] = {}
    for result in members:
        if result.recording is None or result.reading is None:
            continue
        try:
            check_identified(result.recording.cines, message("structured report"))
        except KinecorError as error:
            warning = f"No structured report: {error}."
            result.entry["warnings"] += [] if warning in result.entry["warnings"] else [warning]
            sentences.append(f"{result.entry['source']}: no structured report: {error}")
            continue
        kind = "mri" if result.entry["modality"] == "MR" else "echo"
        kinds.setdefault(kind, []).append((result, Read(result.recording, result.reading)))
    for kind, found in kinds.items():
        made = mr_report if kind == "mri" else echo_report
        path = options.out / "sr" / f"{safe_name(study.study + '-' + kind)}.dcm"
        try:
            save_derived(made([read for _, read in found], time, study.concluded), path)
        except KinecorError as error:
            for result, _ in found:
                result.entry["error"] = str(error)
            sentences.append(str(error))


def _write_saved_study(study: Study, members: Sequence[JobResult], sentences: list[str]) -> None:
    """Write the saved study as a DICOM object, where saved readings are used, so that an archive holds it, too."""
    options = study.jobs[0].options
    recordings = [result.recording for result in members if result.recording is not None and result.saved]
    if not (options.readings and options.wanted.dicom) or options.anonymised or not recordings:
        return
    from kinecor.io.write.derived import check_identified, save_derived
    from kinecor.io.write.saved_study import saved_study

    try:
        check_identified((cine for recording in recordings for cine in recording.cines), message("saved study"))
        packed = pack(study_file(study.study))
        if packed is not None:
            instances = [cine.instances[0] for recording in recordings for cine in recording.cines]
            path = options.out / "dicom" / f"{safe_name(study.study)}-saved-study.dcm"
            save_derived(saved_study(packed, instances), path)
    except KinecorError as error:
        sentences.append(f"{study.name}: no saved study: {error}")


def _write_study_table(study: Study, members: Sequence[JobResult]) -> None:
    """Write the measurements over views of a study that has some, next to those of its recordings."""
    from kinecor.io.export.tables import write_assessment

    readings = [result.of_study for result in members if result.of_study is not None]
    assessment = assessed_study(readings, study.concluded) if len(readings) > 1 else None
    if assessment is not None and assessment.measurements:
        write_assessment(
            study.jobs[0].options.out / "csv" / f"{safe_name(f'study-{study.study}')}-measurements.csv", assessment
        )
