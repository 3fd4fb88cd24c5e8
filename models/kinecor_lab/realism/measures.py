"""What an echo frame looks like, in numbers that real and simulated frames can be compared by.

Grey levels are as displayed (0..255). Lengths are mm along and across the beam. Frames are brought to one spacing
first (`ECHO_GRID_MM`): speckle below it cannot be seen in the real frames available.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kinecor_lab.realism.frame import (
    ATRIUM,
    CAVITY,
    ECHO_GRID_MM,
    WALL,
    LookFrame,
    Measure,
    resampled,
    table_of,
)
from kinecor_lab.realism.sector import Beams, Sector, beams, find_sector, lit_hull
from kinecor_lab.realism.texture import (
    NAN,
    amplitudes,
    band_share,
    correlation_width,
    edge_width,
    generalised_cnr,
    patch_ratios,
    power_spectrum,
    slope,
    whitened,
)

Mask = NDArray[np.bool_]
THIRDS = ("near", "middle", "far")
# Speckle is what is left when brightness over this distance is taken away, along the direction that is measured: walls
# run along the beam in apical views, and would pass for axial speckle otherwise. Widths come out smaller by it (a
# tenth for 1.2 mm along, a third for 2.5 mm), alike for real and simulated frames.
_ALONG_MM, _ACROSS_MM = 3.0, 6.0
_PATCH_MM, _SPECTRUM_PX = 5.0, 32
_EDGE_REACH_MM = 6.0

ECHO_MEASURES: Mapping[str, Measure] = table_of(
    {
        "grey mean, sector": ("level", "mean of all pixels in the sector"),
        "grey SD, sector": ("level", "their standard deviation"),
        "grey 5th percentile": ("level", "how black the black is, in the sector"),
        "grey median": ("level", "half of the sector is darker"),
        "grey 95th percentile": ("level", "how bright the brightest is"),
        "black share": ("%", "pixels of the sector at level 4 or below: cut off by the grey map"),
        "white share": ("%", "pixels of the sector at level 250 or above"),
        **{
            f"grey mean, {third} third": ("level", f"of the {third} third of depth: gain over depth")
            for third in THIRDS
        },
        "grey mean, wall": ("level", "left ventricular myocardium"),
        "grey SD, wall": ("level", "its standard deviation, speckle and shading together"),
        "grey mean, blood": ("level", "left ventricular cavity: haze, clutter and noise"),
        "grey SD, blood": ("level", "its standard deviation"),
        "grey mean, atrium": ("level", "left atrium"),
        "contrast wall - blood": ("level", "difference of the means"),
        "CNR wall / blood": ("1", "difference of means over the root of the summed variances"),
        "gCNR wall / blood": ("1", "1 - overlap of the two histograms: 0 the same, 1 apart"),
        "dark wall": ("%", "wall, smoothed by 1.5 mm, no brighter than a quarter of the blood: dropout"),
        "endocardial edge": ("mm", "10-90 % width of the mean profile from blood into wall"),
        **{
            f"speckle axial, {third}": ("mm", "width at half height of the autocorrelation along the beam")
            for third in THIRDS
        },
        **{f"speckle lateral, {third}": ("mm", "the same across the beam") for third in THIRDS},
        "speckle axial, wall": ("mm", "along the beam, myocardium only"),
        "speckle lateral, wall": ("mm", "across the beam, myocardium only"),
        **{
            f"speckle SD, {third}": (
                "level",
                "median SD of 5 mm patches; log-compressed full speckle has 5.6 dB, so this is the grey map's slope",
            )
            for third in THIRDS
        },
        **{
            f"speckle SNR, {place}": (
                "1",
                "median mean/SD of 5 mm patches of amplitude, levels taken for 60 dB; full speckle has 1.91",
            )
            for place in (*THIRDS, "wall")
        },
        "spectrum slope": ("1", "of log power over log frequency, 0.05-0.5 cycles/mm, 20 mm patches"),
        "power below 0.1 / mm": ("%", "structures and shading"),
        "power 0.1 - 0.3 / mm": ("%", "coarse speckle"),
        "power above 0.3 / mm": ("%", "fine grain and noise"),
    }
)


def echo_measures(frame: LookFrame) -> dict[str, float]:
    """Every measure of ECHO_MEASURES; NaN where the frame has not the class, the spacing or the sector for it."""
    frame = resampled(frame, ECHO_GRID_MM)
    grey = frame.image.astype(np.float64)
    sector = find_sector(frame.image)
    inside = sector.mask(grey.shape) if sector else lit_hull(frame.image)
    found = dict.fromkeys(ECHO_MEASURES, NAN)
    if inside.sum() < 400:
        return found
    frame = frame.inside(inside)
    found |= _levels(grey, inside)
    found |= _parts(frame, grey)
    found |= _spectrum(grey, inside, frame.spacing_mm)
    if sector is not None:
        found |= _depths(grey, frame, sector)
    return found


def _levels(grey: NDArray[np.float64], inside: Mask) -> dict[str, float]:
    values = grey[inside]
    low, middle, high = (float(value) for value in np.percentile(values, (5, 50, 95)))
    return {
        "grey mean, sector": float(values.mean()),
        "grey SD, sector": float(values.std()),
        "grey 5th percentile": low,
        "grey median": middle,
        "grey 95th percentile": high,
        "black share": 100 * float((values <= 4).mean()),
        "white share": 100 * float((values >= 250).mean()),
    }


def _parts(frame: LookFrame, grey: NDArray[np.float64]) -> dict[str, float]:
    wall, blood, atrium = frame.part(WALL), frame.part(CAVITY), frame.part(ATRIUM)
    found: dict[str, float] = {}
    for name, part in (("wall", wall), ("blood", blood), ("atrium", atrium)):
        if part.sum() >= 100:
            found[f"grey mean, {name}"] = float(grey[part].mean())
            if name != "atrium":
                found[f"grey SD, {name}"] = float(grey[part].std())
    if wall.sum() < 100 or blood.sum() < 100:
        return found
    difference = found["grey mean, wall"] - found["grey mean, blood"]
    spread = float(np.hypot(found["grey SD, wall"], found["grey SD, blood"]))
    found["contrast wall - blood"] = difference
    found["CNR wall / blood"] = difference / spread if spread > 0 else NAN
    found["gCNR wall / blood"] = generalised_cnr(grey[wall], grey[blood])
    mm = frame.spacing_mm
    if mm is not None:
        smooth = ndimage.gaussian_filter(grey, 1.5 / mm)
        found["dark wall"] = 100 * float((smooth[wall] <= np.percentile(smooth[blood], 75)).mean())
        found["endocardial edge"] = mm * edge_width(grey, blood, blood | wall, _EDGE_REACH_MM / mm)
    return found


def _spectrum(grey: NDArray[np.float64], inside: Mask, mm: float | None) -> dict[str, float]:
    if mm is None:
        return {}
    frequency, power = power_spectrum(grey, inside, _SPECTRUM_PX)
    if not len(frequency):
        return {}
    frequency = frequency / mm
    return {
        "spectrum slope": slope(frequency, power, 0.05, 0.5),
        "power below 0.1 / mm": 100 * band_share(frequency, power, 0.0, 0.1),
        "power 0.1 - 0.3 / mm": 100 * band_share(frequency, power, 0.1, 0.3),
        "power above 0.3 / mm": 100 * band_share(frequency, power, 0.3, float("inf")),
    }


def _depths(grey: NDArray[np.float64], frame: LookFrame, sector: Sector) -> dict[str, float]:
    """What needs depth and the direction of the beams."""
    space = beams(grey, sector)
    third = np.minimum(2, 3 * np.arange(len(space.radius_px)) // len(space.radius_px))
    found = {f"grey mean, {name} third": float(space.grey[third == i].mean()) for i, name in enumerate(THIRDS)}
    mm = frame.spacing_mm
    if mm is None:
        return found
    # A side's last beams hold the edge of the image, half black.
    sound = np.ones(space.grey.shape, bool)
    sound[:, :3] = sound[:, -3:] = sound[:4] = sound[-4:] = False
    walls = None
    if frame.labels is not None:
        walls = beams(frame.part(WALL).astype(np.uint8), sector, nearest=True).grey > 0
    for i, name in enumerate(THIRDS):
        part = sound & (third == i)[:, None]
        found |= _grain(space, part, mm, name)
    if walls is not None:
        found |= _grain(space, walls & sound, mm, "wall")
    return found | _patches(grey, frame, sector, mm)


def _grain(space: Beams, part: Mask, mm: float, name: str) -> dict[str, float]:
    """Speckle size in part of the sector, by one-dimensional autocorrelations."""
    if part.sum() < 400:
        return {}
    rows = np.flatnonzero(part.any(axis=1))
    kept = slice(int(rows[0]), int(rows[-1]) + 1)
    grey, part = space.grey[kept], part[kept]
    axial_mm = space.step_px * mm
    radius = np.broadcast_to(space.radius_px[kept, None], part.shape)
    lateral_mm = float(radius[part].mean()) * space.step_rad * mm
    along = whitened(grey, part, (_ALONG_MM / axial_mm, 0.0))
    across = whitened(grey, part, (0.0, _ACROSS_MM / lateral_mm))
    return {
        f"speckle axial, {name}": axial_mm * correlation_width(along, part, 0),
        f"speckle lateral, {name}": lateral_mm * correlation_width(across, part, 1),
    }


def _patches(grey: NDArray[np.float64], frame: LookFrame, sector: Sector, mm: float) -> dict[str, float]:
    """Speckle statistics in patches small enough to be of one brightness."""
    size = max(5, round(_PATCH_MM / mm))
    radius, _ = sector.polar(grey.shape)
    inside = sector.mask(grey.shape)
    # Cut-off blacks and whites carry no speckle.
    depth = (radius - sector.near_px) / max(1.0, sector.far_px - sector.near_px)
    found: dict[str, float] = {}
    linear = amplitudes(grey)
    for i, name in enumerate(THIRDS):
        third = inside & (depth >= i / 3) & (depth < (i + 1) / 3)
        mean, deviation = patch_ratios(grey, third, size)
        is_kept = (mean > 12) & (mean < 240)
        found[f"speckle SD, {name}"] = float(np.median(deviation[is_kept])) if is_kept.sum() >= 5 else NAN
        found[f"speckle SNR, {name}"] = _ratio(linear, third, size)
    found["speckle SNR, wall"] = _ratio(linear, frame.part(WALL) & inside, size)
    return found


def _ratio(linear: NDArray[np.float64], part: Mask, size_px: int) -> float:
    """Median mean over standard deviation of the patches in a part; NaN with fewer than three."""
    mean, deviation = patch_ratios(linear, part, size_px)
    is_kept = deviation > 0
    return float(np.median(mean[is_kept] / deviation[is_kept])) if is_kept.sum() >= 3 else NAN
