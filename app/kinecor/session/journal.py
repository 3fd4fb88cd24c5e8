"""Every edit with author and time: undo, audit trail and saved file in one."""

from dataclasses import dataclass, field, replace

import msgspec

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.image_facts import RecordingFacts
from kinecor.core.values.reading import Reading
from kinecor.session import codec
from kinecor.session.codec import UnknownKind
from kinecor.session.edits import Edit  # also registers every edit with the codec
from kinecor.session.store import Chain, Store, StoredEntry

UNDO = "undo/1"
REDO = "redo/1"
PIXELS = "pixels/1"
"""Written before the first edit of a recording: the digest of its pixels. Not a step of the history."""
# Entries read while the file is checked are cached for the recordings that are opened next, so that it is read once;
# of a larger file nothing is cached, and the entries of a recording are read when it is opened.
CACHED_BYTES = 64 << 20


class _Names(msgspec.Struct):
    # The payload of undo and redo: the number of the edit they undo or redo.
    entry: int


class _Pixels(msgspec.Struct):
    # The payload of "pixels/1": the digest of Source and Facts.
    digest: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history.

    Attributes:
        number: its place in the file; counts over all recordings of the study.
        at: UTC, ISO 8601.
        actor: a person, or "model:NAME@VERSION+SHA".
        recording_id: the recording it is about.
        kind: the tag in the file, e.g. "set-contours/1", "undo/1".
        summary: a few plain words, e.g. "LV endocardium, frame 12" (from 1).
        undone: whether this edit is undone at present.

    """

    number: int
    at: str
    actor: str
    recording_id: str
    kind: str
    summary: str
    undone: bool = False


@dataclass(slots=True)
class _Past:
    """One recording: the Readings up to now, and those that redo would restore."""

    readings: list[Reading]
    digest: str = ""
    done: list[int] = field(default_factory=list)
    undone: list[tuple[int, Reading]] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)

    def note(self, stored: StoredEntry, summary: str) -> None:
        self.entries[stored.number] = Entry(
            stored.number, stored.at, stored.actor, stored.recording_id, stored.kind, summary
        )

    def advance(self, number: int, after: Reading) -> None:
        self.readings.append(after)
        self.done.append(number)
        self.undone.clear()

    def step_back(self) -> None:
        number = self.done.pop()
        self.undone.append((number, self.readings.pop()))
        self.entries[number] = replace(self.entries[number], undone=True)

    def step_forward(self) -> None:
        number, reading = self.undone.pop()
        self.readings.append(reading)
        self.done.append(number)
        self.entries[number] = replace(self.entries[number], undone=False)


class Journal:
    """The edits of one study, recording by recording; use from one thread.

    Undo and redo are entries, too; nothing is ever removed from the file. Every Reading on the way stays in memory
    (they share what did not change), so undo is a list pop and has no limit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pasts: dict[str, _Past] = {}
        self.read_only_because = store.read_only_because
        """Why `do`, `undo` and `redo` refuse, in one sentence, or None."""
        self._unopened: dict[str, list[StoredEntry]] | None = {}
        self.doubt = self._checked()
        """A warning that the file was changed by other means, in one sentence, or None. Edits are still accepted."""

    def open(self, first: Reading) -> Reading:
        """The Reading after all stored edits of this recording; `first` is the one before any.

        An edit of a kind that only a newer version knows ends the replay and makes the journal read-only: the state
        before it is shown.

        Raises:
            KinecorError: a stored edit cannot be read, or the recording is not the one that was read: a stored edit
                does not fit it, or its pixels have another digest.

        """
        recording_id = first.facts.recording_id
        past = _Past([first])
        # Once only: what is appended from here on is in the file alone.
        cached = self._unopened.pop(recording_id, None) if self._unopened is not None else None
        for stored in self._store.rows(recording_id) if cached is None else cached:
            try:
                self._replay(past, stored)
            except UnknownKind as unknown:
                self._close_for(stored, unknown.kind)
                break
        self._pasts[recording_id] = past
        return past.readings[-1]

    def reading(self, recording_id: str) -> Reading:
        """The present Reading.

        Raises:
            KeyError: the recording was not opened.

        """
        return self._pasts[recording_id].readings[-1]

    def with_images(self, recording_id: str, found: RecordingFacts) -> Reading:
        """The present Reading with what its images show, as all Readings on the way to it now have; nothing is stored.

        Raises:
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        past.readings = [one.with_images(found) for one in past.readings]
        past.undone = [(number, one.with_images(found)) for number, one in past.undone]
        return past.readings[-1]

    def do(self, recording_id: str, edit: Edit, actor: str) -> Reading:
        """Applies and stores the edit: it is on the disk when this returns. Nothing can be redone after it.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was changed.
            ValueError: the edit does not fit the recording; nothing was changed.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        after = edit.apply(past.readings[-1], actor)
        kind, payload = codec.encode(edit)
        digest = after.facts.digest
        if digest and not past.digest:
            self._append(actor, recording_id, PIXELS, msgspec.json.encode(_Pixels(digest)))
            past.digest = digest
        stored = self._append(actor, recording_id, kind, payload)
        past.note(stored, edit.summary)
        past.advance(stored.number, after)
        return after

    def undo(self, recording_id: str, actor: str) -> Reading | None:
        """The Reading before the last edit that is not undone, or None where there is none.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was undone.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        if not past.done:
            return None
        self._step(past, UNDO, past.done[-1], recording_id, actor)
        return past.readings[-1]

    def redo(self, recording_id: str, actor: str) -> Reading | None:
        """The Reading after the edit that was undone last, or None where there is none.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was redone.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        if not past.undone:
            return None
        self._step(past, REDO, past.undone[-1][0], recording_id, actor)
        return past.readings[-1]

    def can_undo(self, recording_id: str) -> bool:
        """Whether `undo` would change anything."""
        return bool(self._pasts[recording_id].done) and self.read_only_because is None

    def can_redo(self, recording_id: str) -> bool:
        """Whether `redo` would change anything."""
        return bool(self._pasts[recording_id].undone) and self.read_only_because is None

    def history(self, recording_id: str) -> tuple[Entry, ...]:
        """All entries of this recording, the oldest first, including undo and redo."""
        return tuple(self._pasts[recording_id].entries.values())

    def _append(self, actor: str, recording_id: str, kind: str, payload: bytes) -> StoredEntry:
        if self.read_only_because:
            raise KinecorError(self.read_only_because)
        if not actor:
            raise ValueError("an edit needs an author")
        return self._store.append(actor, recording_id, kind, payload)

    def _step(self, past: _Past, kind: str, number: int, recording_id: str, actor: str) -> None:
        stored = self._append(actor, recording_id, kind, msgspec.json.encode(_Names(number)))
        _take_step(past, stored, number)

    def _checked(self) -> str | None:
        """Read through the file once: whether it is complete, and whether all of it can be read."""
        chain, size = Chain(), 0
        for stored in self._store.rows():
            chain.holds(stored)
            if stored.kind not in codec.KINDS | {UNDO, REDO, PIXELS}:
                self._close_for(stored, stored.kind)
            size += len(stored.payload)
            if size > CACHED_BYTES:
                self._unopened = None
            if self._unopened is not None:
                self._unopened.setdefault(stored.recording_id, []).append(stored)
        if chain.broken_at is None:
            return None
        return (
            f"{self._store.path.name} was changed by other means after it was written: its entries from "
            f"{chain.broken_at} on may not be genuine."
        )

    def _check_pixels(self, past: _Past, stored: StoredEntry) -> None:
        facts = past.readings[0].facts
        try:
            past.digest = msgspec.json.decode(stored.payload, type=_Pixels).digest
        except msgspec.MsgspecError as error:
            raise KinecorError(f'A stored entry of the kind "{PIXELS}" cannot be read: {error}.') from error
        if facts.digest and past.digest != facts.digest:
            raise KinecorError(
                f"{facts.recording_id} has other pixels than when it was read: {self._store.path.name} holds a reading "
                f"by {stored.actor} (entry {stored.number}) of another recording with the same identifier, which was "
                f"not applied. Open the original recording, or move {self._store.path} away to start again."
            )

    def _replay(self, past: _Past, stored: StoredEntry) -> None:
        if stored.kind == PIXELS:
            self._check_pixels(past, stored)
            return
        if stored.kind in (UNDO, REDO):
            number = _named(stored)
            expected = past.done[-1:] if stored.kind == UNDO else [n for n, _ in past.undone[-1:]]
            if number is None or expected != [number]:
                raise KinecorError(
                    f"{self._store.path} contradicts itself: entry {stored.number} undoes or redoes an edit that "
                    "is not the last one. The file was changed or damaged; move it away to start again."
                )
            _take_step(past, stored, number)
            return
        edit = codec.decode(stored.kind, stored.payload)
        try:
            after = edit.apply(past.readings[-1], stored.actor)
        except ValueError as error:
            raise KinecorError(
                f"The recording has changed since it was read: {edit.summary} (entry {stored.number} by "
                f"{stored.actor}) does not fit it: {error}. Open the original recording, or move {self._store.path} "
                "away to start again."
            ) from error
        past.note(stored, edit.summary)
        past.advance(stored.number, after)

    def _close_for(self, stored: StoredEntry, kind: str) -> None:
        if self.read_only_because is None:
            self.read_only_because = (
                f'{self._store.path.name} holds an edit of a kind this version does not know ("{kind}", by '
                f"{stored.actor} at {stored.at}): it is read-only here; open it with a newer version of Kinecor."
            )


def _named(stored: StoredEntry) -> int | None:
    try:
        return msgspec.json.decode(stored.payload, type=_Names).entry
    except msgspec.MsgspecError:
        return None


def _take_step(past: _Past, stored: StoredEntry, number: int) -> None:
    back = stored.kind == UNDO
    past.note(stored, f"{'undo' if back else 'redo'}: {past.entries[number].summary}")
    if back:
        past.step_back()
    else:
        past.step_forward()
