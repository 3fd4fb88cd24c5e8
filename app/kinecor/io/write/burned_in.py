"""What of a picture may stay in a de-identified copy: the sector, without text that is found in it.

Nothing else is trusted: not the header's Burned In Annotation, which scanners set to NO above a hospital's name, and
not the calibrated regions, which often cover the whole picture.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.recording import Region
from kinecor.io.dicom.header import items, number
from kinecor.io.write.lettering import CLIP_FRAMES, MAX_HEIGHT, Box, lettering
from kinecor.io.write.sector import sector_mask

Mask = NDArray[np.bool_]
_MAX_REGION: Final = 0.9
"""A region that covers this share of the picture says nothing of where its text is."""
_TWO_DIMENSIONAL, _TISSUE, _COLOUR_FLOW = 1, 1, 2


@dataclass(frozen=True, eq=False)
class Examined:
    """A picture, or all frames of a clip.

    Attributes:
        sector: (rows, columns) pixels that show tissue; None where no sector is found surely.
        text: (rows, columns) boxes around text that is found, in the sector and near it; all over the picture where
            there is no sector.
        regions: (rows, columns) pixels of calibrated two-dimensional regions; all of them where no region helps.

    """

    sector: Mask | None
    text: Mask
    regions: Mask

    @property
    def blanked(self) -> Mask:
        """(rows, columns) what is black in the copy: without a sector, what is known to be no part of the image."""
        return ~(self.regions if self.sector is None else self.sector) | self.text


def examine_recording(frames: BytesArray, header: Dataset) -> Examined:
    """Sector and text of a recording.

    Args:
        frames: as shown, uint8 (t, rows, columns) or (t, rows, columns, 3) RGB.
        header: with its ultrasound regions.

    """
    return _examined(frames, _regions(header, *frames.shape[1:3]))


def examined_in(frames: BytesArray, region: Region | None) -> Examined:
    """Sector and text of a recording that is open; as `examine_recording`.

    Args:
        frames: likewise.
        region: the part that its file calls calibrated; None where it does not say.

    """
    rows, columns = frames.shape[1:3]
    boxes = [] if region is None else [(region.x0, region.y0, min(region.x1, columns), min(region.y1, rows))]
    return _examined(frames, _telling(boxes, rows, columns))


def _examined(frames: BytesArray, boxes: list[Box]) -> Examined:
    rows, columns = frames.shape[1:3]
    regions = np.zeros((rows, columns), bool)
    for x0, y0, x1, y1 in boxes:
        regions[y0:y1, x0:x1] = True
    grey = frames if frames.ndim == 3 else frames.max(axis=3)
    low, high = grey.min(axis=0), grey.max(axis=0)
    sector = np.zeros((rows, columns), bool)
    for x0, y0, x1, y1 in boxes:
        part = sector_mask(low[y0:y1, x0:x1], high[y0:y1, x0:x1], clip=len(frames) >= CLIP_FRAMES)
        if part is not None:
            sector[y0:y1, x0:x1] |= part
    found = bool(sector.any())
    x0, y0, x1, y1 = _around(sector if found else regions)
    text = np.zeros((rows, columns), bool)
    text[y0:y1, x0:x1] = lettering(frames[:, y0:y1, x0:x1])
    return Examined(sector if found else None, text, regions)


def _regions(header: Dataset, rows: int, columns: int) -> list[Box]:
    """The two-dimensional regions that leave something out; else the whole picture."""
    boxes: list[Box] = []
    for item in items(header, "SequenceOfUltrasoundRegions"):
        corners: list[Any] = [number(item, f"RegionLocation{name}") for name in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
        flat = number(item, "RegionSpatialFormat") in {_TWO_DIMENSIONAL, None}
        if None in corners or not flat or number(item, "RegionDataType") not in {_TISSUE, _COLOUR_FLOW, None}:
            continue
        x0, y0 = max(int(corners[0]), 0), max(int(corners[1]), 0)
        x1, y1 = min(int(corners[2]) + 1, columns), min(int(corners[3]) + 1, rows)
        if x0 < x1 and y0 < y1:
            boxes.append((x0, y0, x1, y1))
    return _telling(boxes, rows, columns)


def _telling(boxes: list[Box], rows: int, columns: int) -> list[Box]:
    """The boxes, where they leave something out; else the whole picture."""
    covered = np.zeros((rows, columns), bool)
    for x0, y0, x1, y1 in boxes:
        covered[y0:y1, x0:x1] = True
    if not boxes or covered.mean() >= _MAX_REGION:
        return [(0, 0, columns, rows)]
    return boxes


def _around(part: Mask) -> Box:
    """The box of a part with room for the highest letters, so that a row that reaches into it is seen as a whole."""
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    down, across = round(part.shape[0] * MAX_HEIGHT / 2), part.shape[1] // 6
    return (
        max(int(columns[0]) - across, 0),
        max(int(rows[0]) - down, 0),
        min(int(columns[-1]) + 1 + across, part.shape[1]),
        min(int(rows[-1]) + 1 + down, part.shape[0]),
    )
