"""`kinecor analyse`: recordings in, numbers and documents out, without a window.

Carries out what `cli/batch/command` and `cli/batch/plan` decided; `cli/batch/work` does one recording or study.
"""

import argparse
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from kinecor.cli.batch.command import Anonymisation, CommandPlan, Inputs, Retrieval, RunOutput, Workers, command_plan
from kinecor.cli.batch.folder import RunFolder
from kinecor.cli.batch.plan import AnalyseOptions, Plan, check_priors, make_plan
from kinecor.cli.batch.pool import Here, Pool, Processes
from kinecor.cli.batch.queried import retrieve_queries
from kinecor.cli.batch.recordings import MAX_HELD, hold, open_location
from kinecor.cli.batch.run import AnyOutcome, Anything, Gathered, Run, write_run_tables
from kinecor.cli.batch.work import perform
from kinecor.cli.outcomes import DONE, FAILED, INTERRUPTED
from kinecor.cli.terminal import Progress
from kinecor.core.values.errors import KinecorError, Tick
from kinecor.core.values.recording import Recording
from kinecor.core.values.study import StudyReading
from kinecor.io.export.objects import write_zip
from kinecor.io.export.result import write_gathered
from kinecor.io.files.atomic import make_private
from kinecor.io.open.recordings import Opened
from kinecor.io.open.refusals import refusals
from kinecor.session.journal import saved_study
from kinecor.session.store import study_file

if TYPE_CHECKING:
    from kinecor.io.write.anonymise import Rules

(_RESULT,) = RunOutput.RESULT.value

Work = Callable[[Anything, Tick], AnyOutcome]


def analyse(chosen: argparse.Namespace, work: Work = perform) -> int:
    """Run the command.

    Args:
        chosen: the options.
        work: does a task; a module's own function where --jobs is more than 1.

    Returns:
        0 all was analysed; 1 some recording failed or was refused; 130 interrupted.

    """
    return _carry_out(command_plan(chosen), work)


def _carry_out(command: CommandPlan, work: Work) -> int:
    open_location.cache_clear()
    inputs, anonymisation = command.inputs, command.anonymisation
    if command.retrieval is not None:
        inputs = _retrieve(command.retrieval, inputs)
    if anonymisation is not None and anonymisation.dry_run:
        return _show_changes(anonymisation, inputs)
    if anonymisation is not None:
        inputs = _anonymise(anonymisation, inputs)
    run = _begin(_plan_jobs(inputs, command.options), command)
    began_s = time.monotonic()
    _go(run, command, work)
    gathered = write_outputs(run, command.outputs)
    print(command.options.out / _RESULT)
    if command.zips and run.complete:
        for study in run.plan.studies.values():
            names = [study.name, *(job.name for job in study.jobs)]
            write_zip(command.options.out / f"{study.name}.zip", command.options.out, names)
    run.folder.end(done=run.complete)
    if not command.quiet:
        for line in gathered.summary(time.monotonic() - began_s):
            print(f"kinecor: {line}", file=sys.stderr)
    return _status(run, gathered, inputs.missing)


def _retrieve(step: Retrieval, inputs: Inputs) -> Inputs:
    """Inputs with folders in place of queries.

    Raises:
        KinecorError: see `retrieve_queries`.

    """
    paths, missing = retrieve_queries(inputs.paths, step.place)
    priors, lost = retrieve_queries(inputs.priors, step.place)
    return Inputs(tuple(paths), tuple(priors), inputs.missing + missing + lost)


def _show_changes(step: Anonymisation, inputs: Inputs) -> int:
    from kinecor.cli.anonymise import dry_run

    return FAILED if dry_run(inputs.all_paths, _rules(step)) else DONE


def _anonymise(step: Anonymisation, inputs: Inputs) -> Inputs:
    """The folder of de-identified copies in place of all inputs; copies of a run that is resumed stay.

    Raises:
        KinecorError: see `anonymised_copies` and `load_key`.

    """
    from kinecor.cli.anonymise import anonymised_copies

    if step.copies is not None:
        print("kinecor: the de-identified copies of the run that is resumed are used", file=sys.stderr)
        return Inputs((str(step.copies),), missing=inputs.missing)
    folder, left_out = anonymised_copies(inputs.all_paths, step.out, _rules(step))
    return Inputs((str(folder),), missing=inputs.missing + left_out)


def _rules(step: Anonymisation) -> "Rules":
    from kinecor.io.write.anonymise import Rules, load_key

    return Rules(load_key(step.key), step.dates, step.characteristics, unclear=step.keep_unclear)


