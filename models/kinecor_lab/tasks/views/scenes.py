"""Images that are no view of the heart: other organs, other modes, screens, noise.

Nothing here is anatomy; it is what the classifier may be shown by mistake, drawn roughly, so that it learns to say so.
Each function returns a (SIDE_PX, SIDE_PX) uint8 image.
"""

import string
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Picture
from kinecor_lab.datasets.short_axis import acdc_png
from kinecor_lab.tasks.views.data import UNKNOWN, ViewSample
from kinecor_models.views.classes import CLASSES

SIDE_PX = 160
Single = NDArray[np.float32]


def _smooth(rng: Generator, rows: int, columns: int, down_px: float, across_px: float) -> Single:
    """White noise blurred to grains of this size, of unit spread."""
    noise = rng.standard_normal((rows, columns)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), sigmaX=across_px, sigmaY=down_px)
    return np.asarray(blurred / (blurred.std() + 1e-6), np.float32)


def _speckled(tissue: Single, rng: Generator) -> Picture:
    """Fully developed speckle on echo strengths (1 is tissue), compressed to 40 to 65 dB."""
    rows, columns = tissue.shape
    down, across = float(rng.uniform(0.5, 1.2)), float(rng.uniform(0.8, 3.0))
    real, imaginary = (_smooth(rng, rows, columns, down, across) for _ in range(2))
    decibel = 20 * np.log10(tissue * np.hypot(real, imaginary) + 1e-4)
    top, span = float(rng.uniform(14, 38)), float(rng.uniform(40, 65))
    return np.asarray(np.clip(255 * (1 + (decibel - top) / span), 0, 255), np.uint8)


def _tissue(rng: Generator) -> Single:
    """Clouds, layers, tubes and cysts."""
    side = SIDE_PX
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    wave = 0.02 * np.sin(2 * np.pi * (x * rng.uniform(0.3, 1.5) + rng.uniform()))
    tissue = np.exp(0.35 * _smooth(rng, side, side, rng.uniform(4, 16), rng.uniform(6, 24)))
    for _ in range(int(rng.integers(0, 6))):  # layers: skin, muscle, fascia
        at, thick = rng.uniform(0.02, 0.7), rng.uniform(0.004, 0.05)
        tissue *= 1 + (rng.uniform(-0.7, 3.0)) * np.exp(-(((y + wave - at) / thick) ** 2))
    for _ in range(int(rng.integers(0, 4))):  # vessels across, with bright walls
        at, tilt, half = rng.uniform(0.15, 0.9), rng.normal(0, 0.3), rng.uniform(0.02, 0.09)
        edge = np.abs(y - at - tilt * (x - 0.5) + wave) - half
        tissue = np.where(edge < 0, 0.03, tissue * (1 + 1.5 * (edge < 0.012)))
    for _ in range(int(rng.integers(0, 4))):  # cysts, gall bladder, vessels cut across
        cx, cy, a, b = rng.uniform(0.1, 0.9), rng.uniform(0.15, 0.9), *rng.uniform(0.03, 0.2, 2)
        edge = np.hypot((x - cx) / a, (y - cy) / b) - 1
        tissue = np.where(edge < 0, 0.03, tissue * (1 + 1.2 * (edge < 0.12)))
        tissue *= np.where((np.abs(x - cx) < a) & (y > cy + b), 1.6, 1.0)  # enhancement behind
    if rng.random() < 0.3:  # a bone or stone with its shadow
        at, half, deep = rng.uniform(0.1, 0.9), rng.uniform(0.03, 0.2), rng.uniform(0.1, 0.7)
        tissue = np.where((np.abs(x - at) < half) & (y > deep), tissue * 0.05, tissue)
    return np.asarray(tissue, np.float32)


def _lung(rng: Generator) -> Single:
    """The pleura's bright line, its repetitions below, and at times bright streaks."""
    side = SIDE_PX
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    step = float(rng.uniform(0.12, 0.3))
    tissue = 0.05 + 0.8 * (y < step)
    for number in range(1, 8):
        tissue = tissue + 3.0 * 0.6**number * np.exp(-(((y - number * step) / 0.008) ** 2))
    for _ in range(int(rng.integers(0, 5))):
        tissue = tissue + rng.uniform(0.2, 1) * np.exp(-(((x - rng.uniform(0, 1)) / 0.03) ** 2)) * (y > step)
    return np.asarray(tissue, np.float32)


