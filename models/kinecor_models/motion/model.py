"""Motion from frame to frame of a clip: displacement at the nodes of a regular grid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ClipInput, Grid, Tick, fit_grid, load_card, load_weights
from kinecor_models.engines.engine import NODE_PX, Device, Floats, FlowEngine, open_dis, return_error
from kinecor_models.engines.opening import open_flow_engine
from kinecor_models.localisation.framing import grey, sector_box

MotionName = Literal["dis", "moving", "network"]
Pair = tuple[Floats, Floats]
"""Displacement at nodes between two neighbouring frames, there and back."""
NETWORK = "motion"
"""Name of the card of the stacked network of Østvik 2018."""
MARGIN = 0.12
"""Margin around the box that holds the heart, as a share of its larger side."""
FINER = 1.6
"""Pixels of the square per image pixel: some oversampling helps a sub-pixel search, more only adds noise."""
DIS_SIZES = 128, 256
"""Least and largest side of the square that dense inverse search sees."""
STILL = 0.4
"""Share of a loop's mean image that is taken off before the motion of echo is searched, see `less_still`."""
LONG_S, MANY = 0.3, 9
"""A mean image shows what stands still only where a loop lasts this long and has this many frames: muscle is blurred.

From ED to ES is enough, see docs/decisions/0157.
"""
_MEAN_OF = 64


