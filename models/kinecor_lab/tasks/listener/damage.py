"""Contours damaged as automatic ones go wrong, for correcting them by script."""

from collections.abc import Mapping

import numpy as np
from numpy.random import Generator

from kinecor.core.values.geometry import Contour, FloatArray, Outline
from kinecor.core.values.track import ContourTrack, Origin, Structure

CLIP_DAMAGES = ("lateral wall off", "apex cut", "annulus slipped", "papillary included")
STACK_DAMAGES = ("lateral wall off", "papillary included", "basal slice too large", "one slice lost")
_WALL = (Structure.LV_ENDO, Structure.LV_EPI)


def noise(rng: Generator, frames: int, period: float, places: FloatArray, closed: bool) -> FloatArray:
    """(frames, places) a smooth random field of deviation 1, periodic in time."""
    found = np.zeros((frames, len(places)))
    time = np.arange(frames) / period
    for wave in range(6):
        shape = (
            np.cos(2 * np.pi * wave * places + rng.uniform(0, 7))
            if closed
            else np.cos(np.pi * wave * places + rng.uniform(0, 7))
        )
        course = rng.normal() + 0.5 * sum(
            rng.normal() * np.cos(2 * np.pi * turn * time + rng.uniform(0, 7)) / turn for turn in (1, 2, 3)
        )
        found += np.outer(course, shape)
    return found / max(float(found.std()), 1e-9)


def damaged(
    truth: Mapping[Structure, ContourTrack], kind: str, seed: int, axis_frames: int, mm: float, es: int, *, closed: bool
) -> dict[Structure, ContourTrack]:
    """The true contours with small errors everywhere (0.8 mm; 0.5 mm in MRI) and a large one that changes with time.

    Args:
        truth: of a loop or a slice, 96 points a contour.
        kind: one of CLIP_DAMAGES or STACK_DAMAGES.
        seed: of the errors.
        axis_frames: how many frames the recording has.
        mm: side of a pixel.
        es: end-systole, at which papillary muscles are included most.
        closed: whether contours are closed.

    """
    rng = np.random.default_rng(seed)
    n = 96
    places = np.linspace(0, 1, n, endpoint=not closed)
    time = np.arange(axis_frames) / axis_frames
    # The error grows and shrinks by a third with the beat, and wanders along the wall.
    course = 1 + 0.33 * np.cos(2 * np.pi * (time + rng.uniform()))
    systole = np.exp(-(((np.arange(axis_frames) - es) / (0.22 * axis_frames)) ** 2))
    centre = rng.uniform(0.62, 0.78) + 0.02 * np.cos(2 * np.pi * (time + rng.uniform()))
    sign = -1 if rng.uniform() < 0.6 else 1  # inwards the more often

    def bump(at: FloatArray | float, width: float) -> FloatArray:
        gap = np.abs(places[None] - np.asarray(at).reshape(-1, 1))
        gap = np.minimum(gap, 1 - gap) if closed else gap
        return np.asarray(np.exp(-((gap / width) ** 2)))

    out = {}
    for structure, track in truth.items():
        small = (0.5 if closed else 0.8) * noise(rng, axis_frames, axis_frames, places, closed)
        contours: list[Contour | None] = []
        for frame, contour in enumerate(track.contours):
            if contour is None:
                contours.append(None)
                continue
            line = Outline(contour.points, closed)
            normal = line.normals()
            across = small[frame] / mm
            shift = np.zeros(2)
            if structure in _WALL:
                if kind == "lateral wall off":
                    across = across + sign * 8 / mm * course[frame] * bump(centre[frame], 0.13)[0]
                elif kind == "papillary included" and structure is Structure.LV_ENDO:
                    both = bump(0.3, 0.07)[0] + bump(centre[frame], 0.07)[0]
                    across = across - 8 / mm * (0.35 + 0.65 * systole[frame]) * both
                elif kind == "basal slice too large":
                    across = across + 5 / mm * course[frame] * (0.6 + 0.4 * bump(centre[frame], 0.2)[0])
            points = line.points + across[:, None] * normal
            if not closed:
                base = (line.points[0] + line.points[-1]) / 2
                apex = line.points[n // 2]
                up = (apex - base) / np.hypot(*(apex - base))
                if kind == "apex cut" and structure in _WALL:
                    points = points - 12 / mm * course[frame] * bump(0.5, 0.14)[0][:, None] * up
                if kind == "annulus slipped":
                    share = bump(0.0, 0.2)[0] + bump(1.0, 0.2)[0]
                    points = points - 9 / mm * course[frame] * share[:, None] * up
            contours.append(Contour(points + shift))
        if kind == "one slice lost":
            contours = [None] * len(contours)
        out[structure] = ContourTrack(
            structure, tuple(contours), (Origin.MODEL,) * axis_frames, np.full(axis_frames, 0.9)
        )
    return out
