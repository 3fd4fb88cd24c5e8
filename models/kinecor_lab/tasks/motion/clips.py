"""Clips with known motion of the left ventricle's wall: simulated hearts, and experts' frames set in motion."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.tasks.motion.pairs import KNOWN, UNKNOWN, WALL
from kinecor_lab.tasks.phases.data import stretched_to_grey
from kinecor_phantoms.echo.heart_scene import HeartScene
from kinecor_phantoms.echo.simulate import simulate
from kinecor_phantoms.echo.stream import random_stand
from kinecor_phantoms.echo.views import view_plane
from kinecor_phantoms.heart.anatomy import Anatomy
from kinecor_phantoms.heart.heart import Beating, Heart
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import displacement_mm, labels
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.mri.placing import long_planes, short_planes
from kinecor_phantoms.mri.record import pictures, subjects_of
from kinecor_phantoms.mri.scan import draw_scan
from kinecor_phantoms.recording import LV_MYOCARDIUM
from kinecor_phantoms.scanner.look import random_look
from kinecor_phantoms.scanner.probe import fitting_probe
from kinecor_phantoms.scanner.screen import Screen
from kinecor_phantoms.warped.cine import Weakness, make_cine
from kinecor_phantoms.warped.path import Path2D
from kinecor_phantoms.warped.poses import swaying
from kinecor_phantoms.warped.texture import Look, Texture

Array = NDArray[np.float64]
Truth = Callable[[int, int, Array], tuple[Array, NDArray[np.uint8]]]
"""(start, to, (n, 2) pixels) -> (n, 2) displacement in pixels, NaN where unknown, and (n,) what is known of it."""
ACDC_MM = 1.5
"""Assumed side of a pixel of ACDC's images, whose spacing is lost."""


@dataclass(frozen=True, eq=False)
class FlowClip:
    """A clip and its motion.

    Attributes:
        frames: (t, rows, columns) uint8.
        truth: see Truth; places and displacements in pixels of the frames.
        outer: epicardial outlines (n, 2) in pixels, of some or all frames; at least one.
        wall: (t, rows, columns) whether a pixel is of the wall.
        mm_per_px: side of a pixel.
        rate_per_s: frames per second.

    """

    frames: NDArray[np.uint8]
    truth: Truth
    outer: Sequence[Array]
    wall: NDArray[np.bool_]
    mm_per_px: float
    rate_per_s: float


def _values_at(picture: NDArray[np.generic], at: Array) -> tuple[NDArray[np.bool_], NDArray[np.generic]]:
    """Which of the (n, 2) places are in an image (rows, columns, ...), and its values at the nearest pixels there."""
    column, row = np.rint(at).astype(int).T
    inside = (column >= 0) & (row >= 0) & (column < picture.shape[1]) & (row < picture.shape[0])
    return inside, picture[row[inside], column[inside]]


