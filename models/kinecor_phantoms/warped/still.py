"""A still image set in motion as a whole: the truth is known from a formula, and strain but by zooming is zero."""

import numpy as np
from numpy.random import Generator

from kinecor_phantoms.warped.cine import MadeCine, render
from kinecor_phantoms.warped.frame import Anatomy, LabelledFrame
from kinecor_phantoms.warped.motion import FloatArray, Motion
from kinecor_phantoms.warped.outline import painted
from kinecor_phantoms.warped.path import resting_path
from kinecor_phantoms.warped.poses import Poses
from kinecor_phantoms.warped.texture import UNCHANGED, Look


def still_cine(
    frame: LabelledFrame, anatomy: Anatomy, times_s: FloatArray, poses: Poses, rng: Generator, look: Look = UNCHANGED
) -> MadeCine:
    """One frame turned, zoomed and shifted, sector and all.

    Args:
        frame: the image.
        anatomy: what its labels mean.
        times_s: (t,).
        poses: turns and shifts (t,), see `poses.about`.
        rng: source of chance, for noise.
        look: how images change beyond motion; by default not at all.

    Raises:
        NoMatchError: the left ventricle is missing.
        ValueError: numbers of times and poses differ.

    """
    path = resting_path(frame, anatomy)
    motion = Motion(None, np.zeros(len(times_s)), *poses)
    shape = (frame.image.shape[0], frame.image.shape[1])
    frames = render(motion, path.texture(), None, shape, times_s, look, rng)
    carried = (motion.placed(path.borders.points, i) for i in range(len(times_s)))
    labels = np.stack([painted(path.borders, points, anatomy.paints, shape) for points in carried])
    return MadeCine(frames, labels, times_s, motion.phases, (), (), (), (), path, motion)
