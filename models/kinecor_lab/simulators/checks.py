"""The truth of simulated hearts, compared with independent computations: one error a claim and heart.

Each check is a function of one heart that gives errors; `CHECKS` names them with unit and limit. The hearts are those
of every population and rhythm in turn.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.simulators.differences import (
    cartesian,
    divergence,
    gradients,
    strains_by_differences,
    wall_points,
)
from kinecor_lab.simulators.integrals import mesh_volume_ml, mesh_wall_ml, sliced_volume_ml
from kinecor_phantoms.echo.views import HEART_VIEWS, Stand, view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating, Drift, Heart
from kinecor_phantoms.heart.motion import Material
from kinecor_phantoms.heart.paths import Paths
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import displacement_mm
from kinecor_phantoms.heart.population import POPULATIONS, RHYTHMS, draw
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.heart.strain import CURVES, strains
from kinecor_phantoms.heart.truth import beats_in

Array = NDArray[np.float64]

_POINTS = 500
_MOMENT_S = 1e-4


@dataclass(frozen=True, eq=False)
class Subject:
    """A heart to be checked, with what several checks need of it."""

    heart: Heart
    ef_percent: float
    rng: Generator

    @cached_property
    def beating(self) -> Beating:
        """The heart without breathing at ED, in mid-ejection and a moment later, at ES, and in filling."""
        beat = self.heart.rhythm.beats[0]
        middle_s = (beat.aortic_open_s + beat.aortic_close_s) / 2
        times_s = [beat.start_s, middle_s, middle_s + _MOMENT_S, beat.aortic_close_s, beat.mitral_open_s + 0.06]
        return replace(self.heart, drift=Drift()).at(times_s)

    @cached_property
    def strains(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """As the simulator has them, since ED."""
        return strains(self.beating, float(self.beating.times_s[0]))

    @cached_property
    def strains_by_differences(self) -> tuple[dict[str, float], dict[str, Array]]:
        """As finite differences have them at ES, since ED."""
        return strains_by_differences(self.beating, 0, 3)

    @property
    def frames(self) -> tuple[int, ...]:
        """Frames of `beating` apart from the one a moment later."""
        return (0, 1, 3, 4)


def _volume_by_mesh(of: Subject) -> list[float]:
    return [100 * (mesh_volume_ml(of.beating, f) / of.beating.volume_ml[f] - 1) for f in of.frames]


def _volume_by_slices(of: Subject) -> list[float]:
    return [100 * (sliced_volume_ml(of.beating, f) / of.beating.volume_ml[f] - 1) for f in (0, 3)]


def _mass(of: Subject) -> list[float]:
    return [100 * (1.05 * mesh_wall_ml(of.beating, f) / of.beating.mass_g - 1) for f in of.frames]


def _ejection_fraction(of: Subject) -> list[float]:
    full, empty = mesh_volume_ml(of.beating, 0), mesh_volume_ml(of.beating, 3)
    return [100 * (1 - empty / full) - of.ef_percent]


def _determinant(of: Subject) -> list[float]:
    points = cartesian(wall_points(of.heart.shape, _POINTS, of.rng))
    return [float(100 * np.abs(np.linalg.det(gradients(of.beating, f, points)) - 1).max()) for f in of.frames]


def _divergence(of: Subject) -> list[float]:
    found, norm = divergence(of.beating, 1, 2, wall_points(of.heart.shape, _POINTS, of.rng))
    return [float(100 * np.abs(found / norm).max())]


def _strain(of: Subject) -> list[float]:
    return [of.strains[0][name][3] - of.strains_by_differences[0][name] for name in CURVES]


def _segment_strain(of: Subject) -> list[float]:
    return [float(np.abs(of.strains[1][name][3] - of.strains_by_differences[1][name]).max()) for name in CURVES]


def _planes(of: Subject) -> Iterator[tuple[int, Plane]]:
    for view in HEART_VIEWS:
        angles = np.clip(of.rng.normal(0, 6, 3), -25, 25)
        plane, _ = view_plane(view, of.heart, Stand(*map(float, angles)))
        yield int(of.rng.choice(of.frames)), plane


def _lines(of: Subject) -> Iterator[tuple[int, float, Array, bool]]:
    """Frame, layer, places (n, 3) in the heart's own axes, and whether the line ends at the base's rim."""
    for frame, plane in _planes(of):
        cut = Section(of.beating, frame, plane, Anatomy(of.beating, frame))
        for layer in (0.0, 1.0):
            line = cut.ring(layer) if cut.is_short_axis else cut.arch(layer)
            if line is not None:
                yield frame, layer, plane.to_chest(line), not cut.is_short_axis


def _contours_on_surface(of: Subject) -> list[float]:
    errors = []
    for frame, layer, places, _ in _lines(of):
        there = of.beating.motion.undo(places, frame)
        radius = of.heart.shape.radius_mm_at(layer, there.angle, there.z_mm)
        surface = of.beating.motion.place(Material(of.heart.shape, radius, there.angle, there.z_mm), frame)
        errors.append(float(np.linalg.norm(surface - places, axis=1).max()))
    return errors


def _contours_end_on_rim(of: Subject) -> list[float]:
    errors = []
    for frame, _, places, ends in _lines(of):
        if ends:
            there = of.beating.motion.undo(places[[0, -1]], frame)
            errors.append(float(np.abs(there.z_mm - of.heart.shape.rim_mm(there.angle)).max()))
    return errors


def _there_and_back(of: Subject) -> list[float]:
    points = wall_points(of.heart.shape, _POINTS, of.rng)
    back = (of.beating.undo(of.beating.place(points, f), f) for f in of.frames)
    return [float(np.linalg.norm(cartesian(material) - cartesian(points), axis=1).max()) for material in back]


def _displacement(of: Subject) -> list[float]:
    """Any three material points define a plane, in which their displacement can be requested."""
    errors = []
    for _ in range(6):
        points = wall_points(of.heart.shape, 3, of.rng)
        before, after = of.beating.place(points, 0), of.beating.place(points, 3)
        across = (before[1] - before[0]) / np.linalg.norm(before[1] - before[0])
        down = before[2] - before[0] - across * float(across @ (before[2] - before[0]))
        plane = Plane(before[0], across, down / np.linalg.norm(down))
        moved = displacement_mm(of.beating, 0, 3, plane, plane.to_plane(before)[:, :2])
        wanted = plane.to_plane(after) - plane.to_plane(before)
        errors += [float(value) for value in np.linalg.norm(moved - wanted, axis=1)]
    return errors


def _single_precision(of: Subject) -> list[float]:
    points = wall_points(of.heart.shape, _POINTS, of.rng)
    paths = Paths(of.beating, points)
    return [
        float(np.linalg.norm(paths.places_mm(f) - of.beating.motion.place(points, f), axis=1).max()) for f in of.frames
    ]


def _together(of: Subject) -> Heart:
    still = np.zeros_like(of.heart.delay_s)
    return replace(of.heart, delay_s=still, flash=still, drift=Drift())


def _isovolumic(of: Subject) -> list[float]:
    errors = []
    for beat in of.heart.rhythm.beats:
        for first_s, last_s in ((beat.start_s, beat.aortic_open_s), (beat.aortic_close_s, beat.mitral_open_s)):
            volume = _together(of).at(np.linspace(first_s, last_s, 5)).volume_ml
            errors.append(float(100 * (volume.max() / volume.min() - 1)))
    return errors


def _events(of: Subject) -> list[float]:
    """How far the greatest and least volume are outside the isovolumic phases, where all walls contract together."""
    heart = _together(of)
    errors = []
    for beat in beats_in(heart.at([heart.rhythm.beats[0].start_s, heart.rhythm.beats[-1].end_s])):
        full, empty = (beat.ed_s, beat.fullest_s, beat.aortic_open_s), (beat.es_s, beat.emptiest_s, beat.mitral_open_s)
        errors += [1000 * max(low - at, at - high, 0.0) for low, at, high in (full, empty)]
    return errors


@dataclass(frozen=True, slots=True)
class Check:
    """One claim: what is compared, in which unit, and how far off is still right."""

    name: str
    unit: str
    limit: float
    errors: Callable[[Subject], list[float]]


CHECKS = (
    Check("volume of the cavity, by a mesh", "%", 0.1, _volume_by_mesh),
    Check("volume of the cavity, by slices", "%", 0.1, _volume_by_slices),
    Check("mass at every time, by a mesh", "%", 0.1, _mass),
    Check("ejection fraction, asked and had", "points", 0.1, _ejection_fraction),
    Check("det F - 1 of the wall", "%", 1.0, _determinant),
    Check("divergence of the motion, of its gradient", "%", 1.0, _divergence),
    Check("strain of the wall, by differences", "points", 0.01, _strain),
    Check("strain of segments, by differences", "points", 0.01, _segment_strain),
    Check("contours off the surface", "mm", 1e-3, _contours_on_surface),
    Check("ends of contours off the base's rim", "mm", 1e-3, _contours_end_on_rim),
    Check("inverse of the motion", "mm", 1e-6, _there_and_back),
    Check("displacement of material points", "mm", 1e-3, _displacement),
    Check("single against double precision", "mm", 1e-2, _single_precision),
    Check("volume in the isovolumic phases", "%", 1e-3, _isovolumic),
    Check("extremes of volume outside those phases", "ms", 5.0, _events),
)
"""All claims, in the order of the table."""


def subjects(hearts: int, seed: int) -> Iterator[Subject]:
    """Hearts of every population and rhythm in turn, ejection fractions as the populations have them."""
    rng = np.random.default_rng(seed)
    kinds = [(population, rhythm) for rhythm in RHYTHMS for population in POPULATIONS]
    for number in range(hearts):
        population, rhythm = kinds[number % len(kinds)]
        ef_percent = float(rng.uniform(*POPULATIONS[population].ef_percent))
        heart = draw(population, rng, ef_percent=ef_percent, rhythm=rhythm, beats=3)
        yield Subject(heart, ef_percent, rng)


@dataclass(frozen=True, slots=True)
class Row:
    """What a check found over all hearts: errors without their sign."""

    check: Check
    worst: float
    mean: float
    count: int

    @property
    def holds(self) -> bool:
        """Whether the worst error is within the check's limit."""
        return self.count > 0 and self.worst <= self.check.limit


def rows(errors: Mapping[str, Sequence[float]]) -> list[Row]:
    """One row for each check, from errors by its name."""
    found = []
    for check in CHECKS:
        size = np.abs(errors[check.name])
        found.append(Row(check, float(size.max(initial=0.0)), float(size.mean()) if len(size) else 0.0, len(size)))
    return found
