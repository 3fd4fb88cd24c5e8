"""Simulated long axes as training samples: two-, three- and four-chamber planes, all chambers labelled exactly."""

from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.dsb_long import LEFT_ATRIUM, LONG_FIELD_MM, RIGHT_ATRIUM, RIGHT_VENTRICLE
from kinecor_lab.datasets.made import saved_pieces
from kinecor_lab.datasets.short_axis import BACKGROUND, CAVITY, MYOCARDIUM, Picture, SaxSample, middle
from kinecor_phantoms.heart.anatomy import Tissue
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.plane_truth import labels
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.section import Section
from kinecor_phantoms.mri.placing import long_planes
from kinecor_phantoms.mri.record import pictures, subjects_of
from kinecor_phantoms.mri.scan import Scan, draw_scan
from kinecor_phantoms.mri.slice_scene import Subject, heart_box, pixels_mm
from kinecor_phantoms.recording import BACKGROUND as NOTHING
from kinecor_phantoms.recording import LEFT_ATRIUM as LA
from kinecor_phantoms.recording import LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY

SIMULATED = "simulated"
SHAPES = ((144, 160), (168, 192), (192, 216))
PHASES = 3
"""Images of the cycle, from ED on: the second is about ES."""
_RA = 5
"""In label maps of this module only; the numbers before it are those of kinecor_phantoms.recording."""
_BITS = np.full(256, BACKGROUND, np.uint8)
_BITS[[LV_CAVITY, LV_MYOCARDIUM, LA, RV_CAVITY, _RA]] = CAVITY, MYOCARDIUM, LEFT_ATRIUM, RIGHT_VENTRICLE, RIGHT_ATRIUM
_WHITE_PERCENT = 99.5
# How far planes are from where they should be, standard deviations: round the long axis, and the axis itself.
_TURNED_DEG, _TILTED_DEG = 9.0, 4.0

Stack = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64]]
"""Images and label maps, each (views, PHASES, rows, columns) uint8, and the side of a pixel in mm as one number."""


def drawn_long_axes(rng: Generator) -> Stack:
    """The three long axes of a random heart in a random scanner, none quite where it should be."""
    heart = draw_any(rng, 2, still=True)
    rows, columns = SHAPES[int(rng.integers(len(SHAPES)))]
    scan = draw_scan(rng, rows, columns, PHASES, heart.shape.radius_mm / 25)
    subjects = subjects_of(heart, rng, scan)
    middle_mm = np.array([0.0, 0.0, 0.5 * heart.shape.length_mm])
    images, maps = [], []
    for plane in long_planes(heart, subjects[0].placing).values():
        lean = rng.uniform(0, 2 * np.pi)
        seen = plane.turned(np.array([0.0, 0.0, 1.0]), float(rng.normal(0, _TURNED_DEG)))
        seen = seen.turned(np.array([np.cos(lean), np.sin(lean), 0.0]), float(rng.normal(0, _TILTED_DEG)), middle_mm)
        images.append(pictures(subjects, seen, scan, rng))
        maps.append(chamber_maps(subjects[0], seen, scan))
    grey = np.stack(images).astype(np.float32)
    grey = np.clip(grey * (255 / np.percentile(grey, _WHITE_PERCENT)), 0, 255)
    return np.rint(grey).astype(np.uint8), np.stack(maps), np.array(scan.pixel_mm)


def chamber_maps(subject: Subject, plane: Plane, scan: Scan) -> NDArray[np.uint8]:
    """(phases, rows, columns) label maps of a long axis with both right chambers."""
    middle_px = np.array([(scan.columns - 1) / 2, (scan.rows - 1) / 2])
    grid = pixels_mm(scan)
    chest = plane.to_chest(grid.reshape(-1, 2)).reshape(*grid.shape[:2], 3)
    box = heart_box(subject, chest, plane, 0.0)
    maps = []
    for frame, anatomy in enumerate(subject.anatomies):
        cut = Section(subject.beating, frame, plane, anatomy, exact=False).contours()
        label = labels(
            {name: None if line is None else line / scan.pixel_mm + middle_px for name, line in cut.items()},
            grid.shape[:2],
        )
        if box is not None:
            part = label[box]
            tissue = anatomy.tissue(chest[box].reshape(-1, 3)).reshape(part.shape)
            part[(part == NOTHING) & (tissue == Tissue.RIGHT_VENTRICLE)] = RV_CAVITY
            part[(part == NOTHING) & (tissue == Tissue.RIGHT_ATRIUM)] = _RA
        maps.append(label)
    return np.stack(maps)


def samples_of(name: str, stack: Stack) -> list[SaxSample]:
    """All images of a stack that show a cavity; "phase" is its number in the cycle, "number" that of the view."""
    images, maps, side_mm = stack[0], stack[1], float(stack[2])
    samples = []
    for view in range(images.shape[0]):
        for phase in range(images.shape[1]):
            label = maps[view, phase]
            centre = middle(label == LV_CAVITY)
            if centre is None:
                continue
            field_px, allowed = LONG_FIELD_MM / side_mm, bits_of(label)
            image = images[view, phase]
            samples.append(SaxSample(name, str(phase), view, image, allowed, centre, SIMULATED, field_px=field_px))
    return samples


def bits_of(label: Picture) -> Picture:
    """What each pixel of a label map may be: exactly what it is."""
    return np.asarray(_BITS[label])


def saved_long_axes(folder: Path, hearts: int, seed: int) -> list[SaxSample]:
    """Samples of some hearts, simulated once and saved in a folder; a heart takes about a second."""

    def make(number: int) -> Stack:
        return drawn_long_axes(np.random.default_rng((seed, 23, number)))

    pieces = saved_pieces(folder / f"long-axes-{seed}", hearts, make)
    return [
        sample
        for number, (images, maps, side_mm) in enumerate(pieces)
        for sample in samples_of(f"{SIMULATED} {number}", (images, maps, side_mm))
    ]
