"""What an edit is, alone or composed of others, and how edits are written to the file and read from it.

Each kind of edit has a stable tag with a version ("set-contours/1") and a JSON payload. Tag and payload stand with the
edit (`register_tag`), so that a new edit changes one file. A payload that was ever written stays readable: when an edit
or a core value changes its shape, it gets a Form with a new tag, and the old Form stays. Golden payloads in the tests
hold this.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import msgspec

from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.errors import KinecorError, error_message
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.reading import Decision, Reading
from kinecor.core.values.study import StudyReading
from kinecor.session import texts


def with_author(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    """The Reading with some parts replaced, and `by` recorded as the author of `part`."""
    return reading.with_(authors={**reading.authors, part: by}, **changes)


def without_author(reading: Reading, part: str) -> Reading:
    """The Reading without an author of `part`."""
    return reading.with_(authors={name: who for name, who in reading.authors.items() if name != part})


def invalidate_accepted(
    reading: Reading, part: str, by: str, among: Collection[str] | None = None, **changes: Any
) -> Reading:
    """As `with_author`, for parts that measurements are computed from: what was accepted was another value.

    Rejections and values that a reader entered stay.

    Args:
        reading: the Reading before.
        part: what changes, as a key of `Reading.authors`.
        by: who changes it.
        among: codes of the measurements that are computed from this part; all of them where None.
        **changes: the parts of the Reading that are replaced.

    """
    return with_author(reading, part, by, decisions=without_accepted(reading.decisions, among), **changes)


def without_accepted(decisions: Mapping[str, Decision], among: Collection[str] | None = None) -> dict[str, Decision]:
    """The decisions without plain acceptances of the measurements `among` (codes; all where None)."""
    return {
        code: decision
        for code, decision in decisions.items()
        if not decision.accepted or decision.value is not None or (among is not None and code not in among)
    }


class AnyEdit(ABC):
    """Makes the next Reading, of a recording or of a study, from the last one.

    A subclass is a frozen dataclass with a tag. It holds its result (the points), never the recipe ("smooth by 2"):
    replaying a file gives the same Reading whatever has become of the algorithm since. Its fields are its payload,
    unless `payload` returns a Form.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def summary(self) -> Message:
        """A few plain words for the history; frames and slices are counted from 1, as on screen."""

    def payload(self) -> "AnyEdit | Form":
        """What is written to the file: the edit itself, or its Form."""
        return self


class Edit(AnyEdit):
    """Makes the next Reading of a recording."""

    __slots__ = ()

    @abstractmethod
    def apply(self, reading: Reading, by: str) -> Reading:
        """The next Reading; `by` is recorded as the author of the part that changes.

        Raises:
            ValueError: the edit does not fit the recording.

        """


class StudyEdit(AnyEdit):
    """Makes the next Reading of a study."""

    __slots__ = ()

    @abstractmethod
    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The next Reading; `by` is recorded as the author of the part that changes.

        Raises:
            ValueError: the edit does not fit the study.

        """


class Form(msgspec.Struct):
    """A payload whose fields are not those of its edit."""

    def edit(self) -> AnyEdit:
        """The edit that was written in this form.

        Raises:
            ValueError: the payload contradicts itself.

        """
        raise NotImplementedError


_Stored = TypeVar("_Stored", AnyEdit, Form)
_TYPES: dict[str, type[Any]] = {}
_TAGS: dict[type[Any], str] = {}
KINDS = _TYPES.keys()
"""Every tag this version reads."""


def register_tag(tag: str) -> Callable[[type[_Stored]], type[_Stored]]:
    """Register an edit, or the Form of one, under the tag that the file names it by ("verb-noun/1")."""

    def register(stored: type[_Stored]) -> type[_Stored]:
        if tag in _TYPES:
            raise ValueError(f'the tag "{tag}" belongs to {_TYPES[tag].__name__} already')
        _TYPES[tag], _TAGS[stored] = stored, tag
        return stored

    return register


def type_of(kind: str) -> type[AnyEdit | Form]:
    """What is stored under a tag of `KINDS`: an edit, or the Form of one."""
    return _TYPES[kind]


class UnknownKind(KinecorError):  # noqa: N818 - a kind, not a failure
    """A tag this version does not know, as a newer Kinecor would write it; `kind` holds it."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            message(
                'This version of Kinecor does not know edits of the kind "{kind}"; open it with a newer one.',
                kind=verbatim(kind),
            )
        )
        self.kind = kind


class Nested(msgspec.Struct):
    """An edit within the payload of another one."""

    kind: str
    payload: msgspec.Raw

    @classmethod
    def from_edit(cls, edit: AnyEdit) -> Self:
        """The edit with its tag."""
        kind, payload = encode(edit)
        return cls(kind, msgspec.Raw(payload))

    def edit(self) -> Edit:
        """The edit that was written.

        Raises:
            KinecorError: as `decode`.
            ValueError: it is no edit of a recording.

        """
        edit = decode(self.kind, bytes(self.payload))
        if not isinstance(edit, Edit):
            raise ValueError(f'"{self.kind}" is no edit of a recording')
        return edit

    def study_edit(self) -> StudyEdit:
        """As `edit`, of a study.

        Raises:
            KinecorError: as `decode`.
            ValueError: it is no edit of a study.

        """
        edit = decode(self.kind, bytes(self.payload))
        if not isinstance(edit, StudyEdit):
            raise ValueError(f'"{self.kind}" is no edit of a study')
        return edit


