"""The model for apical views: frames in, contours of ventricle, wall and atrium out."""

from collections import deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.beats import over_beats
from kinecor_models.contours.outlines import Outlines, gather_outlines, outlines
from kinecor_models.contours.smoothing import Field, Image, MotionFusion, fuse_frames, moving_average
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    EarlyOutput,
    Grid,
    ModelCard,
    Tick,
    fit_grid,
    interpolate_contours,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, ManyEngine, one_by_one, open_dis
from kinecor_models.engines.opening import open_engine, open_many
from kinecor_models.localisation.framing import grey, sector_box

STRUCTURES = ("lv_endo", "lv_epi", "la")
OverTime = Literal["fusion", "average", "live", "none", "beats"]
"""Smoothing over time: fusion along the motion, weighted moving average, fusion with past frames only, none, or
fusion and then the same phase of other beats (`beats.py`), which stores all of a clip's probabilities, 0.4 MB a frame.
"""

# Probabilities are blurred over this share of the network's side (standard deviation of a Gaussian) before contours are
# drawn: experts draw smoothly; on CAMUS valid it brought version 1.1.0 0.0003 (ED) and 0.0008 (ES) of LV Dice.
BLUR = 1.5 / 256
# The overlap that probabilities predict is raised to these powers, since networks are overconfident.
# Fitted on 60 patients of CAMUS train under hard conditions (`kinecor evaluate lv-calibration --split train --fit`).
CONFIDENCE_POWERS = {"lv_endo": 1.9, "lv_epi": 1.75, "la": 1.7}

# Provisional contours are of frames this far apart at most: ED and ES last longer, about.
EARLY_S = 0.06
Seen = Mapping[int, tuple[Image, Field]]
"""By frame: the network's square and its probabilities."""


class ApicalModel:
    """Segments each frame by the base network of Smistad and smooths over time.

    Args:
        card: names the weights.
        engine: runs the network.
        over_time: see OverTime.

    """

    def __init__(self, card: ModelCard, engine: ManyEngine, *, over_time: OverTime = "fusion") -> None:
        self._card, self._engine, self._over_time = card, engine, over_time

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick, known: Seen | None = None) -> ClipOutput:
        """Contours of every frame; `tick` is called after each frame that the network has segmented.

        `known` is what the network has seen of this clip before.
        """
        grid = fit_grid(sector_box(clip), self._card.size, clip.aspect)
        with closing(self._seen(clip, grid, tick, known or {})) as seen:
            contours, confidence = gather_outlines(
                map(draw_contours, self._smoothed(seen, clip.interval_s)), STRUCTURES
            )
        return ClipOutput(contours, confidence, grid)

    def early(self, clip: ClipInput, tick: Tick) -> EarlyOutput | None:
        """Contours after every frame that is EARLY_S from the one before; None where that would be every frame.

        Args:
            clip: an apical loop.
            tick: called after each frame that is looked at.

        """
        total = len(clip.frames)
        step = int(EARLY_S / clip.interval_s + 1e-6)
        if step < 2 or total < 2 * step:
            return None
        grid = fit_grid(sector_box(clip), self._card.size, clip.aspect)
        chosen = sorted({*range(0, total, step), total - 1})
        squares = [grid.sampled(grey(clip.frames[frame])) for frame in chosen]
        known: dict[int, tuple[Image, Field]] = {}
        with closing(self._engine(squares)) as answers:
            for frame, square, answer in zip(chosen, squares, answers, strict=True):
                known[frame] = square, answer
                tick(len(known), total)
        frames = {frame: draw_contours(answer) for frame, (_, answer) in known.items()}
        contours = {
            name: interpolate_contours({at: frame.contours[name] for at, frame in frames.items()}, total)
            for name in STRUCTURES
        }
        confidence = {
            name: np.interp(range(total), chosen, [frames[at].confidence[name] for at in chosen]).astype(np.float32)
            * np.array([contour is not None for contour in contours[name]], np.float32)
            for name in STRUCTURES
        }
        output = ClipOutput(contours, confidence, grid)
        return EarlyOutput((output,), lambda later: (self(clip, later, known),))

    def live(self, grid: Grid, interval_s: float) -> "LiveContours":
        """Contours of a live source frame by frame, as the model with "live" draws them of the whole clip.

        Args:
            grid: position of the ultrasound sector, of side `card.size` (see grid.fitted).
            interval_s: time from frame to frame, in seconds.

        """
        return LiveContours(self._engine, grid, interval_s)

    def _seen(self, clip: ClipInput, grid: Grid, tick: Tick, known: Seen) -> Generator[tuple[Image, Field]]:
        """The network's square of each frame and its probabilities; some are computed while another is contoured."""
        total, ahead = len(clip.frames), deque[Image]()
        tick(len(known), total)

        def squares() -> Iterator[Image]:
            for frame in range(total):
                if frame not in known:
                    ahead.append(grid.sampled(grey(clip.frames[frame])))
                    yield ahead[-1]

        with closing(self._engine(squares())) as answers:
            done = len(known)
            for frame in range(total):
                if frame in known:
                    yield known[frame]
                    continue
                probability = next(answers)
                done += 1
                tick(done, total)
                yield ahead.popleft(), probability

    def _smoothed(self, seen: Iterator[tuple[Image, Field]], interval_s: float) -> Iterator[Field]:
        if self._over_time in ("fusion", "live"):
            # Its own flow search: two clips may be analysed at the same time.
            return fuse_frames(seen, self._card.size, interval_s, open_dis(), live=self._over_time == "live")
        if self._over_time == "beats":
            images: list[Image] = []

            def stored() -> Iterator[tuple[Image, Field]]:
                for image, probability in seen:
                    images.append(image)
                    yield image, probability

            still = list(fuse_frames(stored(), self._card.size, interval_s, open_dis()))
            return iter(over_beats(images, still, interval_s, open_dis()))
        alone = (probability for _, probability in seen)
        return moving_average(alone, interval_s) if self._over_time == "average" else alone


