"""A warped cine: frames, labels and displacements that agree to a hundredth of a pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.rhythm import Rhythm
from kinecor_phantoms.raster import Points
from kinecor_phantoms.warped.flow import Flow
from kinecor_phantoms.warped.motion import FloatArray, Motion, identity_poses
from kinecor_phantoms.warped.outline import paint_regions
from kinecor_phantoms.warped.path import FURTHEST_PHASE, Path2D
from kinecor_phantoms.warped.sampling import Picture, blur_image, looked_up
from kinecor_phantoms.warped.texture import ECHO, MARGIN_PX, MRI, Look, Texture, mixtures


@dataclass(frozen=True, eq=False)
class MadeCine:
    """A cine with its truth.

    Attributes:
        frames: (t, rows, columns) uint8 grey.
        labels: (t, rows, columns) uint8, the data set's own numbers.
        times_s: (t,).
        phase: (t,) how far along the path from ED (0) to ES (1).
        ed, es: frames nearest to end-diastole and end-systole of each beat, in order.
        ed_s, es_s: the exact times of those.
        path: the patient's path.
        motion: where material is in each frame.

    """

    frames: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    times_s: FloatArray
    phase: FloatArray
    ed: tuple[int, ...]
    es: tuple[int, ...]
    ed_s: tuple[float, ...]
    es_s: tuple[float, ...]
    path: Path2D
    motion: Motion

    def carried(self, points_px: Points, start: int, to: int) -> Points:
        """Material points (n, 2) of frame `start` where they are in frame `to`."""
        return self.motion.carried(points_px, start, to)

    def contour(self, structure: str, frame: int) -> Points:
        """A structure's contour (n, 2) in a frame; point k is the same material in all frames.

        Raises:
            KeyError: the patient's labels do not hold the structure.

        """
        return self.motion.placed(self.path.contours[structure], frame)

    def displacement_px(self, to: int, start: int = 0) -> NDArray[np.float32]:
        """Where what is at each pixel of frame `start` is in frame `to`, less where it was.

        Returns:
            (rows, columns, 2) float32 (x, y) in pixels; NaN where either place shows nothing: outside the sector or
            the image.

        """
        rows, columns = self.labels.shape[1:]
        y, x = np.mgrid[:rows, :columns]
        z = x + 1j * y
        moved = self.motion.carried_complex(z, start, to)
        seen = np.ones((rows, columns), np.bool_) if self.path.seen is None else self.path.seen
        arrives = looked_up(seen.astype(np.float32), moved.real, moved.imag) > 0.5
        arrives &= (abs(moved.real * 2 - columns + 1) <= columns) & (abs(moved.imag * 2 - rows + 1) <= rows)
        moved = np.where(seen & arrives, moved - z, complex(np.nan, np.nan))
        return np.stack([moved.real, moved.imag], axis=-1).astype(np.float32)


@dataclass(frozen=True)
class Weakness:
    """A stretch of wall that moves less: displacement is slowed smoothly around a place.

    Attributes:
        at_px: (x, y) of its middle in the ED frame.
        radius_px: standard deviation of its extent; under the wall's own thickness would tear it.
        loss: share 0..1 of motion lost there.

    Raises:
        ValueError: the radius is not positive or the loss not in 0..1.

    """

    at_px: tuple[float, float]
    radius_px: float
    loss: float

    def __post_init__(self) -> None:
        if self.radius_px <= 0 or not 0 <= self.loss <= 1:
            raise ValueError(f"radius must be above 0 px and loss 0 to 1, got {self.radius_px:g} and {self.loss:g}")


def weaken_flow(flow: Flow, places: Sequence[Weakness]) -> Flow:
    """A flow slowed around places; it stays smooth, and so without folds."""
    rows, columns = flow.velocity.shape
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    weight = np.ones((rows, columns), np.float32)
    for place in places:
        off = (x + flow.origin[0] - place.at_px[0]) ** 2 + (y + flow.origin[1] - place.at_px[1]) ** 2
        weight *= 1 - place.loss * np.exp(-off / (2 * place.radius_px**2))
    return flow.scaled(weight)


def _nearest(times_s: FloatArray, wanted_s: Sequence[float]) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """The frames nearest to those of the wanted times that the cine holds, and these times."""
    half_s = (times_s[1] - times_s[0]) / 2 if len(times_s) > 1 else 0.0
    held = tuple(float(t) for t in wanted_s if times_s[0] - half_s <= t <= times_s[-1] + half_s)
    return tuple(int(abs(times_s - t).argmin()) for t in held), held


def render(
    motion: Motion, texture: Texture, seen: NDArray[np.bool_] | None, shape: tuple[int, int],
    times_s: FloatArray, look: Look, rng: Generator,
) -> NDArray[np.uint8]:  # fmt: skip
    """Frames (t, rows, columns) of material in motion.

    Args:
        motion: where material is.
        texture: what it looks like.
        seen: the sector, which does not move; None for whole images.
        shape: rows and columns.
        times_s: (t,).
        look: how images change beyond motion.
        rng: source of chance.

    """
    count = len(times_s)
    frames = np.zeros((count, *shape), np.uint8)
    noisy = look.blood > 0 or look.tissue > 0
    patterns = texture.patterns(rng) if noisy else ()
    mixed = mixtures(times_s, look.memory_s, rng)
    grain = rng.standard_normal((count, *shape), np.float32) * np.float32(look.grain) if look.grain > 0 else None
    # A sector's outermost pixels are half lit.
    shade = None if seen is None else blur_image(seen.astype(np.float32), 0.8) * seen
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    still = (x + 1j * y).astype(np.complex64)
    origins = ((i, still) for i in range(count)) if motion.flow is None else motion.flow.origins(shape, motion.phases)
    for i, origin in origins:
        noise: Picture | None = None
        if noisy:
            noise = sum((w * p for w, p in zip(mixed[i], patterns, strict=True)), np.float32(0))  # type: ignore[assignment]
        level = texture.at(float(motion.phases[i]), look, noise)
        if motion.turns[i] != 1 or motion.shifts[i] != 0:
            posed = motion.to_material(still, i)
            # Origins are smooth: between pixels they are interpolated, to a few thousandths of a pixel.
            drift = (origin - still) if motion.flow is not None else np.zeros_like(still)
            origin = (posed + looked_up(drift, posed.real, posed.imag)).astype(np.complex64)
        value = looked_up(level, 2 * (origin.real + MARGIN_PX), 2 * (origin.imag + MARGIN_PX))
        if grain is not None:
            value += grain[i]
        np.clip(value, 0, 255, out=value)
        frames[i] = np.round(value if shade is None else value * shade)
    return frames


def make_cine(
    path: Path2D,
    rhythm: Rhythm,
    times_s: FloatArray,
    rng: Generator,
    *,
    amplitude: float = 1.0,
    weak: Sequence[Weakness] = (),
    poses: tuple[NDArray[np.complex128], NDArray[np.complex128]] | None = None,
    look: Look | None = None,
    texture: Texture | None = None,
) -> MadeCine:
    """A cine of a patient.

    Args:
        path: the patient's path.
        rhythm: beats; contraction 1 is ES on the path.
        times_s: (t,) strictly increasing.
        rng: source of chance, for speckle that comes and goes.
        amplitude: how far along the path the heart goes at contraction 1, above 0 and up to FURTHEST_PHASE; lessened
            where the path may not be followed so far.
        weak: places that move less.
        poses: turns and shifts (t,) of the whole image by frame, as in Motion; None for an image that stays.
        look: how images change beyond motion; by default as echo or MRI does.
        texture: `path.texture()`, where it is reused from one cine to the next.

    Raises:
        ValueError: the amplitude or the times are out of range.

    """
    times_s = np.asarray(times_s, np.float64)
    if times_s.ndim != 1 or not len(times_s) or not (np.diff(times_s) > 0).all():
        raise ValueError(f"expected times (t,) that increase, got {times_s.shape}; sort them")
    if not 0 < amplitude <= FURTHEST_PHASE:
        raise ValueError(f"amplitude must be above 0 and up to {FURTHEST_PHASE:g}, got {amplitude:g}")
    contraction = rhythm.contraction(times_s)
    # An ectopic beat or a large amplitude must not push tissue through itself.
    amplitude = min(amplitude, path.furthest / max(float(contraction.max()), 1e-6))
    phase = np.maximum(amplitude * contraction, 1 - FURTHEST_PHASE)
    flow = weaken_flow(path.flow, weak) if weak else path.flow
    motion = Motion(flow, phase, *(poses or identity_poses(len(times_s))))
    shape = (path.ed.image.shape[0], path.ed.image.shape[1])
    chosen = look or (ECHO if path.anatomy.long_axis else MRI)
    frames = render(motion, texture or path.texture(), path.seen, shape, times_s, chosen, rng)
    carried = (motion.placed(path.borders.points, i) for i in range(len(times_s)))
    labels = np.stack([paint_regions(path.borders, points, path.anatomy.paints, shape) for points in carried])
    # Times may begin before the first beat and go on into a repeat of the last.
    (ed, ed_s), (es, es_s) = (_nearest(times_s, moments_s) for moments_s in rhythm.events_around())
    return MadeCine(frames, labels, times_s, phase, ed, es, ed_s, es_s, path, motion)
