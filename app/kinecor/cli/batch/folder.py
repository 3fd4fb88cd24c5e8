"""The folder of a run: each recording's and each study's result as soon as it is done, and what `--resume` needs.

    results/ID.json            of a recording, a document of schema 1 by itself, without studies
    results/studies/ID.json    of a study, likewise, without recordings
    results/.work/             outcomes with the digest of what they were computed from, and the edits that give a
                               recording's Reading again, until its study is done

The outcome is written last: a recording without one is not done.
"""

import json
import re
import shutil
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import kinecor
from kinecor.core.values.errors import UNREADABLE, KinecorError
from kinecor.core.values.message import message, verbatim
from kinecor.core.values.reading import Reading
from kinecor.io.export.result import write_result
from kinecor.io.export.schema import SCHEMA, RecordingEntry, StudyEntry
from kinecor.io.files.atomic import make_private, write_bytes
from kinecor.session import texts
from kinecor.session.codec import Edit, decode, encode

_TEMPORARY = re.compile(r"\..*-[0-9a-f]{12}(\..*)?")


class Outcome(msgspec.Struct, frozen=True):
    """What became of one recording.

    Attributes:
        fingerprint: digest of the recording, options and models it was computed from.
        line: for the person who waits.
        error: why it failed, or None.
        has_reading: whether its Reading is measured in its study.
        saved: whether that Reading was saved in the window; else the analysis gave it.
        passed_over: whether it was given up since it kills its process.
        patient: the header's identifier, a pseudonym where anonymised; else the name.
        site: institution by the header.
        equipment: scanner by the header.
        cpu_s: processor time.
        bytes_read: size of its files.

    """

    fingerprint: str
    line: str
    error: str | None = None
    has_reading: bool = False
    saved: bool = False
    passed_over: bool = False
    patient: str = ""
    site: str = ""
    equipment: str = ""
    cpu_s: float = 0.0
    bytes_read: int = 0


class StudyOutcome(msgspec.Struct, frozen=True):
    """What became of one study: sentences for the person who waits, and the errors of its recordings by their names."""

    fingerprint: str
    sentences: list[str] = []
    errors: dict[str, str] = {}


Kept = TypeVar("Kept", Outcome, StudyOutcome)


