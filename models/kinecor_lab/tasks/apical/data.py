"""Training frames beyond those of CAMUS: simulated ones, and two-chamber ones warped from four-chamber ones."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np

from kinecor_lab.datasets.placing import IGNORE
from kinecor_lab.datasets.samples import Sample
from kinecor_lab.tasks.views.two_chamber import two_chamber_frames
from kinecor_phantoms.echo.stream import echo_clips

SIDE_PX = 276
"""As high as CAMUS' images are."""


def simulated_frames(count: int, seed: int) -> list[Sample]:
    """One frame each of random hearts, in apical two-, three- and four-chamber views in equal shares.

    Args:
        count: of frames; each takes about half a second.
        seed: the same one gives the same frames.

    """
    return [
        Sample(
            f"sim{seed}-{number}",
            "ES" if clip.contraction[0] > 0.5 else "ED",
            clip.frames[0],
            clip.left_labels[0],
            clip.mm_per_px,
            clip.view,
        )
        for number, clip in enumerate(islice(echo_clips(seed, frames=1, side_px=SIDE_PX), count))
    ]


# Within this many pixels of a warped frame's atrium, whose halves seldom meet below the valve, labels are ignored.
_ATRIUM, _DOUBT_PX = 3, 25


def warped_two_chamber(samples: Sequence[Sample], count: int, seed: int) -> list[Sample]:
    """Two-chamber frames warped from four-chamber ones (views/two_chamber.py); their atria are ignored.

    Args:
        samples: labelled four-chamber frames.
        count: how many, at most.
        seed: of the choice of frames and of their other halves.

    """
    four = [one for one in samples if one.view == "A4C"]
    order = np.random.default_rng((seed, 17)).permutation(len(four))
    made = two_chamber_frames(four, seed) if count else []
    kernel = np.ones((2 * _DOUBT_PX + 1, 2 * _DOUBT_PX + 1), np.uint8)
    chosen = []
    for number in [int(one) for one in order if one < len(made)][:count]:
        label = made[number].label.copy()
        near = np.asarray(cv2.dilate((label == _ATRIUM).astype(np.uint8), kernel)) > 0
        label[near & ((label == 0) | (label == _ATRIUM))] = IGNORE
        chosen.append(replace(made[number], patient=f"{made[number].patient}-2ch", label=label))
    return chosen
