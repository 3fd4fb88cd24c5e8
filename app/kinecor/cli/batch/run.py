"""The run itself: hands out recordings, then studies, survives workers that are killed and Ctrl-C, and gathers all.

result.json, its tables and the summary are gathered from what is on the disk, one recording at a time.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from kinecor.cli.batch.folder import Outcome, RunFolder, StudyOutcome
from kinecor.cli.batch.plan import Job, Member, Plan, Study, StudyTask, members_digest
from kinecor.cli.batch.pool import Killed, Pool
from kinecor.cli.terminal import Progress, duration
from kinecor.io.export.result import refused_entry, set_aside_entries
from kinecor.io.export.run_tables import (
    RecordingRow,
    StudyRow,
    recording_row,
    study_row,
    write_recordings_table,
    write_studies_table,
)
from kinecor.io.export.schema import RecordingEntry, SetAsideEntry, StudyEntry

Anything = Job | StudyTask
AnyOutcome = Outcome | StudyOutcome
MAX_DEATHS = 2
KILLS = (
    "it was passed over: the process that analysed it was killed twice, perhaps because memory ran out; analyse it "
    "alone and with --jobs 1, without --resume"
)
STUDY_KILLS = "measurements over views are missing: the process that computed them was killed twice"


@dataclass(eq=False)
class _Queue:
    """What a run has still to do.

    Attributes:
        waiting: tasks that were not handed out yet.
        left: recordings that are not done, by study.
        handed: studies that were handed out or wait for it.
        study_deaths: how often a process that computed a study was killed.
        busy: how many tasks are worked on.
        begun: the recording that this process works on, whose death has been counted already.

    """

    waiting: deque[Anything]
    left: dict[str, int]
    handed: set[str]
    study_deaths: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    begun: Job | None = None


@dataclass(eq=False)
class Run:
    """What is done so far, by names of recordings and ids of studies."""

    plan: Plan
    folder: RunFolder
    progress: Progress
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    studies: dict[str, StudyOutcome] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return len(self.outcomes) == len(self.plan.jobs) and len(self.studies) == len(self.plan.studies)

    def take_up(self) -> None:
        """Count what an earlier run has done from the same inputs, options and models."""
        for study in self.plan.studies.values():
            outcomes = {job.name: outcome for job in study.jobs if (outcome := self._done_before(job)) is not None}
            self.outcomes.update(outcomes)
        for study in self.plan.studies.values():
            before = self.folder.study_outcome(study.name)
            whole = len(self._members(study)) == len(study.jobs)
            if whole and before is not None and before.fingerprint == self._fingerprint(study):
                self.studies[study.study] = before
        self._analyse_again_for_studies()
        self.progress.skip(len(self.outcomes))

    def _analyse_again_for_studies(self) -> None:
        """Forget recordings that a study needs which is computed again, and whose analysis is no longer there.

        Such a study reads the analyses of its recordings, and of the study before it.
        """
        again: set[str] = set()
        for study in self.plan.studies.values():
            if study.study not in self.studies:
                again |= {study.study, *study.earlier}
        for study_id in again:
            for job in self.plan.studies[study_id].jobs:
                outcome = self.outcomes.get(job.name)
                if outcome and outcome.has_reading and not outcome.saved and not self.folder.has_edit(job.name):
                    del self.outcomes[job.name]
                    self.studies.pop(study_id, None)

    def _done_before(self, job: Job) -> Outcome | None:
        outcome = self.folder.outcome(job.name)
        if (
            outcome is None
            or outcome.fingerprint != job.fingerprint
            or (outcome.error is not None and not outcome.passed_over)
        ):
            return None
        if job.finishes and not outcome.passed_over and self.folder.study_outcome(job.study_name) is None:
            return None
        return outcome

    @property
    def set_aside(self) -> list[SetAsideEntry]:
        """What the run does not measure, as result.json has it."""
        return set_aside_entries(self.plan.set_aside)

    def go(self, pool: Pool[Anything, AnyOutcome], *, counts_before: bool) -> None:
        """Do what is left; after Ctrl-C, what is done stays done.

        Args:
            pool: where it runs; closed at the end.
            counts_before: whether a task that kills its process kills this one, too, so that its death has to be
                counted before it begins.

        """
        queue = self._queue()
        try:
            while queue.waiting or queue.busy:
                self._hand_out(queue, pool, counts_before=counts_before)
                for task, outcome in pool.finished() if queue.busy else ():
                    queue.busy -= 1
                    if isinstance(task, StudyTask):
                        self._study_ended(queue, task, outcome)
                    else:
                        self._recording_ended(queue, task, outcome, counts_before=counts_before)
        except KeyboardInterrupt:
            self.interrupted = True
        finally:
            if queue.begun is not None:
                self.folder.survived(queue.begun.name)
            pool.close()
            self.progress.close()

    def _queue(self) -> _Queue:
        """What is left: recordings that are not done, then studies whose recordings are."""
        waiting: deque[Anything] = deque(job for job in self.plan.jobs if job.name not in self.outcomes)
        left = {
            study.study: sum(job.name not in self.outcomes for job in study.jobs)
            for study in self.plan.studies.values()
        }
        ready = [self._ready(study) for study, count in left.items() if not count and self._may(study, left)]
        waiting.extend(ready)
        return _Queue(waiting, left, {study_task.study.study for study_task in ready})

    def _hand_out(self, queue: _Queue, pool: Pool[Anything, AnyOutcome], *, counts_before: bool) -> None:
        """Give the pool as many tasks as it has room for."""
        while queue.waiting and pool.free:
            task = queue.waiting.popleft()
            if isinstance(task, Job):
                if self.folder.deaths(task.name) >= MAX_DEATHS:
                    self._pass_over(task)
                    self._after(queue, task)
                    continue
                self.progress.start(task.shown)
                if counts_before:
                    queue.begun = task
                    self.folder.begun(task.name)
            pool.submit(task)
            queue.busy += 1

    def _recording_ended(self, queue: _Queue, job: Job, outcome: AnyOutcome | Killed, *, counts_before: bool) -> None:
        """Note a recording that is done; one whose process was killed is tried again."""
        if isinstance(outcome, Killed):
            if not counts_before:
                self.folder.begun(job.name)
            self.progress.say(f"kinecor: {job.shown}: the process that analysed it was killed")
            queue.waiting.appendleft(job)
            return
        assert isinstance(outcome, Outcome)
        queue.begun = None
        self._recording_done(job, outcome)
        self._after(queue, job)

    def _study_ended(self, queue: _Queue, task: StudyTask, outcome: AnyOutcome | Killed) -> None:
        """Note a study that is done; one whose process was killed is tried again, and passed over the second time."""
        if not isinstance(outcome, Killed):
            assert isinstance(outcome, StudyOutcome)
            self._study_done(task.study, outcome)
            return
        queue.study_deaths[task.study.study] += 1
        if queue.study_deaths[task.study.study] < MAX_DEATHS:
            queue.waiting.appendleft(task)
        else:
            self._pass_over_study(task)

    def _after(self, queue: _Queue, job: Job) -> None:
        """Hand out the studies that waited for this recording."""
        queue.left[job.study] -= 1
        if queue.left[job.study]:
            return
        if job.finishes and not self.outcomes[job.name].passed_over:
            study_outcome = self.folder.study_outcome(job.study_name)
            assert study_outcome is not None
            self._study_done(self.plan.studies[job.study], study_outcome)
        later = [job.study, *self._later.get(job.study, ())]
        for study in later:
            if study not in queue.handed and study not in self.studies and self._may(study, queue.left):
                queue.handed.add(study)
                queue.waiting.appendleft(self._ready(study))  # what is complete is soon on the disk

    @cached_property
    def _later(self) -> dict[str, list[str]]:
        """Studies that are compared with a study, by its id."""
        found: dict[str, list[str]] = {}
        for study in self.plan.studies.values():
            for before in study.earlier:
                found.setdefault(before, []).append(study.study)
        return found

    def _may(self, study: str, left: dict[str, int]) -> bool:
        """Whether a study can be done now: its recordings are, and those of the studies it is compared with."""
        return (
            study not in self.studies
            and not left[study]
            and not any(left[study_id] for study_id in self.plan.studies[study].earlier)
        )

    def _members(self, study: Study) -> tuple[Member, ...]:
        found = ((job, self.outcomes.get(job.name)) for job in study.jobs)
        return tuple(Member(job, outcome.has_reading, outcome.saved) for job, outcome in found if outcome is not None)

    def _before(self, study: Study) -> Study | None:
        """The study it is compared with: the latest earlier one with a Reading."""
        for study_id in study.earlier:
            if any(member.has_reading for member in self._members(self.plan.studies[study_id])):
                return self.plan.studies[study_id]
        return None

    def _fingerprint(self, study: Study) -> str:
        before = self._before(study)
        return members_digest(self._members(study), () if before is None else self._members(before), study.stated)

    def _ready(self, study_id: str) -> StudyTask:
        study = self.plan.studies[study_id]
        before = self._before(study)
        earlier = None if before is None else (before, self._members(before))
        return StudyTask(study, self._members(study), earlier, self._fingerprint(study))

    def _recording_done(self, job: Job, outcome: Outcome) -> None:
        self.outcomes[job.name] = outcome
        self.progress.finish(outcome.line, failed=outcome.error is not None)

    def _study_done(self, study: Study, outcome: StudyOutcome) -> None:
        self.studies[study.study] = outcome
        for sentence in outcome.sentences:
            self.progress.say(f"kinecor: {sentence}")

    def _pass_over(self, job: Job) -> None:
        entry = refused_entry(job.name, job.shown, KILLS)
        self.folder.write_entry(entry)
        outcome = Outcome(job.fingerprint, f"{job.shown}: failed: {KILLS}", KILLS, passed_over=True)
        self.folder.note(job.name, outcome)
        self._recording_done(job, outcome)

    def _pass_over_study(self, task: StudyTask) -> None:
        ids = [job.name for job in task.study.jobs]
        study = task.study.study
        self.folder.write_study(task.study.name, {"id": study, "recordings": ids, "measurements": [], "checks": []})
        errors = {ids[0]: STUDY_KILLS}
        self._study_done(task.study, StudyOutcome("", [f"study {study}: {STUDY_KILLS}"], errors))


_MAX_REASONS = 10


class Gathered:
    """The results of a run, read from the disk; rows of tables are noted while they pass.

    Attributes:
        rows: of recordings whose entries have passed, with those of files that could not be opened.
        study_rows: of studies whose entries have passed.

    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self.rows: list[RecordingRow] = []
        self.study_rows: list[StudyRow] = []

    def recordings(self) -> Iterator[RecordingEntry]:
        """Entries of the recordings that are done, then of the files that could not be opened."""
        run = self._run
        self.rows = []
        for job in run.plan.jobs:
            done = run.outcomes.get(job.name)
            if done is None:
                continue
            entry = run.folder.entry(job.name)
            self.rows.append(recording_row(entry, job.study, done.patient, done.site, done.equipment))
            yield entry
        for name, refusal in run.plan.refused:
            refused: RecordingEntry = refused_entry(name, refusal.path, refusal.reason)
            self.rows.append(recording_row(refused, ""))
            yield refused

    def studies(self) -> Iterator[StudyEntry]:
        """Entries of the studies that are done; of one that is not, values over its views would mislead."""
        run = self._run
        members: dict[str, list[RecordingRow]] = {}
        for row in self.rows:
            members.setdefault(row.study, []).append(row)
        self.study_rows = []
        for study in run.plan.studies.values():
            if study.study in run.studies:
                entry = run.folder.study(study.name)
                self.study_rows.append(study_row(entry, members.get(study.study, [])))
                yield entry

    @property
    def count(self) -> int:
        """How many recordings are done or were refused."""
        return len(self._run.outcomes) + len(self._run.plan.refused)

    @property
    def failed(self) -> int:
        """How many recordings failed or were refused, in themselves or in their study."""
        names = {name for name, outcome in self._run.outcomes.items() if outcome.error is not None}
        names |= {name for study in self._run.studies.values() for name in study.errors}
        return len(names) + len(self._run.plan.refused)

    def summary(self, took_s: float) -> list[str]:
        """What a person wants to know at the end: how many are done, how far to be trusted, and what failed why."""
        good = [row for row in self.rows if not row.error]
        trust = Counter(row.trust or "not measured" for row in good)
        texts = [f"{count} {word}" for word in ("ok", "check", "withheld", "not measured") if (count := trust[word])]
        lines = [f"{len(good)} of {len(self._run.plan.jobs) + len(self._run.plan.refused)} recordings done"]
        lines[0] += f" in {duration(took_s)}" + (f": {', '.join(texts)}" if texts else "")
        if aside := self._run.plan.set_aside:
            kinds = Counter(str(series.known.name) for _, series in aside if series.known is not None)
            counted = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
            lines.append(f"{len(aside)} set aside, not measured: {counted} (set_aside in result.json)")
        reasons = Counter(row.error for row in self.rows if row.error)
        lines += [f"{count} x {why}" for why, count in reasons.most_common(_MAX_REASONS)]
        if len(reasons) > _MAX_REASONS:
            rest = sum(count for _, count in reasons.most_common()[_MAX_REASONS:])
            lines.append(f"{rest} for other reasons, listed in result.json")
        return lines


def write_run_tables(out: Path, gathered: Gathered) -> None:
    """Write recordings.csv and studies.csv of the run; its entries have passed.

    Raises:
        KinecorError: a file cannot be written.

    """
    write_recordings_table(out / "recordings.csv", gathered.rows)
    write_studies_table(out / "studies.csv", gathered.study_rows)
