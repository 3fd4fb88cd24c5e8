"""Every edit with author and time: undo, audit trail and saved file in one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.reading import Reading, model_author
from kinecor.core.values.recording import RecordingFacts
from kinecor.core.values.study import STUDY, InStudy, Signature, StudyReading, in_study
from kinecor.session import audit, codec
from kinecor.session.codec import AnyEdit, Nested, UnknownKind
from kinecor.session.documents import DOCUMENT, VALUES, digest_of, payload_of, signed_document
from kinecor.session.edits import Edit, Sign, StudyEdit  # also registers every edit with the codec
from kinecor.session.store import Chain, Store, StoredEntry

UNDO = "undo/1"
REDO = "redo/1"
COMPLETE = "complete/1"
"""What an analysis computed after its contours were shown: part of the step that it completes, not one by itself."""
PIXELS = "pixels/1"
"""Written before the first edit of a recording: the digest of its pixels. Not a step of the history."""
# Entries read while the file is checked are cached for the recordings that are opened next, so that it is read once;
# of a larger file nothing is cached, and the entries of a recording are read when it is opened.
CACHED_BYTES = 64 << 20


class _Names(msgspec.Struct):
    # The payload of undo and redo: the number of the edit they undo or redo.
    entry: int


class _Completion(msgspec.Struct):
    # The payload of "complete/1": the number of the step, and what belongs to it.
    entry: int
    edit: Nested


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
    summary: Message
    undone: bool = False

    @property
    def step(self) -> bool:
        """Whether it is an edit that can be undone by itself."""
        return self.kind not in (UNDO, REDO, COMPLETE)


State = TypeVar("State", Reading, StudyReading)


@dataclass(slots=True)
class _Past(Generic[State]):
    """One recording, or the study: the Readings up to now, and those that redo would restore.

    The Readings of a recording are those by its own edits; `shown` is the last of them with the study's. `completions`
    are numbers of entries that complete a step, by its number.
    """

    apply: Callable[[AnyEdit, State, str], State]
    readings: list[State]
    digest: str = ""
    done: list[int] = field(default_factory=list)
    undone: list[tuple[int, State]] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    completions: dict[int, int] = field(default_factory=dict)
    shown: InStudy = field(default_factory=InStudy)

    def note(self, stored: StoredEntry, summary: Message) -> None:
        self.entries[stored.number] = Entry(
            stored.number, stored.at, stored.actor, stored.recording_id, stored.kind, summary
        )

    def advance(self, number: int, after: State) -> None:
        self.readings.append(after)
        self.done.append(number)
        self.undone.clear()

    def step_back(self) -> None:
        number = self.done.pop()
        self.undone.append((number, self.readings.pop()))
        self._mark(number, undone=True)

    def step_forward(self) -> None:
        number, reading = self.undone.pop()
        self.readings.append(reading)
        self.done.append(number)
        self._mark(number, undone=False)

    def _mark(self, number: int, *, undone: bool) -> None:
        for single_number in (number, self.completions.get(number)):
            if single_number is not None:
                self.entries[single_number] = replace(self.entries[single_number], undone=undone)

    def completed(self, step: int, change: Callable[[State], State]) -> Callable[[], None]:
        """What changes every Reading from a step on, undone ones too; ValueError where there is no such step."""
        readings: list[State] = list(self.readings)
        undone: list[tuple[int, State]] = list(self.undone)
        later = [number for number, _ in undone]
        if step in self.done:
            first, waiting = self.done.index(step) + 1, len(undone)
        elif step in later:  # those undone first are the latest
            first, waiting = len(readings), later.index(step) + 1
        else:
            raise ValueError(message("there is no step {entry} to complete", entry=step))
        readings[first:] = map(change, readings[first:])
        undone[:waiting] = [(number, change(reading)) for number, reading in undone[:waiting]]

        def take_over() -> None:
            self.readings, self.undone = readings, undone

        return take_over


def _of_recording(edit: AnyEdit, reading: Reading, by: str) -> Reading:
    if not isinstance(edit, Edit):
        raise ValueError(message("it is no edit of a recording"))
    return edit.apply(reading, by)


def _of_study(edit: AnyEdit, reading: StudyReading, by: str) -> StudyReading:
    if not isinstance(edit, StudyEdit):
        raise ValueError(message("it is no edit of a study"))
    return edit.apply(reading, by)


class Journal:
    """The edits of one study, of itself and recording by recording; use from one thread.

    What a reader entered for the study is part of the Readings of its recordings, once `open_study` has been called.

    Undo and redo are entries, too; nothing is ever removed from the file. Every Reading on the way stays in memory
    (they share what did not change), so undo is a list pop and has no limit.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pasts: dict[str, _Past[Reading]] = {}
        self._study: _Past[StudyReading] | None = None
        self._study_id = ""
        self.entries_at_opening = store.last[0]
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
        past = _Past(_of_recording, [first])
        self._replay_all(past, recording_id)
        self._pasts[recording_id] = past
        return self._shown(past)

    def open_study(self, first: StudyReading) -> StudyReading:
        """The study's own Reading after all its stored edits; `first` is the one before any.

        Raises:
            KinecorError: a stored edit cannot be read or does not fit.

        """
        self._study_id = first.study_id
        past = _Past(_of_study, [first])
        self._replay_all(past, STUDY)
        self._study = past
        return past.readings[-1]

    @property
    def study(self) -> StudyReading | None:
        """The study's own present Reading; None where it was not opened."""
        return self._study.readings[-1] if self._study else None

    def reading(self, recording_id: str) -> Reading:
        """The present Reading.

        Raises:
            KeyError: the recording was not opened.

        """
        return self._shown(self._pasts[recording_id])

    def with_images(self, recording_id: str, facts: RecordingFacts) -> Reading:
        """The present Reading with what its images show, as all Readings on the way to it now have; nothing is stored.

        Raises:
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        past.readings = [reading.with_images(facts) for reading in past.readings]
        past.undone = [(number, reading.with_images(facts)) for number, reading in past.undone]
        return self._shown(past)

    def do(self, recording_id: str, edit: Edit, actor: str, *, wait: bool = True) -> Reading:
        """Applies and stores the edit: it is on the disk when this returns. Nothing can be redone after it.

        Args:
            recording_id: of the recording.
            edit: what to do.
            actor: its author.
            wait: where False, it is on the disk soon afterwards: for what can be computed again, see `Store.append`.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was changed.
            ValueError: the edit does not fit the recording; nothing was changed.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        after = edit.apply(past.readings[-1], actor)
        digest = after.facts.digest
        if digest and not past.digest:
            self._append(actor, recording_id, PIXELS, msgspec.json.encode(_Pixels(digest)), wait=wait)
            past.digest = digest
        self._store_edit(past, recording_id, edit, after, actor, wait=wait)
        return self._shown(past)

    def complete(self, recording_id: str, step: int, edit: Edit, actor: str, *, wait: bool = True) -> Reading:
        """Adds to a step what was computed later, such as motion: it is part of that step, and is undone with it.

        It changes every Reading from that step on, so that what a reader did meanwhile stays the last step.

        Args:
            recording_id: of the recording.
            step: number of the step.
            edit: what completes it.
            actor: its author.
            wait: see `do`.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was changed.
            ValueError: there is no such step any more, or the edit does not fit the recording; nothing was changed.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        take_over = past.completed(step, lambda reading: edit.apply(reading, actor))
        payload = msgspec.json.encode(_Completion(step, Nested.from_edit(edit)))
        stored = self._append(actor, recording_id, COMPLETE, payload, wait=wait)
        self._note_completion(past, stored, step, edit.summary)
        take_over()
        return self._shown(past)

    def do_study(self, edit: StudyEdit, actor: str) -> StudyReading:
        """As `do`, for the study itself.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was changed.
            ValueError: the edit does not fit the study; nothing was changed.
            KeyError: the study was not opened.

        """
        past = self._past_of_study()
        after = edit.apply(past.readings[-1], actor)
        self._store_edit(past, STUDY, edit, after, actor)
        return after

    def proposed(self, recording_id: str) -> Reading | None:
        """The Reading as the program proposed it, before a person corrected it; None where no model's work is in force.

        That is after the first steps by models, whatever they were given before, such as a scale or a view.

        Raises:
            KeyError: the recording was not opened.

        """
        past, last = self._pasts[recording_id], 0
        for count, step in enumerate(past.done, start=1):
            if model_author(past.entries[step].actor) is not None:
                last = count
            elif last:
                break
        if not last:
            return None
        reading, study = past.readings[last], self.study
        return reading if study is None else in_study(reading, study)

    def sign(self, edit: Sign, report: bytes, actor: str, values: bytes = b"") -> StudyReading:
        """As `do_study`, with the report that is signed, which the file keeps from then on.

        Report and values are written first: whatever happens in between, no signature is without its report.

        Args:
            edit: the signature; its digest of the report is filled in.
            report: the PDF file.
            actor: who signs.
            values: automatic and signed values, see `signed_studies.encoded`; b"" for none.

        """
        past = self._past_of_study()
        edit = replace(edit, document=digest_of(report))
        after = edit.apply(past.readings[-1], actor)
        self._append(actor, STUDY, DOCUMENT, payload_of(report))
        if values:
            self._append(actor, STUDY, DOCUMENT, payload_of(values, VALUES))
        self._store_edit(past, STUDY, edit, after, actor)
        return after

    def signed_report(self, signature: Signature) -> bytes | None:
        """The report that was signed; None where none was kept, as by earlier versions.

        Raises:
            KinecorError: it is not in the file, or differs from the one that was signed.

        """
        if not signature.document:
            return None
        return signed_document(self._store.rows(STUDY), signature, str(self._store.path))

    def undo(self, recording_id: str, actor: str) -> Reading | None:
        """The Reading before the last edit that is not undone, or None where there is none.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was undone.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        return self._shown(past) if self._back(past, recording_id, actor) else None

    def redo(self, recording_id: str, actor: str) -> Reading | None:
        """The Reading after the edit that was undone last, or None where there is none.

        Raises:
            KinecorError: the file is read-only or cannot be written; nothing was redone.
            KeyError: the recording was not opened.

        """
        past = self._pasts[recording_id]
        return self._shown(past) if self._forward(past, recording_id, actor) else None

    def undo_study(self, actor: str) -> StudyReading | None:
        """As `undo`, of the study itself."""
        past = self._past_of_study()
        return past.readings[-1] if self._back(past, STUDY, actor) else None

    def redo_study(self, actor: str) -> StudyReading | None:
        """As `redo`, of the study itself."""
        past = self._past_of_study()
        return past.readings[-1] if self._forward(past, STUDY, actor) else None

    def can_undo(self, recording_id: str) -> bool:
        """Whether `undo` would change anything."""
        return self.next_undo(recording_id) is not None

    def can_redo(self, recording_id: str) -> bool:
        """Whether `redo` would change anything."""
        return self.next_redo(recording_id) is not None

    def next_undo(self, recording_id: str) -> int | None:
        """Number of the edit that `undo` would undo; of the study itself where the id is STUDY. None: nothing."""
        past = self._past(recording_id)
        return past.done[-1] if past.done and self.read_only_because is None else None

    def next_redo(self, recording_id: str) -> int | None:
        """Number of the edit that `redo` would redo; of the study itself where the id is STUDY. None: nothing."""
        past = self._past(recording_id)
        return past.undone[-1][0] if past.undone and self.read_only_because is None else None

    def history(self, recording_id: str) -> tuple[Entry, ...]:
        """All entries of this recording, or of the study itself where the id is STUDY, the oldest first."""
        return tuple(self._past(recording_id).entries.values())

    def _past(self, recording_id: str) -> "_Past[Reading] | _Past[StudyReading]":
        return self._past_of_study() if recording_id == STUDY else self._pasts[recording_id]

    def _past_of_study(self) -> _Past[StudyReading]:
        if self._study is None:
            raise KeyError(STUDY)
        return self._study

    def _shown(self, past: _Past[Reading]) -> Reading:
        """The last Reading with what a reader entered for the study; the same object as long as neither changes."""
        last, study = past.readings[-1], self.study
        if study is None:
            return last
        return past.shown.of(last, study)

    def _append(self, actor: str, recording_id: str, kind: str, payload: bytes, *, wait: bool = True) -> StoredEntry:
        if self.read_only_because:
            raise KinecorError(self.read_only_because)
        if not actor:
            raise ValueError("an edit needs an author")
        note = partial(audit.note, self._store.path, study_id=self._study_id)
        return self._store.append(actor, recording_id, kind, payload, wait=wait, on_disk=note)

    def _store_edit(
        self, past: _Past[State], place: str, edit: AnyEdit, after: State, actor: str, *, wait: bool = True
    ) -> None:
        kind, payload = codec.encode(edit)
        stored = self._append(actor, place, kind, payload, wait=wait)
        past.note(stored, edit.summary)
        past.advance(stored.number, after)

    def _back(self, past: _Past[State], place: str, actor: str) -> bool:
        if past.done:
            self._step(past, UNDO, past.done[-1], place, actor)
            return True
        return False

    def _forward(self, past: _Past[State], place: str, actor: str) -> bool:
        if past.undone:
            self._step(past, REDO, past.undone[-1][0], place, actor)
            return True
        return False

    def _note_completion(self, past: _Past[State], stored: StoredEntry, step: int, summary: Message) -> None:
        past.note(stored, summary)
        past.completions[step] = stored.number
        if any(step == number for number, _ in past.undone):
            past.entries[stored.number] = replace(past.entries[stored.number], undone=True)

    def _step(self, past: _Past[State], kind: str, number: int, place: str, actor: str) -> None:
        stored = self._append(actor, place, kind, msgspec.json.encode(_Names(number)))
        _take_step(past, stored, number)

    def _replay_all(self, past: _Past[State], place: str) -> None:
        # Once only: what is appended from here on is in the file alone.
        cached = self._unopened.pop(place, None) if self._unopened is not None else None
        for stored in self._store.rows(place) if cached is None else cached:
            try:
                self._replay(past, stored)
            except UnknownKind as unknown:
                self._close_for(stored, unknown.kind)
                break

    def _checked(self) -> Message | None:
        """Read through the file once: whether it is complete, and whether all of it can be read."""
        chain, size = Chain(), 0
        for stored in self._store.rows():
            chain.holds(stored)
            if stored.kind not in codec.KINDS | {UNDO, REDO, COMPLETE, PIXELS, DOCUMENT}:
                self._close_for(stored, stored.kind)
            size += len(stored.payload)
            if size > CACHED_BYTES:
                self._unopened = None
            if self._unopened is not None:
                self._unopened.setdefault(stored.recording_id, []).append(stored)
        if chain.broken_at is None:
            return None
        return message(
            "{file} was changed by other means after it was written: its entries from {entry} on may not be genuine.",
            file=verbatim(self._store.path.name),
            entry=chain.broken_at,
        )

    def _check_pixels(self, past: _Past[State], stored: StoredEntry) -> None:
        first = past.readings[0]
        if isinstance(first, StudyReading):
            raise KinecorError(
                message(
                    "{path} contradicts itself: entry {entry} gives a study pixels.",
                    path=verbatim(str(self._store.path)),
                    entry=stored.number,
                )
            )
        facts = first.facts
        try:
            past.digest = msgspec.json.decode(stored.payload, type=_Pixels).digest
        except (ValueError, RecursionError, msgspec.MsgspecError) as error:
            raise KinecorError(
                message(
                    'A stored entry of the kind "{kind}" cannot be read: {error}.',
                    kind=verbatim(PIXELS),
                    error=error_message(error),
                )
            ) from error
        if facts.digest and past.digest != facts.digest:
            raise KinecorError(
                message(
                    "{recording_id} has other pixels than when it was read: {name} holds a reading by "
                    "{actor} (entry {entry}) of another recording with the same identifier, which was not "
                    "applied. Open the original recording, or move {path} away to start again.",
                    recording_id=verbatim(facts.recording_id),
                    name=verbatim(self._store.path.name),
                    actor=verbatim(stored.actor),
                    entry=stored.number,
                    path=verbatim(str(self._store.path)),
                )
            )

    def _replay(self, past: _Past[State], stored: StoredEntry) -> None:
        if stored.kind == PIXELS:
            self._check_pixels(past, stored)
            return
        if stored.kind == DOCUMENT:  # read where it is asked for
            return
        if stored.kind in (UNDO, REDO):
            number = _named(stored)
            expected = past.done[-1:] if stored.kind == UNDO else [n for n, _ in past.undone[-1:]]
            if number is None or expected != [number]:
                raise KinecorError(
                    message(
                        "{path} contradicts itself: entry {entry} undoes or redoes an edit that is not the last "
                        "one. The file was changed or damaged; move it away to start again.",
                        path=verbatim(str(self._store.path)),
                        entry=stored.number,
                    )
                )
            _take_step(past, stored, number)
            return
        step, edit = _decoded(stored)
        try:
            if step is not None:
                past.completed(step, lambda reading: past.apply(edit, reading, stored.actor))()
                self._note_completion(past, stored, step, edit.summary)
                return
            after = past.apply(edit, past.readings[-1], stored.actor)
        except ValueError as error:
            raise KinecorError(
                message(
                    "The recording has changed since it was read: {edit} (entry {entry} by {actor}) does "
                    "not fit it: {reason}. Open the original recording, or move {path} away to start again.",
                    edit=edit.summary,
                    entry=stored.number,
                    actor=verbatim(stored.actor),
                    reason=error_message(error).clause(),
                    path=verbatim(str(self._store.path)),
                )
            ) from error
        past.note(stored, edit.summary)
        past.advance(stored.number, after)

    def _close_for(self, stored: StoredEntry, kind: str) -> None:
        if self.read_only_because is None:
            self.read_only_because = message(
                '{file} holds an edit of a kind this version does not know ("{kind}", by {actor} at {time}): it is '
                "read-only here; open it with a newer version of Kinecor.",
                file=verbatim(self._store.path.name),
                kind=verbatim(kind),
                actor=verbatim(stored.actor),
                time=verbatim(stored.at),
            )


