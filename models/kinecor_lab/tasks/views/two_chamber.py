"""Two-chamber views warped from real four-chamber ones, so that a real look alone does not say "four-chamber".

The only real frames available to learn from are apical four-chamber. In them the lateral wall has lung and chest wall
next to it, like both walls of a two-chamber view, and no right heart. So the septal half of a frame is covered by the
lateral half of another, mirrored on the long axis of the ventricle: mostly of the patient's own other phase, else of
another patient, its brightness brought to ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kinecor_lab.datasets.samples import Picture, Sample
from kinecor_lab.tasks.views.data import ViewSample
from kinecor_models.views.classes import CLASSES

Array = NDArray[np.float64]
_CAVITY, _ATRIUM = 1, 3
# Halves are joined over this share of the ventricle's length; share of frames whose donor is the patient; how many
# others are tried for the rest.
_SEAM, _OWN, _DONORS = 0.08, 0.6, 8


@dataclass(frozen=True, eq=False)
class _Axis:
    """Middle of the mitral annulus and the vector from there to the apex, in pixels."""

    base: Array
    along: Array

    @property
    def frame(self) -> Array:
        """(2, 2) columns: one length towards the apex, one length to the right of it as the image shows it."""
        x, y = self.along
        return np.array([[x, -y], [y, x]])


def _axis(sample: Sample) -> _Axis | None:
    """The long axis of the ventricle by its labels, or None where cavity and atrium do not meet."""
    cavity, atrium = (sample.label == value for value in (_CAVITY, _ATRIUM))
    near = cv2.dilate(atrium.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    annulus, inside = np.argwhere(cavity & near)[:, ::-1], np.argwhere(cavity)[:, ::-1]
    if len(annulus) < 10:
        return None
    base = annulus.mean(axis=0)
    far = np.linalg.norm(inside - base, axis=1)
    along = inside[far >= np.quantile(far, 0.998)].mean(axis=0) - base
    return _Axis(base, along) if np.linalg.norm(along) > 20 else None


@dataclass(frozen=True, eq=False)
class _Donor:
    """A frame mirrored onto another's long axis, its sector and its label."""

    image: Picture
    sector: Picture
    label: Picture


def _mirrored(donor: Sample, ours: _Axis, theirs: _Axis, shape: tuple[int, int]) -> _Donor:
    # Ours = base + frame (s, t); theirs at (s, -t).
    turn = theirs.frame @ np.diag((1.0, -1.0)) @ np.linalg.inv(ours.frame)
    matrix = np.column_stack([turn, theirs.base - turn @ ours.base])
    size = (shape[1], shape[0])

    def laid(picture: Picture, how: int) -> Picture:
        return np.asarray(cv2.warpAffine(picture, matrix, size, flags=how | cv2.WARP_INVERSE_MAP), np.uint8)

    smooth, whole = cv2.INTER_LINEAR, cv2.INTER_NEAREST
    return _Donor(laid(donor.image, smooth), laid(donor.sector, smooth), laid(donor.label, whole))


def two_chamber_frames(samples: Sequence[Sample], seed: int) -> list[Sample]:
    """One warped two-chamber frame, with its label, for each four-chamber frame whose long axis is plain.

    Args:
        samples: labelled frames, apex up, the lateral wall on the right.
        seed: of the choice of donors.

    """
    rng = np.random.default_rng(seed)
    axes = [_axis(sample) for sample in samples]
    usable = [number for number, axis in enumerate(axes) if axis is not None]
    return [_made(samples, axes, number, usable, rng) for number in usable]


def two_chamber(samples: Sequence[Sample], seed: int) -> list[ViewSample]:
    """Such frames for view classification."""
    return [ViewSample(sample.image, CLASSES.index("A2C")) for sample in two_chamber_frames(samples, seed)]


def _made(
    samples: Sequence[Sample], axes: Sequence[_Axis | None], number: int, usable: Sequence[int], rng: Generator
) -> Sample:
    ours, sample = axes[number], samples[number]
    assert ours is not None
    rows, columns = sample.image.shape
    y, x = np.mgrid[0:rows, 0:columns]
    places = np.stack([x.ravel(), y.ravel()], axis=1) - ours.base
    side = (np.linalg.inv(ours.frame) @ places.T)[1].reshape(rows, columns)
    share = np.clip(0.5 - side / _SEAM, 0, 1).astype(np.float32)  # 1 left of the axis
    wanted = (sample.sector > 0) & (share > 0)
    own = [other for other in usable if samples[other].patient == sample.patient]
    tried = own[:1] if number != own[0] else own[-1:]
    if rng.random() > _OWN:
        tried = [int(other) for other in rng.choice(usable, min(_DONORS, len(usable)), replace=False)]
    best: tuple[float, _Donor] | None = None
    for other in tried:
        theirs = axes[other]
        assert theirs is not None
        donor = _mirrored(samples[other], ours, theirs, (rows, columns))
        covered = float((donor.sector[wanted] > 0).mean())
        if best is None or covered > best[0]:
            best = covered, donor
    assert best is not None
    donor = best[1]
    shared = (donor.sector > 0) & (sample.sector > 0) & (np.abs(side) < 2 * _SEAM)
    gain = (sample.image[shared].mean() + 4) / (donor.image[shared].mean() + 4) if shared.any() else 1.0
    out = sample.image * (1 - share) + np.clip(donor.image * gain, 0, 255) * share
    # What the donor did not see is dark, as where a rib or the lung hides the wall.
    image = np.asarray(np.where((sample.sector > 0) | (share == 0), out, 0) + 0.5, np.uint8)
    label = np.where(share > 0.5, donor.label, sample.label).astype(np.uint8)
    return replace(sample, image=image, label=label, view="A2C")
