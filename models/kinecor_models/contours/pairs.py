"""The ventricle at ES of an apical loop, seen together with ED of the same beat.

At ES trabeculae and side walls that are hardly seen hide the border; ED shows them. The network sees the frame that it
contours and, in a second channel, the other phase. It runs at ES alone, where experts' contours gain by it, and gives
the ventricle's two contours. So that they do not jump from ES to its neighbours, what it changes there is carried to
the frames around, in full at ES and not at all at ED (decision 0250).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kinecor_models.contours.apical import draw_contours
from kinecor_models.contours.outlines import Outlines
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    Grid,
    ModelCard,
    Points,
    Tick,
    fit_grid,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, Engine
from kinecor_models.engines.opening import open_engine
from kinecor_models.localisation.framing import grey, sector_box

DEFAULT_PAIRS = "lv-pairs"
SEEN_TOGETHER: Final = ("lv_endo", "lv_epi")
"""Contours that the network gives; the atrium stays as it was."""
Frames = tuple[int, int]
"""Frames of one beat, from 0: ED and ES."""


@dataclass(frozen=True, eq=False)
class PairOutput:
    """Contours at ES of some beats.

    Attributes:
        frames: by number of the frame, from 0.
        grid: maps their points to the image.

    """

    frames: Mapping[int, Outlines]
    grid: Grid


class PairModel:
    """Contours the ventricle at ES of beats.

    Args:
        card: names the weights.
        engine: runs the network, from (2, size, size) uint8: the frame, and the other phase.

    """

    def __init__(self, card: ModelCard, engine: Engine) -> None:
        self._card, self._engine = card, engine

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, beats: Sequence[Frames], tick: Tick) -> PairOutput:
        """Contours at ES of each beat; `tick` is called after each with how many are done."""
        grid = fit_grid(sector_box(clip), self._card.size, clip.aspect)
        outlines: dict[int, Outlines] = {}
        for done, (ed, es) in enumerate(beats, start=1):
            both = [grid.sampled(grey(clip.frames[frame])) for frame in (es, ed)]
            outlines[es] = draw_contours(self._engine(np.stack(both)))
            tick(done, len(beats))
        return PairOutput(outlines, grid)


def with_pairs(output: ClipOutput, pairs: PairOutput, beats: Sequence[Frames]) -> ClipOutput:
    """A clip's contours with those of its pairs at ES, and their difference carried to the frames around.

    The difference is interpolated in time, from nothing at ED to all of it at ES. After the last ES it falls to nothing
    over as many frames as ED and ES of that beat are apart. Contours that either lacks stay as they were, and so does
    the confidence of all other frames.

    Args:
        output: of all frames.
        pairs: of the same clip.
        beats: that the pairs are of.

    """
    total = len(next(iter(output.contours.values())))
    contours, confidence = dict(output.contours), dict(output.confidence)
    for name in SEEN_TOGETHER:
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
    """The shift of each frame that has one, from those at ES."""
    if not moved:
        return
    reach = {es: max(abs(es - ed), 1) for ed, es in beats}
    still = np.zeros_like(next(iter(moved.values())))
    shifts = {ed: still for ed, es in beats if es in moved} | dict(moved)
    first, last = min(moved), max(moved)
    for edge in (first - reach[first], last + reach[last]):
        if not min(shifts) <= edge <= max(shifts):
            shifts[edge] = still
    places = sorted(shifts)
    for frame in range(max(places[0], 0), min(places[-1] + 1, total)):
        after = int(np.searchsorted(places, frame))
        if places[after] == frame:
            yield frame, shifts[frame]
            continue
        before = places[after - 1]
        share = np.float32((frame - before) / (places[after] - before))
        yield frame, shifts[before] + share * (shifts[places[after]] - shifts[before])


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
    return PairModel(card, open_engine(card, load_weights(card), device))
