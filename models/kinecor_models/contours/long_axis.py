"""The model for long axes of cine MRI: the phases of one slice in, the LV cavity with its mitral hinge points out.

The network also sees wall, atria and right ventricle, which it learnt from simulated hearts alone. On real images these
are wrong too often to be drawn (decision 0182); they help to find the valve, and which view it is.

An image may be shown any way up. So the valve is looked for by what borders on the cavity: an atrium or other blood,
where everywhere else there is wall.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.outlines import Points, area, expected_dice, pieces, soften_probabilities, space_evenly
from kinecor_models.contours.smoothing import FUSION_REACH, FUSION_SPREAD_S, bending_weights, fuse_frames
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    Grid,
    Image,
    ModelCard,
    Tick,
    fit_grid,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, ManyEngine, open_dis
from kinecor_models.engines.opening import open_many
from kinecor_models.localisation.framing import grey, levels, some_phases, stretch_contrast

Field = NDArray[np.float32]
BACKGROUND, CAVITY, MYOCARDIUM, LEFT_ATRIUM, RIGHT, RIGHT_ATRIUM = range(6)
"""Channels of the network."""
STRUCTURES = ("lv_endo",)
POINTS = 96
FIELD_MM = 240.0
"""Side of the square around the ventricle that the network sees, as in training."""
FIELD_OF_LENGTH = 2.7
"""The same as a multiple of the cavity's length, where the scale is not known: 240 mm for a length of 89 mm."""
FIELD_OF_IMAGE = 0.6, 1.0
"""Shares of the image's longer side that it is then between."""
LOOKED_AT = 6
"""Phases, spread over the clip, at which the whole image is analysed."""
MIN_AREA = 40.0
"""Smaller pieces, in network pixels, are no ventricle."""
BLUR_PX = 0.9
"""Probabilities are blurred over this many network pixels before contours are drawn."""
CONFIDENCE_POWER = 1.4
"""The overlap that probabilities predict is raised to this power, since networks are overconfident: the mean over the
patients that choose is then that of their Dice."""
CONTOUR_GIVEN_FROM = 0.4
"""Contours of less confidence are dropped."""

# The valve: distances outside the cavity at which its neighbourhood is sampled, in network pixels; points round the
# outline; weight of the area that a chord cuts off, which keeps it on the corners of the outline.
_LOOK_OUT = (2.0, 3.5, 5.0)
_AROUND = 180
_CUT_OFF = 2.0
_AT_THE_END = 0.5
"""Gain per pixel by which the chord is from the cavity's middle along its length: a valve is at an end of it."""
_SHORTEST, _LONGEST = 0.08, 0.40
"""Of the outline's length, that the valve may be."""


# Probability of right ventricle and right atrium over that of the LV cavity, summed over the square and averaged over
# phases. Four-chamber views show a right atrium, three-chamber views a right ventricle (its outflow tract) and no right
# atrium, two-chamber views neither; between these limits no view is named. A descending aorta, a tenth of the cavity's
# area, is sometimes taken for the atrium: that is not enough. `kinecor evaluate lax-cine` and `lax-hearts` say how
# often views are right.
_ATRIUM_SEEN, _NO_ATRIUM, _NO_RIGHT_HEART = 0.15, 0.0007, 0.005
VIEW_CONFIDENCE = 0.97
"""Of a view that is named: of 49 patients' four-chamber views none was taken for another one."""


@dataclass(frozen=True, eq=False)
class Found:
    """The cavity at one frame, in network pixels.

    Attributes:
        wall: (POINTS, 2) from hinge point to hinge point by way of the apex; None where there is no cavity.
        confidence: 0..1, the overlap with an expert's contour that the network predicts.

    """

    wall: Points | None
    confidence: float


