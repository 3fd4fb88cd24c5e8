"""Open recordings: a file, a folder, a DICOMDIR, a zip or a URL in; values of core out.

Stills of one view at ED and at ES, found by their names or headers, open as one recording of two frames. What lies at a
URL (s3://, https://, sftp://, ...) is fetched by fsspec, an extra, into a temporary folder.
"""

import hashlib
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.calibration import Options, checked_options
from kinecor.core.values.errors import Cancelled, KinecorError, Tick, no_tick
from kinecor.core.values.foreign import Document, ForeignReport
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.recording import CineSequence, Patient, Recording, Source, Stack
from kinecor.core.values.series import BY_CODE, Group, Series
from kinecor.core.values.stills import mismatch, stills_as_recording
from kinecor.io.dicom.evidence import Evidence, coloured_share, header_evidence, painted_share
from kinecor.io.dicom.header import read_dicom, series_of
from kinecor.io.dicom.kinds import Rule, deciding_rule
from kinecor.io.dicom.loop import check_is_recording, open_ultrasound
from kinecor.io.dicom.saved_study import may_hold
from kinecor.io.files.atomic import TemporaryFolder, clear_stale_once
from kinecor.io.files.cache import FrameCache, shared_cache
from kinecor.io.files.label_values import LabelsError
from kinecor.io.mr.images import MrImage, is_part_of_study, read_images
from kinecor.io.mr.sorted_series import recordings_of
from kinecor.io.open.candidate import DICOM, Candidate
from kinecor.io.open.documents import in_study_of, label_document, read_object
from kinecor.io.open.find import Found, Refused, find, natural_key, unreadable
from kinecor.io.open.formats import BY_KIND
from kinecor.io.open.stack_pairs import with_stack_pairs

Phase = Literal["ED", "ES"]
_VIEWS: Final = {
    view: label
    for label, views in (
        ("A4C", ("4ch", "a4c", "ap4", "4c", "ap4ch")),
        ("A2C", ("2ch", "a2c", "ap2", "2c", "ap2ch")),
        ("A3C", ("3ch", "a3c", "ap3", "3c", "ap3ch", "aplax")),
    )
    for view in views
}
_PHASES: Final[dict[str, Phase]] = {
    "ed": "ED",
    "enddiastole": "ED",
    "enddiastolic": "ED",
    "diastole": "ED",
    "es": "ES",
    "endsystole": "ES",
    "endsystolic": "ES",
    "systole": "ES",
}
BY_NAME: Final = "file name"
"""Author of a view that the name of a file states."""


@dataclass(frozen=True, slots=True)
class _Named:
    """What a still's name and header say: whose it is, the view, the phase."""

    whose: tuple[str, ...]
    view: str
    phase: Phase
    patient: str


