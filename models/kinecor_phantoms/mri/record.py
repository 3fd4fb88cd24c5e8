"""A cine MR study of a simulated heart."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_phantoms.heart.anatomy import Anatomy, Tissue
from kinecor_phantoms.heart.heart import Heart
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import plane_truth
from kinecor_phantoms.heart.rhythm import Beat
from kinecor_phantoms.heart.truth import heart_truth
from kinecor_phantoms.mri.acquire import acquire
from kinecor_phantoms.mri.field_effects import FieldEffects
from kinecor_phantoms.mri.placing import Placing, long_planes, lying, short_planes
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.mri.signals import VENDORS, levels
from kinecor_phantoms.mri.slice_scene import Subject, heart_box, pixels_mm, render
from kinecor_phantoms.mri.texture import Texture
from kinecor_phantoms.mri.torso import Torso
from kinecor_phantoms.mri.waves import Waves
from kinecor_phantoms.recording import RV_CAVITY, MriSlice, MriStudy

Array = NDArray[np.float64]


def record_mri(heart: Heart, rng: Generator, settings: Scan | None = None, *, workers: int = 2) -> MriStudy:
    """A short-axis stack and long axes of a heart.

    Truth is that of the first beat; if `settings.beats` is more than the heart's rhythm has, they are taken again from
    the first on. Held breath is still: where slices differ in it, they are shifted as wholes.

    Args:
        heart: what is recorded.
        rng: of the patient around it, the scanner's imperfections and the noise.
        settings: of the scanner.
        workers: threads; the study is the same whatever their number.

    """
    scan = Scan() if settings is None else settings
    subjects = subjects_of(heart, rng, scan)
    subject = subjects[0]
    short = short_planes(heart, scan, rng)
    shifts_mm = rng.normal(0, scan.misregistration_mm, (len(short), 2)).tolist()
    long = long_planes(heart, subject.placing) if scan.long_axes else {}
    asked: list[tuple[str, Plane, tuple[float, float]]] = [
        ("SAX", plane, (across_mm, down_mm)) for plane, (across_mm, down_mm) in zip(short, shifts_mm, strict=True)
    ]
    asked += [(view, plane, (0.0, 0.0)) for view, plane in long.items()]
    with ThreadPoolExecutor(workers) as pool:
        truth = pool.submit(heart_truth, subject.beating, subject.anatomies)
        # Each slice has its own generator, so that the order of threads does not matter.
        slices = list(
            pool.map(lambda request, own: _slice(subjects, scan, own, *request), asked, rng.spawn(len(asked)))
        )
    return MriStudy(
        stack=tuple(slices[: len(short)]),
        long_axes=tuple(slices[len(short) :]),
        heart_rate_per_min=heart.rhythm.rate_per_min,
        truth=truth.result(),
        parameters=_parameters(heart, scan),
    )


def subjects_of(heart: Heart, rng: Generator, scan: Scan) -> tuple[Subject, ...]:
    """The heart in its patient at the phases of every beat that an image combines; the truth is the first beat's."""
    size = heart.shape.radius_mm / 25
    placing = lying(heart, rng)
    texture = Texture(heart, scan.trabeculae, scan.scar, rng)
    torso = Torso(size, _reach_mm(heart, placing), rng)
    vendor = VENDORS[scan.vendor]
    fields = FieldEffects(torso.scale, scan.coil, scan.banding, vendor, rng)
    level = levels(vendor)
    level["muscle"] *= scan.muscle
    outlines = Waves(rng, 1.3 * heart.shape.radius_mm, 10)
    subjects = []
    for index in range(scan.beats):
        beat = heart.rhythm.beats[index % len(heart.rhythm.beats)]
        beating = heart.at(phases_s(beat, scan))
        anatomies = tuple(Anatomy(beating, frame) for frame in range(scan.phases))
        subjects.append(Subject(beating, anatomies, texture, torso, placing, fields, level, outlines))
    return tuple(subjects)


def phases_s(beat: Beat, scan: Scan) -> Array:
    """(phases,) times that the images show, evenly over the beat, in seconds of the heart's clock."""
    long_s = beat.end_s - beat.start_s
    return np.asarray(beat.start_s + scan.trigger_delay_ms / 1000 + long_s * np.arange(scan.phases) / scan.phases)