def other_organ(rng: Generator) -> Picture:
    """Soft tissue or lung by a linear, a curved or a phased probe."""
    flat = _speckled(_lung(rng) if rng.random() < 0.2 else _tissue(rng), rng)
    if rng.random() < 0.35:
        return flat
    # Rows are depth, columns beams; a curved probe's face is `near` below the centre of its beams.
    side, half = SIDE_PX, float(rng.uniform(0.45, 0.85))
    near = float(rng.uniform(0.02, 0.1) if rng.random() < 0.3 else rng.uniform(0.2, 0.8))
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    scale = (side - 3) / max(1 + near - near * np.cos(half), 2 * (1 + near) * np.sin(half))
    down = y / scale + near * np.cos(half)
    across = (x - side / 2) / scale
    radius, angle = np.hypot(across, down) - near, np.arctan2(across, down)
    columns = np.where(np.abs(angle) <= half, (angle / half + 1) / 2 * (side - 1), -9).astype(np.float32)
    rows = np.where((radius >= 0) & (radius <= 1), radius * (side - 1), -9).astype(np.float32)
    return np.asarray(cv2.remap(flat, columns, rows, cv2.INTER_LINEAR), np.uint8)


def m_mode(rng: Generator) -> Picture:
    """Depth over time: bands that go up and down with the beat."""
    side = SIDE_PX
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    beats = float(rng.uniform(1.5, 6))
    tissue = np.full((side, side), float(rng.uniform(0.02, 0.3)), np.float32)
    for _ in range(int(rng.integers(3, 9))):
        phase, sway = rng.uniform(), rng.uniform(0, 0.08)
        at = rng.uniform(0.05, 0.95) + sway * np.abs(np.sin(np.pi * (beats * x + phase)))
        tissue += rng.uniform(0.5, 3) * np.exp(-(((y - at) / rng.uniform(0.008, 0.06)) ** 2))
    return _speckled(tissue, rng)


def spectrum(rng: Generator) -> Picture:
    """Spectral Doppler: filled envelopes above or below a line, beat by beat."""
    side = SIDE_PX
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side
    zero, beats = float(rng.uniform(0.25, 0.75)), float(rng.uniform(2, 6))
    phase = (x * beats + rng.uniform()) % 1
    way, peak = (1 if rng.random() < 0.5 else -1), float(rng.uniform(0.15, 0.4))
    humps = np.exp(-(((phase - 0.3) / rng.uniform(0.08, 0.15)) ** 2))
    humps = humps + rng.uniform(0, 0.9) * np.exp(-(((phase - 0.75) / 0.09) ** 2))
    along = way * (zero - y)
    filled = (along > 0) & (along < peak * humps)
    hollow = rng.random() < 0.5
    tissue = np.where(filled, np.where(along > 0.7 * peak * humps, 1.5, 0.15 if hollow else 0.8), 0.01)
    tissue = np.where(np.abs(y - zero) < 0.006, 2.0, tissue)
    return _speckled(tissue.astype(np.float32), rng)


def text_screen(rng: Generator) -> Picture:
    """A report page, a patient list, a menu."""
    side = SIDE_PX
    dark = rng.random() < 0.7
    out = np.full((side, side), int(rng.integers(0, 40) if dark else rng.integers(190, 256)), np.uint8)
    letters = list(string.ascii_letters + string.digits + "  .:/%-")
    for y in range(int(rng.integers(6, 14)), side, int(rng.integers(7, 18))):
        if rng.random() < 0.8:
            line = "".join(rng.choice(letters, int(rng.integers(3, 30))))
            grey = int(rng.integers(120, 256) if dark else rng.integers(0, 110))
            at = (int(rng.choice((4, 4, 20, 80))), y)
            cv2.putText(out, line, at, cv2.FONT_HERSHEY_SIMPLEX, float(rng.uniform(0.22, 0.4)), (grey,), 1, cv2.LINE_AA)
    for _ in range(int(rng.integers(0, 4))):
        a, b = (tuple(int(v) for v in rng.integers(0, side, 2)) for _ in range(2))
        cv2.rectangle(out, a, b, (int(rng.integers(0, 256)),), int(rng.choice((1, 1, -1))))
    return out


