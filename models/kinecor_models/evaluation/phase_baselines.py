"""What TempReg-Net is held against in Table 1 of paper 003: the area of a segmented ventricle, frame by frame.

The paper's users placed a first contour; here it is a circle about half as wide as the cavity, where motion and Hough
circles find the ventricle. Level sets are Chan and Vese's without edges (scikit-image), graph cuts are GrabCut's
(OpenCV); both follow the contour of the frame before. ED and ES are the frames of the largest and smallest area.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.lv_localisation import canvas, localised

Areas = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""(t, side, side) uint8 grey -> (t,) areas in pixels."""
MM_PER_PX = 1.7
"""About the scale of the pictures that are kept for training and evaluation."""
FIRST_RADIUS_PX = 6.0
# Cavities beyond this radius are not believed.
MOST_RADIUS_PX = 26.0
_ITERATIONS = 25


def has_level_sets() -> bool:
    """Whether scikit-image is there: `pip install kinecor[evaluate]`."""
    return find_spec("skimage") is not None


def _centre(frames: NDArray[np.uint8]) -> tuple[float, float]:
    """(x, y) of the ventricle, or the middle of the picture."""
    side = frames.shape[1]
    at_1_mm = canvas(frames, MM_PER_PX, MM_PER_PX)
    found = localised(at_1_mm)
    if found is None:
        return (side - 1) / 2, (side - 1) / 2
    off = (at_1_mm.shape[1] - round(side * MM_PER_PX)) / 2
    x, y = ((at - off) / MM_PER_PX for at in (found.x, found.y))
    return float(np.clip(x, 8, side - 9)), float(np.clip(y, 8, side - 9))


def _disc(side: int, centre: tuple[float, float], radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:side, 0:side]
    return np.asarray((x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2)


def _piece_at(mask: NDArray[np.bool_], centre: tuple[float, float]) -> NDArray[np.bool_]:
    """The connected piece nearest to a place; empty where there is none."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8))
    if count < 2:
        return np.zeros_like(mask)
    rows, columns = np.nonzero(labels)
    nearest = int(np.argmin((rows - centre[1]) ** 2 + (columns - centre[0]) ** 2))
    return np.asarray(labels == labels[rows[nearest], columns[nearest]])


def level_set_areas(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Areas by Chan and Vese's morphological level sets within the region where a cavity may be.

    Raises:
        ImportError: scikit-image is not installed.

    """
    # By name, so that types are checked alike with and without it.
    chan_vese = import_module("skimage.segmentation").morphological_chan_vese

    centre, side = _centre(frames), frames.shape[1]
    x0, y0 = (int(max(0, at - 1.3 * MOST_RADIUS_PX)) for at in centre)
    x1, y1 = (int(min(side, at + 1.3 * MOST_RADIUS_PX)) for at in centre)
    region, level = _disc(side, centre, MOST_RADIUS_PX), _disc(side, centre, FIRST_RADIUS_PX)
    out = []
    for frame in frames:
        part = cv2.GaussianBlur(frame, (0, 0), 1.0)[y0:y1, x0:x1].astype(np.float64) / 255
        found = np.zeros((side, side), np.bool_)
        found[y0:y1, x0:x1] = chan_vese(
            part, _ITERATIONS, init_level_set=level[y0:y1, x0:x1].astype(np.int8), smoothing=1
        )
        # Level sets do not tell inside from outside; blood is the brighter.
        if frame[found].sum() / max(found.sum(), 1) < frame[~found & region].sum() / max((~found & region).sum(), 1):
            found = ~found
        level = _piece_at(found & region, centre)
        out.append(float(level.sum()))
        if not level.any():
            level = _disc(side, centre, FIRST_RADIUS_PX)
    return np.array(out)


def graph_cut_areas(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Areas by GrabCut (Rother et al., SIGGRAPH 2004): blood at the centre, something else beyond a large circle."""
    centre, side = _centre(frames), frames.shape[1]
    inner, outer = _disc(side, centre, FIRST_RADIUS_PX / 2), _disc(side, centre, MOST_RADIUS_PX)
    likely, out = _disc(side, centre, FIRST_RADIUS_PX), []
    for frame in frames:
        labels = np.full((side, side), cv2.GC_PR_BGD, np.uint8)
        labels[likely], labels[~outer], labels[inner] = cv2.GC_PR_FGD, cv2.GC_BGD, cv2.GC_FGD
        cv2.setRNGSeed(0)
        coloured = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
        cv2.grabCut(coloured, labels, (0, 0, 0, 0), np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
        found = _piece_at((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD), centre)
        out.append(float(found.sum()))
        likely = found if found.any() else likely
    return np.array(out)