class LongAxisModel:
    """Finds the ventricle in the whole image, segments a square around it, and holds contours still along the motion.

    Args:
        card: names the weights.
        engine: runs the network.
        steady: whether probabilities are averaged along the motion of the image (see smoothing.fused).

    """

    def __init__(self, card: ModelCard, engine: ManyEngine, *, steady: bool = True) -> None:
        self._card, self._engine, self._steady = card, engine, steady

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """The contour "lv_endo" of every phase; `tick` is called after each.

        Frames are taken as one cardiac cycle, the last before the first.
        """
        grid = self.grid(clip)
        seen = list(self.probabilities(clip, grid, tick))
        if self._steady and len(seen) > 1:
            probabilities = _round_the_cycle(seen, grid.size, clip.interval_s)
        else:
            probabilities = [probability for _, probability in seen]
        frames = [self.cavity(probability, image) for (image, _), probability in zip(seen, probabilities, strict=True)]
        sure = [frame.confidence if frame.confidence >= CONTOUR_GIVEN_FROM else 0.0 for frame in frames]
        contours = [frame.wall if given else None for frame, given in zip(frames, sure, strict=True)]
        shares = np.mean([right_heart(probability) for _, probability in seen], axis=0)
        view = view_of(*map(float, shares)) if any(contour is not None for contour in contours) else None
        return ClipOutput({"lv_endo": contours}, {"lv_endo": np.array(sure, np.float32)}, grid, view)

    def cavity(self, probability: Field, image: Image) -> Found:
        """The cavity at one frame, from the probabilities (6, size, size) and the network's input.

        Args:
            probability: of the six classes.
            image: (size, size), grey.

        """
        outline = _outline(soften_probabilities(probability, BLUR_PX), MIN_AREA)
        if outline is None:
            return Found(None, 0.0)
        sure = expected_dice(probability[CAVITY], outline) ** CONFIDENCE_POWER
        return Found(path_between_hinges(outline, probability, image), sure)

    def grid(self, clip: ClipInput) -> Grid:
        """The square around the ventricle; the whole image where none is found.

        Args:
            clip: a long axis over the cycle.

        """
        rows, columns = clip.frames[0].shape[:2]
        whole = fit_grid((0, 0, columns, rows), self._card.size, clip.aspect)
        frames = some_phases(len(clip.frames), LOOKED_AT)
        with closing(self._engine(_squares(clip, whole, frames))) as answers:
            mean = np.asarray(np.mean(list(answers), axis=0), np.float32)
        outline = _outline(mean, MIN_AREA / 4)
        if outline is None:
            return whole
        placed = whole.to_image(outline) * (1.0, clip.aspect)
        x, y = (placed.min(axis=0) + placed.max(axis=0)) / 2
        if clip.spacing_mm is not None:
            half = FIELD_MM / clip.spacing_mm / 2
        else:
            side = max(columns, rows * clip.aspect)
            low, high = (share * side for share in FIELD_OF_IMAGE)
            half = min(max(FIELD_OF_LENGTH * _length(placed), low), high) / 2
        box = (round(x - half), round((y - half) / clip.aspect), round(x + half), round((y + half) / clip.aspect))
        return fit_grid(box, self._card.size, clip.aspect)

    def probabilities(self, clip: ClipInput, grid: Grid, tick: Tick) -> Iterator[tuple[Image, Field]]:
        """The network's square of each frame, and its probabilities (6, size, size); `tick` is called after each.

        Args:
            clip: a long axis over the cycle.
            grid: see `grid`.
            tick: called with (frames done, frames).

        """
        total = len(clip.frames)
        squares = _squares(clip, grid, range(total))
        tick(0, total)
        with closing(self._engine(squares)) as answers:
            for done, (square, answer) in enumerate(zip(squares, answers, strict=True), 1):
                tick(done, total)
                yield square, answer


def right_heart(probability: Field) -> tuple[float, float]:
    """Right ventricle and right atrium at one frame, as shares of the LV cavity.

    Args:
        probability: (6, size, size).

    """
    cavity = max(float(probability[CAVITY].sum()), 1.0)
    return float(probability[RIGHT].sum()) / cavity, float(probability[RIGHT_ATRIUM].sum()) / cavity


