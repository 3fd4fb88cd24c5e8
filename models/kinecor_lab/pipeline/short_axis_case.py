"""A simulated short-axis stack with what is true of its muscle, ready to be measured."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.events import Beat, CardiacEvents
from kinecor.core.values.geometry import Contour, FloatArray, Plane
from kinecor.core.values.message import verbatim
from kinecor.core.values.reading import Reading, first_stack_reading
from kinecor.core.values.recording import ArrayFrames, CineSequence, Source, Stack
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor_phantoms.heart.plane_truth import LAYERS
from kinecor_phantoms.heart.population import draw
from kinecor_phantoms.mri.record import record_mri
from kinecor_phantoms.mri.scan import Scan
from kinecor_phantoms.recording import MriSlice, MriStudy

POPULATIONS = ("normal", "infarct", "dilated", "hypertrophic")
VENDORS = ("A", "B", "C")
_STRUCTURES = {"lv_endo": Structure.LV_ENDO, "lv_epi": Structure.LV_EPI, "rv": Structure.RV}
_BRIGHTEST = 99.5  # percentile that becomes white
_MIDDLE = LAYERS.index(0.5)


@dataclass(frozen=True, eq=False)
class RingCase:
    """Images and truth.

    Attributes:
        name: population and number.
        stack: the images.
        truth: the Reading with true contours, ED and ES.
        wall_mm: by slice, (t, 61, 3) material points round mid-wall: x, y and out of the plane; None where the slice
            does not cut the wall all round at the first phase.

    """

    name: str
    stack: Stack
    truth: Reading
    wall_mm: tuple[FloatArray | None, ...]


def simulated(number: int, phases: int = 20) -> RingCase:
    """Heart `number` (0, ...): kinds of hearts and scanners by turns, breath held at the same place."""
    population, seed = POPULATIONS[number % len(POPULATIONS)], number + 1
    scan = Scan(
        rows=128,
        columns=128,
        pixel_mm=1.6,
        phases=phases,
        long_axes=False,
        vendor=VENDORS[number % len(VENDORS)],
        offset_mm=(0.0, 0.0),
    )
    study = record_mri(draw(population, seed, still=True), np.random.default_rng(seed), scan)
    return _case(f"{population} {seed}", study)


def _case(name: str, study: MriStudy) -> RingCase:
    slices = sorted(study.stack, key=_height)
    times_s = (slices[0].trigger_ms - slices[0].trigger_ms[0]) / 1000
    white = float(np.percentile(np.stack([mri_slice.frames for mri_slice in slices]), _BRIGHTEST))
    cines = tuple(_cine(mri_slice, f"{name}-{index}", times_s, white, study) for index, mri_slice in enumerate(slices))
    heights = np.array([_height(mri_slice) for mri_slice in slices])
    stack = Stack(cines, heights, slices[0].thickness_mm, name, recording_id=name)
    first = first_stack_reading(stack)
    marked = tuple(
        reading.with_(tracks=_tracks(mri_slice)) for reading, mri_slice in zip(first.slices, slices, strict=True)
    )
    events = CardiacEvents((_beat(study, slices[0].trigger_ms / 1000),), Origin.MODEL)
    return RingCase(name, stack, first.with_(slices=marked, events=events), tuple(map(_wall, slices)))


def _height(mri_slice: MriSlice) -> float:
    return float(mri_slice.position_mm @ np.cross(mri_slice.across, mri_slice.down))


def _cine(mri_slice: MriSlice, name: str, times_s: FloatArray, white: float, study: MriStudy) -> CineSequence:
    pixels = np.clip(mri_slice.frames * (255 / white), 0, 255).astype(np.uint8)
    return CineSequence(
        frames=ArrayFrames(pixels),
        times_s=times_s,
        times_origin="TriggerTime",
        calibration=Calibration(*mri_slice.spacing_mm, verbatim("simulated")),
        source=Source(name, name, study_id="simulated", modality="MR"),
        heart_rate_per_min=study.heart_rate_per_min,
        plane=Plane(mri_slice.position_mm, mri_slice.across, mri_slice.down),
    )


def _tracks(mri_slice: MriSlice) -> dict[Structure, ContourTrack]:
    tracks = {}
    for name, structure in _STRUCTURES.items():
        lines = mri_slice.plane.contours[name]
        if any(line is not None for line in lines):
            contours = tuple(None if line is None else Contour(line) for line in lines)
            sure = np.array([0.0 if line is None else 1.0 for line in lines])
            tracks[structure] = ContourTrack(structure, contours, (Origin.MODEL,) * len(lines), sure)
    return tracks


def _beat(study: MriStudy, times_s: FloatArray) -> Beat:
    """Phases nearest to mitral and to aortic valve closure, going round."""
    cycle_s, beat = 60 / study.heart_rate_per_min, study.truth.beats[0]

    def nearest(moment_s: float) -> int:
        off_s = np.abs(times_s - moment_s) % cycle_s
        return int(np.argmin(np.minimum(off_s, cycle_s - off_s)))

    return Beat(nearest(beat.ed_s), nearest(beat.es_s))


def _wall(mri_slice: MriSlice) -> FloatArray | None:
    plane = mri_slice.plane
    if "circumferential" not in plane.strain_percent:
        return None
    points = plane.wall_points[:, _MIDDLE].astype(np.float64) * mri_slice.spacing_mm[0]
    whole = np.concatenate([points, plane.wall_points_out_mm[:, _MIDDLE, :, None]], axis=2)
    off = points[0] - points[0].mean(axis=0)
    nxt = np.roll(off, -1, axis=0)
    clockwise = (off[:, 0] * nxt[:, 1] - nxt[:, 0] * off[:, 1]).sum() > 0
    return whole[:, ::-1] if clockwise else whole
