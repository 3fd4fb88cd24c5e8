"""Edits of what holds for a whole recording: scale, view, decisions, notes, motion, a reader's choices."""

import bz2
import math
from dataclasses import dataclass, replace
from typing import Any, Self

import msgspec
import numpy as np

from kinecor.core.table.measures import MINUS, SHORT_AXIS_CODES, STRAIN_CODES, Quantity, digits, unit_name
from kinecor.core.values.calibration import Calibration
from kinecor.core.values.choices import (
    BeatChoices,
    Body,
    Extent,
    Insertion,
    Muscle,
    Papillaries,
    PlacedPoint,
    Presence,
    ShortAxis,
    StrainChoices,
    ValvePlane,
)
from kinecor.core.values.message import Message, join_texts, joined_by, message, number, plural, verbatim
from kinecor.core.values.reading import Acknowledgement, Decision, Reading, View
from kinecor.core.values.track import PER_PX, Motion
from kinecor.session.codec import Edit, Form, invalidate_accepted, register_tag, with_author


@register_tag("set-calibration/1")
@dataclass(frozen=True, slots=True)
class SetCalibration(Edit):
    """Another calibration, or none."""

    calibration: Calibration | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.calibration is None:
            return message("calibration removed")
        return message(
            "calibration {rows:.4g} × {columns:.4g} mm", rows=self.calibration.row_mm, columns=self.calibration.col_mm
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this calibration in use."""
        return invalidate_accepted(reading, "calibration", by, calibration=self.calibration)


@register_tag("set-view/1")
@dataclass(frozen=True, slots=True)
class SetView(Edit):
    """The view of the recording."""

    view: View

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("view {view}", view=verbatim(self.view.label))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading of that view."""
        return with_author(reading, "view", by, view=self.view)


@register_tag("set-view-seen/1")
@dataclass(frozen=True, slots=True)
class SetViewSeen(Edit):
    """The view that a model recognises in the images, next to the view in use."""

    view: View | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.view is None:
            return message("no view recognised")
        return message("view {view} recognised", view=verbatim(self.view.label))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this view recognised."""
        return with_author(reading, "view_seen", by, view_seen=self.view)


@register_tag("set-withheld/1")
@dataclass(frozen=True, slots=True)
class SetWithheld(Edit):
    """The reason why nothing is measured in this recording, or None: it may be measured."""

    reason: Message | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.reason is None:
            return message("measurements allowed")
        return message("not measured: {reason}", reason=verbatim(self.reason))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading whose measurements are withheld, or no longer are."""
        return with_author(reading, "withheld", by, withheld=self.reason)


@register_tag("set-notes/1")
@dataclass(frozen=True, slots=True)
class SetNotes(Edit):
    """The reader's notes, as a whole."""

    text: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("notes") if self.text else message("notes removed")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these notes."""
        return with_author(reading, "notes", by, notes=self.text)


@dataclass(frozen=True, slots=True)
class Decided:
    """A reader's decision on one measurement: accepted, rejected, or overridden by a value of theirs.

    Attributes:
        code: of the measurement.
        accepted: False where it was rejected.
        value: the reader's own value instead of the computed one, or None.
        computed: the value on screen at the time, or None where it was withheld; what is accepted is this value.
        unit: of both values, as in Quantity; "" where unknown.

    Raises:
        ValueError: no code, or a value that is not finite.

    """

    code: str
    accepted: bool
    value: float | None = None
    computed: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        if not self.code:
            raise ValueError("a decision needs the code of its measurement")
        for value in (self.value, self.computed):
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{self.code}: a value is finite, got {value}")

    @property
    def words(self) -> Message:
        """The old and the new value."""
        unit = unit_name(self.unit)
        subject = verbatim(self.code)
        if self.computed is not None:
            subject = joined_by(" ", (self.code, digits(Quantity(self.computed, self.unit), self.code), unit))
        if self.value is not None:
            size = number(abs(self.value), "g")
            value = joined_by(" ", (join_texts(MINUS, size) if self.value < 0 else size, unit))
            if self.computed is None:
                return message("{code} set to {value}", code=subject, value=value)
            return message("{code} replaced by {value}", code=subject, value=value)
        if self.accepted:
            return message("{code} accepted", code=subject)
        return message("{code} rejected", code=subject)

    def by(self, reader: str) -> Decision:
        """The decision as that of a reader."""
        return Decision(self.code, self.accepted, self.value, reader, self.computed)


@register_tag("decide/1")
@dataclass(frozen=True, slots=True)
class Decide(Decided, Edit):
    """A decision on a measurement of this recording."""

    @property
    def summary(self) -> Message:
        """A few plain words for the history, with the old and the new value."""
        return self.words

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this decision."""
        decisions = {**reading.decisions, self.code: self.by(by)}
        return with_author(reading, f"decisions/{self.code}", by, decisions=decisions)


@register_tag("clear-decision/1")
@dataclass(frozen=True, slots=True)
class ClearDecision(Edit):
    """Withdraws a decision: the measurement is as computed again."""

    code: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("{code} as computed", code=verbatim(self.code))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without that decision."""
        decisions = {code: decision for code, decision in reading.decisions.items() if code != self.code}
        return with_author(reading, f"decisions/{self.code}", by, decisions=decisions)


@dataclass(frozen=True, slots=True)
class SetMotion(Edit):
    """The motion of the tissue as a model estimated it; None removes it."""

    motion: Motion | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("motion removed") if self.motion is None else message("motion, all frames")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this motion.

        Raises:
            ValueError: its number of frames is not that of the recording.

        """
        return invalidate_accepted(reading, "motion", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), motion=self.motion)

    def payload(self) -> Form:
        """Displacements in hundredths of a pixel, compressed: small and exact."""
        return _SetMotion(None if self.motion is None else _Motion.from_motion(self.motion))


