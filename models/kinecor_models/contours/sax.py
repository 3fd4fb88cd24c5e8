"""The model for short-axis cine MRI: one slice's phases in, closed contours of both ventricles out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.outlines import Field, Outlines, Points, area, expected_dice, pieces, softened, spaced
from kinecor_models.contours.smoothing import isolated_phases, round_the_cycle
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    Grid,
    ModelCard,
    Tensors,
    Tick,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, ManyEngine, open_many
from kinecor_models.localisation.framing import (
    ALONE,
    Heart,
    Neighbours,
    close_grid,
    consistent_hearts,
    find,
    layers,
    neighbours_of_each,
    outlying_ventricles,
)

CAVITY, MYOCARDIUM, RIGHT = 1, 2, 3
STRUCTURES = ("lv_endo", "lv_epi", "rv")
POINTS = 96
"""Points of a contour: some 2 network pixels apart on a large heart."""
# Smaller pieces, in network pixels, are no structure: about 4 mm across.
LEAST_AREA = 10.0
# Rows and columns whose background probability is above this everywhere hold no heart.
SURE_BACKGROUND = 0.98


def from_the_right(outline: Points, count: int = POINTS) -> Points:
    """A closed outline resampled to points evenly along it, clockwise on the screen, from where it is rightmost.

    The first point is on the ray from the centroid along +x, farthest out where the ray meets the outline twice; it
    stays in place from frame to frame as the outline moves. The first point is not repeated.
    """
    x, y = outline.T.astype(np.float64)
    cross = x * np.roll(y, -1) - np.roll(x, -1) * y
    twice = cross.sum()
    if twice < 0:  # y points down, so that a positive area is clockwise on the screen
        return from_the_right(np.ascontiguousarray(outline[::-1]), count)
    centre = np.array((((x + np.roll(x, -1)) * cross).sum(), ((y + np.roll(y, -1)) * cross).sum())) / (3 * twice)
    u, v = x - centre[0], y - centre[1]
    v2 = np.roll(v, -1)
    crossing = np.flatnonzero((v < 0) & (v2 >= 0))
    share = v[crossing] / (v[crossing] - v2[crossing])
    at = u[crossing] + share * (np.roll(u, -1)[crossing] - u[crossing])
    best = int(np.argmax(at))
    first = np.array((centre[0] + at[best], centre[1]), np.float32)
    after = (int(crossing[best]) + 1) % len(outline)
    path = np.concatenate([first[None], np.roll(outline, -after, axis=0), first[None]])
    return spaced(path, count, around=True)


def _box(background: Field) -> tuple[int, int, int, int] | None:
    heart = background < SURE_BACKGROUND
    rows, columns = np.flatnonzero(heart.any(axis=1)), np.flatnonzero(heart.any(axis=0))
    if not len(rows):
        return None
    high, wide = background.shape
    return max(rows[0] - 6, 0), min(rows[-1] + 7, high), max(columns[0] - 6, 0), min(columns[-1] + 7, wide)


def _one_piece(field: Field, near: NDArray[np.float32] | None = None) -> Points | None:
    """The largest piece; of those that hold the point `near`, where one does."""
    found = sorted(pieces(field, LEAST_AREA), key=area, reverse=True)
    if near is not None:
        holding = [one for one in found if cv2.pointPolygonTest(one.astype(np.float32), near.tolist(), False) >= 0]
        found = holding or found
    return found[0] if found else None


def closed_outlines(probability: Field, blur_px: float = 0.0) -> Outlines:
    """Contours of one short-axis frame.

    The epicardium encloses cavity and wall together, so that the two lines cannot cross; it is given only
    around an endocardium, or alone where the apex has no cavity left.

    Args:
        probability: (4, rows, columns) float32 summing to 1: background, LV cavity, LV myocardium, RV cavity.
        blur_px: standard deviation of a Gaussian over which probabilities are averaged before outlines are drawn.

    """
    contours: dict[str, Points | None] = dict.fromkeys(STRUCTURES)
    confidence = dict.fromkeys(STRUCTURES, 0.0)
    box = _box(probability[0])
    if box is None:
        return Outlines(contours, confidence)
    top, bottom, left, right = box
    sharp = np.ascontiguousarray(probability[:, top:bottom, left:right])
    soft = softened(sharp, blur_px)
    background, cavity, wall, other = soft
    endo = _one_piece(cavity - np.maximum(np.maximum(background, wall), other))
    middle = None if endo is None else endo.mean(axis=0)
    epi = _one_piece(cavity + wall - np.maximum(background, other), middle)
    rv = _one_piece(other - np.maximum(np.maximum(background, wall), cavity))
    shift = np.array((left, top), np.float32)
    promised = {"lv_endo": sharp[CAVITY], "lv_epi": sharp[CAVITY] + sharp[MYOCARDIUM], "rv": sharp[RIGHT]}
    for name, outline in (("lv_endo", endo), ("lv_epi", epi), ("rv", rv)):
        if outline is not None:
            contours[name] = from_the_right(outline) + shift
            confidence[name] = expected_dice(promised[name], outline)
    return Outlines(contours, confidence)


# Probabilities are blurred over this many network pixels (standard deviation of a Gaussian) before contours are drawn.
BLUR_PX = 0.7
# Test-time augmentation: quarter turns, of the mirrored frame from 4 on; from 8 on the same with the
# slices before and after exchanged, since a stack may be numbered either way. The answers are turned back and averaged.
LOOKS = (0, 9)
# The overlap that probabilities predict is raised to this power, since networks are overconfident. On
# the validation patients this brings the mean confidence of both cavities within 0.01 of their mean Dice.
CONFIDENCE_POWER = 1.75
# Contours of less confidence are dropped: they agreed with experts in one slice of three or less.
CONTOUR_GIVEN_FROM = 0.4
# Between two slices that show a structure, this confidence suffices.
LEAST_BETWEEN = 0.1


@dataclass(frozen=True, eq=False)
class Doubtful:
    """Contours of a slice whose confidence is too low, by structure and frame, and their confidence."""

    contours: Mapping[str, Sequence[Points | None]]
    confidence: Mapping[str, NDArray[np.float32]]


class SaxModel:
    """Finds the heart, segments a crop around it at every phase, and smooths round the cycle.

    Args:
        card: names the weights.
        engine: runs the network.
        smooth: whether probabilities are averaged with those of neighbouring phases (see smoothing.round_the_cycle).
        looks: test-time augmentations, see LOOKS; each costs a pass of the network.
        channels: images that the network takes at once: 1, the slice alone, or 3, with the slices before and after.

    """

    def __init__(
        self,
        card: ModelCard,
        engine: ManyEngine,
        *,
        smooth: bool = True,
        looks: Sequence[int] = LOOKS,
        channels: int = 1,
    ) -> None:
        self._card, self._engine, self._smooth, self._looks = card, engine, smooth, tuple(looks)
        self._channels = channels

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, clip: ClipInput, tick: Tick) -> ClipOutput:
        """Contours "lv_endo", "lv_epi" and "rv" of every phase of one slice; `tick` is called after each.

        Frames are taken as one cardiac cycle, the last before the first. Contours are closed, clockwise on the screen,
        96 points each (see closed_outlines.from_the_right); None where the slice has no such structure at that phase.
        """
        tick(0, len(clip.frames))
        return self._contours(clip, ALONE, self._found(clip, ALONE), tick)[0]

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        """The same for all slices of a stack, in order from one end to the other.

        Neighbouring slices help to find the heart where a slice alone does not show it, beyond base and apex above
        all, and are part of the network's input. `tick` counts the phases of all slices.
        """
        total, done = sum(len(clip.frames) for clip in clips), 0
        tick(0, total)
        near = neighbours_of_each(clips)
        hearts = consistent_hearts(
            [self._found(clip, neighbours) for clip, neighbours in zip(clips, near, strict=True)]
        )
        out = []
        for clip, neighbours, heart in zip(clips, near, hearts, strict=True):
            out.append(self._contours(clip, neighbours, heart, _counting_on(tick, done, total)))
            done += len(clip.frames)
        for number, within in outlying_ventricles([_ventricle(found) for found, _ in out]).items():
            again = Heart(*within[:2], hearts[number].extent_px, hearts[number].confidence)
            out[number] = self._contours(clips[number], near[number], again, lambda *_: tick(total, total), within)
        return filled_between([found for found, _ in out], [doubtful for _, doubtful in out])

    def _found(self, clip: ClipInput, neighbours: Neighbours) -> Heart:
        return find(clip, self._engine, self._card.size, neighbours, self._channels)

    def _contours(
        self,
        clip: ClipInput,
        neighbours: Neighbours,
        heart: Heart,
        tick: Tick,
        within: tuple[float, float, float] | None = None,
    ) -> tuple[ClipOutput, Doubtful]:
        """Contours of one slice, and those of too little confidence.

        `within` is a circle (x, y, radius) in image pixels that the LV does not leave.
        """
        found, grid = self._probabilities(clip, neighbours, heart, tick)
        if within is not None:
            outside = _outside(grid, within)
            for probability in found:
                for channel in (CAVITY, MYOCARDIUM):
                    taken = probability[channel] * outside
                    probability[channel] -= taken
                    probability[0] += taken
        contours, vague = ({name: _Row([], []) for name in STRUCTURES} for _ in range(2))
        for probability in round_the_cycle(found) if self._smooth else found:
            frame = closed_outlines(probability, BLUR_PX)
            for name in STRUCTURES:
                sure = frame.confidence[name] ** CONFIDENCE_POWER
                contours[name].append(frame.contours[name], sure, CONTOUR_GIVEN_FROM)
                vague[name].append(frame.contours[name], sure, LEAST_BETWEEN)
        for row in contours.values():
            for number in isolated_phases([points is not None for points in row.contours]):
                row.contours[number], row.confidence[number] = None, 0.0
        given, doubtful = (
            ({name: row.contours for name, row in rows.items()}, {name: row.sure for name, row in rows.items()})
            for rows in (contours, vague)
        )
        return ClipOutput(*given, grid), Doubtful(*doubtful)

    def _probabilities(
        self, clip: ClipInput, neighbours: Neighbours, heart: Heart, tick: Tick
    ) -> tuple[list[NDArray[np.float32]], Grid]:
        """Probabilities of every phase, (4, size, size), and the square's position."""
        total = len(clip.frames)
        rows, columns = clip.frames[0].shape[:2]
        grid = close_grid(clip, heart, self._card.size, (rows, columns))
        squares = layers(clip, neighbours, grid, range(total), self._channels)
        found = []
        with closing(self._engine(_looked(seen, look) for seen in squares for look in self._looks)) as answers:
            for number in range(total):
                found.append(self._mean(answers))
                tick(number + 1, total)
        return found, grid

    def _mean(self, answers: Iterator[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Mean probabilities (4, size, size) over the next looks."""
        first, *others = (_turned_back(next(answers), look) for look in self._looks)
        total = np.ascontiguousarray(first)
        for other in others:
            total = total + other
        return total / np.float32(len(self._looks))


def _looked(seen: NDArray[np.uint8], look: int) -> NDArray[np.uint8]:
    """The network's input of one frame, (size, size) or (3, size, size), turned for a look."""
    ordered, mirrored = seen[::-1] if look >= 8 and seen.ndim == 3 else seen, look % 8 > 3
    return np.ascontiguousarray(np.rot90(ordered[..., ::-1] if mirrored else ordered, look % 4, axes=(-2, -1)))


def _turned_back(answer: NDArray[np.float32], look: int) -> NDArray[np.float32]:
    """Probabilities (4, size, size) of a look, upright."""
    upright = np.rot90(answer, -(look % 4), axes=(1, 2))
    return upright[:, :, ::-1] if look % 8 > 3 else upright


class _Row(NamedTuple):
    """Contours and confidences of one structure, phase by phase."""

    contours: list[Points | None]
    confidence: list[float]

    def append(self, points: Points | None, sure: float, least: float) -> None:
        """Add the next phase, without a contour where its confidence is below `least`."""
        self.contours.append(points if sure >= least else None)
        self.confidence.append(sure if sure >= least else 0.0)

    @property
    def sure(self) -> NDArray[np.float32]:
        """(phases,)."""
        return np.array(self.confidence, np.float32)


def _ventricle(found: ClipOutput) -> tuple[float, float, float] | None:
    """(x, y) of the cavity's middle and radius of the epicardium in image pixels: means over phases with both."""
    middles, radii = [], []
    for endo, epi in zip(found.contours["lv_endo"], found.contours["lv_epi"], strict=True):
        if endo is not None and epi is not None:
            middles.append(found.grid.to_image(endo).mean(axis=0))
            radii.append(np.sqrt(area(found.grid.to_image(epi).astype(np.float32)) / np.pi))
    if not middles:
        return None
    x, y = np.mean(middles, axis=0)
    return float(x), float(y), float(np.mean(radii))


def _outside(grid: Grid, within: tuple[float, float, float]) -> NDArray[np.float32]:
    """(size, size), 0 inside a circle of image pixels, rising to 1 over the next quarter of its radius."""
    x, y, radius = within
    (cx, cy), step = grid.to_network(np.array([[x, y]]))[0], grid.step_px[0]
    rows, columns = np.mgrid[0 : grid.size, 0 : grid.size]
    far = np.hypot(columns - cx, rows - cy) * step / radius
    return np.asarray(np.clip((far - 1.15) / 0.25, 0, 1), np.float32)


def _counting_on(tick: Tick, before: int, total: int) -> Callable[[int, int], None]:
    return lambda done, _: tick(before + done, total)


def open_sax(name: str, device: Device = "auto", *, smooth: bool = True) -> SaxModel:
    """The model `name`, with the weights its card pins, ready to run.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return SaxModel(card, open_many(card, load_weights(card), device), smooth=smooth, channels=card.channels)


def channels_of(weights: Tensors) -> int:
    """How many images the base network with these weights takes at once: 1, or 3 with the neighbours."""
    return int(weights["down.0.0.weight"].shape[1])


def filled_between(found: Sequence[ClipOutput], doubtful: Sequence[Doubtful]) -> list[ClipOutput]:
    """The slices of a stack, with uncertain contours accepted where both neighbouring slices have the structure.

    Args:
        found: by slice, in order.
        doubtful: of the same slices.

    Slices with other numbers of phases stay as they are: their frames do not correspond.
    """
    out = list(found)
    for number in range(1, len(found) - 1):
        before, one, after = found[number - 1 : number + 2]
        contours = {name: list(row) for name, row in one.contours.items()}
        confidence = {name: row.copy() for name, row in one.confidence.items()}
        changed = False
        for name, row in contours.items():
            sides = before.contours[name], after.contours[name]
            if any(len(side) != len(row) for side in sides):
                continue
            for frame, points in enumerate(row):
                vague = doubtful[number].contours[name][frame]
                if points is None and vague is not None and all(side[frame] is not None for side in sides):
                    row[frame], confidence[name][frame] = vague, doubtful[number].confidence[name][frame]
                    changed = True
        if changed:
            out[number] = ClipOutput(contours, confidence, one.grid)
    return out