def _of_wall(beating: Beating, plane: Plane, wall: NDArray[np.bool_], to_mm: Callable[[Array], Array]) -> Truth:
    """Truth about the wall in a plane of a simulated heart; nothing is known elsewhere.

    Args:
        beating: the heart at the clip's times.
        plane: of the image.
        wall: (t, rows, columns).
        to_mm: (n, 2) pixels to mm of the plane; an affine map.

    """
    corner, right, down = to_mm(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
    to_px = np.linalg.inv(np.stack([right - corner, down - corner]))

    def truth(start: int, to: int, at: Array) -> tuple[Array, NDArray[np.uint8]]:
        inside, values = _values_at(wall[start], at)
        known = np.zeros(len(at), np.bool_)
        known[inside] = values
        moved = np.full((len(at), 2), np.nan)
        if known.any():
            moved[known] = displacement_mm(beating, start, to, plane, to_mm(at[known]))[:, :2] @ to_px
        return moved, np.where(known, WALL, UNKNOWN).astype(np.uint8)

    return truth


def echo_clip(
    heart: Heart, view: str, times_s: Array, rng: Generator, side_px: int = 240, *, fine: bool = False
) -> FlowClip | None:
    """A simulated echo clip; None where its plane misses the wall.

    Args:
        heart: what is seen.
        view: of VIEWS in phantoms/echo/views.py that show the heart.
        times_s: (t,) even.
        rng: of stand, probe, look and scatterers.
        side_px: of the image.
        fine: as many beams and scatterers as a recording has; else enough for images of 128 pixels.

    """
    beating = heart.at(times_s)
    plane, depth_mm = view_plane(view, heart, random_stand(rng))
    look = replace(random_look(rng), stitched=1)
    probe = fitting_probe(rng, depth_mm) if fine else fitting_probe(rng, depth_mm, beams=128, samples=320)
    screen = Screen.fitted(probe, side_px, side_px, foot_px=16.0 if look.ecg else 0.0)
    anatomies = [Anatomy(beating, frame) for frame in range(len(times_s))]
    scene = HeartScene(beating, anatomies, plane, probe, rng, 60_000 if fine else 32_000)
    frames = simulate(scene, times_s, probe, look, screen, rng, heart.rhythm.phase)
    wall, outer = _outlined(beating, anatomies, plane, screen.to_px, (side_px, side_px))
    if not outer:
        return None
    rate_per_s = 1 / float(times_s[1] - times_s[0])
    return FlowClip(frames, _of_wall(beating, plane, wall, screen.to_mm), outer, wall, screen.mm_per_px, rate_per_s)


def _outlined(
    beating: Beating,
    anatomies: Sequence[Anatomy],
    plane: Plane,
    to_px: Callable[[Array], Array],
    shape: tuple[int, int],
) -> tuple[NDArray[np.bool_], list[Array]]:
    """The wall on each frame, and the epicardial outlines in pixels."""
    wall, outer = [], []
    for frame, anatomy in enumerate(anatomies):
        cut = Section(beating, frame, plane, anatomy, exact=False).contours()
        lines = {name: None if line is None else to_px(line) for name, line in cut.items()}
        wall.append(labels(lines, shape) == LV_MYOCARDIUM)
        if lines["lv_epi"] is not None:
            outer.append(lines["lv_epi"])
    return np.stack(wall), outer


def mri_clips(heart: Heart, rng: Generator, phases: int, short: int) -> Iterator[FlowClip]:
    """Simulated cines of a heart in a random scanner: some short axes and a long one, whole cycles."""
    scan = draw_scan(rng, 160, 160, phases, heart.shape.radius_mm / 25)
    subjects = subjects_of(heart, rng, scan)
    beating, anatomies = subjects[0].beating, subjects[0].anatomies
    inner = short_planes(heart, scan, rng)[1:-1]
    planes = [inner[int(i)] for i in rng.permutation(len(inner))[:short]]
    long = list(long_planes(heart, subjects[0].placing).values())
    planes.append(long[int(rng.integers(len(long)))])
    middle, pixel_mm = np.array([(scan.columns - 1) / 2, (scan.rows - 1) / 2]), scan.pixel_mm
    rate_per_s = 1 / float(beating.times_s[1] - beating.times_s[0])

    def to_mm(at: Array) -> Array:
        return np.asarray((at - middle) * pixel_mm)

    def to_px(at: Array) -> Array:
        return np.asarray(at / pixel_mm + middle)

    for plane in planes:
        frames = stretched_to_grey(pictures(subjects, plane, scan, rng))
        wall, outer = _outlined(beating, anatomies, plane, to_px, (scan.rows, scan.columns))
        if outer:
            yield FlowClip(frames, _of_wall(beating, plane, wall, to_mm), outer, wall, pixel_mm, rate_per_s)


def warped_clip(
    path: Path2D, texture: Texture, frames: int, rate_per_s: float, mm_per_px: float, rng: Generator
) -> FlowClip:
    """A clip along the path of a patient, with its own rhythm, weak places, swaying and speckle."""
    outer, echo = path.contours["lv_epi"], path.anatomy.long_axis
    rhythm = sinus_rhythm(float(rng.uniform(45, 110)), 2, rng)
    times_s = np.arange(frames) / rate_per_s + float(rng.uniform(0, rhythm.duration_s / 2))
    size_px, weak = float(np.ptp(outer, axis=0).max()), []
    if rng.random() < 0.4:
        x, y = outer[int(rng.integers(len(outer)))]
        weak = [Weakness((float(x), float(y)), size_px * float(rng.uniform(0.12, 0.3)), 0.9)]
    middle = outer.mean(axis=0)
    poses = swaying(times_s * 3, (float(middle[0]), float(middle[1])), size_px * float(rng.uniform(0, 0.05)), rng)
    look = Look(
        blood=float(rng.uniform(0.5, 0.95)) if echo else 0.0,
        tissue=float(rng.uniform(0.1, 0.6)) if echo else 0.0,
        memory_s=float(rng.uniform(0.02, 0.1)),
        grain=float(rng.uniform(0, 6)),
    )
    amplitude = float(rng.uniform(0.6, 1.05))
    cine = make_cine(
        path, rhythm, times_s, rng, amplitude=amplitude, weak=weak, poses=poses, look=look, texture=texture
    )
    wall = cine.labels == path.anatomy.wall

    def truth(start: int, to: int, at: Array) -> tuple[Array, NDArray[np.uint8]]:
        # The nearest pixel's: motion is smooth, and a place is within half a pixel of it.
        inside, dense = _values_at(cine.displacement_px(to, start), at)
        moved, known = np.full((len(at), 2), np.nan), np.zeros(len(at), np.uint8)
        moved[inside] = dense
        known[inside] = np.where(_values_at(wall[start], at)[1], WALL, KNOWN)
        return moved, known

    return FlowClip(cine.frames, truth, [outer], wall, mm_per_px, rate_per_s)