@dataclass(frozen=True, slots=True)
class Encoded(Edit):
    """An edit with what the file will hold of it, written beforehand: by a worker, while nothing waits for it.

    Attributes:
        edit: what it does.
        kind, content: see `encode`.

    """

    edit: Edit
    kind: str
    content: bytes

    @classmethod
    def from_edit(cls, edit: Edit) -> Self:
        """The edit, encoded now."""
        return cls(edit, *encode(edit))

    @property
    def summary(self) -> Message:
        """That of the edit."""
        return self.edit.summary

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading after the edit.

        Raises:
            ValueError: it does not fit the recording.

        """
        return self.edit.apply(reading, by)

    def payload(self) -> "AnyEdit | Form":
        """That of the edit."""
        return self.edit.payload()


def encode(edit: AnyEdit) -> tuple[str, bytes]:
    """The edit as (tag, JSON payload)."""
    if isinstance(edit, Encoded):
        return edit.kind, edit.content
    payload = edit.payload()
    kind, content = _TAGS[type(payload)], msgspec.json.encode(payload, enc_hook=texts.encode_message)
    if _WITH_DATA in content:
        try:
            decode(kind, content)
        except KinecorError:
            # A message in a field of plain text, whose English is all that the file can hold.
            content = msgspec.json.encode(payload, enc_hook=texts.english)
    return kind, content


_WITH_DATA = b'{"text":'


def decode(kind: str, payload: bytes) -> AnyEdit:
    """The edit that `encode` gave (kind, payload) for.

    Raises:
        UnknownKind: the tag is not one of `KINDS`.
        KinecorError: the payload does not read as that kind says.

    """
    if kind not in _TYPES:
        raise UnknownKind(kind)
    try:
        stored: AnyEdit | Form = msgspec.json.decode(payload, type=_TYPES[kind], dec_hook=texts.read)
        return stored.edit() if isinstance(stored, Form) else stored
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise KinecorError(
            message(
                'A stored edit of the kind "{kind}" cannot be read: {error}.',
                kind=verbatim(kind),
                error=error_message(error),
            )
        ) from error


@dataclass(frozen=True, slots=True)
class Several(Edit):
    """Edits that are done and undone together, e.g. a whole analysis; the history shows the label."""

    label: Message
    edits: tuple[Edit, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return verbatim(self.label)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading after all of them, in order.

        Raises:
            ValueError: one of them does not fit the recording.

        """
        for edit in self.edits:
            reading = edit.apply(reading, by)
        return reading

    def payload(self) -> Form:
        """The label, and each edit with its tag."""
        return _Several(self.label, [Nested.from_edit(edit) for edit in self.edits])


@register_tag("several/1")
class _Several(Form):
    """Edits that are done and undone together, e.g. a whole analysis."""

    label: Message
    edits: list[Nested]

    def edit(self) -> Edit:
        return Several(self.label, tuple(edit.edit() for edit in self.edits))


@dataclass(frozen=True, slots=True)
class OnSlice(Edit):
    """An edit of one slice of a stack, as it would be of a loop.

    Attributes:
        number: of the slice, from 0 in order of position.
        edit: applied to the Reading of that slice.

    """

    number: int
    edit: Edit

    @property
    def summary(self) -> Message:
        """A few plain words for the history; slices are counted from 1, as on screen."""
        return message("slice {slice_number}: {edit}", slice_number=self.number + 1, edit=self.edit.summary)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of the stack with that slice changed.

        Raises:
            ValueError: there is no such slice, or the edit does not fit it.

        """
        if not 0 <= self.number < len(reading.slices):
            raise ValueError(
                message(
                    "slice {slice_number} of a stack with slices 1 to {count}",
                    slice_number=self.number + 1,
                    count=len(reading.slices),
                )
            )
        before = reading.slices[self.number]
        after = self.edit.apply(before, by)
        slices = (*reading.slices[: self.number], after, *reading.slices[self.number + 1 :])
        if after.tracks is before.tracks and after.calibration is before.calibration:
            if after.motion is before.motion and after.placed_points == before.placed_points:
                return reading.with_(slices=slices)
            return reading.with_(slices=slices, decisions=without_accepted(reading.decisions, SHORT_AXIS_CODES))
        # The author of the contours is recorded with the slice, but values of the stack are computed from them, too.
        return invalidate_accepted(reading, "slices", by, slices=slices)

    def payload(self) -> Form:
        """The number of the slice, and the edit with its tag."""
        return _OnSlice(self.number, Nested.from_edit(self.edit))


@register_tag("on-slice/1")
class _OnSlice(Form):
    """An edit of one slice of a stack."""

    number: int
    edit_: Nested = msgspec.field(name="edit")

    def edit(self) -> Edit:
        return OnSlice(self.number, self.edit_.edit())
