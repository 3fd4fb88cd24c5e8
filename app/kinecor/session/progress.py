"""How far a study has been read, by the authors and kinds of its saved edits: no study is opened for it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.reading import HEADER, is_person
from kinecor.session.store import Store, study_file

_SIGN: Final = "study-sign/"
_ADDENDUM: Final = "study-addendum/"


class StudyState(StrEnum):
    """How far a study has been read; the values are those in the saved worklist."""

    NEW = "new"
    ANALYSED = "analysed"
    CORRECTED = "corrected"
    """By a person, in any way: a contour, a value accepted, data of the patient entered."""
    SIGNED = "signed"

    @property
    def unread(self) -> bool:
        """Whether no person has done anything about it."""
        return self in (StudyState.NEW, StudyState.ANALYSED)


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """How far a study has been read.

    Attributes:
        state: see StudyState.
        stamp: what its file is known by, time of change (ns) and bytes; "" where there is none.

    """

    state: StudyState
    stamp: str = ""


def stamp_of(path: Path) -> str:
    """What a file is known by without reading it; "" where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_mtime_ns}-{found.st_size}"


def study_progress(study_id: str, known: StudyProgress | None = None) -> StudyProgress:
    """How far a study has been read, from its file; `known` where that has not changed since.

    Of a file that cannot be read, what was known stays; a study without one is new.
    """
    path = study_file(study_id) if study_id else None
    stamp = stamp_of(path) if path is not None else ""
    if known is not None and known.stamp == stamp:
        return known
    if path is None or not stamp:
        return StudyProgress(StudyState.NEW)
    state = StudyState.NEW
    try:
        with Store.read(path) as store:
            for actor, kind in store.authors_and_kinds():
                if kind.startswith(_SIGN):
                    state = StudyState.SIGNED
                elif kind.startswith(_ADDENDUM) or (_by_person(actor) and state is not StudyState.SIGNED):
                    state = StudyState.CORRECTED
                elif state is StudyState.NEW:
                    state = StudyState.ANALYSED
    except KinecorError:
        return known or StudyProgress(StudyState.NEW)
    return StudyProgress(state, stamp)


def _by_person(actor: str) -> bool:
    return is_person(actor) and actor != HEADER
