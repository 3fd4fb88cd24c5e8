"""Short-axis cines with label maps without end, for training."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import labels
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.section import MIN_CIRCUMFERENCE
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import pictures, subjects_of
from kinecor_phantoms.mri.scan import Scan, draw_scan

Array = NDArray[np.float64]
Clip = tuple[NDArray[np.uint16], NDArray[np.uint8]]

_TURNS = 120


def stream(seed: int | Generator, size: int = 128, phases: int = 20, slices_of_each: int = 4) -> Iterator[Clip]:
    """Clips of random short-axis slices of random hearts in random scanners.

    Args:
        seed: the same gives the same clips.
        size: rows and columns.
        phases: images of a clip, evenly over one beat.
        slices_of_each: how many slices of a heart follow each other; a heart costs as much as some slices.

    Yields:
        ((phases, size, size) uint16 grey levels, (phases, size, size) uint8 labels as in recording.py).

    """
    rng = np.random.default_rng(seed)
    while True:
        heart = draw_any(rng, 2, still=True)
        scan = draw_scan(rng, size, size, phases, heart.shape.radius_mm / 25)
        subjects = subjects_of(heart, rng, scan)
        planes = short_planes(heart, scan, rng)
        for plane in (planes[i] for i in rng.permutation(len(planes))[:slices_of_each]):
            shift_mm = rng.normal(0, 1, (1, 2)) * scan.misregistration_mm
            seen = Plane(plane.to_chest(-shift_mm)[0], plane.across, plane.down)
            yield pictures(subjects, seen, scan, rng), quick_labels(subjects[0].anatomies, seen, scan)


def quick_labels(anatomies: tuple[Anatomy, ...], plane: Plane, scan: Scan) -> NDArray[np.uint8]:
    """(phases, rows, columns) label maps of a short-axis slice of a heart that does not breathe.

    Outlines are read from the anatomy's tables: some hundredths of a millimetre from section.py's, in a tenth of
    their time.
    """
    middle = np.array([(scan.columns - 1) / 2, (scan.rows - 1) / 2])
    turns, cosine, sine, height, lean = _round(plane)

    def pixels(radius: Array) -> Array:
        places = np.stack([radius * cosine, radius * sine, height + lean * radius], axis=1)
        return np.asarray(plane.to_plane(places)[:, :2] / scan.pixel_mm + middle)

    maps = []
    for anatomy in anatomies:
        radii, under = _met(anatomy, turns, height, lean)
        found: dict[str, Array | None] = {}
        for i, name in enumerate(("lv_endo", "lv_epi")):
            is_kept = _walled(radii[i], under[i])
            found[name] = pixels(radii[i])[is_kept] if is_kept.mean() >= MIN_CIRCUMFERENCE else None
        open_ = radii[2] - radii[1] > 0.5
        order = np.argsort(np.mod(turns - np.deg2rad(90), 2 * np.pi))
        order = order[open_[order]]
        right = np.concatenate([pixels(radii[1])[order], pixels(radii[2])[order[::-1]]]) if len(order) > 6 else None
        found["rv"] = right
        maps.append(labels(found, (scan.rows, scan.columns)))
    return np.stack(maps)


def ring_shares(anatomies: tuple[Anatomy, ...], plane: Plane) -> Array:
    """(phases,) share of the endocardium's circumference in the plane with muscle outside it, 0 to 1."""
    turns, _, _, height, lean = _round(plane)
    found = (_met(anatomy, turns, height, lean) for anatomy in anatomies)
    return np.array([_walled(radii[0], under[0]).mean() for radii, under in found])


def _round(plane: Plane) -> tuple[Array, Array, Array, float, Array]:
    """Angles round the heart's axis, their cosine and sine, and where the plane is at them: height + lean * radius."""
    turns = np.arange(_TURNS) * 2 * np.pi / _TURNS
    cosine, sine = np.cos(turns), np.sin(turns)
    normal = plane.out
    lean = -(normal[0] * cosine + normal[1] * sine) / normal[2]
    return turns, cosine, sine, float(plane.origin_mm @ normal) / float(normal[2]), lean


def _met(anatomy: Anatomy, turns: Array, height: float, lean: Array) -> tuple[Array, Array]:
    """(3, turns) radius of endocardium, epicardium and right ventricle in a plane, and how far below the rim they are.

    Each is met at another height.
    """
    radius = np.zeros(3 * _TURNS)
    for _ in range(3 if np.abs(lean).max() > 1e-3 else 1):
        surfaces = anatomy.surfaces_mm(np.tile(turns, 3), height + np.tile(lean, 3) * radius)
        radius = np.concatenate([surfaces[i][i * _TURNS : (i + 1) * _TURNS] for i in range(3)])
    under = anatomy.looked_up(np.tile(turns, 3), height + np.tile(lean, 3) * radius)[:, 6]
    return radius.reshape(3, _TURNS), under.reshape(3, _TURNS)


def _walled(radius: Array, under: Array) -> NDArray[np.bool_]:
    """Where a wall is: below the rim, and not at the tip."""
    return np.asarray((under >= 0) & (radius > 0.7))
