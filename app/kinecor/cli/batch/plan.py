"""What a run is to do: a job for each recording, a study for each study, small enough to hold for ten thousand."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import Enum
from pathlib import Path, PurePath
from typing import Any

import numpy as np

import kinecor
from kinecor.analysis.methods import DEFAULT, Method
from kinecor.analysis.models import check_network_fits, describe
from kinecor.core.study.prior import Examined, priors
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.foreign import ForeignReport
from kinecor.core.values.kind import Kind
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import first_reading_of
from kinecor.core.values.recording import Recording, Source
from kinecor.core.values.series import Series
from kinecor.core.values.study import StudyReading, first_study_reading
from kinecor.io.export.objects import Wanted
from kinecor.io.files.atomic import safe_names
from kinecor.io.open.find import Refused
from kinecor.io.open.recordings import Opened
from kinecor.io.open.returned import take_returned
from kinecor.io.open.stated import stated_studies
from kinecor.session.audit import saved_head
from kinecor.session.store import study_file

# Where a recording lies and how its frames are read changes with every copy of it; their digest is in its source.
_PLACES = ("path", "frames", "depth")


def digest_of(*values: Any) -> str:
    """sha256 in hex of plain values, containers, arrays and dataclasses, by content.

    Raises:
        TypeError: a value of another kind.

    """
    digest = hashlib.sha256()
    _add(digest, values, ())
    return digest.hexdigest()


def recording_digest(recording: Recording) -> str:
    """sha256 in hex of what a recording is: its pixels by their digests, and all that its header says."""
    digest = hashlib.sha256()
    _add(digest, recording, _PLACES)
    return digest.hexdigest()


def _add(digest: Any, value: Any, without: Collection[str]) -> None:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int | float | str | bytes | PurePath):
        digest.update(f"{type(value).__name__}:{value!r};".encode("utf-8", "backslashreplace"))
    elif isinstance(value, np.ndarray):
        digest.update(f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        digest.update(type(value).__name__.encode())
        for attribute in fields(value):
            if attribute.name not in without:
                digest.update(attribute.name.encode())
                _add(digest, getattr(value, attribute.name), without)
    elif isinstance(value, Mapping):
        digest.update(b"{")
        for key in sorted(value, key=str):
            _add(digest, key, without)
            _add(digest, value[key], without)
        digest.update(b"}")
    elif isinstance(value, tuple | list):
        digest.update(b"(")
        for attribute in value:
            _add(digest, attribute, without)
        digest.update(b")")
    elif isinstance(value, set | frozenset):
        _add(digest, sorted(value, key=str), without)
    else:
        raise TypeError(f"no digest of {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class AnalyseOptions:
    """Options of the command, the same for all recordings.

    Attributes:
        imports: files of contours that take the place of the networks'.
        labels: what their labels stand for (`Part`), where it is not guessed.
        import_frame: from 0, of files of a single time.
        imports_must_name: whether a file is imported only into a recording that it names: there are several.
        method: how recordings are analysed that it fits.

    """

    out: Path
    view: str | None
    modality: str
    third_axis: str
    spacing_mm: tuple[float, float] | None
    device: str
    network: str | None
    masks: bool
    pdf: bool
    csv: bool
    sr: bool
    wanted: Wanted
    readings: bool
    anonymised: bool = False
    overview: bool = False
    language: str = ""
    imports: tuple[Path, ...] = ()
    labels: tuple[tuple[int, str], ...] = ()
    import_frame: int | None = None
    imports_must_name: bool = False
    bids: bool = False
    method: Method = DEFAULT

    @property
    def digest(self) -> str:
        """Of all that changes results, with the version and the installed models; the folder does not."""
        plain = replace(self, out=Path(), wanted=replace(self.wanted, out=Path()), imports_must_name=False)
        contents = [path.read_bytes() if path.is_file() else b"" for path in self.imports]
        models = [(card.name, card.version, card.sha256) for card in describe()]
        return digest_of(kinecor.__version__, plain, models, *([contents] if contents else []))


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to analyse.

    Attributes:
        path, index: it is the `index`-th recording found at `path`.
        files: it can be opened from these alone; () where only `path` leads to it.
        digest: of the recording, see `recording_digest`.
        name: its "id" and the name of its documents.
        options: see AnalyseOptions.
        study: the study it belongs to.
        study_name: the name of the study's documents.
        alone: whether no other recording of its study is analysed.
        finishes: whether its study is done with it: it is alone, and there is no earlier study to compare with.
        awaited: whether its study, or a later one of the patient, reads its analysis after it is done.
        concluded: what was concluded about the study as a whole, such as a height that a reader entered.
        reports: of other systems about the study; only where the recording finishes it.
        shown: its path as a reader knows it.
        fingerprint: digest of everything that its result depends on.

    """

    path: str
    index: int
    files: tuple[str, ...]
    digest: str
    name: str
    options: AnalyseOptions
    study: str
    study_name: str
    alone: bool
    finishes: bool
    awaited: bool
    concluded: StudyReading
    reports: tuple[ForeignReport, ...]
    shown: str
    fingerprint: str

    @property
    def report(self) -> Path:
        """Path of its report."""
        return self.options.out / "reports" / f"{self.name}.pdf"