def view_of(right: float, atrium: float) -> str | None:
    """The view that such means over the cycle are of: "A4C", "A2C" or "A3C"; None where that is not clear.

    Args:
        right: share of the right ventricle, see `right_heart`.
        atrium: share of the right atrium.

    """
    if atrium >= _ATRIUM_SEEN:
        return "A4C"
    if right + atrium < _NO_RIGHT_HEART:
        return "A2C"
    return "A3C" if atrium < _NO_ATRIUM else None


def path_between_hinges(outline: Points, probability: Field, image: Image) -> Points:
    """A closed outline of the cavity as a path from hinge point to hinge point by way of the apex.

    Args:
        outline: (n, 2) in network pixels, first point not repeated.
        probability: (6, size, size) float32 summing to 1, see the channels above.
        image: (size, size) uint8, the network's input.

    Returns:
        (POINTS, 2), evenly spaced; the hinge point on the left comes first.

    """
    around = space_evenly(np.concatenate([outline, outline[:1]]), _AROUND, around=True)
    evidence = _valve_evidence(around, soften_probabilities(probability, BLUR_PX), image)
    first, last = valve_of(around, evidence, _middle_of_atria(probability))
    end = first if first > last else first + len(around)
    wall = around[np.arange(last, end + 1) % len(around)]
    return space_evenly(wall if wall[0, 0] <= wall[-1, 0] else wall[::-1], POINTS)


def _middle_of_atria(probability: Field) -> NDArray[np.float64] | None:
    """(x, y) of the middle of both atria; None where hardly anything is seen of them."""
    atria = np.maximum(probability[LEFT_ATRIUM] + probability[RIGHT_ATRIUM] - 0.5, 0.0)
    total = float(atria.sum())
    if total < MIN_AREA / 2:
        return None
    return (
        np.array([atria.sum(axis=0) @ np.arange(atria.shape[1]), atria.sum(axis=1) @ np.arange(atria.shape[0])]) / total
    )


