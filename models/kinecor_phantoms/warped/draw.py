"""Cines by chance: one patient, ever other rhythms, frame rates, strengths and weak places."""

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.heart.rhythm import Rhythm, ectopic_rhythm, fibrillation_rhythm, sinus_rhythm
from kinecor_phantoms.lines import arc_length
from kinecor_phantoms.warped.cine import MadeCine, Weakness, make_cine
from kinecor_phantoms.warped.path import Path2D
from kinecor_phantoms.warped.poses import swaying
from kinecor_phantoms.warped.texture import MRI, Look, Texture

RATES_PER_MIN = (45.0, 115.0)
FRAMES_PER_S = (16.0, 70.0)
AMPLITUDES = (0.35, 1.15)
"""With these, ejection fractions of one plane spread over some 10 to 75 % on CAMUS."""
# How often: a weak wall, an irregular rhythm, an image that sways.
WEAK, IRREGULAR, SWAYS = 0.3, 0.2, 0.6


def drawn_weakness(path: Path2D, rng: Generator) -> Weakness:
    """A stretch of wall about as long as a segment, anywhere along the endocardium, that loses most of its motion."""
    line = path.contours[path.anatomy.names[0]]
    x, y = line[rng.integers(len(line))]
    # A long axis shows six segments along the endocardium; so does a short axis around it.
    radius_px = arc_length(line)[-1] / 6 * rng.uniform(0.6, 1.2)
    return Weakness((float(x), float(y)), float(radius_px), float(rng.uniform(0.5, 1.0)))


def drawn_rhythm(rng: Generator, beats: int) -> Rhythm:
    """Mostly sinus rhythm, at times with an early beat or fibrillation."""
    rate_per_min = float(rng.uniform(*RATES_PER_MIN))
    if beats > 1 and rng.random() < IRREGULAR:
        return (ectopic_rhythm if rng.random() < 0.5 else fibrillation_rhythm)(rate_per_min, beats, rng)
    return sinus_rhythm(rate_per_min, beats, rng)


def drawn_cine(path: Path2D, rng: Generator, frames: int = 20, texture: Texture | None = None) -> MadeCine:
    """A cine of a patient by chance.

    Args:
        path: the patient's path.
        rng: source of chance; the same one gives the same cine.
        frames: how many; an echo begins anywhere and may hold less or more than a beat, a gated MRI is one beat.
        texture: `path.texture()`, where it is reused.

    """
    if path.anatomy.long_axis:
        rate_per_s = float(np.exp(rng.uniform(*np.log(FRAMES_PER_S))))
        beats = int(np.ceil(frames / rate_per_s * RATES_PER_MIN[1] / 60)) + 1
        rhythm = drawn_rhythm(rng, beats)
        times_s = rng.uniform(0, rhythm.beats[0].end_s) + np.arange(frames) / rate_per_s
        height, width = path.ed.image.shape
        poses = None
        if rng.random() < SWAYS:
            poses = swaying(times_s, (width / 2, height / 2), float(rng.uniform(0.3, 2.5)), rng)
        look = Look(float(rng.uniform(0.4, 0.95)), float(rng.uniform(0.1, 0.5)), float(rng.uniform(0.03, 0.1)))
    else:
        rhythm = drawn_rhythm(rng, 1)
        times_s, poses = np.arange(frames) / frames * rhythm.duration_s, None
        look = Look(MRI.blood, MRI.tissue, grain=float(rng.uniform(0.5, 3.0)))
    weak = [drawn_weakness(path, rng)] if rng.random() < WEAK else []
    amplitude = float(rng.uniform(*AMPLITUDES))
    return make_cine(
        path, rhythm, times_s, rng, amplitude=amplitude, weak=weak, poses=poses, look=look, texture=texture
    )
