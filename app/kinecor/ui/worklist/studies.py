"""The studies of the worklist, saved so that the list is there before any folder is looked at.

The file holds names of patients, as the saved studies do: it can be read by its owner only, forgets as the settings do
(`Settings.keep_days`), and is emptied with *Forget recent files*.
"""

import json
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import msgspec
import platformdirs

from kinecor.core.values.errors import UNREADABLE, KinecorError, Tick
from kinecor.io.files.atomic import read_settings, whole
from kinecor.io.open.loading import load_readers
from kinecor.session.progress import StudyProgress, StudyState, study_progress

VERSION: Final = 1
MAX_STUDIES: Final = 5000
RECENT, WATCHED, ARCHIVE = "recent", "watched", "archive"
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ListedStudy:
    """A study of the worklist.

    Attributes:
        path: of the folder or file; of a study in an archive its Study Instance UID.
        study_id: as its saved file has it; "" where no header names it.
        patient, patient_id: name and identifier; "" where not known.
        date: of the study, YYYYMMDD, or "".
        modality: "US", "MR", or as the headers say; several with "/" between.
        description: of the study, in the scanner's words.
        files: how many there are; 0 where not known.
        state: how far it has been read.
        stamp: of its saved file, see StudyProgress.
        checks: open checks when it was looked at last; None where they were never computed.
        origin: RECENT, WATCHED or ARCHIVE.
        node: name of the archive, or "".
        seen_stamp: of the folder when it was looked at last.
        used: the day on which it was listed or open last, ISO 8601.

    """

    path: str
    study_id: str = ""
    patient: str = ""
    patient_id: str = ""
    date: str = ""
    modality: str = ""
    description: str = ""
    files: int = 0
    state: StudyState = StudyState.NEW
    stamp: str = ""
    checks: int | None = None
    origin: str = RECENT
    node: str = ""
    seen_stamp: str = ""
    used: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others: its study where that is known, else its path."""
        return self.study_id or self.path

    @property
    def here(self) -> bool:
        """Whether it can be opened without an archive."""
        return self.origin != ARCHIVE


def refreshed(study: ListedStudy) -> ListedStudy:
    """With its state by its saved file; open checks are no longer known where that is another file than before."""
    known = StudyProgress(study.state, study.stamp)
    progress = study_progress(study.study_id, known)
    if progress == known:
        return study
    return replace(
        study,
        state=progress.state,
        stamp=progress.stamp,
        checks=study.checks if progress.stamp == study.stamp else None,
    )


def merged(known: Iterable[ListedStudy], found: Iterable[ListedStudy]) -> tuple[ListedStudy, ...]:
    """Studies that are known with those that were found: what lies here takes the place of what lies in an archive."""
    studies = {study.key: study for study in known}
    for single_study in found:
        before = studies.get(single_study.key) or studies.get(single_study.path)
        if before is None:
            studies[single_study.key] = single_study
            continue
        if before.here and not single_study.here:
            continue
        studies.pop(before.key, None)
        studies[single_study.key] = replace(
            single_study,
            state=before.state if before.study_id == single_study.study_id else single_study.state,
            stamp=before.stamp if before.study_id == single_study.study_id else single_study.stamp,
            checks=before.checks if single_study.checks is None else single_study.checks,
        )
    return tuple(studies.values())[-MAX_STUDIES:]


def lasting(studies: Sequence[ListedStudy], day: str, keep_days: int) -> tuple[ListedStudy, ...]:
    """What of a list is saved beyond `day`: nothing where `keep_days` is 0, all where it is negative."""
    if keep_days == 0:
        return ()
    if keep_days < 0:
        return tuple(study for study in studies if study.here)
    oldest = (date.fromisoformat(day) - timedelta(days=keep_days)).isoformat()
    return tuple(study for study in studies if study.here and (study.used or day) >= oldest)


def place() -> Path:
    """Where the list is saved: KINECOR_DATA_DIR if set, else the user's configuration folder."""
    folder = os.environ.get("KINECOR_DATA_DIR") or platformdirs.user_config_dir("kinecor", appauthor=False)
    return Path(folder) / "worklist.json"


def load() -> tuple[ListedStudy, ...]:
    """The saved list; empty where it cannot be read."""
    try:
        stored = json.loads(read_settings(place()))
        if stored.get("version") != VERSION:
            return ()
        return tuple(msgspec.convert(study, ListedStudy) for study in stored["studies"])
    except FileNotFoundError:
        return ()
    except (*UNREADABLE, msgspec.MsgspecError) as error:
        log.info("the worklist could not be read: %s", type(error).__name__)
        return ()


def save(studies: Sequence[ListedStudy]) -> None:
    """Save a list; failing to write it is only logged."""
    try:
        with whole(place(), private=True) as temporary:
            written: Mapping[str, object] = {"version": VERSION, "studies": [asdict(study) for study in studies]}
            temporary.write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    except KinecorError as error:
        log.info("the worklist was not saved: %s", error)


def look_through(watched: Sequence[str], known: Sequence[ListedStudy], day: str, tick: Tick) -> tuple[ListedStudy, ...]:
    """The list with what watched folders hold now, and the states of all studies; on a worker.

    Of folders that have not changed since nothing is read again. Studies whose folder is gone are left out, unless it
    is on a drive that is not there.

    Args:
        watched: folders; each folder in them holds a study, or several.
        known: the list as it was.
        day: today, ISO 8601.
        tick: called as tick(folders done, folders); raises Cancelled.

    """
    load_readers()
    from kinecor.io.open.study_glance import glances, studies_below

    by_path: dict[str, list[ListedStudy]] = {}
    for study in known:
        by_path.setdefault(study.path, []).append(study)
    folders = [path for root in watched for path in studies_below(Path(root))]
    studies: list[ListedStudy] = []
    for number, path in enumerate(folders):
        tick(number, len(folders))
        stamp = _folder_stamp(path)
        before = [study for study in by_path.get(str(path), ()) if study.here]
        if before and all(study.seen_stamp == stamp for study in before):
            studies += [replace(study, used=day) for study in before]
            continue
        checks = {study.key: study.checks for study in before}
        for seen in glances(path):
            study = ListedStudy(
                path=seen.path,
                study_id=seen.study_id,
                patient=seen.patient,
                patient_id=seen.patient_id,
                date=seen.date,
                modality=seen.modality,
                description=seen.description,
                files=seen.files,
                origin=WATCHED,
                seen_stamp=stamp if seen.complete else "",
                used=day,
            )
            studies.append(replace(study, checks=checks.get(study.key)))
    paths, keys = {study.path for study in studies}, {study.key for study in studies}
    stay = [
        study
        for study in known
        if not study.here or study.key in keys or (study.path not in paths and _is_there(study))
    ]
    return tuple(map(refreshed, merged(stay, studies)))


def _is_there(study: ListedStudy) -> bool:
    """Whether a study that is in no watched folder stays listed: not where only it is gone, not its whole drive."""
    path = Path(study.path)
    return path.exists() or not path.parent.exists()


def _folder_stamp(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}"