def shapes(rng: Generator) -> Picture:
    """Blots, slopes and clouds: photographs, other scanners, covered lenses."""
    side = SIDE_PX
    if rng.random() < 0.5:
        cloud = np.sum([_smooth(rng, side, side, size, size) * size for size in (1, 3, 9, 27)], axis=0)
        cloud = (cloud - np.min(cloud)) / (np.ptp(cloud) + 1e-6)
        return np.asarray(cloud * rng.uniform(60, 255), np.uint8)
    first, last = rng.uniform(0, 255, 2)
    slope = np.broadcast_to(np.linspace(first, last, side)[:, None], (side, side))
    out = np.ascontiguousarray(slope if rng.random() < 0.5 else slope.T, np.uint8)
    for _ in range(int(rng.integers(0, 14))):
        middle = tuple(int(v) for v in rng.integers(0, side, 2))
        axes = tuple(int(v) for v in rng.integers(4, 60, 2))
        cv2.ellipse(out, middle, axes, float(rng.uniform(0, 180)), 0, 360, (int(rng.integers(0, 256)),), -1)
    return np.asarray(cv2.GaussianBlur(out, (0, 0), float(rng.uniform(0.5, 6))), np.uint8)


def grain(rng: Generator) -> Picture:
    """Noise of any grain, or next to nothing."""
    side = SIDE_PX
    if rng.random() < 0.2:
        return np.full((side, side), int(rng.integers(0, 40)), np.uint8)
    step, top = int(rng.integers(1, 12)), int(rng.integers(20, 257))
    noise = rng.integers(0, top, (side // step + 1, side // step + 1), dtype=np.uint8)
    return np.asarray(cv2.resize(noise, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


SCENES = (other_organ, other_organ, other_organ, m_mode, spectrum, text_screen, shapes, grain)
"""What `no_views` draws from; other organs most often."""


APICAL = tuple(CLASSES.index(name) for name in ("A4C", "A2C"))


def no_views(count: int, seed: int, frames: Sequence[ViewSample] = ()) -> list[ViewSample]:
    """Images that are no view: half of them scenes of this module, half spoiled `frames` (if any)."""
    rng = np.random.default_rng(seed)
    view_samples = []
    for _ in range(count):
        spoil = len(frames) > 0 and rng.random() < 0.5
        picture = _spoilt(rng, frames) if spoil else SCENES[int(rng.integers(len(SCENES)))](rng)
        view_samples.append(ViewSample(picture, UNKNOWN))
    return view_samples


def short_axis_mri(folder: Path, splits: Sequence[str], every: int = 8) -> list[ViewSample]:
    """Every `every`-th short-axis slice of ACDC; see acdc_png."""
    return [ViewSample(sample.image, UNKNOWN) for sample in acdc_png(folder, splits)[::every]]


def _spoilt(rng: Generator, frames: Sequence[ViewSample]) -> Picture:
    frame = frames[int(rng.integers(len(frames)))]
    kind = int(rng.integers(3))
    if kind == 0:
        return _piece(rng, frame.image)
    if kind == 1:
        return _shuffled(rng, frame.image)
    # The atria on top: contours of the left ventricle would be wrong on these.
    apical = [frame for frame in frames[:: max(1, len(frames) // 500)] if frame.view in APICAL]
    return turned(apical[int(rng.integers(len(apical)))] if apical else frame, float(rng.uniform(100, 260)))


def _piece(rng: Generator, image: Picture) -> Picture:
    """An enlarged piece: speckle without a heart in it."""
    wide = int(rng.integers(16, 34))
    y, x = (int(rng.integers(0, length - wide)) for length in image.shape)
    return np.asarray(cv2.resize(image[y : y + wide, x : x + wide], (SIDE_PX, SIDE_PX)), np.uint8)


def _shuffled(rng: Generator, image: Picture) -> Picture:
    """Tiles of the image in random places and turns, two or three to a side, under the image's own sector."""
    many = int(rng.integers(2, 4))
    side = SIDE_PX // many
    whole = np.asarray(cv2.resize(image, (side * many, side * many)), np.uint8)
    tiles = [whole[r * side : (r + 1) * side, c * side : (c + 1) * side] for r in range(many) for c in range(many)]
    order = rng.permutation(len(tiles))
    mixed = [np.rot90(tiles[int(i)], int(rng.integers(4))) for i in order]
    out = np.vstack([np.hstack(mixed[r * many : (r + 1) * many]) for r in range(many)])
    if rng.random() < 0.7:
        lit = cv2.morphologyEx((whole > 3).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
        out = np.where(lit > 0, out, 0)
    return np.asarray(out, np.uint8)


def turned(sample: ViewSample, degrees: float) -> Picture:
    """The image turned about its middle, as large as before."""
    rows, columns = sample.image.shape
    turn = cv2.getRotationMatrix2D((columns / 2, rows / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(sample.image, turn, (columns, rows)), np.uint8)
