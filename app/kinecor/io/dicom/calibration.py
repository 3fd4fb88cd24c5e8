"""Millimetres per pixel of an ultrasound image from its calibration regions, or of any image from Pixel Spacing."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.dataset import Dataset

from kinecor.core.values.calibration import Calibration
from kinecor.core.values.recording import Region
from kinecor.io.dicom.header import items, number, numbers

# PS3.3 C.8.5.5.1: data types of a tissue image, best first; 1 tissue, 2 colour flow over it.
_TISSUE, _COLOUR_FLOW = 1, 2
_TWO_DIMENSIONAL = 1
_CENTIMETRES = 3
# A region may end this far outside the image where pixels are counted differently; more means the image was shrunk.
_SLACK_PX = 2
# Ratios by which programs shrink images: 800 to 640, 768 to 576, 640 to 320 ...
SHRINK_FACTORS = (1.25, 4 / 3, 1.5, 1.6, 2.0, 2.5, 3.0, 4.0)


@dataclass(frozen=True)
class Scale:
    """What CineSequence says of the same names.

    Only `calibration_origin` says why there is no scale: a warning would remain after a person entered one.
    """

    calibration: Calibration | None
    calibration_origin: str
    offered: Calibration | None = None
    region: Region | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Area:
    x0: float
    y0: float
    x1: float
    y1: float
    col_mm: float
    row_mm: float
    in_cm: bool
    kind: int

    @property
    def size(self) -> float:
        return (self.x1 - self.x0) * (self.y1 - self.y0)


def ultrasound_scale(header: Dataset, rows: int, columns: int) -> Scale:
    """The scale of the region that shows tissue, (0018,6011), else Pixel Spacing (0028,0030).

    Deltas may be negative (their size counts) and differ between x and y. Where the region reaches beyond the
    image, the pixels were shrunk after the scale was written: nothing is calibrated then, and the scale of the
    smallest usual shrinking that makes the region fit is offered instead.
    """
    areas = [area for area in map(_area, items(header, "SequenceOfUltrasoundRegions")) if area]
    if not areas:
        return _header_spacing(header)
    # Those with a scale first, tissue before colour flow, then the largest.
    best = min(areas, key=lambda area: (not area.in_cm, area.kind != _TISSUE, -area.size))
    needed = max((best.x1 + 1 - _SLACK_PX) / columns, (best.y1 + 1 - _SLACK_PX) / rows)
    if needed > 1:
        return _shrunk(best, needed, rows, columns)
    region = _region(best, 1.0, rows, columns)
    if not best.in_cm:
        reason = "The file's calibration region is not in centimetres, so nothing is measured in mm or ml."
        return Scale(None, reason, region=region)
    calibration = _calibration(best.row_mm, best.col_mm, "the ultrasound region in the file")
    if calibration is None:
        reason = (
            f"The file's scale of {best.row_mm:.3g} x {best.col_mm:.3g} mm/px is not that of a heart and is not used."
        )
        return Scale(None, reason, region=region)
    several = [area for area in areas if area.in_cm and area.kind == _TISSUE]
    warnings: tuple[str, ...] = ()
    if any((area.row_mm, area.col_mm) != (best.row_mm, best.col_mm) for area in several):
        warnings = (
            f"The image has {len(several)} tissue regions of different scale; that of the largest is used, "
            "so measure only there.",
        )
    return Scale(calibration, _sentence(calibration), region=region, warnings=warnings)


def _area(item: Dataset) -> _Area | None:
    corners = [number(item, f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
    kind = number(item, "RegionDataType")
    if None in corners or kind not in {_TISSUE, _COLOUR_FLOW}:
        return None
    if number(item, "RegionSpatialFormat") not in {_TWO_DIMENSIONAL, None}:
        return None
    x0, y0, x1, y1 = (float(corner) for corner in corners if corner is not None)
    delta_x, delta_y = number(item, "PhysicalDeltaX"), number(item, "PhysicalDeltaY")
    units = {number(item, "PhysicalUnitsXDirection"), number(item, "PhysicalUnitsYDirection")}
    in_cm = units == {_CENTIMETRES} and bool(delta_x) and bool(delta_y)
    if not (0 <= x0 < x1 and 0 <= y0 < y1):
        return None
    return _Area(x0, y0, x1, y1, 10 * abs(delta_x or 0), 10 * abs(delta_y or 0), in_cm, int(kind or 0))


def _shrunk(area: _Area, needed: float, rows: int, columns: int) -> Scale:
    factor = next((one for one in SHRINK_FACTORS if one >= needed), None)
    reason = (
        f"The file's scale belongs to a larger image: its region reaches to {area.x1:.0f} x {area.y1:.0f} pixels, "
        f"the image has {columns} x {rows}, so the pixels were shrunk and the scale is not used."
    )
    if factor is None:
        return Scale(None, reason)
    region = _region(area, factor, rows, columns)
    offered = None
    if area.in_cm:
        offered = _calibration(
            area.row_mm * factor,
            area.col_mm * factor,
            f"the file's scale times {factor:.3g}, if the image was {columns * factor:.0f} x {rows * factor:.0f}",
        )
    if offered:
        reason += (
            f" If it was {columns * factor:.0f} x {rows * factor:.0f} once, the scale is {_numbers(offered)} mm/px."
        )
    return Scale(None, reason, offered, region)


def _region(area: _Area, factor: float, rows: int, columns: int) -> Region | None:
    x0, y0 = int(area.x0 / factor), int(area.y0 / factor)
    x1, y1 = min(columns, round((area.x1 + 1) / factor)), min(rows, round((area.y1 + 1) / factor))
    return Region(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _header_spacing(header: Dataset) -> Scale:
    for keyword, name in (("PixelSpacing", "Pixel Spacing"), ("ImagerPixelSpacing", "Imager Pixel Spacing")):
        scale = spacing_scale(numbers(header, keyword), f"{name} in the file")
        if scale.calibration:
            return scale
    return spacing_scale((), "")


def spacing_scale(spacing_mm: Sequence[float], origin: str) -> Scale:
    """The scale of a spacing (between rows, between columns) as a file gives it; any other is no scale."""
    calibration = _calibration(spacing_mm[0], spacing_mm[1], origin) if len(spacing_mm) == 2 else None
    if calibration is None:
        return Scale(None, "The file carries no scale, so nothing is measured in mm or ml.")
    return Scale(calibration, _sentence(calibration))


def _calibration(row_mm: float, col_mm: float, origin: str) -> Calibration | None:
    try:
        return Calibration(row_mm, col_mm, origin)
    except ValueError:
        return None


def _sentence(calibration: Calibration) -> str:
    return f"{_numbers(calibration)} mm/px, from {calibration.origin}."


def _numbers(calibration: Calibration) -> str:
    if calibration.square:
        return f"{calibration.row_mm:.4g}"
    return f"{calibration.row_mm:.4g} (rows) x {calibration.col_mm:.4g} (columns)"
