"""Where cines with known ED and ES come from: simulated hearts, and experts' frames set in motion."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.cycles import made_label, pairs
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.datasets.slices import SaxSample
from kinecor_lab.tasks.phases.cine import PhaseCine
from kinecor_models.contract import ClipInput
from kinecor_models.grid import fitted
from kinecor_models.localisation.framing import sector_box
from kinecor_phantoms.echo.stream import echo_clips
from kinecor_phantoms.heart.population import draw_any
from kinecor_phantoms.heart.rhythm import sinus
from kinecor_phantoms.mri.draw_scan import draw_scan
from kinecor_phantoms.mri.placing import short_planes
from kinecor_phantoms.mri.record import phases_s, pictures, subjects_of
from kinecor_phantoms.warped.cine import make_cine
from kinecor_phantoms.warped.frame import APICAL, SHORT_AXIS, LabelledFrame, NoMatchError
from kinecor_phantoms.warped.path import Path2D, find_path

SIDE_PX = 112
"""Side of the pictures that are kept; a training step cuts out less."""
FIELD_PX = 128
"""What they show of ACDC's pictures: about 190 mm."""
CYCLE_FRAMES = 36
"""Frames a cycle that are kept of gated cines; a training step takes fewer of them."""
FRAMES = 40
"""Frames that are kept of echo clips."""
CINES_EACH = 3
"""Made cines of one pair of frames, with different rhythms."""
SLICES_EACH = 8


def stretched_to_grey(frames: NDArray[np.uint16]) -> NDArray[np.uint8]:
    """Scanner levels as grey levels, one window for all frames, cut off at the 0.5th and 99.5th percentile."""
    low, high = np.percentile(frames, (0.5, 99.5))
    return np.asarray(np.clip((frames - low) * (255 / max(high - low, 1)), 0, 255).round(), np.uint8)


def simulated_mri(seed: int) -> Iterator[PhaseCine]:
    """Short-axis cines of random hearts, for ever; no apical or basal slice that misses the cavity at ES."""
    rng = np.random.default_rng((seed, 3))
    number = 0
    while True:
        heart = draw_any(rng, 2, still=True)
        scan = replace(draw_scan(rng, SIDE_PX, SIDE_PX, CYCLE_FRAMES), pixel_mm=float(rng.uniform(1.4, 1.9)))
        # The heart near the middle, as where it has been found.
        scan = replace(scan, offset_mm=(float(rng.normal(0, 6)), float(rng.normal(0, 6))))
        subjects = subjects_of(heart, rng, scan)
        beat = heart.rhythm.beats[0]
        times_s = phases_s(beat, scan)
        planes = short_planes(heart, scan, rng)
        inner = planes[2:-2] if len(planes) > 6 else planes
        long_s = beat.end_s - beat.start_s
        for index in rng.permutation(len(inner))[:SLICES_EACH]:
            frames = stretched_to_grey(pictures(subjects, inner[int(index)], scan, rng))
            yield PhaseCine(
                f"sim{seed}-{number}/{index}",
                "simulated mri",
                frames,
                times_s,
                (beat.start_s, beat.end_s),
                (beat.aortic_close_s,),
                long_s,
            )
        number += 1


def simulated_echo(seed: int) -> Iterator[PhaseCine]:
    """Apical clips of random hearts, rates and looks, for ever; they begin anywhere in a beat."""
    for number, clip in enumerate(echo_clips(seed, frames=FRAMES, side_px=SIDE_PX)):
        yield PhaseCine(f"sim{seed}-{number}", "simulated echo", clip.frames, clip.times_s, clip.ed_s, clip.es_s)


def _made(path: Path2D, rng: Generator, name: str) -> tuple[NDArray[np.uint8], PhaseCine]:
    """Whole pictures of a cine along a path, and the cine with (t, 1, 1) frames to be filled in."""
    rate_per_min = float(rng.uniform(48, 105))
    long_axis = path.anatomy.long_axis
    rhythm = sinus(rate_per_min, 3, rng) if long_axis else sinus(rate_per_min, 1)
    if long_axis:
        rate_per_s = float(np.exp(rng.uniform(np.log(18), np.log(70))))
        times_s = np.arange(FRAMES, dtype=np.float64) / rate_per_s + float(rng.uniform(0, rhythm.duration_s / 3))
    else:
        times_s = (np.arange(CYCLE_FRAMES, dtype=np.float64) + float(rng.uniform(0, 1.5))) * (
            60 / rate_per_min / CYCLE_FRAMES
        )
    amplitude = float(rng.uniform(0.75, 1.05))
    cine = make_cine(path, rhythm, times_s, rng, amplitude=amplitude)
    eds, ess = rhythm.events_around()
    empty = np.zeros((len(times_s), 1, 1), np.uint8)
    source = "made echo" if long_axis else "made mri"
    return cine.frames, PhaseCine(name, source, empty, times_s, eds, ess, None if long_axis else 60 / rate_per_min)


def _labelled(sample: SaxSample) -> LabelledFrame:
    return LabelledFrame(sample.image, made_label(sample.allowed))


def made_mri(samples: Sequence[SaxSample], seed: int, each: int = CINES_EACH) -> Iterator[PhaseCine]:
    """Cycles of short-axis slices that have ED and ES, cut out around the heart; slices that do not match are left out.

    Args:
        samples: slices at ED and ES.
        seed: of rhythms, grain and order.
        each: cines of a slice.

    """
    both = pairs(samples)
    for index in np.random.default_rng((seed, 5)).permutation(len(both)):
        ed, es = both[int(index)]
        try:
            path = find_path(_labelled(ed), _labelled(es), SHORT_AXIS)
        except NoMatchError:
            continue
        rng = np.random.default_rng((seed, 5, int(index)))
        matrix = np.array([[SIDE_PX / FIELD_PX, 0, 0], [0, SIDE_PX / FIELD_PX, 0]])
        matrix[:, 2] = (SIDE_PX - 1) / 2 - SIDE_PX / FIELD_PX * np.array(ed.centre)
        for number in range(each):
            whole, cine = _made(path, rng, f"{ed.patient}/{ed.number}-{number}")
            frames = np.stack([cv2.warpAffine(frame, matrix, (SIDE_PX, SIDE_PX)) for frame in whole])
            yield replace(cine, frames=frames.astype(np.uint8))


def made_echo(samples: Sequence[Sample], seed: int, each: int = CINES_EACH) -> Iterator[PhaseCine]:
    """Clips of apical frames at ED and ES set in motion; patients whose frames do not match are left out."""
    by_patient: dict[str, dict[str, Sample]] = {}
    for sample in samples:
        by_patient.setdefault(sample.patient, {})[sample.phase] = sample
    both = [one for one in by_patient.values() if set(one) == {"ED", "ES"}]
    for index in np.random.default_rng((seed, 7)).permutation(len(both)):
        ed, es = both[int(index)]["ED"], both[int(index)]["ES"]
        try:
            path = find_path(LabelledFrame(ed.image, ed.label), LabelledFrame(es.image, es.label), APICAL)
        except NoMatchError:
            continue
        rng = np.random.default_rng((seed, 7, int(index)))
        for number in range(each):
            whole, cine = _made(path, rng, f"{ed.patient}/{number}")
            grid = fitted(sector_box(ClipInput(whole)), SIDE_PX)
            yield replace(cine, frames=np.stack([grid.sampled(frame) for frame in whole]))