class RunFolder:
    """Results and working files of one run in `out`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self._results = out / "results"
        self._work = self._results / ".work"

    def begin(self, *, resume: bool) -> None:
        """Forget what an earlier run left to resume; or remove what a killed one had half written."""
        if not resume:
            shutil.rmtree(self._work, ignore_errors=True)
            return
        for path in list(self.out.rglob(".*")):
            if _TEMPORARY.fullmatch(path.name):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)

    def end(self, *, done: bool) -> None:
        """Remove the edits where no study waits for them; leave no empty folder."""
        if done:
            for path in self._work.glob("*.edit"):
                path.unlink(missing_ok=True)
        for folder in (self._work / "studies", self._work, self._results / "studies", self._results, self.out):
            with suppress(OSError):
                folder.rmdir()

    # Results

    def entry_path(self, name: str) -> Path:
        """Path of a recording's result."""
        return self._results / f"{name}.json"

    def write_entry(self, entry: RecordingEntry) -> None:
        """Write a recording's result."""
        write_result(self.entry_path(entry["id"]), _document([entry], []))

    def entry(self, name: str) -> RecordingEntry:
        """A recording's result."""
        return _first(self.entry_path(name), "recordings")  # type: ignore[no-any-return]

    def write_study(self, name: str, entry: StudyEntry) -> None:
        """Write the result of a study."""
        write_result(self._results / "studies" / f"{name}.json", _document([], [entry]))

    def study(self, name: str) -> StudyEntry:
        """The result of a study."""
        return _first(self._results / "studies" / f"{name}.json", "studies")  # type: ignore[no-any-return]

    # What was done

    def note(self, name: str, outcome: Outcome) -> None:
        """A recording is done; its result is written already."""
        write_bytes(self._work / f"{name}.json", msgspec.json.encode(outcome, enc_hook=texts.english))
        (self._work / f"{name}.killed").unlink(missing_ok=True)

    def outcome(self, name: str) -> Outcome | None:
        """What became of a recording, or None."""
        return _noted(self._work / f"{name}.json", Outcome) if self.entry_path(name).exists() else None

    def names(self) -> list[str]:
        """Names of all recordings that are done."""
        return sorted(path.stem for path in self._work.glob("*.json"))

    def note_study(self, name: str, outcome: StudyOutcome) -> None:
        """A study is done; its result is written already."""
        write_bytes(self._work / "studies" / f"{name}.json", msgspec.json.encode(outcome, enc_hook=texts.english))

    def study_outcome(self, name: str) -> StudyOutcome | None:
        """What became of a study, or None."""
        there = (self._results / "studies" / f"{name}.json").exists()
        return _noted(self._work / "studies" / f"{name}.json", StudyOutcome) if there else None

    # Readings of studies that are not done

    def write_edit(self, name: str, edit: Edit, by: str) -> None:
        """Write the analysis of a recording, from which `reading` makes its Reading again."""
        kind, payload = encode(edit)
        content = msgspec.json.encode([kind, by, msgspec.Raw(payload)])
        write_bytes(self._work / f"{name}.edit", zlib.compress(content, 1))

    def has_edit(self, name: str) -> bool:
        """Whether the analysis of a recording is there."""
        return (self._work / f"{name}.edit").exists()

    def reading(self, name: str, first: Reading) -> Reading:
        """The Reading after the analysis, to the last bit as it was.

        Args:
            name: of the recording.
            first: its Reading before.

        Raises:
            KinecorError: the analysis cannot be read.

        """
        path = self._work / f"{name}.edit"
        try:
            kind, by, payload = msgspec.json.decode(
                zlib.decompress(path.read_bytes()), type=tuple[str, str, msgspec.Raw]
            )
        except (*UNREADABLE, zlib.error, msgspec.MsgspecError) as error:
            raise KinecorError(
                message(
                    "{path} cannot be read ({error}): run again without --resume",
                    path=verbatim(str(path)),
                    error=verbatim(str(error)),
                )
            ) from error
        edit = decode(kind, bytes(payload))
        if not isinstance(edit, Edit):
            raise KinecorError(
                message("{path} holds no analysis: run again without --resume", path=verbatim(str(path)))
            )
        return edit.apply(reading=first, by=by)

    # Killed processes

    def begun(self, name: str) -> int:
        """Count a process that begins a recording, or was killed at it, and may not live to say more; how many did."""
        path = self._work / f"{name}.killed"
        count = self.deaths(name) + 1
        make_private(path.parent)
        path.write_text(str(count), encoding="ascii")
        return count

    def survived(self, name: str) -> None:
        """Take the last count back: the process lives, whatever became of the recording."""
        path, count = self._work / f"{name}.killed", self.deaths(name) - 1
        if count > 0:
            path.write_text(str(count), encoding="ascii")
        else:
            path.unlink(missing_ok=True)

    def deaths(self, name: str) -> int:
        """How many processes were killed while they worked on a recording."""
        try:
            return int((self._work / f"{name}.killed").read_text(encoding="ascii") or 0)
        except (OSError, ValueError):
            return 0


def _document(recordings: list[RecordingEntry], studies: list[StudyEntry]) -> Any:
    software = {"name": "kinecor", "version": kinecor.__version__}
    return {"schema": SCHEMA, "software": software, "recordings": recordings, "studies": studies}


def _first(path: Path, part: str) -> Any:
    """The only recording or study of a result.

    Raises:
        KinecorError: the file is none.

    """
    try:
        found = json.loads(path.read_bytes())[part][0]
        if not isinstance(found, dict):
            raise TypeError(f"expected {part}")
        return found
    except UNREADABLE as error:
        raise KinecorError(
            message(
                "{path} cannot be read ({error}): run again without --resume",
                path=verbatim(str(path)),
                error=verbatim(str(error)),
            )
        ) from error


def _noted(path: Path, kind: type[Kept]) -> Kept | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (*UNREADABLE, msgspec.MsgspecError):
        return None
