"""Automatic and signed values of studies, kept in their files with the signature, and read back from a whole folder.

A study file has contours and no images, so that values cannot be computed from it alone: they are written when the
study is signed, as a document of JSON next to the report. Like every entry it is chained, signed by the key of the
user and in the audit log.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from kinecor.core.study.signed_pairs import SignedPair, SignedValues
from kinecor.core.study.site_agreement import SignedStudy
from kinecor.core.values.errors import KinecorError, Tick, error_message
from kinecor.core.values.message import Message, join_texts, message, verbatim
from kinecor.core.values.study import STUDY, Signature, StudyReading
from kinecor.session import keys
from kinecor.session.audit import Log, State, read_log, verify_file
from kinecor.session.documents import VALUES, content_of
from kinecor.session.journal import Journal
from kinecor.session.store import Store, StoredEntry

_SCHEMA: Final = 1
_SIGNED: Final = "study-sign/"


class _Values(msgspec.Struct):
    """The document: see SignedValues."""

    schema: int
    patient: str
    equipment: str
    pairs: list[SignedPair]
    withheld: dict[str, int]


def encode_values(values: SignedValues) -> bytes:
    """The document of a study's values."""
    return msgspec.json.encode(
        _Values(_SCHEMA, values.patient, values.equipment, list(values.pairs), dict(values.withheld))
    )


def patient_digest(study: StudyReading) -> str:
    """What tells the patients of a site apart: a digest of the identifier, else of the name; "" without both."""
    known = study.patient_id or study.patient_name
    return hashlib.sha256(f"kinecor patient {known}".encode()).hexdigest() if known else ""


class Unused(StrEnum):
    """Why a file does not enter."""

    UNSIGNED = "not signed"
    OPEN = "open to changes"
    WITHOUT_VALUES = "without values"
    UNVERIFIED = "not verified"


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file that does not enter, with the reason as data and in a sentence."""

    file: str
    why: Unused
    words: Message


@dataclass(frozen=True, slots=True)
class SiteStudies:
    """The signed studies of a folder.

    Attributes:
        studies: those that are as they were signed.
        set_aside: all other files.

    """

    studies: tuple[SignedStudy, ...]
    set_aside: tuple[SetAside, ...] = ()

    def count(self, why: Unused) -> int:
        """How many files do not enter for a reason."""
        return sum(set_aside.why is why for set_aside in self.set_aside)


def read_site(
    folder: Path, tick: Tick, logs: Sequence[Path] = (), more_keys: Sequence[str] = (), study_files: Sequence[Path] = ()
) -> SiteStudies:
    """Read the study files of a folder one after the other, each verified as `kinecor verify` does; nothing is written.

    Args:
        folder: of the site's readings.
        tick: called before each file with how many are done and how many there are.
        logs: other audit logs, the oldest first, such as those of colleagues.
        more_keys: public keys of colleagues.
        study_files: read these in place of the folder's.

    Raises:
        KinecorError: the folder holds no study file, or a log or file of keys cannot be read.
        Cancelled: by `tick`.

    """
    files = list(study_files) or sorted(folder.glob("*.kinecor"))
    if not files:
        raise KinecorError(
            message("{folder}: expected a folder with saved studies (.kinecor files)", folder=verbatim(str(folder)))
        )
    known = keys.known_keys(tuple(more_keys))
    log = read_log(logs, known)
    studies: list[SignedStudy] = []
    set_aside: list[SetAside] = []
    for number, path in enumerate(files):
        tick(number, len(files))
        try:
            study = _read(path, log, known)
        except KinecorError as error:
            study = SetAside(path.name, Unused.UNVERIFIED, error_message(error))
        if isinstance(study, SignedStudy):
            studies.append(study)
        else:
            set_aside.append(study)
    tick(len(files), len(files))
    return SiteStudies(tuple(studies), tuple(set_aside))


def genuine_signature(store: Store, name: str, log: Log, known: frozenset[str]) -> Signature | SetAside:
    """The signature of a study, or why the study does not count as signed and genuine.

    Args:
        store: the study's file, open for reading.
        name: of the file.
        log: see `audit.read_log`.
        known: public keys whose lines of the log count.

    Raises:
        KinecorError: the file cannot be read.

    """
    study = Journal(store).open_study(StudyReading(study_id=""))
    if study.signature is None:
        return SetAside(name, Unused.UNSIGNED, message("It is not signed."))
    if not study.closed:
        return SetAside(name, Unused.OPEN, message("It is open to changes since it was signed."))
    verdict = verify_file(store, log=log, known=known)
    if verdict.state is not State.AGREES:
        return SetAside(name, Unused.UNVERIFIED, _why_unverified(verdict.faults, verdict.remarks))
    return study.signature


def _read(path: Path, log: Log, known: frozenset[str]) -> SignedStudy | SetAside:
    with Store.read(path) as store:
        signature = genuine_signature(store, path.name, log, known)
        if isinstance(signature, SetAside):
            return signature
        values = _values(list(store.rows(STUDY)))
    if values is None:
        text = message("It was signed by a version that did not keep the values; signed again, it counts.")
        return SetAside(path.name, Unused.WITHOUT_VALUES, text)
    return SignedStudy(path.name, signature.at, values)


def _why_unverified(faults: Sequence[Message], remarks: Sequence[Message]) -> Message:
    first = next(iter((*faults, *remarks)), None)
    text = (
        message("Nothing shows that all of it is genuine.") if not faults else message("It is not as it was written.")
    )
    return text if first is None else join_texts(text, " ", first)


def _values(entries: Sequence[StoredEntry]) -> SignedValues | None:
    """The values written with the last signature; None where there are none, or a newer version wrote them."""
    for entry in _of_last_signature(entries):
        content = content_of(entry, VALUES[0])
        if content is None:
            continue
        try:
            values = msgspec.json.decode(content, type=_Values)
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise KinecorError(
                message("The values that were signed (entry {entry}) cannot be read.", entry=entry.number)
            ) from error
        if values.schema == _SCHEMA:
            return SignedValues(values.patient, values.equipment, tuple(values.pairs), values.withheld)
    return None


def _of_last_signature(entries: Sequence[StoredEntry]) -> Iterator[StoredEntry]:
    """The entries before the last signature and after the one before it, the latest first."""
    signed = [index for index, entry in enumerate(entries) if entry.kind.startswith(_SIGNED)]
    if signed:
        first = signed[-2] + 1 if len(signed) > 1 else 0
        yield from reversed(entries[first : signed[-1]])


def as_data(set_aside: SetAside) -> dict[str, str]:
    """A file that does not enter, for programs: its words are English."""
    return {name: str(value) for name, value in asdict(set_aside).items()}
