"""Edits of a short-axis stack: of one slice, and of what holds for all of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kinecor.core.strain.codes import RING_NAMES
from kinecor.core.values.body import Body
from kinecor.core.values.reading import Decision, Reading
from kinecor.core.values.short_axis import Extent, Insertion, Muscle, Papillaries, ShortAxis
from kinecor.session.authorship import authored, measured_anew

if TYPE_CHECKING:
    from kinecor.session.edits import Edit


@dataclass(frozen=True, slots=True)
class OnSlice:
    """An edit of one slice, as it would be of a loop.

    Attributes:
        number: of the slice, from 0 in order of position.
        edit: what is done to its Reading.

    """

    number: int
    edit: "Edit"

    @property
    def summary(self) -> str:
        """A few plain words for the history; slices are counted from 1, as on screen."""
        return f"slice {self.number + 1}: {self.edit.summary}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of the stack with that slice's changed.

        Raises:
            ValueError: there is no such slice, or the edit does not fit it.

        """
        if not 0 <= self.number < len(reading.slices):
            raise ValueError(f"slice {self.number} of a stack with slices 0 to {len(reading.slices) - 1}")
        before = reading.slices[self.number]
        after = self.edit.apply(before, by)
        slices = (*reading.slices[: self.number], after, *reading.slices[self.number + 1 :])
        if after.tracks is before.tracks and after.calibration is before.calibration:
            return reading.with_(slices=slices, decisions=_without_strain(reading, before, after))
        # Who drew it stands with the slice; numbers of the whole stack rest on it all the same.
        return measured_anew(reading, "slices", by, slices=slices)


@dataclass(frozen=True, slots=True)
class SetExtent:
    """Another base or apex; None counts every slice with a contour."""

    extent: Extent | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if self.extent is None:
            return "every slice counts"
        base, apex = (_spread(ends) for ends in (self.extent.base, self.extent.apex))
        return f"base slice {base}, apex slice {apex}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "extent", by, extent=self.extent)


@dataclass(frozen=True, slots=True)
class SetRvBase:
    """Another base of the right ventricle, phase by phase; None counts every slice with a contour of it."""

    base: tuple[int, ...] | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "RV: every slice counts" if self.base is None else f"RV base slice {_spread(self.base)}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted for the right ventricle.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "rv_base", by, rv_base=self.base)


@dataclass(frozen=True, slots=True)
class SetExcluded:
    """The slices that nothing is measured on, all of them (numbers from 0)."""

    slices: tuple[int, ...]

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if not self.slices:
            return "no slice excluded"
        return f"excluded: slice {', '.join(str(one + 1) for one in self.slices)}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without these slices.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "excluded", by, excluded=self.slices)


@dataclass(frozen=True, slots=True)
class SetPapillaries:
    """The convention that numbers follow; see Muscle for what it does to them."""

    papillaries: Papillaries

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"papillaries in the {self.papillaries.value}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading under this convention."""
        return _chosen(reading, "papillaries", by, papillaries=self.papillaries)


@dataclass(frozen=True, slots=True)
class SetMuscle:
    """How much muscle lies within the endocardial outlines; None where it is not known."""

    muscle: Muscle | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "papillaries not measured" if self.muscle is None else "papillaries measured"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with papillaries of this size.

        Raises:
            ValueError: they are not of so many slices and phases.

        """
        if self.muscle is not None:
            shape = len(self.muscle.share), len(self.muscle.share[0]) if self.muscle.share else 0
            if shape != (len(reading.slices), reading.facts.frames):
                raise ValueError(f"papillaries of {shape} slices and phases do not fit {reading.facts.recording_id}")
        return _chosen(reading, "muscle", by, muscle=self.muscle)


@dataclass(frozen=True, slots=True)
class SetInsertion:
    """The origin of the wall's segments; None finds it from the contours."""

    insertion: Insertion | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if self.insertion is None:
            return "segments from the contours"
        return f"anterior RV insertion at {self.insertion.angle_deg:.0f}°"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with its segments counted from there."""
        return _chosen(reading, "insertion", by, insertion=self.insertion)


@dataclass(frozen=True, slots=True)
class SetBody:
    """Height, weight, sex and the formula of body surface area."""

    body: Body

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        height = f"{self.body.height_cm:g} cm" if self.body.height_cm else "height unknown"
        weight = f"{self.body.weight_kg:g} kg" if self.body.weight_kg else "weight unknown"
        return f"{height}, {weight}, {self.body.formula.value}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading indexed by this body."""
        return _chosen(reading, "body", by, body=self.body)


def _chosen(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    if not reading.slices and part != "insertion":  # a single short axis has segments, too
        raise ValueError(f"{reading.facts.recording_id} is a loop: it has no base, apex or slices to choose")
    chosen = replace(reading.short_axis or ShortAxis(), **changes)
    if chosen == reading.short_axis:
        return authored(reading, f"short_axis/{part}", by)
    return measured_anew(reading, f"short_axis/{part}", by, short_axis=chosen)


def _without_strain(reading: Reading, before: Reading, after: Reading) -> Mapping[str, Decision]:
    """What was decided; where motion is another one, accepted numbers of strain are open again."""
    if after.motion is before.motion:
        return reading.decisions
    return {
        code: one
        for code, one in reading.decisions.items()
        if code not in RING_NAMES or not one.accepted or one.value is not None
    }


def _spread(numbers: tuple[int, ...]) -> str:
    """Slices from 1, one number where all phases agree."""
    low, high = min(numbers, default=0) + 1, max(numbers, default=0) + 1
    return f"{low}" if low == high else f"{low}–{high}"
