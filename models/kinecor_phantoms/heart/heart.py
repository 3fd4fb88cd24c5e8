"""A heart that beats: shape, rhythm, how each region contracts, and how the whole of it moves in the chest."""

from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kinecor_phantoms.heart.chambers import Chambers
from kinecor_phantoms.heart.field import SEGMENTS, from_segments
from kinecor_phantoms.heart.motion import APICAL_NARROWING, Material, Motion
from kinecor_phantoms.heart.rhythm import Rhythm
from kinecor_phantoms.heart.shape import Shape, check_range

Array = NDArray[np.float64]

EF_PERCENT = (5.0, 85.0)
_RIM = 48
_REGIONAL = (("amplitude", -1.0, 2.0), ("along", -1.0, 4.0), ("delay_s", -0.2, 0.3), ("flash", -1.0, 1.0))


@dataclass(frozen=True, slots=True)
class Drift:
    """Movement of the whole heart before the probe, or in the scanner.

    Attributes:
        breathing_mm: amplitude along (x, y, z) of the heart's own axes.
        breathing_deg: amplitude of the rotation about y.
        breathing_s: duration of a breath.
        start: where in the breath time 0 is, in turns.
        slide_mm_per_s: steady drift, as of a hand that tires.

    Raises:
        ValueError: more than 30 mm, 30 degrees or 10 mm/s, or a breath that does not last 1 to 30 s.

    """

    breathing_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    breathing_deg: float = 0.0
    breathing_s: float = 4.0
    start: float = 0.0
    slide_mm_per_s: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        for mm in self.breathing_mm:
            check_range("breathing in mm", mm, -30, 30)
        check_range("breathing in degrees", self.breathing_deg, -30, 30)
        check_range("a breath in seconds", self.breathing_s, 1, 30)
        check_range("where in the breath time 0 lies, in turns", self.start, -1, 1)
        for mm_per_s in self.slide_mm_per_s:
            check_range("drift in mm/s", mm_per_s, -10, 10)


