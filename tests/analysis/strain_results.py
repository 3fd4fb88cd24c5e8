"""Simulated recordings whose strain is known, without images, and what was measured of them."""

from dataclasses import replace

import numpy as np

from kinecor_lab.pipeline.strain_arms import ARMS, Looked, Measured
from kinecor_lab.pipeline.strain_case import Case, acquisitions
from tests.core.walls import arch, beat, motion, zooming

FRAMES = 45


def case(about, short=0.2):
    """A wall that is zoomed to 1 - short and back, pixels of a millimetre."""
    places, back = zooming(beat(short, 40))
    middle = arch(5.0, 61)[::-1]
    wall = np.stack([np.column_stack([places(middle, f), np.zeros(61)]) for f in range(FRAMES)])
    return Case(
        about=about,
        frames=np.zeros((FRAMES, 260, 300), np.uint8),
        times_s=np.arange(FRAMES) * 0.02,
        spacing_mm=1.0,
        region=(0, 0, 300, 260),
        rate_per_min=75.0,
        endo=np.stack([places(arch(), f) for f in range(FRAMES)]),
        epi=np.stack([places(arch(10.0), f) for f in range(FRAMES)]),
        motion_px=motion(places, back, FRAMES, step=4.0).displacement_px,
        wall_mm=wall,
        heart_percent=100 * (np.array([beat(short, 40)(f) for f in range(FRAMES)]) - 1),
        eds=(0, 40),
        ess=(20,),
    )


def measured(true, off):
    """Too high by `off` in every segment and by half of that in all; drift 1."""
    segments = true + off
    return Measured(float(true.mean()) + off / 2, segments, 1.0, np.ones(6), np.linspace(0.9, 1, 6), None)


def looks(hearts=2, off=1.0):
    """One of everything that is recorded; heart number h is off by `off` x (-1)^h."""
    found = []
    for about in acquisitions(hearts):
        one = case(about, 0.16 if about.population == "infarct" else 0.2)
        sign = off * (-1) ** about.heart
        by_arm = {
            arm: replace(measured(one.segments_percent, sign), gls_percent=one.gls_percent + sign / 2) for arm in ARMS
        }
        found.append(Looked(one, by_arm, {"contours": 20.0, "motion": 10.0, "fusion": 1.0}))
    return found
