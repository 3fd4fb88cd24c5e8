"""Edits that only strain is computed from: the motion of the tissue, and a reader's choices."""

import bz2
from dataclasses import dataclass
from typing import Self

import msgspec
import numpy as np

from kinecor.core.table.measures import SHORT_AXIS_CODES, STRAIN_CODES
from kinecor.core.values.choices import StrainChoices
from kinecor.core.values.motion import PER_PX, Motion
from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit, Form, invalidate_accepted, tagged


@dataclass(frozen=True, slots=True)
class SetMotion(Edit):
    """The motion of the tissue as a model estimated it; None removes it."""

    motion: Motion | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "motion removed" if self.motion is None else "motion, all frames"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this motion.

        Raises:
            ValueError: its number of frames is not that of the recording.

        """
        return invalidate_accepted(reading, "motion", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), motion=self.motion)

    def payload(self) -> Form:
        """Displacements in hundredths of a pixel, compressed: small and exact."""
        return _SetMotion(None if self.motion is None else _Motion.of(self.motion))


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
    def of(cls, motion: Motion) -> Self:
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


@tagged("set-motion/1")
class _SetMotion(Form):
    """The motion of the tissue as a model estimated it, compressed."""

    motion: _Motion | None

    def edit(self) -> Edit:
        return SetMotion(None if self.motion is None else self.motion.motion())


@tagged("set-strain-choices/1")
@dataclass(frozen=True, slots=True)
class SetStrainChoices(Edit):
    """Which segments are included, whether drift is compensated, and the depth in the wall."""

    choices: StrainChoices

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        chosen = self.choices
        number = len(chosen.excluded)
        excluded = f"{number} segment{'s' if number > 1 else ''} excluded" if number else "all segments"
        drift = "on" if chosen.compensate_drift else "off"
        return f"strain: {excluded}, drift compensation {drift}, depth {chosen.depth:.0%}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these choices."""
        return invalidate_accepted(reading, "strain", by, (*STRAIN_CODES, *SHORT_AXIS_CODES), strain=self.choices)
