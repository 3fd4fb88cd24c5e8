"""Contours as labels of pixels: what masks and segmentations hold."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from kinecor.core.values.errors import KinecorError
from kinecor.core.values.geometry import BytesArray, Contour
from kinecor.core.values.message import chain_texts, message
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Structure
from kinecor.core.volumes.stack_volumes import slice_places

LV_CAVITY, LV_MYOCARDIUM, LEFT_ATRIUM, RV_CAVITY = 1, 2, 3, 4

# Painted in this order, later over earlier: where outlines overlap by a pixel, the ventricle's own wins.
_LABELS: Mapping[Structure, int] = MappingProxyType(
    {
        Structure.RV: RV_CAVITY,
        Structure.LA: LEFT_ATRIUM,
        Structure.LV_EPI: LV_MYOCARDIUM,
        Structure.LV_ENDO: LV_CAVITY,
    }
)


def fill_contour(contour: Contour, rows: int, columns: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """The pixels whose centre is inside `contour`: bool of shape (rows, columns).

    Pixel centres are at integers. A centre exactly on the outline counts on the left and the upper side and not
    on the right and the lower one, so that neighbours that share an edge never share a pixel. Where the outline
    crosses itself, every part it encloses counts (non-zero winding). What is outside the image is cut off.

    Args:
        contour: closed, in pixels.
        rows: of the image.
        columns: of the image.

    """
    x0, y0 = contour.points.T
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    top = max(int(np.ceil(y0.min())), 0)
    bottom = min(int(np.ceil(y0.max())), rows)
    left = min(max(int(np.ceil(x0.min())), 0), columns)
    right = min(max(int(np.ceil(x0.max())), 0), columns)
    inside = np.zeros((rows, columns), bool)
    if top >= bottom or left >= right:
        return inside
    y = np.arange(top, bottom, dtype=np.float64)[:, None]
    down, up = (y0 <= y) & (y < y1), (y1 <= y) & (y < y0)
    row, edge = np.nonzero(down | up)
    slope = (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    crossing = x0[edge] + (y[row, 0] - y0[edge]) * slope
    column = np.clip(np.ceil(crossing), left, right).astype(np.intp) - left
    # Each crossing changes the winding number of every pixel from there on to the right.
    turns = np.zeros((bottom - top, right - left + 1), np.int16)
    np.add.at(turns, (row, column), np.where(down[row, edge], 1, -1))
    inside[top:bottom, left:right] = np.cumsum(turns, axis=1, dtype=np.int16)[:, :-1] != 0
    return inside


def label_frame(reading: Reading, frame: int) -> BytesArray:
    """Labels of one frame, uint8 (rows, columns): 0 background, 1 LV cavity, 2 LV myocardium, 3 LA, 4 RV cavity.

    Myocardium is the area inside the epicardium and outside the endocardium; in a frame without an endocardium
    the two cannot be distinguished, and neither is painted. On a short axis the cavity has then closed.

    Args:
        reading: of a loop, or a slice of a stack.
        frame: from 0.

    """
    facts = reading.facts
    labels = np.zeros((facts.rows, facts.columns), np.uint8)
    endo = reading.tracks.get(Structure.LV_ENDO)
    no_cavity = endo is None or endo.contours[frame] is None
    for structure, label in _LABELS.items():
        track = reading.tracks.get(structure)
        contour = track.contours[frame] if track else None
        if contour is None or (structure is Structure.LV_EPI and no_cavity and not reading.kind.closed):
            continue
        labels[fill_contour(contour, facts.rows, facts.columns)] = label
    return labels


def stack_labels(reading: Reading) -> BytesArray:
    """Labels of all slices and phases, uint8 (phases, places, rows, columns), as `label_frame` gives them.

    A slice that is missing from an even stack is an empty slice, so that all others keep their true places.

    Args:
        reading: of the stack.

    Raises:
        KinecorError: the slices differ in size, so that there is no common grid.

    """
    sizes = {(slice_reading.facts.rows, slice_reading.facts.columns) for slice_reading in reading.slices}
    if len(sizes) != 1:
        shapes = chain_texts([f"{rows} x {columns}" for rows, columns in sorted(sizes)])
        raise KinecorError(
            message(
                "Masks need slices of one size, these are of {sizes} pixels: analyse the slices' series one by one.",
                sizes=shapes,
            )
        )
    stack, (size,) = reading.facts.stack, sizes
    places = slice_places(stack) if stack else tuple(range(len(reading.slices)))
    labels = np.zeros((reading.facts.frames, places[-1] + 1, *size), np.uint8)
    for place, single_slice_reading in zip(places, reading.slices, strict=True):
        for phase in range(reading.facts.frames):
            labels[phase, place] = label_frame(single_slice_reading, phase)
    return labels