class _Motion(msgspec.Struct):
    """A Motion in the file.

    Attributes:
        origin, step: (x, y) in pixels.
        shape: pairs of frames, rows, columns.
        hundredths: little-endian int16 of x displacements, then y, then errors, each (pairs, rows, columns) in
            hundredths of a pixel, compressed by bzip2, whose output does not depend on the library's version.
        by: the model it comes from.

    """

    origin: tuple[float, float]
    step: tuple[float, float]
    shape: tuple[int, int, int]
    hundredths: bytes
    by: str = ""

    @classmethod
    def from_motion(cls, motion: Motion) -> Self:
        moved, error = motion.displacement_px, motion.error_px
        planes = [np.round(plane.astype(np.float64) * PER_PX) for plane in (moved[..., 0], moved[..., 1], error)]
        pairs, rows, columns = error.shape
        packed = bz2.compress(np.stack(planes).astype("<i2").tobytes())
        return cls(motion.origin_px, motion.step_px, (pairs, rows, columns), packed, motion.by)

    def motion(self) -> Motion:
        try:
            numbers = np.frombuffer(bz2.decompress(self.hundredths), "<i2")
        except OSError as damaged:
            raise ValueError(f"its numbers are damaged ({damaged})") from damaged
        if numbers.size != 3 * int(np.prod(self.shape)):
            raise ValueError(f"{3 * int(np.prod(self.shape))} numbers were announced, {numbers.size} came")
        x, y, error = (numbers.reshape(3, *self.shape) / PER_PX).astype(np.float32)
        return Motion(self.origin, self.step, np.stack([x, y], axis=-1), error, self.by)


@register_tag("acknowledge-finding/1")
@dataclass(frozen=True, slots=True)
class AcknowledgeFinding(Edit):
    """A reader saw a finding and lets its values stand, with a reason; values it withheld are shown, marked.

    Attributes:
        key: of the finding (`Finding.key`).
        at: UTC, ISO 8601.
        why: the reader's reason.

    Raises:
        ValueError: no key, or no reason.

    """

    key: str
    at: str
    why: str

    def __post_init__(self) -> None:
        if not self.key or not self.why.strip():
            raise ValueError("a finding is acknowledged by its key and with a reason")

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("acknowledged {finding}: {reason}", finding=verbatim(self.key), reason=verbatim(self.why))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with the acknowledgement."""
        acknowledgement = Acknowledgement(self.key, by, self.at, self.why)
        return with_author(
            reading, f"acknowledged/{self.key}", by, acknowledged={**reading.acknowledged, self.key: acknowledgement}
        )


@register_tag("reopen-finding/1")
@dataclass(frozen=True, slots=True)
class ReopenFinding(Edit):
    """Withdraws the acknowledgement of a finding."""

    key: str

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("reopened {finding}", finding=verbatim(self.key))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without the acknowledgement."""
        left = {key: acknowledgement for key, acknowledgement in reading.acknowledged.items() if key != self.key}
        return with_author(reading, f"acknowledged/{self.key}", by, acknowledged=left)


@register_tag("set-motion/1")
class _SetMotion(Form):
    """The motion of the tissue as a model estimated it, compressed."""

    motion: _Motion | None

    def edit(self) -> Edit:
        return SetMotion(None if self.motion is None else self.motion.motion())


