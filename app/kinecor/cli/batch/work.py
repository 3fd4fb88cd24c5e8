"""The tasks of a run of `kinecor analyse`, done in this process or in another one: a recording, or a study."""

import time
from collections import OrderedDict

from kinecor.cli.batch.folder import Outcome, RunFolder, StudyOutcome
from kinecor.cli.batch.plan import Job, Member, Study, StudyTask, members_digest, size_of
from kinecor.cli.batch.recordings import JobResult, analyse_job, first_of_job, open_recording, saved_reading
from kinecor.cli.batch.run import AnyOutcome, Anything
from kinecor.cli.batch.studies import conclude
from kinecor.core.values.errors import Tick
from kinecor.core.values.reading import Reading

_MAX_READ = 16
_read: "OrderedDict[tuple[str, str], Reading]" = OrderedDict()
"""What this process concluded last of recordings whose study is still to be concluded, by run and name.

With a Reading goes what was derived from it (strain, measurements): the study does not derive it again.
"""


def perform(task: Anything, tick: Tick) -> AnyOutcome:
    """Do one task of a run and write its results; errors of a recording are in its entry.

    Raises:
        Cancelled: by `tick`.
        KinecorError: results cannot be written.

    """
    return conclude_study(task, tick) if isinstance(task, StudyTask) else analyse_recording(task, tick)


def analyse_recording(job: Job, tick: Tick) -> Outcome:
    """Analyse one recording; where its study is done with it, the study, too."""
    folder, began_s = RunFolder(job.options.out), time.process_time()
    done = analyse_job(job, tick)
    if done.edit is not None and job.awaited:
        folder.write_edit(job.name, done.edit, done.by)
        if done.reading is not None:
            _read[str(job.options.out), job.name] = done.reading
            while len(_read) > _MAX_READ:
                _read.popitem(last=False)
    concluded: StudyOutcome | None = None
    if job.finishes:
        member = Member(job, done.reading is not None, done.edit is None)
        study = Study(job.study, job.study_name, (job,), job.concluded, job.reports, ())
        concluded = conclude(study, [done], None, members_digest([member]))
    folder.write_entry(done.entry)
    if concluded is not None:
        folder.note_study(job.study_name, concluded)
    outcome = outcome_of(done, time.process_time() - began_s)
    folder.note(job.name, outcome)
    return outcome


def outcome_of(done: JobResult, cpu_s: float) -> Outcome:
    """What is noted of a recording that is done.

    Args:
        done: what came of it.
        cpu_s: processor time that it took.

    """
    job, source = done.job, done.recording.source if done.recording is not None else None
    return Outcome(
        fingerprint=job.fingerprint,
        line=done.line,
        error=done.entry["error"],
        has_reading=done.reading is not None,
        saved=done.edit is None,
        patient=source.patient.identity if source else "",
        site=source.patient.institution if source else "",
        equipment=source.equipment if source else "",
        cpu_s=round(cpu_s, 3),
        bytes_read=size_of(job.files or [job.path]),
    )


def conclude_study(task: StudyTask, tick: Tick) -> StudyOutcome:
    """Compute and write what a study as a whole says; its recordings are done."""
    folder = RunFolder(task.study.jobs[0].options.out)
    members = [_again(member, folder, tick) for member in task.members]
    before = None
    if task.earlier is not None:
        study, earlier = task.earlier
        before = (study, [_again(member, folder, tick) for member in earlier])
    outcome = conclude(task.study, members, before, task.fingerprint)
    for result in members:
        folder.write_entry(result.entry)
    folder.note_study(task.study.name, outcome)
    return outcome


def _again(member: Member, folder: RunFolder, tick: Tick) -> JobResult:
    """A recording that was analysed before, as it was then."""
    job = member.job
    entry = folder.entry(job.name)
    if not member.has_reading:
        return JobResult(job, entry, "")
    recording = open_recording(job)
    reading = None if member.saved else _read.pop((str(job.options.out), job.name), None)
    if reading is None:
        first = first_of_job(job, recording, tick)
        reading = saved_reading(job, first) if member.saved else folder.reading(job.name, first)
    return JobResult(job, entry, "", recording, reading, saved=member.saved)
