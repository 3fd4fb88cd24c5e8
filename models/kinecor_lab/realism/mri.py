"""What a short-axis cine MRI frame looks like, in numbers that real and simulated frames can be compared by.

The data sets available have lost spacing and grey scale, so lengths are in pixels (typically 1.3 to 1.7 mm) and levels
in percent of the mean of left ventricular blood in the same frame.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kinecor_lab.realism.frame import CAVITY, RIGHT, WALL, LookFrame, Measure, table_of
from kinecor_lab.realism.texture import (
    NAN,
    band_share,
    edge_width,
    generalised_cnr,
    power_spectrum,
    slope,
)

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
# Half the side of the square around the ventricle that is looked at: heart, liver, lung and chest wall.
_HALF_PX = 56
_SPECTRUM_PX = 32
_MIN_PX = 60

MRI_MEASURES: Mapping[str, Measure] = table_of(
    {
        "wall": ("% blood", "mean of the myocardium"),
        "right ventricle": ("% blood", "mean of the right ventricle's blood"),
        "SD, blood": ("% blood", "standard deviation in the cavity: flow, papillary muscles, coil, noise"),
        "SD, wall": ("% blood", "standard deviation in the myocardium"),
        "contrast blood / wall": ("1", "ratio of the means"),
        "gCNR blood / wall": ("1", "1 - overlap of the two histograms: 0 the same, 1 apart"),
        "surroundings 5th percentile": (
            "% blood",
            "lung and air, in 112 x 112 px around the ventricle, heart left out",
        ),
        "surroundings median": ("% blood", "half of the surroundings is darker"),
        "surroundings 95th percentile": ("% blood", "fat and vessels"),
        "dark surroundings": ("%", "share below a fifth of blood: lung and air"),
        "endocardial edge": ("px", "10-90 % width of the mean profile from wall into blood"),
        "noise": ("% blood", "SD of what a Laplacian leaves in cavity and wall (Immerkaer, CVIU 1996)"),
        "shading": ("%", "slope of wall brightness across the heart, over its mean: coil and bias field"),
        "spectrum slope": ("1", "of log power over log frequency, 0.03-0.4 cycles/px, 32 px patches"),
        "power below 0.1 / px": ("%", "organs and shading"),
        "power 0.1 - 0.3 / px": ("%", "walls, vessels, trabeculae"),
        "power above 0.3 / px": ("%", "finest detail and noise; little where k-space was filled up with zeros"),
        "cavity area": ("px", "to see that hearts of like size are compared"),
    }
)


def mri_measures(frame: LookFrame) -> dict[str, float]:
    """Every measure of MRI_MEASURES; NaN where the frame has not the class for it; all NaN without a cavity."""
    found = dict.fromkeys(MRI_MEASURES, NAN)
    cavity, wall, right = frame.part(CAVITY), frame.part(WALL), frame.part(RIGHT)
    if cavity.sum() < _MIN_PX:
        return found
    grey = frame.image.astype(np.float64)
    blood = float(grey[cavity].mean())
    if blood < 8:
        return found
    level = grey * (100 / blood)
    box = window(frame)
    found["cavity area"] = float(cavity.sum())
    found["SD, blood"] = float(level[cavity].std())
    found |= _wall(grey, level, cavity, wall)
    if right.sum() >= _MIN_PX:
        found["right ventricle"] = float(level[right].mean())
    heart = ndimage.binary_dilation(cavity | wall | right, iterations=4 if wall.any() else 12)
    around = np.zeros(grey.shape, bool)
    around[box] = ~heart[box]
    if around.sum() >= 500:
        low, middle, high = (float(value) for value in np.percentile(level[around], (5, 50, 95)))
        found["surroundings 5th percentile"], found["surroundings median"] = low, middle
        found["surroundings 95th percentile"] = high
        found["dark surroundings"] = 100 * float((level[around] < 20).mean())
    found["noise"] = _noise(level, ndimage.binary_erosion(cavity | wall, iterations=2))
    frequency, power = power_spectrum(level[box], np.ones(level[box].shape, bool), _SPECTRUM_PX)
    if len(frequency):
        found["spectrum slope"] = slope(frequency, power, 0.03, 0.4)
        for name, low, high in (("below 0.1", 0, 0.1), ("0.1 - 0.3", 0.1, 0.3), ("above 0.3", 0.3, 1)):
            found[f"power {name} / px"] = 100 * band_share(frequency, power, low, high)
    return found


def window(frame: LookFrame) -> tuple[slice, slice]:
    """The square around the left ventricle, as slices of rows and columns, cut at the image's border."""
    rows, columns = np.nonzero(frame.part(CAVITY) | frame.part(WALL))
    y, x = round(float(rows.mean())), round(float(columns.mean()))
    return slice(max(0, y - _HALF_PX), y + _HALF_PX), slice(max(0, x - _HALF_PX), x + _HALF_PX)


def _wall(grey: Floats, level: Floats, cavity: Mask, wall: Mask) -> dict[str, float]:
    if wall.sum() < _MIN_PX:
        return {}
    mean = float(level[wall].mean())
    rows, columns = np.nonzero(wall)
    across = np.column_stack([columns - columns.mean(), rows - rows.mean(), np.ones(rows.size)])
    tilt = np.linalg.lstsq(across, level[wall], rcond=None)[0][:2]
    breadth = float(np.sqrt((cavity | wall).sum() * 4 / np.pi))
    return {
        "wall": mean,
        "SD, wall": float(level[wall].std()),
        "contrast blood / wall": 100 / mean if mean > 0 else NAN,
        "gCNR blood / wall": generalised_cnr(grey[wall], grey[cavity]),
        "endocardial edge": edge_width(grey, cavity, cavity | wall, 5.0),
        "shading": 100 * float(np.hypot(*tilt)) * breadth / mean if mean > 0 else NAN,
    }


def _noise(level: Floats, mask: Mask) -> float:
    if mask.sum() < 30:
        return NAN
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], float)
    # The median of |x| of a normal x is 0.6745 SD; the kernel multiplies the SD of white noise by 6.
    return float(np.median(np.abs(ndimage.convolve(level, kernel)[mask])) / 0.6745 / 6)