@dataclass(frozen=True, eq=False)
class Heart:
    """All that a simulated heart is determined by.

    Attributes:
        shape: left ventricle at end-diastole.
        chambers: what surrounds it.
        rhythm: beats.
        longitudinal: fraction by which the wall shortens along its length at full contraction, negative.
        circumferential: fraction by which the endocardium shortens round the ring, negative.
        amplitude: (18,) share of it that each segment does; 1 normal, 0 akinetic, below 0 dyskinetic.
        along: (18,) further share of it along the wall's length only.
        delay_s: (18,) how much later than the rhythm each segment contracts.
        flash: (18,) share of the contraction that each segment does before the aortic valve opens, and loses again.
        apical_twist_deg, basal_twist_deg: rotations at full contraction, counter-clockwise seen from the apex.
        apical_narrowing: of the apical cap, see Motion.
        drift: movement of the whole.
        population: what kind of heart it is, for people to read.

    Raises:
        ValueError: a number out of its range.

    """

    shape: Shape
    rhythm: Rhythm
    chambers: Chambers = field(default_factory=Chambers)
    longitudinal: float = -0.18
    circumferential: float = -0.28
    amplitude: Array = field(default_factory=lambda: np.ones(SEGMENTS))
    along: Array = field(default_factory=lambda: np.ones(SEGMENTS))
    delay_s: Array = field(default_factory=lambda: np.zeros(SEGMENTS))
    flash: Array = field(default_factory=lambda: np.zeros(SEGMENTS))
    apical_twist_deg: float = 9.0
    basal_twist_deg: float = -4.0
    apical_narrowing: float = APICAL_NARROWING
    drift: Drift = field(default_factory=Drift)
    population: str = "normal"

    def __post_init__(self) -> None:
        check_range("longitudinal shortening", self.longitudinal, -0.4, 0.1)
        check_range("circumferential shortening", self.circumferential, -0.7, 0.3)
        check_range("apical twist in degrees", self.apical_twist_deg, -30, 30)
        check_range("basal twist in degrees", self.basal_twist_deg, -30, 30)
        check_range("narrowing of the apex", self.apical_narrowing, 0, 1)
        for name, low, high in _REGIONAL:
            values = getattr(self, name)
            if values.shape != (SEGMENTS,):
                raise ValueError(f"{name} needs {SEGMENTS} values, got shape {values.shape}")
            check_range(f"smallest {name}", float(values.min()), low, high)
            check_range(f"largest {name}", float(values.max()), low, high)

    def at(self, times_s: ArrayLike) -> "Beating":
        """The heart at times (t,), seconds.

        Raises:
            ValueError: not a row of finite times, or a wall that would fold at one of them.

        """
        times = np.asarray(times_s, np.float64)
        if times.ndim != 1 or not len(times) or not np.isfinite(times).all():
            raise ValueError(f"times must be a row of one or more finite numbers of seconds, got shape {times.shape}")
        return Beating(self, times)

    def with_ejection_fraction(self, percent: float) -> "Heart":
        """The same heart with the circumferential shortening that gives this ejection fraction.

        Raises:
            ValueError: out of EF_PERCENT, or not attainable with this shape and longitudinal shortening.

        """
        check_range("ejection fraction in percent", percent, *EF_PERCENT)
        beat = self.rhythm.beats[0]
        times_s = np.array([beat.start_s, beat.aortic_close_s])

        def reached(circumferential: float) -> float:
            try:
                full, empty = replace(self, circumferential=circumferential).at(times_s).volume_ml
            except ValueError:  # the wall would fold: more than can be
                return 100.0
            return float(100 * (1 - empty / full))

        low, high = -0.68, 0.25
        over, under = reached(low) - percent, reached(high) - percent
        middle = high
        for turn in range(40):  # false position with halving, which the folded end cannot stall
            share = under / (under - over) if over > under and turn % 3 else 0.5
            middle = high + (low - high) * float(np.clip(share, 0.05, 0.95))
            excess = reached(middle) - percent
            if abs(excess) < 1e-4:
                break
            if excess > 0:
                low, over = middle, excess
            else:
                high, under = middle, excess
        heart = replace(self, circumferential=middle)
        nearest = reached(middle)
        if abs(nearest - percent) > 0.05:
            raise ValueError(
                f"this heart cannot have an ejection fraction of {percent:g} %; {nearest:.0f} % is as near as it comes"
            )
        return heart


# A search for an ejection fraction asks for the volume of one shape some twenty times.
_SHAPES = 4


