"""A model's contours as tracks in pixels of the recording."""

import numpy as np

from kinecor.core.values.contour import Contour
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor_models.contract import ClipOutput


def in_pixels(output: ClipOutput) -> list[ContourTrack]:
    """One track per structure that the model looks for, on the picture's own grid."""
    out = []
    for name, contours in output.contours.items():
        placed = tuple(
            None if points is None else Contour(output.grid.to_picture(points).astype(np.float64))
            for points in contours
        )
        confidence = np.clip(output.confidence[name].astype(np.float64), 0, 1)
        out.append(ContourTrack(Structure(name), placed, (Origin.MODEL,) * len(placed), confidence))
    return out