class LiveContours:
    """Contours of frames as they come; see ApicalModel.live."""

    def __init__(self, engine: ManyEngine, grid: Grid, interval_s: float) -> None:
        self._engine, self._grid = engine, grid
        self._fusion = MotionFusion(grid.size, interval_s, open_dis(), live=True)

    def __call__(self, frame: NDArray[np.uint8]) -> Outlines:
        """Contours, on the grid, of the next frame: (rows, columns) or (rows, columns, 3) uint8."""
        image = self._grid.sampled(grey(frame))
        (answer,) = self._engine([image])
        (probability,) = self._fusion.push(image, answer)
        return draw_contours(probability)


def draw_contours(probability: Field) -> Outlines:
    """Contours of one frame's probabilities (4, size, size), and their expected Dice.

    Args:
        probability: of background, cavity, wall and atrium.

    """
    frame = outlines(probability, STRUCTURES, BLUR * probability.shape[-1])
    return Outlines(frame.contours, {name: sure ** CONFIDENCE_POWERS[name] for name, sure in frame.confidence.items()})


def open_apical(name: str, device: Device = "auto", *, over_time: OverTime = "fusion") -> ApicalModel:
    """The model `name`, with the weights its card pins, ready to run.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".
        over_time: what makes contours of frames go together.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return ApicalModel(card, open_many(card, load_weights(card), device), over_time=over_time)


def open_live(name: str, size: int, device: Device = "auto") -> ApicalModel:
    """The model `name` on a square of another side than its card's, for sources that leave less time.

    Args:
        name: of the card.
        size: side of the square, pixels.
        device: "auto", "cpu" or "cuda".

    Raises:
        ValueError: the network cannot have that side.
        WeightsError, DeviceError: see open_apical.

    """
    card = load_card(name)
    sized = replace(card, size=size)
    return ApicalModel(sized, one_by_one(open_engine(sized, load_weights(card), device)), over_time="live")
