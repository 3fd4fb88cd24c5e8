"""Edits composed of other edits: several at once, and one on a slice of a stack."""

from dataclasses import dataclass

import msgspec

from kinecor.core.table.measures import SHORT_AXIS_CODES
from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit, Form, Nested, invalidate_accepted, tagged, without_accepted


@dataclass(frozen=True, slots=True)
class Several(Edit):
    """Edits that are done and undone together, e.g. a whole analysis; the history shows the label."""

    label: str
    edits: tuple[Edit, ...]

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return self.label

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
        return _Several(self.label, [Nested.of(one) for one in self.edits])


@tagged("several/1")
class _Several(Form):
    """Edits that are done and undone together, e.g. a whole analysis."""

    label: str
    edits: list[Nested]

    def edit(self) -> Edit:
        return Several(self.label, tuple(one.edit() for one in self.edits))


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
    def summary(self) -> str:
        """A few plain words for the history; slices are counted from 1, as on screen."""
        return f"slice {self.number + 1}: {self.edit.summary}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of the stack with that slice changed.

        Raises:
            ValueError: there is no such slice, or the edit does not fit it.

        """
        if not 0 <= self.number < len(reading.slices):
            raise ValueError(f"slice {self.number} of a stack with slices 0 to {len(reading.slices) - 1}")
        before = reading.slices[self.number]
        after = self.edit.apply(before, by)
        slices = (*reading.slices[: self.number], after, *reading.slices[self.number + 1 :])
        if after.tracks is before.tracks and after.calibration is before.calibration:
            if after.motion is before.motion:
                return reading.with_(slices=slices)
            return reading.with_(slices=slices, decisions=without_accepted(reading.decisions, SHORT_AXIS_CODES))
        # The author of the contours is recorded with the slice, but values of the stack are computed from them, too.
        return invalidate_accepted(reading, "slices", by, slices=slices)

    def payload(self) -> Form:
        """The number of the slice, and the edit with its tag."""
        return _OnSlice(self.number, Nested.of(self.edit))


@tagged("on-slice/1")
class _OnSlice(Form):
    """An edit of one slice of a stack."""

    number: int
    edit_: Nested = msgspec.field(name="edit")

    def edit(self) -> Edit:
        return OnSlice(self.number, self.edit_.edit())
