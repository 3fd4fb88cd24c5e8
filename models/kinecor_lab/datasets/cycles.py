"""Whole cardiac cycles of one slice, labelled at every phase: what the circular networks of Zhang 2018 learn from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.short_axis import CAVITY, MYOCARDIUM, RV, SaxSample
from kinecor_lab.datasets.stacks import LabelledStack
from kinecor_models.contours.circular import BOX_MM, by_motion
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.lv_localisation import SIDE_MM, canvas
from kinecor_phantoms.heart.rhythm import sinus_rhythm
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.frame import SHORT_AXIS, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import find_path

PHASES = 25
"""Frames of a cycle (2.1 of the paper)."""
CROP_PX = round(BOX_MM)
"""Side of the box around the ventricle at 1 mm a pixel: a dilated heart and a margin; the paper gives no number."""
ASSUMED_MM = 1.5
"""Of a pixel of the training images, whose spacing is lost."""
Place = Callable[[NDArray[np.uint8]], tuple[float, float]]
"""Frames (t, 184, 184) at 1 mm -> centre (x, y) of the ventricle."""


@dataclass(frozen=True, eq=False)
class Cycle:
    """One slice over one cycle, as the networks see it.

    Attributes:
        patient: by whom sets are split.
        number: of the slice.
        frames: (t, side, side) uint8 grey at 1 mm a pixel.
        wall: (t, side, side) uint8, 1 in the LV myocardium.
        off_mm: from the middle of the drawn wall to that of the box, as it was placed.
        pixel_mm: size of a pixel; 1 in the paper.

    """

    patient: str
    number: int
    frames: NDArray[np.uint8]
    wall: NDArray[np.uint8]
    off_mm: float
    pixel_mm: float = 1.0

    def at(self, pixel_mm: float) -> "Cycle":
        """The same at another pixel size; the side is the nearest multiple of 4 pixels, as the networks need it.

        Args:
            pixel_mm: side of a pixel, above 0; nearly that of the result.

        """
        if pixel_mm == self.pixel_mm:
            return self
        side = max(4, round(self.frames.shape[1] * self.pixel_mm / pixel_mm / 4) * 4)
        exact = self.frames.shape[1] * self.pixel_mm / side
        frames = np.stack([cv2.resize(frame, (side, side), interpolation=cv2.INTER_AREA) for frame in self.frames])
        wall = np.stack(
            [cv2.resize(image * 255, (side, side), interpolation=cv2.INTER_AREA) > 127 for image in self.wall]
        )
        return Cycle(self.patient, self.number, frames, wall.astype(np.uint8), self.off_mm, exact)


def label_values(allowed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A label in the values of warped cines (ACDC's): 1 RV, 2 myocardium, 3 LV cavity.

    Args:
        allowed: bits of the classes that a pixel may be; one with several becomes 0.

    """
    out = np.zeros_like(allowed)
    for value, bit in ((1, RV), (2, MYOCARDIUM), (3, CAVITY)):
        out[allowed == bit] = value
    return out


def pairs(samples: Iterable[SaxSample]) -> list[tuple[SaxSample, SaxSample]]:
    """(ED, ES) of every slice that has cavity and wall at both."""
    by_slice: dict[tuple[str, int], dict[str, SaxSample]] = {}
    for sample in samples:
        if sample.certain(CAVITY).any() and sample.certain(MYOCARDIUM).any():
            by_slice.setdefault((sample.patient, sample.number), {})[sample.phase] = sample
    return [(both["ED"], both["ES"]) for both in by_slice.values() if len(both) == 2]


def boxed(
    patient: str,
    number: int,
    frames: NDArray[np.uint8],
    wall: NDArray[np.uint8],
    place: Place | None,
    side: int = CROP_PX,
) -> Cycle:
    """The box around the ventricle, cut from frames and wall (t, 184, 184) at 1 mm a pixel.

    Without `place` round the drawn wall, which a cycle to measure on must not know.

    Args:
        patient: as the data set names it.
        number: of the cycle, which a patient may have several of.
        frames: (t, 184, 184) grey levels.
        wall: (t, 184, 184), 1 within the muscle.
        place: finds the ventricle's middle (x, y) in the frames; None for the middle of the wall.
        side: of the box, in pixels.

    """
    drawn = [(float(at.min()) + float(at.max())) / 2 for at in np.nonzero(wall.any(axis=0))]
    x, y = place(frames) if place else (drawn[1], drawn[0])
    off_mm = float(np.hypot(x - drawn[1], y - drawn[0]))
    left, top = (round(float(np.clip(at - side / 2, 0, SIDE_MM - side))) for at in (x, y))
    cut = np.s_[:, top : top + side, left : left + side]
    return Cycle(patient, number, frames[cut].copy(), wall[cut].copy(), off_mm)