def pictures(subjects: tuple[Subject, ...], plane: Plane, scan: Scan, rng: Generator) -> NDArray[np.uint16]:
    """(phases, rows, columns) images of a plane in the scanner's grey levels."""
    vendor = VENDORS[scan.vendor]
    seed = int(rng.integers(2**63))
    # Each beat has the same patterns of flow: only the contraction differs.
    signal = np.stack([render(subject, plane, scan, np.random.default_rng(seed)) for subject in subjects])
    magnitude = acquire(signal, scan, vendor.window, rng)
    if vendor.rounded > 0:
        grid = pixels_mm(scan)
        reach = np.hypot(grid[..., 0], grid[..., 1]) / (min(scan.field_mm) / 2 * vendor.rounded)
        magnitude = magnitude * (reach < 1)
    return np.asarray(np.clip(np.rint(magnitude * vendor.blood_level), 0, 4095), np.uint16)


def _slice(
    subjects: tuple[Subject, ...], scan: Scan, rng: Generator, view: str, plane: Plane, shift_mm: tuple[float, float]
) -> MriSlice:
    """A slice that the scanner believes to be at `plane`, with the heart moved by `shift_mm` in its image."""
    subject = subjects[0]
    seen = Plane(plane.to_chest(-np.array([shift_mm]))[0], plane.across, plane.down)
    middle = np.array([(scan.columns - 1) / 2, (scan.rows - 1) / 2])
    grid = pixels_mm(scan)
    truth = plane_truth(
        subject.beating,
        subject.anatomies,
        seen,
        lambda points_mm: points_mm / scan.pixel_mm + middle,
        grid.shape[:2],
    )
    if view != "SAX":
        _mark_right(truth.labels, subject, seen, grid)
    axes = subject.placing.axes
    times_s = subject.beating.times_s
    return MriSlice(
        frames=pictures(subjects, seen, scan, rng),
        spacing_mm=(scan.pixel_mm, scan.pixel_mm),
        thickness_mm=scan.thickness_mm,
        position_mm=subject.placing.to_patient(plane.to_chest(grid[:1, 0]))[0],
        across=axes @ plane.across,
        down=axes @ plane.down,
        trigger_ms=(times_s - times_s[0]) * 1000 + scan.trigger_delay_ms,
        plane=truth,
        view=view,
        shift_mm=shift_mm,
    )


def _mark_right(labels: NDArray[np.uint8], subject: Subject, plane: Plane, grid: Array) -> None:
    """Mark the right ventricle in long axes, in place: it has no contour there, but a place on the label map."""
    chest = plane.to_chest(grid.reshape(-1, 2)).reshape(*grid.shape[:2], 3)
    box = heart_box(subject, chest, plane, 0.0)
    if box is None:
        return
    for frame, anatomy in enumerate(subject.anatomies):
        part = labels[frame][box]
        tissue = anatomy.tissue(chest[box].reshape(-1, 3)).reshape(part.shape)
        part[(part == 0) & (tissue == Tissue.RIGHT_VENTRICLE)] = RV_CAVITY


def _reach_mm(heart: Heart, placing: Placing) -> tuple[float, float]:
    """How far the heart reaches down (to the feet) and to the front from the middle of the ventricle."""
    shape = heart.shape
    turns = np.linspace(0, 2 * np.pi, 25)
    angle, z = (grid.ravel() for grid in np.meshgrid(turns, np.linspace(-shape.apical_wall_mm, shape.length_mm, 20)))
    radius = shape.radius_mm_at(1.0, angle, z)
    radius = radius + heart.chambers.right_gap_mm(angle, z / shape.length_mm, 0.0) + 4.0
    places = placing.to_patient(np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1))
    return float(-places[:, 2].min()), float(-places[:, 1].min())


def _parameters(heart: Heart, scan: Scan) -> Mapping[str, float | int | str]:
    found: dict[str, float | int | str] = {"population": heart.population}
    for name, value in asdict(scan).items():
        if name == "offset_mm":
            found["offset_across_mm"], found["offset_down_mm"] = value
        elif name == "slices":
            found[name] = "as many as cover the ventricle" if value is None else value
        else:
            found[name] = value
    return found