@dataclass(frozen=True, slots=True)
class Study:
    """A study, with the jobs of its recordings.

    Attributes:
        study, name: its id, and the name of its documents.
        jobs: of its recordings, in order.
        concluded: see Job.
        reports: see Job.
        earlier: ids of earlier studies of the patient in this run, the latest first.
        stated: the latest earlier study of which there is only a report of another system; None without one.

    """

    study: str
    name: str
    jobs: tuple[Job, ...]
    concluded: StudyReading
    reports: tuple[ForeignReport, ...]
    earlier: tuple[str, ...]
    stated: Examined | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A recording of a study as its study needs it: whether there is a Reading of it, and whether it was saved."""

    job: Job
    has_reading: bool
    saved: bool


def members_digest(members: Iterable[Member], before: Iterable[Member] = (), stated: Examined | None = None) -> str:
    """Digest of what the result of a study depends on: its recordings, and the studies it is compared with.

    Args:
        members: its recordings.
        before: those of an earlier study.
        stated: an earlier study as another system states it.

    """
    parts: list[list[Any]] = [
        [(member.job.fingerprint, member.has_reading, member.saved) for member in several]
        for several in (members, before)
    ]
    if stated is not None and stated.stated is not None:
        rows = [[*key, row.quantity] for key, row in stated.stated.rows.items()]
        parts.append([stated.study.study_id, stated.study.study_date, stated.stated.equipment, *rows])
    return digest_of(*parts)


@dataclass(frozen=True, slots=True)
class StudyTask:
    """A study all of whose recordings are done.

    Attributes:
        study: see Study.
        members: of its recordings.
        earlier: the latest earlier study that has a Reading, with its recordings; None where there is none.
        fingerprint: see StudyOutcome.

    """

    study: Study
    members: tuple[Member, ...]
    earlier: tuple[Study, tuple[Member, ...]] | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a run is to do.

    Attributes:
        jobs: in the order of result.json.
        studies: by id, in the order of result.json.
        refused: (name, file that could not be opened).
        set_aside: (study id, series) of what is not measured: see SeriesKind.
        stated_at: ids of the studies that reports of other systems at a path are about, by path.

    """

    jobs: tuple[Job, ...]
    studies: Mapping[str, Study]
    refused: tuple[tuple[str, Refused], ...]
    set_aside: tuple[tuple[str, Series], ...] = ()
    stated_at: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is remembered of a recording that was opened to see what there is."""

    path: str
    index: int
    files: tuple[str, ...]
    digest: str
    source: Source
    kind: Kind


@dataclass(frozen=True, slots=True)
class _Inventory:
    """What is at the paths of a run.

    Attributes:
        recordings: in order of the paths.
        refused: files that cannot be opened.
        reports: of other systems, by study.
        studies: what the headers say about each, in order of their first recordings.
        set_aside, stated_at: see Plan.

    """

    recordings: tuple[_Found, ...]
    refused: tuple[Refused, ...]
    reports: Mapping[str, tuple[ForeignReport, ...]]
    studies: Mapping[str, StudyReading]
    set_aside: tuple[tuple[str, Series], ...]
    stated_at: Mapping[str, frozenset[str]]


def make_plan(
    paths: Sequence[str],
    options: AnalyseOptions,
    opened: Callable[[str], Opened],
    concluded: Callable[[StudyReading], StudyReading],
) -> Plan:
    """What there is to do for `paths`.

    Args:
        paths: as given.
        options: for all of them.
        opened: opens a path.
        concluded: what a reader entered for a study, over what its headers say.

    Raises:
        KinecorError: the network that was chosen fits none of the recordings.

    """
    there = _inventory(paths, options, opened)
    if options.network is not None:
        check_network_fits(options.network, [recording.kind for recording in there.recordings])
    options = replace(options, imports_must_name=len(there.recordings) > 1)
    about = {study: concluded(first) for study, first in there.studies.items()}
    names = safe_names(
        [
            *(recording.source.recording_id for recording in there.recordings),
            *(f"refused-{refusal.path}" for refusal in there.refused),
        ]
    )
    study_names = dict(zip(about, safe_names(about), strict=True))
    earlier, stated = _earlier(about), _stated(about, there.reports)
    jobs = _jobs(there, names, options, about, study_names, earlier, stated)
    members: dict[str, list[Job]] = {study: [] for study in about}
    for job in jobs:
        members[job.study].append(job)
    studies = {
        study: Study(
            study,
            study_names[study],
            tuple(members[study]),
            about[study],
            there.reports.get(study, ()),
            earlier[study],
            stated.get(study),
        )
        for study in about
    }
    refused = tuple(zip(names[len(jobs) :], there.refused, strict=True))
    return Plan(jobs, studies, refused, there.set_aside, there.stated_at)


def check_priors(plan: Plan, paths: Iterable[str]) -> None:
    """See that each path given as an earlier study leads to one.

    Raises:
        KinecorError: one holds no earlier study of a patient of the run.

    """
    for path in paths:
        there = {job.study for job in plan.jobs if job.path == path} | plan.stated_at.get(path, frozenset())
        stated = {study.stated.study.study_id for study in plan.studies.values() if study.stated is not None}
        if not (there & stated or any(there.intersection(study.earlier) for study in plan.studies.values())):
            raise KinecorError(
                message(
                    "--prior {path}: expected an earlier study of the same patient by patient ID, name and study "
                    "date, found another one: nothing was analysed",
                    path=verbatim(path),
                )
                if there
                else message(
                    "--prior {path}: expected an earlier study of the same patient by patient ID, name and study "
                    "date, found no recording: nothing was analysed",
                    path=verbatim(path),
                )
            )


def _inventory(paths: Sequence[str], options: AnalyseOptions, opened: Callable[[str], Opened]) -> _Inventory:
    recordings: list[_Found] = []
    refused: list[Refused] = []
    reports: dict[str, list[ForeignReport]] = {}
    headers: dict[str, list[Recording]] = {}
    set_aside: list[tuple[str, Series]] = []
    stated_at: dict[str, frozenset[str]] = {}
    for path in paths:
        there = opened(path)
        stated_at[path] = frozenset(report.study_id for report in there.reports if report.values)
        # Of a de-identified copy, the path within the folder: the rest may name someone.
        refused += [
            replace(refusal, path=os.path.relpath(refusal.path, options.out)) if options.anonymised else refusal
            for refusal in there.refused
        ]
        for report in there.reports:
            reports.setdefault(report.study_id, []).append(report)
        set_aside += [(document.study_id, document.series) for document in there.documents]
        if options.readings:
            refused += [
                Refused(path, returned_study.words)
                for returned_study in take_returned(there.documents)
                if returned_study.words is not None
            ]
        for index, recording in enumerate(there.recordings):
            if not _is_wanted(recording.source.series, options):
                set_aside.append((recording.source.study_id, recording.source.series))
                continue
            digest, kind = recording_digest(recording), first_reading_of(recording).kind
            recordings.append(_Found(path, index, own_files(recording), digest, recording.source, kind))
            headers.setdefault(recording.source.study_id, []).append(recording)
    return _Inventory(
        tuple(recordings),
        tuple(refused),
        {study: tuple(several) for study, several in reports.items()},
        {study: first_study_reading(study, members) for study, members in headers.items()},
        tuple(set_aside),
        stated_at,
    )


def _is_wanted(series: Series, options: AnalyseOptions) -> bool:
    """Whether recordings of a series are part of the run: what is measured, by hand where saved readings count."""
    kind = series.known
    return kind is None or kind.measured or (kind.by_hand and options.readings)


def _jobs(
    there: _Inventory,
    names: Sequence[str],
    options: AnalyseOptions,
    about: Mapping[str, StudyReading],
    study_names: Mapping[str, str],
    earlier: Mapping[str, tuple[str, ...]],
    stated: Mapping[str, Examined],
) -> tuple[Job, ...]:
    """A job for each recording; for `names` and the others see Job and Study."""
    has_later = {study_id for several in earlier.values() for study_id in several}
    counts = Counter(recording.source.study_id for recording in there.recordings)
    base = options.digest
    heads = {study: saved_head(study) for study in about}
    saved = {study: _saved_digest(study) if options.readings else "" for study in about}
    jobs: list[Job] = []
    for each, name in zip(there.recordings, names, strict=False):
        study = each.source.study_id
        alone = counts[study] == 1
        finishes = alone and not earlier[study] and study not in stated
        jobs.append(
            Job(
                path=each.path,
                index=each.index,
                files=each.files,
                digest=each.digest,
                name=name,
                options=options,
                study=study,
                study_name=study_names[study],
                alone=alone,
                finishes=finishes,
                awaited=not finishes or study in has_later,
                concluded=about[study],
                reports=there.reports.get(study, ()) if finishes else (),
                shown=each.source.path,
                fingerprint=digest_of(base, each.digest, name, alone, about[study], heads[study], saved[study]),
            )
        )
    return tuple(jobs)


def _earlier(about: Mapping[str, StudyReading]) -> dict[str, tuple[str, ...]]:
    """Ids of earlier studies of the same patient, the latest first, by study."""
    patients: dict[str, list[StudyReading]] = {}
    for study_reading in about.values():
        patients.setdefault(study_reading.patient_id, []).append(study_reading)
    return {
        study: tuple(before.study_id for before in priors(study_reading, patients[study_reading.patient_id]))
        if study_reading.patient_id
        else ()
        for study, study_reading in about.items()
    }


def _stated(about: Mapping[str, StudyReading], reports: Mapping[str, tuple[ForeignReport, ...]]) -> dict[str, Examined]:
    """The latest earlier study of each that only a report of another system is about."""
    studies = stated_studies([report for several in reports.values() for report in several], about)
    latest = {}
    for study, study_reading in about.items():
        before = priors(study_reading, (other.study for other in studies.values())) if study_reading.patient_id else ()
        if before:
            latest[study] = studies[before[0].study_id]
    return latest


def own_files(recording: Recording) -> tuple[str, ...]:
    """Files that hold this recording and exist by these names; () where it comes out of an archive."""
    files = list(
        dict.fromkeys(
            path
            for cine in recording.cines
            for path in ([instance.path for instance in cine.instances] or [cine.source.path])
        )
    )
    direct = all(cine.source.path == "" or os.path.lexists(cine.source.path) for cine in recording.cines)
    return tuple(files) if direct and all(Path(file).is_file() for file in files) else ()


def size_of(files: Iterable[str]) -> int:
    """Bytes of files together; what is gone counts nothing."""
    total = 0
    for file in files:
        try:
            total += Path(file).stat().st_size
        except OSError:
            continue
    return total


def _saved_digest(study: str) -> str:
    path = study_file(study)
    return digest_of(path.read_bytes()) if path.exists() else ""