def valve_of(
    around: Points, evidence: NDArray[np.floating], atria: NDArray[np.floating] | None = None
) -> tuple[int, int]:
    """First and last index of the part of a closed outline that is the valve, in the outline's order.

    Its chord leaves as much evidence as possible on the valve's side, and cuts off as little of the cavity.

    Args:
        around: (n, 2) a closed outline, evenly spaced, first point not repeated.
        evidence: (n,) -1 where the wall is outside, 1 where an atrium is.
        atria: (2,) the middle of the atria, where that is known: the valve is at the cavity's end on their side.

    """
    count = len(around)
    step = float(np.linalg.norm(np.roll(around, -1, axis=0) - around, axis=1).mean())
    twice = np.concatenate([evidence, evidence]).astype(np.float64)
    summed = np.concatenate([[0.0], np.cumsum(twice)])
    x, y = np.concatenate([around, around]).T.astype(np.float64)
    swept = np.concatenate([[0.0], np.cumsum(x[:-1] * y[1:] - x[1:] * y[:-1])])
    middle = around.mean(axis=0)
    _, axes = np.linalg.eigh(np.cov((around - middle).T))
    axis = axes[:, 1] if atria is None or (atria - middle) @ axes[:, 1] >= 0 else -axes[:, 1]
    along = (np.stack([x, y], axis=1) - middle) @ axis
    along = np.abs(along) if atria is None else along
    best, answer = -np.inf, (0, count // 4)
    for length in range(max(int(_SHORTEST * count), 2), int(_LONGEST * count) + 1):
        start = np.arange(count)
        end = start + length
        chord = np.hypot(x[end] - x[start], y[end] - y[start])
        cut = np.abs(swept[end] - swept[start] + x[end] * y[start] - x[start] * y[end]) / 2
        gained = step * (summed[end + 1] - summed[start]) - _CUT_OFF * cut / np.maximum(chord, 1.0)
        gained = gained + _AT_THE_END * (along[start] + along[end]) / 2
        at = int(gained.argmax())
        if gained[at] > best:
            best, answer = float(gained[at]), (at, (at + length) % count)
    return answer


def _valve_evidence(around: Points, probability: Field, image: Image) -> NDArray[np.float64]:
    """(n,) from -1, wall, to 1, an atrium or other blood, outside each point of the cavity's outline."""
    inside = float(np.median(_sample_field(image.astype(np.float32), _moved(around, -3.0))))
    dark = float(np.percentile(image, 25))
    total = np.zeros(len(around))
    for distance in _LOOK_OUT:
        places = _moved(around, distance)
        grey_level = _sample_field(image.astype(np.float32), places)
        bright = np.clip((grey_level - dark) / max(inside - dark, 8.0), 0.0, 1.0)
        blood, atrium, wall = (
            _sample_field(part, places)
            for part in (
                probability[BACKGROUND],
                probability[LEFT_ATRIUM] + probability[RIGHT_ATRIUM] + probability[CAVITY],
                probability[MYOCARDIUM] + probability[RIGHT],
            )
        )
        total += atrium - wall + blood * (2 * bright - 1.2)
    return np.clip(total / len(_LOOK_OUT), -1.0, 1.0)


def _moved(around: Points, distance: float) -> Points:
    """Points of a closed outline moved outwards by a distance."""
    ring = np.concatenate([around[-3:], around, around[:3]])
    tangent = ring[6:] - ring[:-6]
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    clockwise = cv2.contourArea(around.astype(np.float32), oriented=True) > 0
    return (around + (distance if clockwise else -distance) * normal).astype(np.float32)


def _sample_field(field: NDArray[np.float32], places: Points) -> NDArray[np.float64]:
    found = cv2.remap(
        field,
        places[:, None].astype(np.float32),
        None,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,  # type: ignore[call-overload]
    )
    return np.asarray(found[:, 0], np.float64)


def _outline(probability: Field, least_area: float) -> Points | None:
    """The largest piece of the cavity, as a closed line."""
    others = np.delete(probability, CAVITY, axis=0).max(axis=0)
    found = pieces(probability[CAVITY] - others, least_area)
    return max(found, key=area) if found else None


def _length(outline: NDArray[np.floating]) -> float:
    """The extent of an outline along its longest axis."""
    points = outline - outline.mean(axis=0)
    _, axes = np.linalg.eigh(points.T @ points)
    return float(np.ptp(points @ axes[:, 1]))


def _squares(clip: ClipInput, grid: Grid, frames: Sequence[int]) -> list[Image]:
    """Squares of some frames, with one stretch of grey levels for all: that of the whole images, as in training."""
    images = [grey(clip.frames[frame]) for frame in frames]
    low, high = levels(np.stack(images[:: max(1, len(images) // LOOKED_AT)]))
    return [grid.sampled(stretch_contrast(image, low, high)) for image in images]


def _round_the_cycle(seen: Sequence[tuple[Image, Field]], size: int, interval_s: float) -> list[Field]:
    """Probabilities of each phase fused with its neighbours' along the motion, the last phase before the first."""
    total = len(seen)
    reach = len(bending_weights(interval_s, FUSION_SPREAD_S, FUSION_REACH)) + 2
    around = (seen[frame % total] for frame in range(-reach, total + reach))
    return list(fuse_frames(around, size, interval_s, open_dis()))[reach : reach + total]


def open_long_axis(name: str, device: Device = "auto", *, steady: bool = True) -> LongAxisModel:
    """The model `name`, with the weights its card pins, ready to run.

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".
        steady: whether contours are smoothed over the cycle.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return LongAxisModel(card, open_many(card, load_weights(card), device), steady=steady)