def _decoded(stored: StoredEntry) -> tuple[int | None, AnyEdit]:
    """The edit of an entry, and the number of the step that it completes, if it does."""
    if stored.kind != COMPLETE:
        return None, codec.decode(stored.kind, stored.payload)
    try:
        completion = msgspec.json.decode(stored.payload, type=_Completion)
        return completion.entry, completion.edit.edit()
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise KinecorError(
            message(
                'A stored entry of the kind "{kind}" cannot be read: {error}.',
                kind=verbatim(COMPLETE),
                error=error_message(error),
            )
        ) from error


def _named(stored: StoredEntry) -> int | None:
    try:
        return msgspec.json.decode(stored.payload, type=_Names).entry
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _take_step(past: _Past[State], stored: StoredEntry, number: int) -> None:
    back = stored.kind == UNDO
    edit = past.entries[number].summary
    past.note(stored, message("undo: {edit}", edit=edit) if back else message("redo: {edit}", edit=edit))
    if back:
        past.step_back()
    else:
        past.step_forward()


def saved_study(path: Path, first: StudyReading) -> StudyReading:
    """What was concluded about a study, read from its file, which need not exist; nothing is written or locked.

    Raises:
        KinecorError: the file cannot be read.

    """
    if not path.exists():
        return first
    with Store.read(path) as store:
        return Journal(store).open_study(first)
