"""How much of what the endocardium encloses is muscle: papillaries and trabeculae, dark in bright blood.

Experts leave them in the cavity or count them as wall; both conventions are in use, with reference ranges of their own
(SCMR 2020, doi 10.1186/s12968-020-00610-6). Contours here enclose them; what is dark within is measured, so that the
other convention can be derived from the same contours.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.choices import Muscle
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.io.export.masks import filled

# Blood is this percentile of what is enclosed at the phase with most of it; muscle is the median of the wall.
BLOOD_PERCENT = 80.0
# Blood and muscle must differ by this share of the blood's grey level, or they cannot be distinguished.
LEAST_CONTRAST = 0.15
# No ventricle is filled with muscle beyond this; more is a dark cavity: a flow void, or an image of another kind.
MOST = 0.6

Grey = NDArray[np.float64]


def measured_muscle(cines: Sequence[CineSequence], reading: Reading) -> Muscle:
    """The share of each slice's endocardial outline that is as dark as its wall, at every phase.

    The threshold is half way between blood and wall, once for all phases of a slice, so that it does not flicker.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    return Muscle(tuple(_of_slice(cine, one) for cine, one in zip(cines, reading.slices, strict=True)))


def _of_slice(cine: CineSequence, reading: Reading) -> tuple[float, ...]:
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    nothing = (0.0,) * len(cine)
    if endo is None:
        return nothing
    within, wall = [], []
    for frame, contour in enumerate(endo.contours):
        if contour is None:
            within.append(np.zeros(0))
            continue
        grey = _grey(cine, frame)
        inside = filled(contour, *grey.shape)
        within.append(grey[inside])
        outer = _outer(epi, frame)
        if outer is not None:
            wall.append(grey[filled(outer, *grey.shape) & ~inside])
    most = max(within, key=len)
    if not len(most) or not wall:
        return nothing
    blood, muscle = float(np.percentile(most, BLOOD_PERCENT)), float(np.median(np.concatenate(wall)))
    if blood - muscle < LEAST_CONTRAST * max(blood, 1.0):
        return nothing
    middle = (blood + muscle) / 2
    return tuple(round(min(float((one < middle).mean()), MOST), 3) if len(one) else 0.0 for one in within)


def _outer(epi: ContourTrack | None, frame: int) -> Contour | None:
    return None if epi is None else epi.contours[frame]


def _grey(cine: CineSequence, frame: int) -> Grey:
    image = np.asarray(cine.frames[frame], float)
    return image if image.ndim == 2 else image.mean(axis=2)