def with_pairs(recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings, with each pair of stills of one view in place of the two.

    Named as in CAMUS ("patient0001_4CH_ED.png", "patient0001_4CH_ES.png"), in one folder; or of one DICOM study, with
    view and phase in the header or the name. Stills that are named as a pair but do not fit are left apart, with a
    warning. Pairs of one patient in one folder that no header assigns to a study form one.

    Args:
        recordings: that were opened together, in order.

    """
    named = {index: said for index, recording in enumerate(recordings) if (said := _named(recording)) is not None}
    groups: dict[tuple[tuple[str, ...], str], dict[Phase, list[int]]] = {}
    for at, named_calliper in named.items():
        groups.setdefault((named_calliper.whose, named_calliper.view), {}).setdefault(named_calliper.phase, []).append(
            at
        )
    pairs = {
        (both["ED"][0], both["ES"][0]): whose
        for (whose, _), both in groups.items()
        if {"ED", "ES"} == set(both) and all(len(found) == 1 for found in both.values())
    }
    out: dict[int, Recording | None] = dict(enumerate(recordings))
    fitting: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for (ed, es), whose in pairs.items():
        first, second = _cine(recordings[ed]), _cine(recordings[es])
        why = mismatch(first, second)
        if why is None:
            fitting.setdefault(whose, []).append((ed, es))
            continue
        for at, this, other in ((ed, first, second), (es, second, first)):
            name = PurePath(other.source.path).name
            warning = message(
                "Not joined with {name} to a pair of ED and ES: {reason}.", name=verbatim(name), reason=why
            )
            out[at] = replace(this, warnings=(*this.warnings, warning))
    for whose, found in fitting.items():
        study = _study(whose, [_cine(recordings[at]) for pair in found for at in pair])
        for ed, es in found:
            out[ed], out[es] = _pair(recordings, named, ed, es, study), None
    return [recording for recording in out.values() if recording is not None]


def _pair(
    recordings: Sequence[Recording], named: dict[int, _Named], ed: int, es: int, study: str | None
) -> CineSequence:
    about = named[ed]

    def viewed(at: int) -> CineSequence:
        cine = _cine(recordings[at])
        patient = cine.source.patient
        if study is not None and not patient.identity and about.patient:
            patient = Patient(patient_id=about.patient)
        cine = replace(cine, source=replace(cine.source, patient=patient))
        return cine if cine.view else replace(cine, view=about.view, view_by=BY_NAME)

    return stills_as_recording(viewed(ed), viewed(es), study_id=study)


def _cine(recording: Recording) -> CineSequence:
    (cine,) = recording.cines
    return cine


def _named(cine: Recording) -> _Named | None:
    """Of a still of ultrasound whose name or header states view and phase; None of others."""
    if not isinstance(cine, CineSequence) or len(cine) != 1 or cine.source.modality not in ("US", ""):
        return None
    path = PurePath(cine.source.path.replace("\\", "/"))
    stem = path.name.split(".")[0] if not cine.instances else path.stem
    texts = _words(stem)
    stated = [word for _, text in cine.source.extra for word in _words(text)] if cine.instances else []
    phases = {_PHASES[word] for word in texts if word in _PHASES} or {
        _PHASES[word] for word in _ends_joined(stated) if word in _PHASES
    }
    views = {cine.view} if cine.view else {_VIEWS[word] for word in texts if word in _VIEWS}
    if len(phases) != 1 or len(views) != 1:
        return None
    (phase,), (view,) = phases, views
    remaining_names = [word for word in texts if word not in _PHASES and word not in _VIEWS]
    whose = (cine.source.study_id,) if cine.instances else (str(path.parent), *remaining_names)
    return _Named(whose, str(view), phase, " ".join(remaining_names))


def _words(text: str) -> list[str]:
    return _ends_joined([word for word in re.split(r"[^a-z0-9]+", text.lower()) if word])


def _ends_joined(words: Sequence[str]) -> list[str]:
    """The words, with "end diastole" as one."""
    return re.sub(r"\bend (diastol|systol)", r"end\1", " ".join(words)).split()


def _study(whose: tuple[str, ...], stills: Sequence[CineSequence]) -> str | None:
    """The study of the pairs of one patient: None where headers name it, else by the content of the images."""
    if any(still.instances for still in stills) or len(whose) < 1:
        return None
    digests = sorted(still.source.digest for still in stills)
    return f"sha256-{hashlib.sha256(chr(10).join(digests).encode()).hexdigest()[:24]}"


__all__ = ["FrameCache", "Opened", "Recording", "Refused", "distinct", "open_files", "open_path", "with_pairs"]
_log = logging.getLogger(__name__)
_SAME_IDENTITY = message(
    "Another recording here has the same identity in its header; each got a new one, from its pixels."
)


@dataclass(frozen=True)
class SetAside:
    """A recording or an object that is not measured; its series' kind says why."""

    path: str
    study_id: str
    series: Series


@dataclass(frozen=True)
class Opened:
    """What a path led to.

    Attributes:
        recordings: in the order of their files' names, numbers counted as numbers.
        refused: files that could not be opened, each with one sentence.
        reports: structured reports, ECGs and PDFs that were found with them, but for Kinecor's own.
        documents: all objects that are no recordings, those of `reports` among them.

    """

    recordings: tuple[Recording, ...]
    refused: tuple[Refused, ...]
    reports: tuple[ForeignReport, ...] = ()
    documents: tuple[Document, ...] = ()

    @property
    def set_aside(self) -> tuple[SetAside, ...]:
        """What is shown or listed and never measured, in the order of lists."""
        shown = [
            SetAside(recording.source.path, recording.source.study_id, recording.source.series)
            for recording in self.recordings
            if not recording.source.series.measured
        ]
        listed = [SetAside(document.path, document.study_id, document.series) for document in self.documents]
        return tuple(shown + listed)


def open_path(
    path: str | Path,
    *,
    modality: str = "auto",
    third_axis: str = "auto",
    spacing_mm: tuple[float, float] | None = None,
    cache: FrameCache | None = None,
    tick: Tick = no_tick,
) -> Opened:
    """Open everything that `path` leads to.

    Frames stay on disk until they are requested; one frame of each recording is decoded to see that it can be.
    A file that cannot be opened is reported in `Opened.refused` and never stops the others.

    Args:
        path: a file (DICOM, NIfTI, MetaImage, AVI, MP4, PNG, JPEG), a folder, a DICOMDIR or a zip.
        modality: "auto", "US" or "MR"; takes precedence over the file.
        third_axis: "auto", "time" or "slice": what the third axis of a 3-D NIfTI or MetaImage is.
        spacing_mm: (between rows, between columns), takes precedence over the file.
        cache: where decoded frames are held; the process-wide one if None.
        tick: called as tick(files done, files) after each file, and again while a large one is read; as tick(0, 0)
            while files are looked for.

    Raises:
        KinecorError: an option that is none of the choices.
        Cancelled: from `tick`.

    """
    options = checked_options(modality, third_axis, spacing_mm)
    return _open_found(find(Path(path), tick), str(path), options, cache, tick)


MIN_STAGED: Final = 8
"""Files of a folder; of fewer, all are opened before the first is shown."""


def open_first(path: str | Path, tick: Tick = no_tick) -> CineSequence | None:
    """The first loop of a folder where it is a recording by itself and not the only one: to be shown while all open.

    None of a folder of MR, whose images make recordings only together, and of one with few files.

    Args:
        path: of a folder.
        tick: may raise Cancelled.

    Raises:
        Cancelled: from `tick`.

    """
    candidates = find(Path(path), tick).candidates
    if len(candidates) < MIN_STAGED or candidates[0].kind != DICOM:
        return None
    if any(candidate.kind == DICOM and may_hold(candidate.path) for candidate in candidates):
        return None  # what was concluded elsewhere is taken over first: it is not to be computed here meanwhile
    opened: list[tuple[str, Recording]] = []
    options = checked_options("auto", "auto", None)
    refused: list[Refused] = []

    def open_file() -> None:
        _open_one(candidates[0], shared_cache(), options, opened, [], tick, [])

    _guarded(candidates[0].shown, open_file, refused)
    first = opened[0][1] if opened else None
    return first if isinstance(first, CineSequence) and first.source.series.measured and len(first) > 1 else None


def open_files(
    files: Sequence[str | Path],
    *,
    modality: str = "auto",
    third_axis: str = "auto",
    spacing_mm: tuple[float, float] | None = None,
    cache: FrameCache | None = None,
    tick: Tick = no_tick,
) -> Opened:
    """Open these files alone, whatever else is in their folders, as `open_path` does a folder of them.

    Args:
        files: of any formats.
        modality: see `open_path`.
        third_axis: see `open_path`.
        spacing_mm: see `open_path`.
        cache: for decoded frames; None for a new one.
        tick: may raise Cancelled.

    Raises:
        KinecorError: an option that is none of the choices.
        Cancelled: from `tick`.

    """
    options = checked_options(modality, third_axis, spacing_mm)
    found = Found()
    for path in files:
        located = find(Path(path), tick)
        found.candidates.extend(located.candidates)
        found.refused.extend(located.refused)
    return _open_found(found, str(files[0]) if files else "", options, cache, tick)


def _open_found(located: Found, path: str, options: Options, cache: FrameCache | None, tick: Tick) -> Opened:
    held = cache if cache is not None else shared_cache()
    clear_stale_once()
    refused = list(located.refused)
    opened: list[tuple[str, Recording]] = []
    images: list[MrImage] = []
    documents: list[Document] = []
    alone = len(located.candidates) == 1
    for done, candidate in enumerate(located.candidates):
        tick(done, len(located.candidates))
        about: list[Series] = []

        def alive(_part: int, _parts: int, done: int = done) -> None:
            tick(done, len(located.candidates))

        def open_candidate(candidate: Candidate = candidate, alive: Tick = alive, about: list[Series] = about) -> None:
            images.extend(_open_one(candidate, held, options, opened, documents, alive, about, alone=alone))

        before = len(refused)
        _guarded(candidate.shown, open_candidate, refused)
        refused[before:] = [replace(each, series=about[0]) if about else each for each in refused[before:]]

    def grid() -> None:
        made, left_out = recordings_of(images, held, options)
        opened.extend(made)
        refused.extend(Refused(shown, reason) for shown, reason in left_out)

    if images:
        _guarded(path, grid, refused)
    tick(len(located.candidates), len(located.candidates))
    opened.sort(key=lambda pair: natural_key(pair[0]))
    recordings = with_stack_pairs(with_pairs(distinct([recording for _, recording in opened])))
    documents = [in_study_of(document, recordings) for document in documents]
    reports = tuple(document.report for document in documents if document.report is not None and not document.own)
    return Opened(tuple(recordings), tuple(refused), reports, tuple(documents))


def _open_one(
    candidate: Candidate,
    cache: FrameCache,
    options: Options,
    opened: list[tuple[str, Recording]],
    documents: list[Document],
    tick: Tick,
    about: list[Series],
    *,
    alone: bool = True,
) -> list[MrImage]:
    """Open one file into `opened` or `documents`; or give the images that make a recording only with others.

    Where it is `alone`, labels are refused: there are no images that they could be of.
    """
    if candidate.kind != DICOM:
        try:
            opened.append((candidate.shown, BY_KIND[candidate.kind].open(candidate, cache, options, tick)))
        except LabelsError:
            if alone:
                raise
            documents.append(label_document(candidate))
        return []
    file = read_dicom(candidate.path)
    if candidate.keep is not None:
        file = replace(file, keep=(candidate.keep, file.keep))
    about.append(series_of(file.header))
    said = header_evidence(file)
    evidence = object_evidence(said, options)
    rule = object_rule(evidence)
    if rule is not None:
        series = replace(about[0], kind=rule.kind, rule=rule.code)
        documents.append(read_object(file, candidate, series))
        return []
    check_is_recording(file)
    if is_part_of_study(file, options):
        # A stack without the images that have not arrived yet would look whole; that they are missing is reported once.
        return [] if candidate.partial else read_images(file, candidate.shown, said)
    cine = open_ultrasound(file, cache, options, candidate.shown, tick)
    opened.append((candidate.shown, with_kind(cine, evidence)))
    return []


# Of a loop whose header does not say whether it is colour Doppler.
_FRAMES_SEEN = 3


def object_evidence(evidence: Evidence, options: Options) -> Evidence:
    """What a file says of its kind; a modality that was stated takes precedence over the header's.

    Args:
        evidence: of the header.
        options: of opening.

    """
    return evidence if options.modality == "auto" else replace(evidence, modality=options.modality)


def object_rule(evidence: Evidence) -> Rule | None:
    """The rule by which an object is a document or another object without images to show; None of a recording.

    Args:
        evidence: of the header.

    """
    rule = deciding_rule(evidence)
    listed = BY_CODE[rule.kind].group is Group.DOCUMENTS and rule.kind not in ("capture", "own-capture")
    return rule if listed or rule.kind == "echo-volume" else None


def with_kind(cine: CineSequence, evidence: Evidence) -> CineSequence:
    """A loop or still with its kind, by its pixels where its header does not decide.

    Args:
        cine: without a kind.
        evidence: of its header.

    """
    region = cine.region
    box = None if region is None else (region.x0, region.y0, region.x1, region.y1)

    @cache
    def seen_frames() -> list[NDArray[Any]]:
        """Some frames, decoded once for both shares; none of a grey loop, which has no colour."""
        frames = sorted({round(at) for at in np.linspace(0, len(cine) - 1, _FRAMES_SEEN)})
        return [] if len(cine.frames.shape) == 3 else [cine.frames[at] for at in frames]

    @cache
    def flow_share() -> float:
        return coloured_share(seen_frames(), box)

    pixels = replace(evidence, frames=len(cine), coloured=flow_share, painted=lambda: painted_share(seen_frames(), box))
    rule = deciding_rule(pixels)
    series = replace(cine.source.series, kind=rule.kind, rule=rule.code)
    return replace(cine, source=replace(cine.source, series=series))


def _guarded(shown: str, work: Callable[[], None], refused: list[Refused]) -> None:
    try:
        work()
    except KinecorError as error:
        refused.append(Refused(shown, error.message))
    except Cancelled:
        raise
    except OSError as error:
        refused.append(Refused(shown, unreadable(error)))
    except MemoryError:
        reason = message(
            "Expected a recording that fits into memory, this one does not; close others or open a smaller one"
        )
        refused.append(Refused(shown, reason))
    except Exception:  # the last net: whatever a damaged file provokes, the others still open
        _log.debug("could not open %s", shown, exc_info=True)
        reason = message(
            "Expected an intact recording, this file is damaged in an unforeseen way; copy or export it again"
        )
        refused.append(Refused(shown, reason))


def distinct(recordings: Sequence[Recording]) -> list[Recording]:
    """Copies of one recording are opened once; different ones that claim one identity each get their own.

    That is the claimed one and a part of the digest of their pixels: the same wherever and in whatever order they
    are found together.

    Args:
        recordings: that were opened together, in order.

    """
    digests: dict[str, set[str]] = {}
    for recording in recordings:
        for source in _sources(recording):
            digests.setdefault(source.recording_id, set()).add(source.digest)
    unique: dict[tuple[tuple[str, str], ...], Recording] = {}
    for recording in recordings:
        sources = _sources(recording)
        key = tuple((source.recording_id, source.digest) for source in sources)
        if key in unique:
            continue
        if any(len(digests[source.recording_id]) > 1 for source in sources):
            recording = _renamed(recording)
        unique[key] = recording
    return list(unique.values())


def _renamed(recording: Recording) -> Recording:
    def own(cine: CineSequence) -> CineSequence:
        identity = f"{cine.source.recording_id}-{cine.source.digest[:12]}"
        return replace(cine, source=replace(cine.source, recording_id=identity))

    warnings = (*recording.warnings, _SAME_IDENTITY)
    if isinstance(recording, Stack):
        slices = tuple(map(own, recording.slices))
        identity = f"{recording.recording_id}-{slices[0].source.digest[:12]}"
        return replace(recording, slices=slices, warnings=warnings, recording_id=identity)
    return replace(own(recording), warnings=warnings)


def _sources(recording: Recording) -> tuple[Source, ...]:
    return tuple(cine.source for cine in recording.cines)


@dataclass(frozen=True)
class Fetched(Opened):
    """What a URL led to; the files are there for as long as this is."""

    folder: TemporaryFolder | None = None


def is_url(path: str) -> bool:
    """Whether `path` is a URL rather than a path of this machine.

    Args:
        path: as given.

    """
    scheme, separator, _ = path.partition("://")
    return bool(separator) and scheme.isalnum() and not Path(path).exists()


def open_url(url: str, **options: Any) -> Opened:
    """Open what a URL leads to: a file, a zip, or everything in a folder, fetched whole; as `open_path`.

    Credentials are those that fsspec finds (environment, configuration files); a URL with a password in it is refused,
    since it would be written into results.

    Args:
        url: that fsspec opens.
        options: as of `open_path`.

    Raises:
        KinecorError: fsspec or what it needs for this kind of URL is not installed; an option as in `open_path`.

    """
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise KinecorError(
            message(
                "a URL that holds a user's name would be written into results: keep it in the configuration of fsspec"
            )
        )
    try:
        import fsspec
    except ImportError as error:
        raise KinecorError(message("{url}: URLs need fsspec: install kinecor[cluster]", url=verbatim(url))) from error
    folder = TemporaryFolder()
    try:
        system, root = fsspec.core.url_to_fs(url)
        local = folder.path / (PurePosixPath(root).name or "recordings")
        system.get(root, str(local), recursive=system.isdir(root))
    except ImportError as error:
        raise KinecorError(verbatim(f"{url}: {error}")) from error
    except Exception as error:  # whatever another system answers; its text may hold more than is good to show
        why = message(
            "Expected a recording that can be fetched, this one cannot be ({error}); check the URL",
            error=verbatim(type(error).__name__),
        )
        return Opened((), (Refused(url, why),))
    opened = open_path(local, **options)

    def shown(path: str) -> str:
        inner = Path(path)
        if not inner.is_relative_to(local):
            return path
        return url.rstrip("/") + ("/" + inner.relative_to(local).as_posix() if inner != local else "")

    def at_url(cine: CineSequence) -> CineSequence:
        return replace(cine, source=replace(cine.source, path=shown(cine.source.path)))

    def moved(recording: Recording) -> Recording:
        if isinstance(recording, Stack):
            return replace(recording, slices=tuple(map(at_url, recording.slices)))
        return at_url(recording)

    refused = tuple(replace(refusal, path=shown(refusal.path)) for refusal in opened.refused)
    reports = tuple(replace(report, path=shown(report.path)) for report in opened.reports)
    documents = tuple(replace(document, path=shown(document.path)) for document in opened.documents)
    return Fetched(tuple(map(moved, opened.recordings)), refused, reports, documents, folder)
