"""The graphs of an ultrasound image (spectral Doppler, M-mode) from its calibration regions (PS3.3 C.8.5.5)."""

from typing import Final

from pydicom.dataset import Dataset

from kinecor.core.values.graph import Form, Graph
from kinecor.core.values.recording import Region
from kinecor.io.dicom.header import items, number

_FORMS: Final[dict[float, Form]] = {2: "m-mode", 3: "spectral"}
"""Region Spatial Format (0018,6012)."""
_CENTIMETRES, _SECONDS, _CM_PER_S = 3, 4, 7
_UNIT_OF_Y: Final[dict[Form, int]] = {"m-mode": _CENTIMETRES, "spectral": _CM_PER_S}
_MAX_BYTES: Final = 1 << 16  # of all regions; scanners write a handful of some 300 bytes each
_SLACK_PX: Final = 2  # a region may end this far outside the image where pixels are counted differently


def graphs_of(header: Dataset, rows: int, columns: int) -> tuple[Graph, ...]:
    """Spectra and M-modes whose axes are in cm/s or cm and in s; none of an image that was shrunk.

    Args:
        header: of the file.
        rows: of the image.
        columns: of the image.

    """
    every = (_graph(item, rows, columns) for item in items(header, "SequenceOfUltrasoundRegions", _MAX_BYTES))
    return tuple(graph for graph in every if graph is not None)


def _graph(item: Dataset, rows: int, columns: int) -> Graph | None:
    form = _FORMS.get(number(item, "RegionSpatialFormat") or 0)
    corners = [number(item, f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
    column_s, row = number(item, "PhysicalDeltaX"), number(item, "PhysicalDeltaY")
    across, down = number(item, "PhysicalUnitsXDirection"), number(item, "PhysicalUnitsYDirection")
    if form is None or column_s is None or row is None or across != _SECONDS or down != _UNIT_OF_Y[form]:
        return None
    x0, y0, x1, y1 = (-1.0 if corner is None else float(corner) for corner in corners)
    if not (0 <= x0 < x1 < columns + _SLACK_PX and 0 <= y0 < y1 < rows + _SLACK_PX):
        return None
    region = Region(int(x0), int(y0), min(columns, int(x1) + 1), min(rows, int(y1) + 1))
    try:
        if form == "m-mode":
            return Graph(form, region, abs(column_s), abs(10 * row))
        return Graph(form, region, abs(column_s), row, _baseline_px(item, y0, y1, row))
    except ValueError:
        return None


def _baseline_px(item: Dataset, y0: float, y1: float, row: float) -> float | None:
    """The row of velocity 0; Reference Pixel y0 (0018,6022) counts from the top of the region.

    None without it, and where it lies outside the region, as a file does that counts from elsewhere.
    """
    from_top = number(item, "ReferencePixelY0")
    if from_top is None or not row or not 0 <= from_top <= y1 - y0 + 1:
        return None
    return y0 + from_top - (number(item, "ReferencePixelPhysicalValueY") or 0.0) / row
