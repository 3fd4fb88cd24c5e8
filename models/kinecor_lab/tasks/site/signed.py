"""The signed contours of a site with their images: saved studies hold contours, the images lie where they were."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.strategy import clip_of
from kinecor.core.values.errors import KinecorError
from kinecor.core.values.kind import STACK_VIEW
from kinecor.core.values.reading import Reading, first_reading_of
from kinecor.core.values.recording import CineSequence, Recording, Stack
from kinecor.core.values.study import StudyReading, counting, first_study_reading
from kinecor.core.values.track import Origin, Structure
from kinecor.io.open.recordings import open_path
from kinecor.io.write.labels import label_frame
from kinecor.session import keys
from kinecor.session.audit import Log, read_log
from kinecor.session.journal import Journal
from kinecor.session.signed_studies import SetAside, genuine_signature, patient_digest
from kinecor.session.store import Store
from kinecor_lab.datasets.clip import NOT_CAVITY
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.short_axis import (
    BACKGROUND,
    CAVITY,
    MYOCARDIUM,
    RV,
    Picture,
    SaxSample,
    centred,
    middle,
    with_neighbours,
)
from kinecor_models.localisation.framing import FIELD_MM, grey, sector_box

VIEWS = ("A4C", "A2C", "A3C")
_OPEN = BACKGROUND | MYOCARDIUM | RV


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that does not count, with the reason in a sentence."""

    file: str
    words: str


@dataclass(frozen=True)
class SignedContours:
    """What a site's readers signed.

    Attributes:
        apical: ED and ES frames of apical loops; the patient is a digest.
        short_axis: slices of stacks at ED and ES, likewise.
        drawn: how many of all these frames have a contour that a person drew or corrected.
        left_out: files that do not count.

    """

    apical: tuple[Sample, ...]
    short_axis: tuple[SaxSample, ...]
    drawn: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class _Signed:
    """One signed study: when, of whom, and its readings with their images."""

    at: str
    patient: str
    parts: tuple[tuple[Recording, Reading], ...]


def read_signed(
    files: Sequence[Path], images: Sequence[Path], logs: Sequence[Path] = (), more_keys: Sequence[str] = ()
) -> SignedContours:
    """Read saved studies, each verified as `kinecor verify` does, with their images; nothing is written.

    Of a patient the study that was signed last counts, of a view its first recording that counts in the study.

    Args:
        files: saved studies.
        images: files and folders with the recordings that they are about.
        logs: other audit logs, such as those of colleagues.
        more_keys: public keys of colleagues.

    Raises:
        KinecorError: a log or a file of keys cannot be read.

    """
    known = keys.known_keys(tuple(more_keys))
    log = read_log(logs, known)
    by_id: dict[str, Recording] = {}
    for place in images:
        by_id |= {
            first_reading_of(recording).facts.recording_id: recording for recording in open_path(place).recordings
        }
    latest: dict[str, _Signed] = {}
    left_out: list[LeftOut] = []
    for path in files:
        try:
            signed = _read(path, by_id, log, known)
        except KinecorError as error:
            signed = LeftOut(path.name, str(error))
        if isinstance(signed, LeftOut):
            left_out.append(signed)
        elif signed.patient not in latest or latest[signed.patient].at < signed.at:
            latest[signed.patient] = signed
    studies = [latest[name] for name in sorted(latest)]
    apical, stacks, drawn = [], [], 0
    for study in studies:
        views: set[str] = set()
        for recording, reading in study.parts:
            view = STACK_VIEW if isinstance(recording, Stack) else reading.view.label if reading.view else ""
            if view in views or reading.events is None or not reading.events.beats:
                continue
            phases = {"ED": reading.events.beats[0].ed, "ES": reading.events.beats[0].es}
            if isinstance(recording, Stack):
                slices = list(_slices(study.patient, recording, reading, phases))
                if any(sample.certain(CAVITY).any() for sample in slices):
                    stacks += slices
            elif view in VIEWS and _has_cavity(reading, phases.values()):
                apical += [_frame(study.patient, recording, reading, phase, at) for phase, at in phases.items()]
            else:
                continue
            views.add(view)
            drawn += sum(_is_drawn(part, at) for part in (reading.slices or (reading,)) for at in phases.values())
    return SignedContours(tuple(apical), tuple(stacks), drawn, tuple(left_out))


