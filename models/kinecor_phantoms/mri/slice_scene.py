"""One slice of the study: the patient in it, and the heart painted into it at each phase."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.mri.field_effects import FieldEffects
from kinecor_phantoms.mri.lookup import places
from kinecor_phantoms.mri.painter import Blood, paint
from kinecor_phantoms.mri.placing import Placing
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.mri.texture import Texture
from kinecor_phantoms.mri.torso import Torso
from kinecor_phantoms.mri.waves import Waves

Array = NDArray[np.float64]
Pixels = NDArray[np.float32]

_STEP_MM = 2.7
# Wavelengths of the patterns of flow, over the ventricle's radius.
_PATTERNS = (2.6, 1.4, 0.6, 0.3, 0.16)


@dataclass(frozen=True, eq=False)
class Subject:
    """All of a study that its slices share.

    Attributes:
        beating: the heart at the phases.
        anatomies: one a phase.
        texture: of the heart.
        torso: around it.
        placing: where it is in the patient.
        fields: coils and shim.
        level: signal by tissue.
        outlines: what makes fat and vessels irregular.

    """

    beating: Beating
    anatomies: tuple[Anatomy, ...]
    texture: Texture
    torso: Torso
    placing: Placing
    fields: FieldEffects
    level: dict[str, float]
    outlines: Waves


def pixels_mm(scan: Scan) -> Array:
    """(rows, columns, 2) places of the pixels in a plane whose origin is the middle of the image."""
    x = (np.arange(scan.columns) - (scan.columns - 1) / 2) * scan.pixel_mm
    y = (np.arange(scan.rows) - (scan.rows - 1) / 2) * scan.pixel_mm
    return np.stack(np.broadcast_arrays(x[None, :], y[:, None]), axis=-1)


def render(subject: Subject, plane: Plane, scan: Scan, rng: Generator) -> Pixels:
    """(phases, rows, columns) signal of a slice over that of blood at the heart, signed, as the coil receives it."""
    count = max(3, round(scan.thickness_mm / _STEP_MM))
    step_mm = scan.thickness_mm / count
    away_mm = (np.arange(count) - (count - 1) / 2) * step_mm
    # The profile of a slice falls off at its faces.
    weights = 1 - 0.35 * (2 * np.abs(away_mm) / scan.thickness_mm) ** 4
    weights /= weights.sum()
    grid = pixels_mm(scan)
    chest = plane.to_chest(grid.reshape(-1, 2)).reshape(*grid.shape[:2], 3)
    middle = subject.placing.to_patient(chest).astype(np.float32)
    still = np.zeros(grid.shape[:2], np.float32)
    out = np.asarray(subject.placing.axes @ plane.out, np.float32)
    for side in (-0.25, 0.25):
        layer = middle + np.float32(side * scan.thickness_mm) * out
        still += 0.5 * subject.torso.signal(layer, scan.pixel_mm, subject.level)
    bright = subject.fields.brightness(middle)
    box = heart_box(subject, chest, plane, scan.thickness_mm)
    frames = np.repeat(still[None], len(subject.anatomies), axis=0)
    if box is not None:
        flow = _Flow(subject, chest[box], scan.flow, rng)
        for phase in range(len(frames)):
            part = np.zeros(still[box].shape, np.float32).ravel()
            blood = flow.blood(phase)
            rotation, shift = subject.beating.pose(phase)
            for offset, weight in zip(away_mm, weights, strict=True):
                own = (chest[box] + offset * plane.out - shift) @ rotation
                at = places(
                    subject.anatomies[phase],
                    subject.texture,
                    own,
                    scan.pixel_mm,
                    step_mm,
                    subject.beating.heart.chambers.right_wall_mm,
                )
                layer = still[box].ravel()
                paint(layer, at, subject.anatomies[phase], subject.beating.heart, subject.level, blood, scan.pixel_mm)
                part += np.float32(weight) * layer
            frames[phase][box] = part.reshape(still[box].shape)
    return frames * bright


def heart_box(subject: Subject, chest: Array, plane: Plane, thickness_mm: float) -> tuple[slice, slice] | None:
    """Rows and columns in which the heart can be at some phase, of pixels at (rows, columns, 3) places in the chest."""
    reach = thickness_mm / 2 + 4.0
    heart = subject.beating.heart
    x, y, z = chest.reshape(-1, 3).T
    radius = np.hypot(x, y)
    turns, levels = (g.ravel() for g in np.meshgrid(np.linspace(0, 6.3, 25), np.linspace(-30.0, 170.0, 101)))
    widest = np.zeros(101)
    for anatomy in (subject.anatomies[0], subject.anatomies[len(subject.anatomies) // 2]):
        outer = anatomy.surfaces_mm(turns, levels)[2].reshape(101, 25).max(axis=1)
        widest = np.maximum(widest, np.where(outer > 0, outer + heart.chambers.right_wall_mm + 9.0, 0))
    rim = float(heart.shape.rim_mm(np.linspace(0, 6.3, 25)).min())
    high = np.linspace(-30.0, 170.0, 101)
    widest = np.where(high > rim - 22, np.maximum(widest, heart.shape.radius_mm * 1.2 + 42.0), widest)
    widest = np.where(high > rim + 75, 0, widest)
    normal_z = abs(float(plane.out[2]))
    spread = int(np.ceil(reach * normal_z / 2)) + 1
    widest = np.max([np.roll(widest, k) for k in range(-spread, spread + 1)], axis=0)
    inside = (radius < np.interp(z, high, widest) + reach * (1 - normal_z)).reshape(chest.shape[:2])
    if not inside.any():
        return None
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    if min(len(rows), len(columns)) < 3:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


class _Flow:
    """Blood's brightness by phase: patterns that come and go, inflow of fresh spins, jets."""

    def __init__(self, subject: Subject, chest: Array, strength: float, rng: Generator) -> None:
        self._subject, self._strength = subject, strength
        grid = chest.astype(np.float32)
        size = subject.beating.heart.shape.radius_mm
        self._patterns = np.stack([Waves(rng, length * size)(grid) for length in _PATTERNS])
        # Outlines belong to the patient: they are the same in each slice and at each phase.
        self._uneven_mm = subject.outlines(grid) * np.float32(0.08 * size)
        contraction = subject.beating.contraction
        speed = np.gradient(contraction) if len(contraction) > 1 else np.zeros(1)
        self._out = np.clip(speed / max(float(speed.max()), 1e-6), 0, 1)
        self._in = np.clip(-speed / max(float(-speed.min()), 1e-6), 0, 1)
        turns = np.linspace(0, 2 * np.pi, len(contraction), endpoint=False)
        self._turns = turns[:, None] + rng.uniform(0, 2 * np.pi, len(_PATTERNS))
        self._right = float(rng.normal(0.8, 0.07))

    def blood(self, phase: int) -> Blood:
        """At a phase."""
        share = np.asarray(0.5 + 0.5 * np.cos(self._turns[phase]), np.float32)
        lively = 0.4 + 0.6 * max(self._in[phase], self._out[phase])
        pattern = (share[:, None] * self._patterns).sum(axis=0) * (0.12 * self._strength * lively)
        fresh = 1 + 0.06 * self._strength * (self._in[phase] - 0.3)
        lit = np.asarray(np.clip(fresh + pattern, 0.4, 1.5), np.float32)
        return Blood(
            left=lit,
            right=np.asarray(self._right * (1 + 1.4 * (lit - 1)), np.float32),
            upper=np.asarray(lit * 0.98, np.float32),
            filling=float(self._strength * self._in[phase]),
            ejecting=float(self._strength * self._out[phase]),
            mitral=float(self._subject.beating.mitral_opening[phase]),
            uneven_mm=self._uneven_mm,
        )