@register_tag("set-strain-choices/1")
@dataclass(frozen=True, slots=True)
class SetStrainChoices(Edit):
    """Which segments are included, whether drift is compensated, and the depth in the wall."""

    choices: StrainChoices

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        chosen = self.choices
        segments = message("all segments")
        if chosen.excluded:
            segments = plural("{count} segment excluded", "{count} segments excluded", len(chosen.excluded))
        if chosen.compensate_drift:
            return message(
                "strain: {segments}, drift compensation on, depth {depth:.0%}", segments=segments, depth=chosen.depth
            )
        return message(
            "strain: {segments}, drift compensation off, depth {depth:.0%}", segments=segments, depth=chosen.depth
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these choices."""
        return invalidate_accepted(reading, "strain", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), strain=self.choices)


@register_tag("place-wall-points/1")
@dataclass(frozen=True, slots=True)
class PlaceWallPoints(Edit):
    """All points of the wall that a reader placed; an empty tuple lets them go."""

    points: tuple[PlacedPoint, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history; frames are counted from 1."""
        frames = sorted({point.frame + 1 for point in self.points})
        count = len(self.points)
        if not count:
            return message("strain: no point of the wall placed")
        return plural(
            "strain: {count} point of the wall placed, {frames}",
            "strain: {count} points of the wall placed, {frames}",
            count,
            frames=plural(
                "frame {numbers}",
                "frames {numbers}",
                len(frames),
                numbers=joined_by(", ", [str(frame) for frame in frames]),
            ),
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these points.

        Raises:
            ValueError: a point is beyond the last frame.

        """
        codes = (*STRAIN_CODES, *SHORT_AXIS_CODES)
        return invalidate_accepted(reading, "placed_points", by, codes, placed_points=self.points)


@register_tag("choose-beats/1")
@dataclass(frozen=True, slots=True)
class ChooseBeats(Edit):
    """Which beats of a loop are measured."""

    beats: BeatChoices

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        left_out = len(self.beats.excluded)
        if self.beats.index_beat:
            return message("index beat alone")
        if not left_out:
            return message("all beats")
        return plural("{count} beat left out", "{count} beats left out", left_out)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading measured on these beats."""
        return invalidate_accepted(reading, "beats", by, beats=self.beats)


@register_tag("set-extent/1")
@dataclass(frozen=True, slots=True)
class SetExtent(Edit):
    """The basal and apical slice of each phase; None counts every slice with a contour."""

    extent: Extent | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.extent is None:
            return message("basal and apical slice: automatic")
        base, apex = (_spread(ends) for ends in (self.extent.base, self.extent.apex))
        return message("basal slice {base}, apical slice {apex}", base=base, apex=apex)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "extent", by, extent=self.extent)


@register_tag("exchange-ends/1")
@dataclass(frozen=True, slots=True)
class ExchangeEnds(Edit):
    """Base and apex of a stack's ventricles exchanged: what is in force then.

    Attributes:
        extent: of the left ventricle.
        rv_base: basal slice of the right ventricle by phase, on the other side then; None leaves what is in force.

    """

    extent: Extent
    rv_base: tuple[int, ...] | None = None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        base, apex = (_spread(ends) for ends in (self.extent.base, self.extent.apex))
        return message("base and apex exchanged: basal slice {base}, apical slice {apex}", base=base, apex=apex)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with the stack the other way round.

        Raises:
            ValueError: they do not fit the stack.

        """
        after = _chosen(reading, "extent", by, extent=self.extent)
        return after if self.rv_base is None else _chosen(after, "rv_base", by, rv_base=self.rv_base)


@register_tag("set-rv-base/1")
@dataclass(frozen=True, slots=True)
class SetRvBase(Edit):
    """The basal slice of the right ventricle in each phase; None counts every slice with a contour of it."""

    base: tuple[int, ...] | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.base is None:
            return message("RV basal slice: automatic")
        return message("RV basal slice {base}", base=_spread(self.base))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these slices counted for the right ventricle.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "rv_base", by, rv_base=self.base)


@register_tag("set-excluded/1")
@dataclass(frozen=True, slots=True)
class SetExcluded(Edit):
    """All slices that are excluded from the measurements (numbers from 0)."""

    slices: tuple[int, ...]

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if not self.slices:
            return message("no slice excluded")
        return message(
            "excluded: slice {slices}", slices=joined_by(", ", [str(single_slice + 1) for single_slice in self.slices])
        )

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading without these slices.

        Raises:
            ValueError: they do not fit the stack.

        """
        return _chosen(reading, "excluded", by, excluded=self.slices)


@register_tag("set-papillaries/1")
@dataclass(frozen=True, slots=True)
class SetPapillaries(Edit):
    """The convention for papillary muscles; see Muscle for its effect on the measurements."""

    papillaries: Papillaries

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.papillaries is Papillaries.CAVITY:
            return message("papillaries in the cavity")
        return message("papillaries in the myocardium")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading under this convention."""
        return _chosen(reading, "papillaries", by, papillaries=self.papillaries)


def _same_stack(reading: Reading, what: Message, shape: tuple[int, int]) -> None:
    """Raises ValueError where (slices, phases) are not those of the stack."""
    if shape != (len(reading.slices), reading.facts.frames):
        raise ValueError(
            message(
                "{what} of {slices} slices and {phases} phases do not fit {recording}",
                what=what,
                slices=shape[0],
                phases=shape[1],
                recording=verbatim(reading.facts.recording_id),
            )
        )


@register_tag("set-muscle/1")
@dataclass(frozen=True, slots=True)
class SetMuscle(Edit):
    """How much muscle there is within the endocardial contours; None where unknown."""

    muscle: Muscle | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        return message("papillaries not measured") if self.muscle is None else message("papillaries measured")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with papillaries of this size.

        Raises:
            ValueError: their numbers of slices and phases are not those of the stack.

        """
        if self.muscle is not None:
            share = self.muscle.share
            _same_stack(reading, message("papillaries"), (len(share), len(share[0]) if share else 0))
        return _chosen(reading, "muscle", by, muscle=self.muscle)


@register_tag("set-presence/1")
@dataclass(frozen=True, slots=True)
class SetPresence(Edit):
    """Where a model sees the ventricles, as base and apex are decided from; None where none looked."""

    presence: Presence | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.presence is None:
            return message("ventricles not looked for")
        return message("ventricles looked for in every slice")

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these probabilities; base and apex in force stay.

        Raises:
            ValueError: their numbers of slices and phases are not those of the stack.

        """
        if self.presence is not None:
            _same_stack(reading, message("probabilities"), self.presence.shape)
        return _chosen(reading, "presence", by, presence=self.presence)


@register_tag("set-valve-plane/1")
@dataclass(frozen=True, slots=True)
class SetValvePlane(Edit):
    """Where long axes show the mitral valve, which base and apex are decided with; None where none does."""

    valve: ValvePlane | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.valve is None:
            return message("valve plane not seen on long axes")
        return message("valve plane from {views}", views=joined_by(", ", self.valve.views))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this valve plane; base and apex in force stay.

        Raises:
            ValueError: its number of phases is not that of the stack.

        """
        if self.valve is not None:
            _same_stack(reading, message("the valve plane"), (len(reading.slices), len(self.valve.place_mm)))
        return _chosen(reading, "valve", by, valve=self.valve)


@register_tag("set-insertion/1")
@dataclass(frozen=True, slots=True)
class SetInsertion(Edit):
    """Where the segments of the wall begin; None derives it from the contours."""

    insertion: Insertion | None

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        if self.insertion is None:
            return message("segments from the contours")
        return message("anterior RV insertion at {angle:.0f}°", angle=self.insertion.angle_deg)

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with its segments counted from there."""
        return _chosen(reading, "insertion", by, insertion=self.insertion)


@register_tag("set-body/1")
@dataclass(frozen=True, slots=True)
class SetBody(Edit):
    """Height, weight, sex and the formula of body surface area."""

    body: Body

    @property
    def summary(self) -> Message:
        """A few plain words for the history."""
        height, weight = message("height unknown"), message("weight unknown")
        if self.body.height_cm:
            height = join_texts(number(self.body.height_cm, "g"), " cm")
        if self.body.weight_kg:
            weight = join_texts(number(self.body.weight_kg, "g"), " kg")
        return joined_by(", ", (height, weight, self.body.formula.value))

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading indexed by this body."""
        return _chosen(reading, "body", by, body=self.body)


def _chosen(reading: Reading, part: str, by: str, **changes: Any) -> Reading:
    if not reading.kind.stack and part != "insertion":  # a single short axis has segments, too
        raise ValueError(
            message(
                "{recording} is a loop: it has no base, apex or slices to choose",
                recording=verbatim(reading.facts.recording_id),
            )
        )
    chosen = replace(reading.short_axis or ShortAxis(), **changes)
    if chosen == reading.short_axis:
        return with_author(reading, f"short_axis/{part}", by)
    return invalidate_accepted(reading, f"short_axis/{part}", by, short_axis=chosen)


def _spread(numbers: tuple[int, ...]) -> Message:
    """Slices from 1, one number where all phases agree."""
    low, high = min(numbers, default=0) + 1, max(numbers, default=0) + 1
    return verbatim(f"{low}" if low == high else f"{low}–{high}")
