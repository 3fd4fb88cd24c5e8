"""ED and ES of an apical loop, seen together by several networks whose probabilities are averaged.

Each network sees the frame that it contours and, in a second channel, the other phase of the same beat. It runs at the
frames that values rest on alone. So that a contour does not jump from those frames to their neighbours, what it changes
there is carried to the frames between: in full at ED and ES, less with the distance from them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.apical import STRUCTURES, draw_contours
from kinecor_models.contours.outlines import Outlines
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    Grid,
    ModelCard,
    Points,
    Tensors,
    Tick,
    fit_grid,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, Engine
from kinecor_models.engines.opening import open_engine
from kinecor_models.localisation.framing import grey, sector_box

DEFAULT_PAIRS = "lv-pairs"
Frames = tuple[int, int]
"""Frames of one beat, from 0: ED and ES."""


@dataclass(frozen=True, eq=False)
class PairOutput:
    """Contours of the frames of some beats.

    Attributes:
        frames: by number of the frame, from 0.
        grid: maps their points to the image.

    """

    frames: Mapping[int, Outlines]
    grid: Grid


class PairModel:
    """Segments ED and ES of beats by the mean of several networks.

    Args:
        card: names the weights.
        engines: run the networks, each from (2, size, size) uint8: the frame, and the other phase.

    """

    def __init__(self, card: ModelCard, engines: Sequence[Engine]) -> None:
        self._card, self._engines = card, tuple(engines)

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    @property
    def passes(self) -> int:
        """Runs of a network for each frame."""
        return len(self._engines)

    def __call__(self, clip: ClipInput, beats: Sequence[Frames], tick: Tick) -> PairOutput:
        """Contours at ED and ES of each beat; `tick` is called after each frame with how many are done."""
        grid = fit_grid(sector_box(clip), self._card.size, clip.aspect)
        wanted = [pair for ed, es in beats for pair in ((ed, es), (es, ed))]
        outlines_list: dict[int, Outlines] = {}
        squares: dict[int, NDArray[np.uint8]] = {}
        for done, (frame, other) in enumerate(wanted, start=1):
            for number in (frame, other):
                if number not in squares:
                    squares[number] = grid.sampled(grey(clip.frames[number]))
            if frame not in outlines_list:
                outlines_list[frame] = draw_contours(self.probability(squares[frame], squares[other]))
            tick(done, len(wanted))
        return PairOutput(outlines_list, grid)

    def probability(self, frame: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(classes, size, size) of one frame, the mean over the networks.

        Args:
            frame: (size, size) grey levels.
            other: the same heart at the other phase.

        """
        both = np.stack([frame, other])
        return np.asarray(np.mean([engine(both) for engine in self._engines], axis=0), np.float32)


def with_pairs(output: ClipOutput, pairs: PairOutput, beats: Sequence[Frames]) -> ClipOutput:
    """A clip's contours with those of its pairs at ED and ES, and their difference carried to the frames between.

    The difference is interpolated in time from one of these frames to the next. Before the first and after the last it
    falls to nothing over as many frames as ED and ES of that beat are apart. Contours that either lacks stay as they
    were, and so does the confidence of all other frames.

    Args:
        output: of all frames.
        pairs: of the same clip.
        beats: that the pairs are of.

    """
    total = len(next(iter(output.contours.values())))
    contours, confidence = dict(output.contours), dict(output.confidence)
    for name in STRUCTURES:
        of_frames = list(output.contours[name])
        sure = output.confidence[name].copy()
        moved: dict[int, Points] = {}
        for frame, outlines in pairs.frames.items():
            before, after = of_frames[frame], outlines.contours[name]
            if before is not None and after is not None:
                to_network = output.grid.to_network(pairs.grid.to_image(after)).astype(np.float32)
                moved[frame] = to_network - before
                sure[frame] = outlines.confidence[name]
        for frame, shift in _between(moved, beats, total):
            line = of_frames[frame]
            if line is not None:
                of_frames[frame] = line + shift
        contours[name], confidence[name] = of_frames, sure
    return replace(output, contours=contours, confidence=confidence)


def _between(moved: Mapping[int, Points], beats: Sequence[Frames], total: int) -> Iterator[tuple[int, Points]]:
    """The shift of each frame that has one, from those of some frames."""
    if not moved:
        return
    known = sorted(moved)
    reach = {frame: max(abs(es - ed), 1) for ed, es in beats for frame in (ed, es)}
    ends = {known[0] - reach[known[0]]: known[0], known[-1] + reach[known[-1]]: known[-1]}
    places = sorted({*known, *ends})
    shifts = [moved[at] if at in moved else np.zeros_like(moved[ends[at]]) for at in places]
    for frame in range(max(places[0], 0), min(places[-1] + 1, total)):
        after = int(np.searchsorted(places, frame))
        if places[after] == frame:
            yield frame, shifts[after]
            continue
        share = np.float32((frame - places[after - 1]) / (places[after] - places[after - 1]))
        yield frame, shifts[after - 1] + share * (shifts[after] - shifts[after - 1])


def members_of(weights: Tensors) -> tuple[Tensors, ...]:
    """The weights of each network of several, which are stored as NUMBER.NAME.

    Args:
        weights: of several networks.

    """
    numbers = sorted({int(name.split(".", 1)[0]) for name in weights})
    return tuple(
        {name.removeprefix(f"{number}."): value for name, value in weights.items() if name.startswith(f"{number}.")}
        for number in numbers
    )


def as_members(networks: Sequence[Tensors]) -> Tensors:
    """Weights of several networks in one; see `members_of`.

    Args:
        networks: weights of each.

    """
    return {f"{number}.{name}": value for number, weights in enumerate(networks) for name, value in weights.items()}


def open_pairs(name: str = DEFAULT_PAIRS, device: Device = "auto") -> PairModel:
    """The model `name`, with the weights its card pins, ready to run.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return PairModel(card, [open_engine(card, weights, device) for weights in members_of(load_weights(card))])
