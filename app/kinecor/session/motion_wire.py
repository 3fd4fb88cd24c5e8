"""Motion in the words of the file: hundredths of a pixel, small and exact."""

import bz2

import msgspec
import numpy as np

from kinecor.core.values.motion import PER_PX, Motion


class MotionWire(msgspec.Struct):
    """What is written of a Motion.

    Attributes:
        origin, step: (x, y) in pixels.
        shape: pairs of frames, rows, columns.
        hundredths: little-endian int16 of x displacements, then y, then errors, each (pairs, rows, columns) in
            hundredths of a pixel, as bzip2: of it there is one form, so that what is written never depends on a
            library's version.
        by: what saw it.

    """

    origin: tuple[float, float]
    step: tuple[float, float]
    shape: tuple[int, int, int]
    hundredths: bytes
    by: str = ""


def wire_of(motion: Motion) -> MotionWire:
    """What is written of `motion`."""
    moved, error = motion.displacement_px, motion.error_px
    planes = [np.round(plane.astype(np.float64) * PER_PX) for plane in (moved[..., 0], moved[..., 1], error)]
    pairs, rows, columns = error.shape
    packed = bz2.compress(np.stack(planes).astype("<i2").tobytes())
    return MotionWire(motion.origin_px, motion.step_px, (pairs, rows, columns), packed, motion.by)


def motion_of(wire: MotionWire) -> Motion:
    """The Motion that was written.

    Raises:
        ValueError: its numbers do not fit its shape.

    """
    try:
        numbers = np.frombuffer(bz2.decompress(wire.hundredths), "<i2")
    except OSError as damaged:
        raise ValueError(f"its numbers are damaged ({damaged})") from damaged
    if numbers.size != 3 * int(np.prod(wire.shape)):
        raise ValueError(f"{3 * int(np.prod(wire.shape))} numbers were announced, {numbers.size} came")
    x, y, error = (numbers.reshape(3, *wire.shape) / PER_PX).astype(np.float32)
    return Motion(wire.origin, wire.step, np.stack([x, y], axis=-1), error, wire.by)