@lru_cache(_SHAPES)
def _cavity(shape: Shape) -> tuple[Material, Array]:
    """Points of the endocardium, and the weight of each in the integral of `Beating.volume_ml`."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    turns = _RIM
    angle = np.arange(turns) * 2 * np.pi / turns
    along, wide = np.tile((nodes + 1) / 2, turns), np.repeat(angle, len(nodes))
    inner, z_mm = shape.meridian(0.0, wide, along)
    step = 1e-5
    slope = (shape.meridian(0.0, wide, along + step)[1] - shape.meridian(0.0, wide, along - step)[1]) / (2 * step)
    return Material(shape, inner, wide, z_mm), np.tile(weights / 2, turns) * slope * 2 * np.pi / turns


@lru_cache(_SHAPES)
def _rim(shape: Shape) -> Material:
    angle = np.arange(_RIM) * 2 * np.pi / _RIM
    z_mm = shape.rim_mm(angle)
    return Material(shape, shape.radius_mm_at(0.0, angle, z_mm), angle, z_mm)


class Beating:
    """A heart at some times: its motion, its volume, and its place in the chest.

    Args:
        heart: what beats.
        times_s: (t,).

    """

    def __init__(self, heart: Heart, times_s: Array) -> None:
        self.heart, self.times_s = heart, times_s
        self.contraction = heart.rhythm.contraction(times_s)
        self.mitral_opening = heart.rhythm.mitral_opening(times_s)
        self.aortic_opening = heart.rhythm.aortic_opening(times_s)
        late = heart.delay_s
        each = heart.rhythm.contraction(times_s[:, None] - late[None, :]) if late.any() else None
        share = (self.contraction[:, None] if each is None else each) * heart.amplitude[None, :]
        if heart.flash.any():
            share = share + heart.rhythm.flash(times_s)[:, None] * heart.flash[None, :]
        along, around = from_segments((share * heart.along).T).T, from_segments(share.T, around=True).T
        twist = np.deg2rad([heart.apical_twist_deg, heart.basal_twist_deg])[:, None] * self.contraction
        self.motion = Motion(
            heart.shape,
            heart.longitudinal * along,
            heart.circumferential * around,
            twist[0],
            twist[1],
            heart.apical_narrowing,
        )

    def __len__(self) -> int:
        """How many times."""
        return len(self.times_s)

    @cached_property
    def volume_ml(self) -> Array:
        """(t,) true volume of the cavity in millilitres, up to the cone from the base's rim to the axis.

        Integral of rho^2 J / 2 over angle (trapezoid rule) and height (Gauss-Legendre), both exact to rounding for
        such smooth surfaces.
        """
        points, weight = _cavity(self.heart.shape)
        rim = self.rim
        volumes = []
        for frame in range(len(self)):
            _, spread, rho2 = self.motion.local(points, frame)
            edge = self.motion.place(rim, frame)
            out2 = edge[:, 0] ** 2 + edge[:, 1] ** 2
            lid = (out2 * (edge[:, 2] - edge[:, 2].mean())).sum() / 6 * 2 * np.pi / _RIM
            volumes.append(float((rho2 * spread * weight).sum() / 2 - lid))
        return np.array(volumes) / 1000

    @cached_property
    def mass_g(self) -> float:
        """Mass of the left ventricular wall, 1.05 g/ml."""
        shape = self.heart.shape
        nodes, weights = np.polynomial.legendre.leggauss(40)
        turns = 48
        wide = np.repeat(np.arange(turns) * 2 * np.pi / turns, len(nodes))
        total = 0.0
        for layer, sign in ((1.0, 1), (0.0, -1)):
            along = np.tile((nodes + 1) / 2, turns)
            radius, _ = shape.meridian(layer, wide, along)
            step = 1e-5
            slope = shape.meridian(layer, wide, along + step)[1] - shape.meridian(layer, wide, along - step)[1]
            total += sign * float((radius**2 * slope / (2 * step) * np.tile(weights / 2, turns)).sum()) / 2
        return 1.05 * total * 2 * np.pi / turns / 1000

    @cached_property
    def rim(self) -> Material:
        """Points of the endocardium's rim at 48 angles."""
        return _rim(self.heart.shape)

    def pose(self, frame: int) -> tuple[Array, Array]:
        """(3, 3) rotation and (3,) shift in mm from the heart's axes to the chest's at a time: chest = R p + s."""
        drift, time_s = self.heart.drift, self.times_s[frame]
        breath = np.sin(2 * np.pi * (time_s / drift.breathing_s + drift.start)) - np.sin(2 * np.pi * drift.start)
        turn = np.deg2rad(drift.breathing_deg) * breath
        rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
        shift = np.array(drift.breathing_mm) * breath + np.array(drift.slide_mm_per_s) * time_s
        return rotation, shift

    def place(self, points: Material, frame: int) -> Array:
        """(n, 3) where material points are in the chest at a time, mm."""
        rotation, shift = self.pose(frame)
        return self.motion.place(points, frame) @ rotation.T + shift

    def undo(self, points_mm: Array, frame: int) -> Material:
        """The material at (n, 3) places in the chest at a time."""
        rotation, shift = self.pose(frame)
        return self.motion.undo((np.asarray(points_mm) - shift) @ rotation, frame)
