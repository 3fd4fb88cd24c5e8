"""Baselines of TempReg-Net in Table 1 of Kong 2016: the area of a segmented ventricle, frame by frame.

The paper's users placed a first contour; here it is where motion and Hough circles find the ventricle. Level sets
are Chan and Vese's without edges (scikit-image), begun with the contour of the frame before; graph cuts are Boykov and
Jolly's by SciPy's maximum flow, with a seed at the centre. ED and ES are the frames of the largest and smallest area.
"""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from kinecor_models.localisation.lv_localisation import canvas, localise_ventricle

Areas = Callable[[NDArray[np.uint8]], NDArray[np.float64]]
"""(t, side, side) uint8 grey -> (t,) areas in pixels."""
MM_PER_PX = 1.7
"""About the scale of the images that are saved for training and evaluation."""
FIRST_RADIUS_PX = 6.0
# Cavities beyond this radius are rejected.
MAX_RADIUS_PX = 26.0
_ITERATIONS = 25
# Of the graph: what holds neighbours together, against the squared distance of a grey level in standard deviations;
# and what cannot be cut.
_SMOOTH, _SURE = 1.5, 1e4


def has_level_sets() -> bool:
    """Whether scikit-image is there: `pip install kinecor[evaluate]`."""
    return find_spec("skimage") is not None


def _centre(frames: NDArray[np.uint8]) -> tuple[float, float]:
    """(x, y) of the ventricle, or the middle of the image."""
    side = frames.shape[1]
    at_1_mm = canvas(frames, MM_PER_PX, MM_PER_PX)
    located = localise_ventricle(at_1_mm)
    if located is None:
        return (side - 1) / 2, (side - 1) / 2
    off = (at_1_mm.shape[1] - round(side * MM_PER_PX)) / 2
    x, y = ((at - off) / MM_PER_PX for at in (located.x, located.y))
    return float(np.clip(x, 8, side - 9)), float(np.clip(y, 8, side - 9))


def _disc(side: int, centre: tuple[float, float], radius: float) -> NDArray[np.bool_]:
    y, x = np.mgrid[0:side, 0:side]
    return np.asarray((x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2)


def _around(centre: tuple[float, float], side: int) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 of the box that holds the ventricle and its surroundings."""
    reach = 1.3 * MAX_RADIUS_PX
    x0, y0 = (int(max(0, at - reach)) for at in centre)
    x1, y1 = (int(min(side, at + reach)) for at in centre)
    return x0, y0, x1, y1


def _piece_at(mask: NDArray[np.bool_], centre: tuple[float, float]) -> NDArray[np.bool_]:
    """The connected piece nearest to a place; empty where none exists."""
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
    x0, y0, x1, y1 = _around(centre, side)
    region, level = _disc(side, centre, MAX_RADIUS_PX), _disc(side, centre, FIRST_RADIUS_PX)
    out = []
    for frame in frames:
        part = cv2.GaussianBlur(frame, (0, 0), 1.0)[y0:y1, x0:x1].astype(np.float64) / 255
        found = np.zeros((side, side), np.bool_)
        found[y0:y1, x0:x1] = chan_vese(
            part, _ITERATIONS, init_level_set=level[y0:y1, x0:x1].astype(np.int8), smoothing=1
        )
        # Level sets do not distinguish inside from outside; blood is brighter.
        if frame[found].sum() / max(found.sum(), 1) < frame[~found & region].sum() / max((~found & region).sum(), 1):
            found = ~found
        level = _piece_at(found & region, centre)
        out.append(float(level.sum()))
        if not level.any():
            level = _disc(side, centre, FIRST_RADIUS_PX)
    return np.array(out)


def _cut(part: NDArray[np.uint8], inner: NDArray[np.bool_], outer: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What a graph cut gives to blood: grey levels of two classes, and borders where grey levels change."""
    threshold, _ = cv2.threshold(part[outer], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    grey = part.astype(np.float64)
    blood, wall = grey[outer & (part > threshold)], grey[outer & (part <= threshold)]
    if not len(blood) or not len(wall):
        return np.zeros_like(outer)
    spread = max(float(np.hypot(blood.std(), wall.std())), 4.0)
    like_blood, like_wall = (np.minimum(((grey - some.mean()) / spread) ** 2, 9.0) for some in (blood, wall))
    like_wall[inner], like_blood[~outer], like_wall[~outer] = _SURE, _SURE, 0.0
    number = np.arange(part.size).reshape(part.shape)
    ends = [(number[:, :-1], number[:, 1:]), (number[:-1], number[1:])]
    first, second = (np.concatenate([pair[k].ravel() for pair in ends]) for k in (0, 1))
    steep = _SMOOTH * np.exp(-(((grey.ravel()[first] - grey.ravel()[second]) / spread) ** 2))
    source, sink = part.size, part.size + 1
    rows = np.concatenate([first, second, np.full(part.size, source), number.ravel()])
    columns = np.concatenate([second, first, number.ravel(), np.full(part.size, sink)])
    capacity = np.concatenate([steep, steep, like_wall.ravel(), like_blood.ravel()])
    shape = (part.size + 2, part.size + 2)
    graph = csr_array((np.rint(100 * capacity).astype(np.int32), (rows, columns)), shape=shape)
    left = graph - maximum_flow(graph, source, sink).flow
    left.data[left.data < 0] = 0
    left.eliminate_zeros()
    reached = np.zeros(part.size + 2, np.bool_)
    reached[breadth_first_order(left, source, return_predecessors=False)] = True
    return reached[: part.size].reshape(part.shape)


def graph_cut_areas(frames: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Areas by graph cuts (Boykov and Jolly, ICCV 2001): blood at the centre, something else beyond a large circle."""
    centre = _centre(frames)
    x0, y0, x1, y1 = _around(centre, frames.shape[1])
    centre, side = (centre[0] - x0, centre[1] - y0), frames.shape[1]
    inner, outer = (_disc(side, centre, radius)[: y1 - y0, : x1 - x0] for radius in (2.0, MAX_RADIUS_PX))
    parts = (cv2.GaussianBlur(frame, (0, 0), 0.7)[y0:y1, x0:x1] for frame in frames)
    return np.array([float(_piece_at(_cut(part, inner, outer), centre).sum()) for part in parts])