def made_cycle(
    ed: SaxSample,
    es: SaxSample,
    rng: Generator,
    phases: int = PHASES,
    side: int = CROP_PX,
    place: Place | None = None,
) -> Cycle | None:
    """A cycle moved from ED to ES and back along a known path; None where the frames do not match.

    Args:
        ed: the slice's first frame.
        es: its frame at ES.
        rng: draws the rate and the grain.
        phases: frames of the cycle.
        side: of the box in pixels.
        place: places the box; None takes motion and circles, and where these fail the middle of the drawn heart,
            which a cycle to measure on must not know.

    """
    try:
        first, last = (LabelledFrame(sample.image, label_values(sample.allowed)) for sample in (ed, es))
        path = find_path(first, last, SHORT_AXIS)
    except NoMatchError:
        return None
    rate_per_min = float(rng.uniform(50, 95))
    times_s = np.arange(phases, dtype=np.float64) * (60 / rate_per_min / phases)
    cine = make_cine(path, sinus_rhythm(rate_per_min, 1), times_s, rng)
    wall = (cine.labels == SHORT_AXIS.wall).astype(np.uint8)
    pictures, walls = _at_a_millimetre(cine.frames, wall)
    scale = ASSUMED_MM
    rows, columns = ed.image.shape
    middle = np.array(ed.centre) * scale + (SIDE_MM - np.array((columns, rows)) * scale) / 2
    drawn = (float(middle[0]), float(middle[1]))
    own = place or (lambda frames: by_motion(ClipInput(frames, spacing_mm=1.0)) or drawn)
    return boxed(ed.patient, ed.number, pictures, walls, own, side)


def recorded_cycles(stacks: Iterable[LabelledStack], place: Place | None) -> list[Cycle]:
    """One cycle of every slice in which experts drew the wall at every phase; nothing in it is synthesised.

    Args:
        stacks: of York, whose pixels count as ASSUMED_MM, too: their size is lost.
        place: places the box; None for cycles to learn from, see `boxed`.

    """
    out = []
    for stack in stacks:
        phases = range(stack.recording.phases)
        for number, cine in enumerate(stack.recording.slices):
            wall = np.stack([stack.labels[number, phase] == MYOCARDIUM for phase in phases])
            if wall.any(axis=(1, 2)).all():
                frames = np.stack([cine.frames[phase] for phase in phases])
                out.append(boxed(stack.patient, number, *_at_a_millimetre(frames, wall.astype(np.uint8)), place))
    return out


def _at_a_millimetre(frames: NDArray[np.uint8], wall: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Frames and wall on a square of SIDE_MM, at 1 mm a pixel."""
    walls = canvas(wall * 255, ASSUMED_MM, ASSUMED_MM) > 127
    return canvas(frames, ASSUMED_MM, ASSUMED_MM), walls.astype(np.uint8)


def turned(cycle: Cycle, rng: Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Frames and wall of a cycle under one random rotation, scale and grey map, the same at all phases."""
    side = cycle.frames.shape[1]
    middle = ((side - 1) / 2, (side - 1) / 2)
    matrix = cv2.getRotationMatrix2D(middle, float(rng.uniform(-180, 180)), float(np.exp(rng.normal(0, 0.1))))
    matrix = np.asarray(matrix, np.float64) + np.column_stack([np.zeros((2, 2)), rng.normal(0, 3, 2)])
    gain, bend = float(np.exp(rng.normal(0, 0.15))), float(np.exp(rng.normal(0, 0.2)))
    table = np.clip((np.arange(256) / 255) ** bend * 255 * gain, 0, 255).astype(np.uint8)
    frames = np.stack([table[cv2.warpAffine(frame, matrix, (side, side))] for frame in cycle.frames])
    wall = np.stack([cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_NEAREST) for image in cycle.wall])
    if rng.random() < 0.5:
        frames, wall = frames[..., ::-1], wall[..., ::-1]
    start = int(rng.integers(len(frames)))  # a cycle has no beginning
    return np.roll(frames, start, axis=0).astype(np.uint8), np.roll(wall, start, axis=0).astype(np.uint8)


def at_pixel(cycles: Sequence[Cycle], pixel_mm: float) -> list[Cycle]:
    """All cycles at another pixel size.

    Args:
        cycles: at any pixel size.
        pixel_mm: side of a pixel, above 0.

    """
    return [cycle.at(pixel_mm) for cycle in cycles]


def warped_cycles(
    samples: Sequence[SaxSample],
    seed: int,
    tick: Callable[[int, int], None],
    kept: Path | None = None,
    every: int = 1,
    place: Place | None = None,
) -> list[Cycle]:
    """One cycle for every pair of slices that match; takes seconds each.

    Args:
        samples: slices at ED and ES.
        seed: of the rates and the grain of the cycles.
        tick: counts pairs.
        kept: cache file (.npz) to read the cycles from, or to write them to once they are computed.
        every: take only every n-th pair, spread over all patients.
        place: see made_cycle.

    """
    if kept is not None and kept.is_file():
        return _read(kept)
    both = pairs(samples)[::every]
    out = []
    for number, (ed, es) in enumerate(both):
        cycle = made_cycle(ed, es, np.random.default_rng((seed, number)), place=place)
        if cycle is not None:
            out.append(cycle)
        tick(number + 1, len(both))
    if kept is not None:
        _write(kept, out)
    return out


def _write(file: Path, cycles: Sequence[Cycle]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    np.savez_compressed(
        part,
        patient=np.array([cycle.patient for cycle in cycles]),
        number=np.array([cycle.number for cycle in cycles]),
        frames=np.stack([cycle.frames for cycle in cycles]),
        wall=np.stack([cycle.wall for cycle in cycles]),
        off_mm=np.array([cycle.off_mm for cycle in cycles]),
    )
    part.replace(file)


def _read(file: Path) -> list[Cycle]:
    with np.load(file, allow_pickle=False) as held:
        columns = [held[name] for name in ("patient", "number", "frames", "wall", "off_mm")]
    return [Cycle(str(p), int(n), frames, wall, float(off)) for p, n, frames, wall, off in zip(*columns, strict=True)]
