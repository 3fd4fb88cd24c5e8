"""Short-axis cine MRI by the network of Zhang 2018: the myocardium of a whole cycle, joined at its ends.

For comparison with the default model, see its card.
"""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.outlines import gather_outlines
from kinecor_models.contours.sax import CAVITY as BLOOD
from kinecor_models.contours.sax import MYOCARDIUM, STRUCTURES, closed_outlines
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    Grid,
    ModelCard,
    Tensors,
    Tick,
    fit_grid,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, ManyEngine
from kinecor_models.engines.opening import open_many
from kinecor_models.engines.sequence import WallEngine, open_wall_engine
from kinecor_models.localisation.framing import (
    ALONE,
    TYPICAL_VIEW_MM,
    close_grid,
    find,
    grey,
    layers,
    levels,
    moving,
    some_frames,
    some_phases,
    stretch_contrast,
)
from kinecor_models.localisation.lv_localisation import SIDE_MM, canvas, localise_ventricle

BOX_MM = 112.0
"""Side of the box around the ventricle that the network sees."""
SURE = 0.5
"""Ventricles found by motion and circles with less confidence than this are rejected."""
MIN_CAVITY_PX = 6
"""Regions enclosed by the wall with less area than this, in network pixels, are gaps in it."""
Middle = tuple[float, float]
"""(x, y) of the ventricle in image pixels."""
Finder = Callable[[ClipInput], Middle | None]
"""Finds the ventricle of one slice; None where it sees none."""


class CircularModel:
    """Draws the wall of the left ventricle at all phases of the cycle at once.

    Args:
        card: names the weights, and gives the side of the network's square.
        wall: runs the network.
        finder: finds the ventricle, before motion and circles are tried.

    """

    def __init__(self, card: ModelCard, wall: WallEngine, finder: Finder) -> None:
        self._card, self._wall, self._finder = card, wall, finder

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours "lv_endo" and "lv_epi" of every phase of one slice, "rv" never; `tick` is called as each is read.

        Frames are taken as one cardiac cycle. Contours are closed, as the default model's are.
        """
        total = len(clip.frames)
        tick(0, total)
        grid = box_ventricle(clip, self._card.size, self._finder)
        squares = np.zeros((total, grid.size, grid.size), np.uint8)
        for frame in range(total):
            squares[frame] = grid.sampled(grey(clip.frames[frame]))
            tick(frame + 1, total)
        low, high = levels(squares)
        walls = self._wall(stretch_contrast(squares, low, high))
        contours, confidence = gather_outlines((closed_outlines(with_cavity(wall)) for wall in walls), STRUCTURES)
        return ClipOutput(contours, confidence, grid)


def box_ventricle(clip: ClipInput, size: int, finder: Finder) -> Grid:
    """The box of BOX_MM around the ventricle of one slice, as the finder sees it, else by motion and circles.

    Args:
        clip: a slice over the cycle.
        size: side of the network's square, pixels.
        finder: sees where the ventricle is.

    """
    column_mm, row_mm = _pixel_mm(clip)
    x, y = middle(clip, finder, by_motion)
    wide, high = BOX_MM / column_mm, BOX_MM / row_mm
    x0, y0 = round(x - wide / 2), round(y - high / 2)
    return fit_grid((x0, y0, x0 + max(8, round(wide)), y0 + max(8, round(high))), size, clip.aspect)


def middle(clip: ClipInput, *finders: Finder) -> Middle:
    """What the first finder says that sees a ventricle; where none does, the middle of what moves most.

    Args:
        clip: a slice over the cycle.
        finders: in the order in which they count.

    """
    for finder in finders:
        found = finder(clip)
        if found is not None:
            return found
    heart = moving(some_frames(clip))
    return heart.x, heart.y


def by_motion(clip: ClipInput) -> Middle | None:
    """A finder as Zhang's: by motion and circles, where these are SURE.

    Args:
        clip: a slice over the cycle.

    """
    rows, columns = clip.frames[0].shape[:2]
    column_mm, row_mm = _pixel_mm(clip)
    frames = np.stack([grey(clip.frames[frame]) for frame in range(len(clip.frames))])
    located = localise_ventricle(canvas(frames, row_mm, column_mm))
    if located is None or located.confidence < SURE:
        return None
    # The canvas has the same middle as the image.
    x = (located.x - (SIDE_MM - columns * column_mm) / 2) / column_mm
    y = (located.y - (SIDE_MM - rows * row_mm) / 2) / row_mm
    return x, y


def _pixel_mm(clip: ClipInput) -> tuple[float, float]:
    """Width and height of a pixel; a typical image's where the clip has no scale."""
    rows, columns = clip.frames[0].shape[:2]
    width_mm = clip.spacing_mm or TYPICAL_VIEW_MM / max(columns, rows * clip.aspect)
    return width_mm, width_mm * clip.aspect


def with_cavity(wall: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of background, cavity, wall and RV (4, size, size) from the wall's (size, size) alone.

    The region within the wall is cavity; the network does not segment the right ventricle.

    Args:
        wall: probabilities, 0 to 1.

    """
    outside = (wall <= 0.5).astype(np.uint8)
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(np.pad(outside, 1, constant_values=1), connectivity=4)
    # Piece 0 is the wall; that at the corner of the added frame surrounds it.
    around, pieces = pieces[0, 0], pieces[1:-1, 1:-1]
    inside = np.zeros(wall.shape, bool)
    for piece in range(1, count):
        if piece != around and stats[piece, cv2.CC_STAT_AREA] >= MIN_CAVITY_PX:
            inside |= pieces == piece
    near = cv2.dilate(inside.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rest = 1 - wall
    out = np.zeros((4, *wall.shape), np.float32)
    out[BLOOD] = np.where(near, rest, 0)
    out[0] = np.where(near, 0, rest)
    out[MYOCARDIUM] = wall
    return out


def by_network(engine: ManyEngine, size: int, channels: int) -> Finder:
    """A finder that uses the default model's network.

    Args:
        engine: of that network.
        size: side of its square.
        channels: images that it takes at once, see neighbour_slices.layers.

    """

    def look(clip: ClipInput) -> Middle | None:
        heart = find(clip, engine, size, ALONE, channels)
        rows, columns = clip.frames[0].shape[:2]
        grid = close_grid(clip, heart, size, (rows, columns))
        frames = some_phases(len(clip.frames))
        seen = np.mean(list(engine(layers(clip, ALONE, grid, frames, channels))), axis=0)
        y, x = np.nonzero(seen[BLOOD] + seen[MYOCARDIUM] > 0.5)
        if not len(x):
            return None
        at = grid.to_image(np.array([[x.mean(), y.mean()]]))[0]
        return float(at[0]), float(at[1])

    return look


def by_member(weights: Tensors) -> Tensors:
    """Weights by their present names: those of 1.0.0 are older than ensembles and name no member.

    Args:
        weights: of any version.

    """
    whole = ("extractor.", "members.")
    return {name if name.startswith(whole) else f"members.0.{name}": value for name, value in weights.items()}


def open_circular(name: str, device: Device = "auto", *, finds: str = "lv-sax") -> CircularModel:
    """The model `name`, with the weights and the settings of its card, ready to run.

    Args:
        name: of the model.
        device: "auto", "cpu" or "cuda".
        finds: the model whose network finds the ventricle; opened when the first slice comes.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    engine = open_wall_engine(card, by_member(load_weights(card)), device)

    @cache
    def other() -> Finder:
        theirs = load_card(finds)
        return by_network(open_many(theirs, load_weights(theirs), device), theirs.size, theirs.channels)

    return CircularModel(card, engine, lambda clip: other()(clip))