def _plan_jobs(inputs: Inputs, options: AnalyseOptions) -> Plan:
    """Open what is there to see what there is to do.

    Raises:
        KinecorError: nothing can be opened at a path, or a prior is none.

    """
    first: dict[tuple[str, int], Recording] = {}

    def opened_there(path: str) -> Opened:
        opened = open_location(path, options)
        for index, recording in enumerate(opened.recordings[: MAX_HELD - len(first)]):
            first[path, index] = recording
        return opened

    plan = make_plan(inputs.all_paths, options, opened_there, _concluded)
    check_priors(plan, inputs.prior_paths)
    for job in plan.jobs:
        if (job.path, job.index) in first:
            hold(job, first[job.path, job.index])
    if all(job.files for job in plan.jobs):
        open_location.cache_clear()  # each is opened again from its own files, but for those that are held
    return plan


def _concluded(first: StudyReading) -> StudyReading:
    """What a reader entered for a study in the window, over what its headers say."""
    try:
        return saved_study(study_file(first.study_id), first)
    except KinecorError as error:
        print(f"kinecor: {error} Analysing by the file headers alone.", file=sys.stderr)
        return first


def _begin(plan: Plan, command: CommandPlan) -> Run:
    """The run of a plan before its first recording, with what an earlier one has done."""
    folder = RunFolder(command.options.out)
    folder.begin(resume=command.resume)
    progress = Progress(len(plan.jobs) + len(plan.refused), quiet=command.quiet)
    for refusal in refusals([refusal for _, refusal in plan.refused]):
        progress.finish(f"{refusal.place}: refused: {refusal.reason}", failed=True, count=len(refusal.paths))
    run = Run(plan, folder, progress)
    if command.resume:
        run.take_up()
    return run


def _go(run: Run, command: CommandPlan, work: Work) -> None:
    """Do what is left.

    Raises:
        KeyboardInterrupt: by a person or a scheduler, before anything was done.

    """
    pool = _pool(run, command.workers, work)
    with _ended_like_ctrl_c():
        run.go(pool, counts_before=isinstance(pool, Here))
    if run.interrupted and not run.outcomes:
        run.folder.end(done=False)
        raise KeyboardInterrupt


def _pool(run: Run, workers: Workers, work: Work) -> Pool[Anything, AnyOutcome]:
    if workers.scheduler is not None:
        from kinecor.cli.batch.pool import Cluster

        make_private(run.folder.out)
        return Cluster(workers.scheduler, work, run.folder.out)
    count = workers.processes(len(run.plan.jobs), len(run.plan.jobs) - len(run.outcomes))
    return Processes(work, count) if count else Here(work, run.progress.tick)


@contextmanager
def _ended_like_ctrl_c() -> Iterator[None]:
    """Within it, being asked to end (by a scheduler, at shutdown) is as Ctrl-C: what is done is gathered."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def write_outputs(run: Run, outputs: Iterable[RunOutput]) -> Gathered:
    """Write what is gathered over all recordings.

    Args:
        run: as it ended.
        outputs: what is written, result.json first.

    Raises:
        KinecorError: a file cannot be written.

    """
    out, gathered = run.folder.out, Gathered(run)
    for output in outputs:
        match output:
            case RunOutput.RESULT:
                write_gathered(out / _RESULT, gathered.recordings(), gathered.studies(), run.set_aside)
            case RunOutput.TABLES:
                write_run_tables(out, gathered)
            case RunOutput.OVERVIEW:
                from kinecor.io.export.overview import write_overview

                write_overview(out, gathered.rows, {study.study: study.name for study in run.plan.studies.values()})
            case RunOutput.BIDS:
                from kinecor.io.export.bids import write_dataset_files

                write_dataset_files(out)
    return gathered


def _not_imported(run: Run, gathered: Gathered) -> int:
    """How many files of --import-contours no recording took, each with a line on stderr; 0 where one was refused."""
    files = {path.name for path in run.plan.jobs[0].options.imports} if run.plan.jobs else set()
    if not files or len(run.plan.jobs) == 1:
        return 0  # the refusal is the recording's
    left = files - {imported["file"] for entry in gathered.recordings() for imported in entry.get("imported", [])}
    for name in sorted(left):
        print(
            f"kinecor: {name}: no recording here is named by it or lies at its place in the patient: nothing was "
            "imported from it; give the recording alone",
            file=sys.stderr,
        )
    return len(left)


def _status(run: Run, gathered: Gathered, missing: int) -> int:
    """The exit status, with a line on stderr where not all is done.

    Args:
        run: as it ended.
        gathered: its results.
        missing: how many of the inputs could not be retrieved or de-identified.

    """
    failed = gathered.failed
    missing += _not_imported(run, gathered)
    empty = not gathered.count and not run.plan.set_aside
    if failed:
        print(f"kinecor: {failed} of {gathered.count} recordings failed or were refused", file=sys.stderr)
    elif empty and not run.interrupted:
        print("kinecor: no recording was found there: name a file or folder that holds one", file=sys.stderr)
    if run.interrupted:
        left = len(run.plan.jobs) - len(run.outcomes)
        print(f"kinecor: interrupted; {left} recordings are left, --resume goes on with them", file=sys.stderr)
        return INTERRUPTED
    return FAILED if failed or missing or empty else DONE
