"""Gathering a run: result.json, its tables and the summary, from what is on the disk, one recording at a time."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from kinecor.cli.batch.progress import duration
from kinecor.cli.batch.run import Run
from kinecor.io.export.result import refused_entry
from kinecor.io.export.run_tables import (
    RecordingRow,
    StudyRow,
    recording_row,
    study_row,
    write_recordings_table,
    write_studies_table,
)
from kinecor.io.export.schema import RecordingEntry, StudyEntry

_MOST_REASONS = 10


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
        for name, one in run.plan.refused:
            refused: RecordingEntry = refused_entry(name, one.path, one.reason)
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
        names = {name for name, one in self._run.outcomes.items() if one.error is not None}
        names |= {name for one in self._run.studies.values() for name in one.errors}
        return len(names) + len(self._run.plan.refused)

    def summary(self, took_s: float) -> list[str]:
        """What a person wants to know at the end: how many are done, how far to be trusted, and what failed why."""
        good = [row for row in self.rows if not row.error]
        trust = Counter(row.trust or "not measured" for row in good)
        words = [f"{count} {word}" for word in ("ok", "check", "withheld", "not measured") if (count := trust[word])]
        lines = [f"{len(good)} of {len(self._run.plan.jobs) + len(self._run.plan.refused)} recordings done"]
        lines[0] += f" in {duration(took_s)}" + (f": {', '.join(words)}" if words else "")
        reasons = Counter(row.error for row in self.rows if row.error)
        lines += [f"{count} x {why}" for why, count in reasons.most_common(_MOST_REASONS)]
        if len(reasons) > _MOST_REASONS:
            rest = sum(count for _, count in reasons.most_common()[_MOST_REASONS:])
            lines.append(f"{rest} for other reasons, listed in result.json")
        return lines


def write_run_tables(out: Path, found: Gathered) -> None:
    """Write recordings.csv and studies.csv of the run; its entries have passed.

    Raises:
        KinecorError: a file cannot be written.

    """
    write_recordings_table(out / "recordings.csv", found.rows)
    write_studies_table(out / "studies.csv", found.study_rows)
