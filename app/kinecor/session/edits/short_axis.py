"""Edits of a short-axis stack: base and apex, excluded slices, papillary muscles, segments, body size."""

from dataclasses import dataclass, replace
from typing import Any

from kinecor.core.values.choices import Body, Extent, Insertion, Muscle, Papillaries, ShortAxis
from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit, authored, invalidate_accepted, tagged


@tagged("set-extent/1")
@dataclass(frozen=True, slots=True)
class SetExtent(Edit):
    """The basal and apical slice of each phase; None counts every slice with a contour."""

    extent: Extent | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        if self.extent is None:
            return "basal and apical slice: automatic"
        base, apex = (_spread(ends) for ends in (self.extent.base, self.extent.apex))
        return f"basal slice {base}, apical slice {apex}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "extent", by, extent=self.extent)


@tagged("set-rv-base/1")
@dataclass(frozen=True, slots=True)
class SetRvBase(Edit):
    """The basal slice of the right ventricle in each phase; None counts every slice with a contour of it."""

    base: tuple[int, ...] | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "RV basal slice: automatic" if self.base is None else f"RV basal slice {_spread(self.base)}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted for the right ventricle.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "rv_base", by, rv_base=self.base)


@tagged("set-excluded/1")
@dataclass(frozen=True, slots=True)
class SetExcluded(Edit):
    """All slices that are excluded from the measurements (numbers from 0)."""

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


@tagged("set-papillaries/1")
@dataclass(frozen=True, slots=True)
class SetPapillaries(Edit):
    """The convention for papillary muscles; see Muscle for its effect on the measurements."""

    papillaries: Papillaries

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return f"papillaries in the {self.papillaries.value}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading under this convention."""
        return _chosen(reading, "papillaries", by, papillaries=self.papillaries)


@tagged("set-muscle/1")
@dataclass(frozen=True, slots=True)
class SetMuscle(Edit):
    """How much muscle there is within the endocardial contours; None where unknown."""

    muscle: Muscle | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "papillaries not measured" if self.muscle is None else "papillaries measured"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with papillaries of this size.

        Raises:
            ValueError: their numbers of slices and phases are not those of the stack.

        """
        if self.muscle is not None:
            shape = len(self.muscle.share), len(self.muscle.share[0]) if self.muscle.share else 0
            if shape != (len(reading.slices), reading.facts.frames):
                raise ValueError(f"papillaries of {shape} slices and phases do not fit {reading.facts.recording_id}")
        return _chosen(reading, "muscle", by, muscle=self.muscle)


@tagged("set-insertion/1")
@dataclass(frozen=True, slots=True)
class SetInsertion(Edit):
    """Where the segments of the wall begin; None derives it from the contours."""

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


@tagged("set-body/1")
@dataclass(frozen=True, slots=True)
class SetBody(Edit):
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
    if not reading.kind.stack and part != "insertion":  # a single short axis has segments, too
        raise ValueError(f"{reading.facts.recording_id} is a loop: it has no base, apex or slices to choose")
    chosen = replace(reading.short_axis or ShortAxis(), **changes)
    if chosen == reading.short_axis:
        return authored(reading, f"short_axis/{part}", by)
    return invalidate_accepted(reading, f"short_axis/{part}", by, short_axis=chosen)


def _spread(numbers: tuple[int, ...]) -> str:
    """Slices from 1, one number where all phases agree."""
    low, high = min(numbers, default=0) + 1, max(numbers, default=0) + 1
    return f"{low}" if low == high else f"{low}–{high}"