@dataclass(frozen=True, eq=False)
class MotionOutput:
    """Displacements at nodes of the network's square.

    Attributes:
        displacement: (frames - 1, rows, columns, 2) float32, network pixels, x and y: displacement
            from frame f to frame f + 1 of what is at a node in frame f.
        back: likewise from frame f + 1 to frame f, at the nodes of frame f + 1.
        error: (frames - 1, rows, columns) float32, network pixels: distance from its node
            after going to frame f + 1 and back; large where motion is unreliable.
        back_error: likewise from frame f + 1 to frame f and back.
        grid: maps (x, y) of the network to (x, y) of the image, see `nodes`.

    """

    displacement: NDArray[np.float32]
    back: NDArray[np.float32]
    error: NDArray[np.float32]
    back_error: NDArray[np.float32]
    grid: Grid

    @cached_property
    def nodes(self) -> NDArray[np.float64]:
        """(rows, columns, 2) positions of the nodes, network pixels; `grid.to_image` maps them to the image."""
        rows, columns = self.displacement.shape[1:3]
        y, x = np.mgrid[0:rows, 0:columns] * self.node_px + (self.node_px - 1) / 2
        return np.stack([x, y], axis=-1)

    @property
    def node_px(self) -> int:
        """Network pixels from node to node."""
        return self.grid.size // int(self.displacement.shape[1])

    def moved(
        self, points: NDArray[np.floating], frame: int, *, back: bool = False
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points of the image moved by one frame, interpolated between nodes; beyond the square by the nearest node.

        Args:
            points: (n, 2) (x, y) in pixels of the image, in frame `frame`.
            frame: 0 to frames - 2; with `back`, 1 to frames - 1.
            back: to the frame before instead of the one after.

        Returns:
            (n, 2) their positions in frame `frame` + 1 (or - 1), and (n,) the error there; both in image pixels (of
            the mean side, where pixels are not square).

        Raises:
            IndexError: there is no such neighbouring frame.

        """
        pairs, pair = len(self.displacement), frame - 1 if back else frame
        if not 0 <= pair < pairs:
            raise IndexError(
                f"a motion of {pairs + 1} frames does not lead {'back ' if back else ''}from frame {frame}"
            )
        fields = (self.back, self.back_error) if back else (self.displacement, self.error)
        at = self.grid.to_network(points)
        node = ((at - (self.node_px - 1) / 2) / self.node_px).astype(np.float32)
        step, error = (
            cv2.remap(
                np.ascontiguousarray(field[pair]),
                node[:, :1],
                node[:, 1:],
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for field in fields
        )
        there = self.grid.to_image(at + step.reshape(-1, 2))
        return there, error.reshape(-1).astype(np.float64) * float(np.mean(self.grid.step_px))


class MotionModel:
    """Finds motion between neighbouring frames, both ways.

    Args:
        engine: finds motion between two images.
        size: side of the square it sees, or the largest where `least` is given.
        author: how the journal names it.
        least: where given, the square is FINER than the image, but no smaller than this; both multiples of four.
        still: share of the loop's mean image that is taken off each frame, see `less_still`.

    """

    def __init__(
        self, engine: FlowEngine, size: int, author: str, least: int | None = None, *, still: float = 0.0
    ) -> None:
        self._engine, self.size, self.least, self.author, self._still = engine, size, least or size, author, still

    def __call__(
        self, clip: ClipInput, tick: Tick, within: tuple[float, float, float, float] | None = None
    ) -> MotionOutput:
        """Motion between all neighbouring frames; `tick` is called after each frame.

        Args:
            clip: see ClipInput; of a single frame, no motion.
            tick: see contract.py.
            within: (x0, y0, x1, y1) in image pixels that holds the heart in all frames, so that the network's square
                covers it only; by default the ultrasound sector.

        """
        grid, total = motion_grid(clip, self.size, within), len(clip.frames)
        if self.least < self.size:
            own = 4 * round(FINER * max(grid.x1 - grid.x0, (grid.y1 - grid.y0) * clip.aspect) / 4)
            grid = motion_grid(clip, min(max(own, self.least), self.size), within)
        side = grid.size // NODE_PX
        # Written in place: arrays of each pair, put together at the end, took a tenth of the time.
        found: list[NDArray[np.float32]] = []
        squares: Iterable[NDArray[np.uint8]] = (grid.sampled(grey(clip.frames[frame])) for frame in range(total))
        if self._still and total >= MANY and total * clip.interval_s >= LONG_S:
            squares = less_still(squares, mean_square(clip, grid), self._still)
        seen = known = 0
        for pair in self.pairs(squares, total):
            if pair is None:
                seen += 1
                tick(seen, total)
                continue
            there, back = pair
            apart = grid.size // len(there)
            fields = there, back, return_error(there, back, apart), return_error(back, there, apart)
            found = found or [np.empty((total - 1, *field.shape), np.float32) for field in fields]
            for whole, field in zip(found, fields, strict=True):
                whole[known] = field
            known += 1
        if not found:
            found = [np.zeros((0, side, side, *trailing), np.float32) for trailing in ((2,), (2,), (), ())]
        there, back, error, back_error = found
        return MotionOutput(there, back, error, back_error, grid)

    def pairs(self, squares: Iterable[NDArray[np.uint8]], frames: int) -> Iterator[Pair | None]:  # noqa: ARG002
        """Motion between the squares of a clip's `frames` frames.

        Args:
            squares: of one size, grey, in order.
            frames: of the clip.

        Yields:
            None after each square, and in between each pair's displacement at nodes, there and back, in order.

        """
        before: NDArray[np.uint8] | None = None
        for square in squares:
            if before is not None:
                yield self._engine(before, square)
            before = square
            yield None


def motion_grid(clip: ClipInput, size: int, within: tuple[float, float, float, float] | None = None) -> Grid:
    """The square in which motion is searched: around `within` with MARGIN, or the sector.

    Args:
        clip: of any kind.
        size: side of the square, pixels.
        within: (x0, y0, x1, y1) pixels of what is followed; None for the sector.

    """
    if within is None:
        return fit_grid(sector_box(clip), size, clip.aspect)
    x0, y0, x1, y1 = within
    room = MARGIN * max(x1 - x0, (y1 - y0) * clip.aspect)
    down = room / clip.aspect
    box = int(np.floor(x0 - room)), int(np.floor(y0 - down)), int(np.ceil(x1 + room)) + 1, int(np.ceil(y1 + down)) + 1
    return fit_grid(box, size, clip.aspect)


def mean_square(clip: ClipInput, grid: Grid) -> NDArray[np.uint8]:
    """(size, size) mean of a clip's frames, of _MEAN_OF or a few more of them evenly spaced where it has many.

    Args:
        clip: of any kind.
        grid: of the square.

    """
    some = range(0, len(clip.frames), max(1, len(clip.frames) // _MEAN_OF))
    total = np.zeros((grid.size, grid.size), np.float32)
    for frame in some:
        cv2.accumulate(grid.sampled(grey(clip.frames[frame])), total)
    return np.asarray(np.round(total / len(some)), np.uint8)


def less_still(
    squares: Iterable[NDArray[np.uint8]], mean: NDArray[np.uint8], share: float
) -> Iterator[NDArray[np.uint8]]:
    """Images less a share of what stands still in all of them: haze, side lobes, near-field clutter, reverberation.

    These lie over the muscle and stay where they are, so that a search for motion finds less than there is, most of
    all across the wall. Over a loop, muscle that moves is blurred in the mean, and they are not.

    Args:
        squares: (size, size) images.
        mean: (size, size) of the loop.
        share: of the mean to be taken off; brightness as a whole stays.

    """
    level = share * float(mean.mean())
    for square in squares:
        yield np.asarray(cv2.addWeighted(square, 1.0, mean, -share, level), np.uint8)


def open_motion(name: MotionName = "dis", device: Device = "auto") -> MotionModel:
    """A motion model ready to run.

    Args:
        name: "dis" is OpenCV's dense inverse search, without weights, the best on echo in the table of `kinecor
            evaluate flow`; "moving" is the same on images less a share of what stands still over the loop, the
            best for strain of apical echo; "network" is the stack of Østvik 2018, the best on MRI.
        device: where the network runs; dense inverse search always runs on the CPU.

    Raises:
        ValueError: there is no such model.
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not available.

    """
    if name == "network":
        return _open_network(device)
    if name not in ("dis", "moving"):
        raise ValueError(f"expected a motion model dis, moving or network, got {name}")
    least, most = DIS_SIZES
    still = STILL if name == "moving" else 0.0
    author = f"model:{'moving-dis-flow' if still else 'dis-flow'}@{cv2.__version__}"
    return MotionModel(open_dis(), most, author, least, still=still)


def _open_network(device: Device) -> MotionModel:
    card = load_card(NETWORK)
    engine = open_flow_engine(load_weights(card), card.size, device)
    return MotionModel(engine, card.size, card.author)