def _read(path: Path, images: dict[str, Recording], log: Log, known: frozenset[str]) -> _Signed | LeftOut:
    with Store.read(path) as store:
        signature = genuine_signature(store, path.name, log, known)
        if isinstance(signature, SetAside):
            return LeftOut(signature.file, str(signature.words))
        ids = dict.fromkeys(row.recording_id for row in store.rows())
        members = [images[identifier] for identifier in ids if identifier in images]
        if not members:
            return LeftOut(path.name, "Its images were not found: name their folder by --images.")
        journal = Journal(store)
        study = journal.open_study(first_study_reading(members[0].source.study_id, members))
        patient = patient_digest(study)
        if not patient:
            return LeftOut(path.name, "It names no patient, so that patients who are held out cannot be kept apart.")
        readings = {
            first_reading_of(recording).facts.recording_id: journal.open(first_reading_of(recording))
            for recording in members
        }
    return _Signed(signature.at, patient, tuple(_counting(members, readings, study)))


def _counting(
    members: Sequence[Recording], readings: dict[str, Reading], study: StudyReading
) -> Iterator[tuple[Recording, Reading]]:
    counted = {reading.facts.recording_id for reading in counting(readings.values(), study)}
    for recording in members:
        name = first_reading_of(recording).facts.recording_id
        if name in counted:
            yield recording, readings[name]


def _has_cavity(reading: Reading, frames: Iterable[int]) -> bool:
    track = reading.tracks.get(Structure.LV_ENDO)
    return track is not None and all(track.contours[frame] is not None for frame in frames)


def _is_drawn(reading: Reading, frame: int) -> bool:
    return any(track.origins[frame] in (Origin.EDITED, Origin.TRACKED) for track in reading.tracks.values())


def _frame(patient: str, cine: Recording, reading: Reading, phase: str, at: int) -> Sample:
    """One frame of a loop, cut to its sector as the network sees it, with square pixels."""
    assert isinstance(cine, CineSequence)
    scale = reading.calibration
    aspect = scale.row_mm / scale.col_mm if scale else 1.0
    image, label = grey(cine.frames[at]), label_frame(reading, at)
    there = {name for name, track in reading.tracks.items() if track.contours[at] is not None}
    if not {Structure.LV_EPI, Structure.LA} <= there:
        label = np.where(label == 1, 1, NOT_CAVITY).astype(np.uint8)
    x0, y0, x1, y1 = sector_box(clip_of(cine, aspect))
    part = slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0))
    image, label = np.ascontiguousarray(image[part]), np.ascontiguousarray(label[part])
    if abs(aspect - 1) > 0.01:
        size = image.shape[1], round(image.shape[0] * aspect)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        label = np.asarray(cv2.resize(label, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    view = reading.view.label if reading.view else "A4C"
    return Sample(patient, phase, image, label, scale.col_mm if scale else float("nan"), view)


def _slices(patient: str, stack: Stack, reading: Reading, phases: dict[str, int]) -> Iterator[SaxSample]:
    for phase, at in phases.items():
        volume = []
        for number, (cine, part) in enumerate(zip(stack.slices, reading.slices, strict=True)):
            scale = part.calibration or cine.calibration
            if scale is None:
                continue
            allowed = allowed_of(part, at)
            centre = middle(allowed == CAVITY) or (float("nan"), float("nan"))
            field_px = FIELD_MM / scale.col_mm
            image = grey(cine.frames[at])
            volume.append(SaxSample(patient, phase, number, image, allowed, centre, "site", field_px=field_px))
        yield from with_neighbours(centred(volume))


def allowed_of(reading: Reading, frame: int) -> NDArray[np.uint8]:
    """What each pixel of a slice may be by the contours of a reader (see SaxSample.allowed).

    Outside the endocardium there is no cavity; without an epicardium the wall is open, without a contour of the right
    ventricle that one, too.
    """
    label: Picture = label_frame(reading, frame)
    there = {name for name, track in reading.tracks.items() if track.contours[frame] is not None}
    outside = BACKGROUND if Structure.RV in there else BACKGROUND | RV
    if Structure.LV_EPI not in there and Structure.LV_ENDO in there:
        outside = _OPEN
    bits = np.array((outside, CAVITY, MYOCARDIUM, BACKGROUND, RV), np.uint8)
    return np.asarray(bits[label], np.uint8)


def study_files(folder: Path) -> list[Path]:
    """The saved studies in a folder and below it.

    Raises:
        ValueError: there are none.

    """
    files = sorted(folder.rglob("*.kinecor"))
    if not files:
        raise ValueError(f"{folder}: expected a folder with saved studies (.kinecor files), there is none")
    return files
