"""Area and volume over time, from a Reading."""

from dataclasses import dataclass

import numpy as np

from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.stack_reading import contoured
from kinecor.core.values.track import ContourTrack, Structure
from kinecor.core.volumes.disks import disks_volume
from kinecor.core.volumes.stack_volumes import MM3_PER_ML, stack_curves


@dataclass(frozen=True, eq=False)
class Curves:
    """The curves drawn with the loop; NaN where a frame has no contour.

    Attributes:
        time_s: (frames,).
        lv_area_px2: (frames,) cavity area in square pixels.
        lv_area_mm2: the same in mm2, or None without a scale.
        lv_volume: (frames,) single-plane disks; ml, or percent of its own maximum without a scale.
        volume_unit: "ml" or "relative %".
        la_volume: (frames,) of the left atrium, or None where it was not contoured; unit as lv_volume's, percent of
            the atrium's own maximum without a scale.
        rv_volume: (frames,) of the right ventricle of a short-axis stack, or None; units likewise.

    """

    time_s: FloatArray
    lv_area_px2: FloatArray
    lv_area_mm2: FloatArray | None
    lv_volume: FloatArray
    volume_unit: str
    la_volume: FloatArray | None
    rv_volume: FloatArray | None = None


def track_volumes_mm3(track: ContourTrack, row_mm: float = 1.0, col_mm: float = 1.0) -> FloatArray:
    """Single-plane disks volume of each frame, (frames,) mm3 (cubic pixels with spacings of 1); NaN without contour."""
    return np.array([np.nan if c is None else disks_volume(c, row_mm, col_mm) for c in track.contours])


def _volume(track: ContourTrack, reading: Reading) -> FloatArray:
    scale = reading.calibration
    if scale is not None:
        return track_volumes_mm3(track, scale.row_mm, scale.col_mm) / MM3_PER_ML
    # A ratio of two volumes needs no millimetres, only the proportions of a pixel.
    cubic_px = track_volumes_mm3(track, reading.aspect, 1.0)
    largest = np.nanmax(cubic_px, initial=0.0)
    return cubic_px * (100.0 / largest) if largest > 0 else cubic_px


def curves(reading: Reading) -> Curves:
    """The curves of a Reading; all NaN where the LV was not contoured. Of a stack, its volumes; areas are NaN."""
    if reading.kind.volumes == "stack":
        return _of_stack(reading)
    frames = reading.facts.frames
    endo = reading.tracks.get(Structure.LV_ENDO)
    atrium = reading.tracks.get(Structure.LA)
    scale = reading.calibration
    area = np.full(frames, np.nan)
    if endo is not None:
        area = np.array([np.nan if c is None else c.area_px2 for c in endo.contours])
    area_mm2 = None if scale is None else area * scale.row_mm * scale.col_mm
    if reading.kind.volumes == "area":
        shown = area * (100.0 / max(float(np.nanmax(area, initial=0.0)), 1e-9))
        return Curves(reading.facts.times_s, area, area_mm2, shown, "relative %", None)
    return Curves(
        time_s=reading.facts.times_s,
        lv_area_px2=area,
        lv_area_mm2=area_mm2,
        lv_volume=np.full(frames, np.nan) if endo is None else _volume(endo, reading),
        volume_unit="relative %" if scale is None else "ml",
        la_volume=None if atrium is None else _volume(atrium, reading),
    )


def _of_stack(reading: Reading) -> Curves:
    found = stack_curves(reading)
    nothing = np.full(reading.facts.frames, np.nan)
    scaled = reading.calibration is not None

    def shown(volume: FloatArray) -> FloatArray:
        if scaled:
            return volume / MM3_PER_ML
        largest = np.nanmax(volume, initial=0.0)
        return volume * (100.0 / largest) if largest > 0 else volume

    return Curves(
        time_s=reading.facts.times_s,
        lv_area_px2=nothing,
        lv_area_mm2=None,
        lv_volume=shown(found.endo),
        volume_unit="ml" if scaled else "relative %",
        la_volume=None,
        rv_volume=shown(found.rv) if contoured(reading, Structure.RV) else None,
    )
