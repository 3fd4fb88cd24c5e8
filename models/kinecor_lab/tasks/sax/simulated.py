"""Simulated short-axis stacks as training samples: images of coarse and fine scanners, labels that are exact."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.made import saved_pieces
from kinecor_lab.datasets.short_axis import (
    BACKGROUND,
    CAVITY,
    FIELD_PX,
    MYOCARDIUM,
    RV,
    Picture,
    SaxSample,
    centred,
    middle,
    with_neighbours,
)
from kinecor_models.localisation.framing import FIELD_MM
from kinecor_phantoms.heart.plane import Plane
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import pictures, subjects_of
from kinecor_phantoms.mri.scan import draw_scan
from kinecor_phantoms.mri.stream import quick_labels
from kinecor_phantoms.recording import LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY

SIMULATED = "simulated"
SHAPES = ((128, 144), (144, 160), (168, 192), (192, 216))
"""(rows, columns) of images: pixels of 1.2 to 2.6 mm for adults."""
PHASES = 3
"""Images of the cycle, from ED on: the second is about ES."""
OF_EACH = 5
"""Samples taken of a stack."""
# Chance of a slice, relative to that of one between base and apex: the last ones with ventricle and the first ones
# without, at either end; slices farther away.
_END_CHANCE, _AWAY_CHANCE = 2.0, 0.15
_WHITE_PERCENT = 99.5
_BITS = np.full(256, BACKGROUND, np.uint8)
_BITS[[LV_CAVITY, LV_MYOCARDIUM, RV_CAVITY]] = CAVITY, MYOCARDIUM, RV


def bits_of(label: Picture) -> Picture:
    """What each pixel of a simulated label map may be: exactly what it is."""
    return np.asarray(_BITS[label])


Stack = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images and labels, each (slices, PHASES, rows, columns); labels as in kinecor_phantoms.recording."""


def drawn_stack(rng: Generator) -> Stack:
    """A random heart in a random scanner, scaled to the pixels that data.placed expects."""
    heart = draw_any(rng, 2, still=True)
    rows, columns = SHAPES[int(rng.integers(len(SHAPES)))]
    scan = draw_scan(rng, rows, columns, PHASES, heart.shape.radius_mm / 25)
    subjects = subjects_of(heart, rng, scan)
    images, labels = [], []
    for plane in short_planes(heart, scan, rng):
        shift_mm = rng.normal(0, 1, (1, 2)) * scan.misregistration_mm
        seen = Plane(plane.to_chest(-shift_mm)[0], plane.across, plane.down)
        images.append(pictures(subjects, seen, scan, rng))
        labels.append(quick_labels(subjects[0].anatomies, seen, scan))
    grey = np.stack(images).astype(np.float32)
    grey = np.clip(grey * (255 / np.percentile(grey, _WHITE_PERCENT)), 0, 255)
    scale = scan.pixel_mm * FIELD_PX / FIELD_MM
    return _scaled(grey, scale, cv2.INTER_LINEAR), _scaled(np.stack(labels), scale, cv2.INTER_NEAREST)


def _scaled(pictures_: np.ndarray, scale: float, how: int) -> NDArray[np.uint8]:
    size = tuple(round(scale * side) for side in pictures_.shape[:1:-1])
    flat = [cv2.resize(image, size, interpolation=how) for image in pictures_.reshape(-1, *pictures_.shape[2:])]
    out = np.stack(flat).reshape(*pictures_.shape[:2], *size[::-1])
    return np.asarray(np.rint(out), np.uint8)


def samples_of(name: str, stack: Stack, rng: Generator) -> list[SaxSample]:
    """Some slices of a stack, more often those about base and apex.

    Beyond the left ventricle's base experts differ on what is right ventricle: there it may be background as well.
    """
    images, labels = stack
    every = []
    for phase in range(images.shape[1]):
        volume = []
        for number, (image, label) in enumerate(zip(images[:, phase], labels[:, phase], strict=True)):
            centre = middle(label > 0) or (float("nan"), float("nan"))
            volume.append(SaxSample(name, str(phase), number, image, _allowed(label), centre, SIMULATED))
        every += with_neighbours(centred(volume))
    chance = np.concatenate([_chances(labels[:, phase]) for phase in range(labels.shape[1])])
    count = min(OF_EACH, len(every))
    return [every[at] for at in rng.choice(len(every), count, replace=False, p=chance / chance.sum())]


def _allowed(label: Picture) -> Picture:
    allowed = bits_of(label)
    if not ((label == LV_CAVITY) | (label == LV_MYOCARDIUM)).any():
        allowed[label == RV_CAVITY] |= BACKGROUND
    return allowed


def _chances(labels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(slices,) how likely each is taken."""
    there = np.flatnonzero((labels == LV_CAVITY).any(axis=(1, 2)))
    out = np.full(len(labels), _AWAY_CHANCE)
    if len(there):
        out[there] = 1.0
        ends = np.array([there[0] - 1, there[0], there[-1], there[-1] + 1])
        out[ends[(ends >= 0) & (ends < len(labels))]] = _END_CHANCE
    return out


def saved_simulated_slices(folder: Path, stacks: int, seed: int) -> list[SaxSample]:
    """OF_EACH samples each of some stacks, simulated once and saved in a folder; a stack takes about two seconds."""

    def make(number: int) -> Stack:
        return drawn_stack(np.random.default_rng((seed, 19, number)))

    return [
        replace(sample, patient=f"{SIMULATED} {number}")
        for number, (images, labels) in enumerate(saved_pieces(folder / f"simulated-{seed}", stacks, make))
        for sample in samples_of(str(number), (images, labels), np.random.default_rng((seed, 20, number)))
    ]
