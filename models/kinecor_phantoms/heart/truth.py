"""What is true of a heart in a recording: volumes, mass, events, strain."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.plane import Plane, apical
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.heart.strain import strains
from kinecor_phantoms.recording import BeatTruth, HeartTruth

Array = NDArray[np.float64]

_DISKS = 20


def disks(contour_mm: Array) -> tuple[Array, float]:
    """Diameters of 20 disks across a long axis contour, base to apex, and the axis' length (ASE/EACVI 2015).

    Args:
        contour_mm: (n, 2) from hinge point to hinge point.

    """
    base = (contour_mm[0] + contour_mm[-1]) / 2
    apex = contour_mm[np.argmax(((contour_mm - base) ** 2).sum(axis=1))]
    length = float(np.hypot(*(apex - base)))
    along = (apex - base) / length
    u, v = ((contour_mm - base) @ np.stack([along, (-along[1], along[0])], axis=1)).T
    u2, v2 = np.roll(u, -1), np.roll(v, -1)
    level = (np.arange(_DISKS) + 0.5)[:, None] * length / _DISKS
    turns = (u2 > level).astype(float) - (u > level)
    return np.abs((turns * (v + (level - u) * (v2 - v) / np.where(u2 == u, 1, u2 - u))).sum(axis=1)), length


def biplane_ml(four: Array, two: Array) -> float:
    """Volume by biplane disks, V = pi/4 sum(a b) L/20, L the longer axis, from contours in mm (ASE/EACVI 2015)."""
    a, long_a = disks(four)
    b, long_b = disks(two)
    return float(np.pi / 4 * (a * b).sum() * max(long_a, long_b) / _DISKS / 1000)


def with_the_heart(beating: Beating, frame: int, plane: Plane) -> Plane:
    """A plane given in the heart's own axes, where it is in the chest at a time."""
    rotation, shift = beating.pose(frame)
    return Plane(rotation @ plane.origin_mm + shift, rotation @ plane.across, rotation @ plane.down)


def biplane_volumes_ml(beating: Beating, anatomies: Sequence[Anatomy]) -> Array:
    """(t,) what biplane disks give on perfect contours of planes that go with the heart's own axis."""
    found = []
    for frame, anatomy in enumerate(anatomies):
        contours = []
        for view in ("A4C", "A2C"):
            plane = with_the_heart(beating, frame, apical(view, 0.0))
            contours.append(Section(beating, frame, plane, anatomy).arch(0.0))
        four, two = contours
        found.append(np.nan if four is None or two is None else biplane_ml(four, two))
    return np.array(found)


def _extreme_s(times_s: Array, values: Array, near_s: float, *, least: bool) -> float:
    """When values are least or greatest, between samples; where they rest there, the moment next to `near_s`."""
    signed = values if least else -values
    resting = times_s[signed <= signed.min() + 1e-6 * np.ptp(signed)]
    if len(resting) > 2:
        return float(np.clip(near_s, resting[0], resting[-1]))
    at = int(np.clip(np.argmin(signed), 1, len(values) - 2))
    before, here, after = signed[at - 1 : at + 2]
    bend = before - 2 * here + after
    offset = 0.5 * (before - after) / bend if bend > 1e-12 else 0.0
    return float(times_s[at] + np.clip(offset, -1, 1) * (times_s[1] - times_s[0]))


def beats_in(beating: Beating) -> tuple[BeatTruth, ...]:
    """Events of the beats that have their end-diastole or end-systole within the recording."""
    heart, (first_s, last_s) = beating.heart, beating.times_s[[0, -1]]
    beat_truths = []
    for beat in heart.rhythm.beats:
        if not (first_s <= beat.start_s <= last_s or first_s <= beat.aortic_close_s <= last_s):
            continue
        around = np.linspace(beat.start_s - 0.08, beat.aortic_open_s + 0.06, 36)
        fullest_s = _extreme_s(around, heart.at(around).volume_ml, beat.start_s, least=False)
        around = np.linspace(beat.aortic_close_s - 0.12, beat.mitral_open_s + 0.1, 60)
        emptiest_s = _extreme_s(around, heart.at(around).volume_ml, beat.aortic_close_s, least=True)
        beat_truths.append(
            BeatTruth(beat.start_s, beat.aortic_close_s, beat.aortic_open_s, beat.mitral_open_s, fullest_s, emptiest_s)
        )
    return tuple(beat_truths)


def heart_truth(beating: Beating, anatomies: Sequence[Anatomy]) -> HeartTruth:
    """All that is true of the heart at its times.

    Args:
        beating: the heart at its times.
        anatomies: one a time.

    """
    whole, parts = strains(beating, beating.heart.rhythm.beats[0].start_s)
    return HeartTruth(
        times_s=beating.times_s,
        beats=beats_in(beating),
        volume_ml=beating.volume_ml,
        biplane_ml=biplane_volumes_ml(beating, anatomies),
        right_volume_ml=np.array([anatomy.right_volume_ml() for anatomy in anatomies]),
        mass_g=beating.mass_g,
        strain_percent=whole,
        segment_strain_percent=parts,
    )
