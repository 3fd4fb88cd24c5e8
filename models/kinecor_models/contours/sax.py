"""The model for short-axis cine MRI: one slice's phases in, closed contours of both ventricles out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor_models.contours.outlines import (
    Field,
    Outlines,
    Points,
    area,
    expected_dice,
    pieces,
    soften_probabilities,
    space_evenly,
)
from kinecor_models.contours.smoothing import isolated_phases, round_the_cycle
from kinecor_models.contract import (
    ClipInput,
    ClipOutput,
    EarlyOutput,
    Grid,
    ModelCard,
    Tensors,
    Tick,
    load_card,
    load_weights,
)
from kinecor_models.engines.engine import Device, ManyEngine
from kinecor_models.engines.opening import open_many
from kinecor_models.localisation.framing import (
    ALONE,
    SURE,
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
MIN_AREA = 10.0
# Rows and columns whose background probability is above this everywhere hold no heart.
SURE_BACKGROUND = 0.98


def from_the_right(outline: Points, count: int = POINTS) -> Points:
    """A closed outline resampled to points evenly along it, clockwise on the screen, from where it is rightmost.

    The first point is on the ray from the centroid along +x, farthest out where the ray meets the outline twice; it
    stays in place from frame to frame as the outline moves. The first point is not repeated.

    Args:
        outline: (n, 2) pixels.
        count: of the points.

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
    return space_evenly(path, count, around=True)


def _box(background: Field) -> tuple[int, int, int, int] | None:
    heart = background < SURE_BACKGROUND
    rows, columns = np.flatnonzero(heart.any(axis=1)), np.flatnonzero(heart.any(axis=0))
    if not len(rows):
        return None
    high, wide = background.shape
    return max(rows[0] - 6, 0), min(rows[-1] + 7, high), max(columns[0] - 6, 0), min(columns[-1] + 7, wide)


def _one_piece(field: Field, near: NDArray[np.float32] | None = None) -> Points | None:
    """The largest piece; of those that hold the point `near`, where one does."""
    found = sorted(pieces(field, MIN_AREA), key=area, reverse=True)
    if near is not None:
        holding = [
            outline for outline in found if cv2.pointPolygonTest(outline.astype(np.float32), near.tolist(), False) >= 0
        ]
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
    soft = soften_probabilities(sharp, blur_px)
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
MIN_BETWEEN = 0.1


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
        return self._contours(clip, ALONE, self._found(clip, ALONE), tick, {})[0]

    def stack(self, clips: Sequence[ClipInput], tick: Tick) -> list[ClipOutput]:
        """The same for all slices of a stack, in order from one end to the other.

        Neighbouring slices help to find the heart where a slice alone does not show it, beyond base and apex above
        all, and are part of the network's input. `tick` counts the phases of all slices.

        Args:
            clips: slices of one number of phases.
            tick: called with (phases done, phases of all slices).

        """
        tick(0, sum(len(clip.frames) for clip in clips))
        return self._stack(clips, self._places(clips), tick, [{} for _ in clips])

    def early_stack(self, clips: Sequence[ClipInput], tick: Tick) -> EarlyOutput | None:
        """Provisional contours of a stack from its ends alone; None where it has too few slices or phases for it.

        ED and ES are found in two slices of the middle, of which one is seen at even and one at odd phases. All slices
        are then seen at ED and ES. `tick` counts the phases of all slices.

        Args:
            clips: slices, in order from one end to the other.
            tick: called with (phases done, phases of all slices).

        """
        total = len(clips[0].frames)
        if len(clips) < EARLY_SLICES or total < EARLY_PHASES or any(len(clip.frames) != total for clip in clips):
            return None
        tick(0, len(clips) * total)
        places = self._places(clips)
        looks = [self._looks_at(clip, place) for clip, place in zip(clips, places, strict=True)]
        known: list[dict[tuple[int, int], Field]] = [{} for _ in clips]

        def see(wanted: Iterable[tuple[int, int]], by: Sequence[int]) -> None:
            """Run the network for (slice, phase), by some looks."""
            new = [(at, (phase, look)) for at, phase in wanted for look in by if (phase, look) not in known[at]]
            with closing(self._engine(_looked(looks[at].squares[key[0]], key[1]) for at, key in new)) as answers:
                for (at, key), answer in zip(new, answers, strict=True):
                    known[at][key] = answer
                    tick(sum(map(len, known)) // len(self._looks), len(clips) * total)

        def drawn(number: int, phase: int) -> Outlines:
            """By all looks that were taken."""
            each = [
                _turned_back(known[number][phase, look], look) for look in self._looks if (phase, look) in known[number]
            ]
            return closed_outlines(np.mean(each, axis=0, dtype=np.float32), BLUR_PX)

        middle = _middle([heart for _, heart in places])
        parts = [(number, range(first, total, 2)) for first, number in enumerate(middle)]
        see(((number, phase) for number, phases in parts for phase in phases), self._looks[:1])
        fullness = _fullness(
            [{at: drawn(number, at).contours["lv_endo"] for at in some} for number, some in parts], total
        )
        if fullness is None:
            return None
        ends = int(fullness.argmax()), int(fullness.argmin())
        see(((number, phase) for number in range(len(clips)) for phase in ends), self._looks)
        rows = [_between_ends([drawn(number, at) for at in ends], fullness) for number in range(len(clips))]
        outputs = [ClipOutput(*given, look.grid) for (given, _), look in zip(rows, looks, strict=True)]
        for number in outlying_ventricles([_ventricle(output) for output in outputs]):
            # Another chamber: its place is found again with all phases.
            outputs[number] = ClipOutput(
                {name: [None] * total for name in STRUCTURES}, _none(total), looks[number].grid
            )
        outputs = filled_between(outputs, [Doubtful(*vague) for _, vague in rows])
        return EarlyOutput(outputs, lambda later: self._stack(clips, places, later, known))

    def _places(self, clips: Sequence[ClipInput]) -> list[tuple[Neighbours, Heart]]:
        """The neighbours of each slice, and where its heart is."""
        near = neighbours_of_each(clips)
        hearts = [self._found(clip, neighbours) for clip, neighbours in zip(clips, near, strict=True)]
        return list(zip(near, consistent_hearts(hearts), strict=True))

    def _stack(
        self,
        clips: Sequence[ClipInput],
        places: Sequence[tuple[Neighbours, Heart]],
        tick: Tick,
        known: Sequence[Mapping[tuple[int, int], Field]],
    ) -> list[ClipOutput]:
        """Contours of all slices; `known` are answers of the network by slice, for a phase and look."""
        total, done = sum(len(clip.frames) for clip in clips), 0
        out = []
        for clip, (neighbours, heart), answers in zip(clips, places, known, strict=True):
            out.append(self._contours(clip, neighbours, heart, _counting_on(tick, done, total), answers))
            done += len(clip.frames)
        for number, within in outlying_ventricles([_ventricle(output) for output, _ in out]).items():
            neighbours, heart = places[number]
            again = Heart(*within[:2], heart.extent_px, heart.confidence)
            out[number] = self._contours(clips[number], neighbours, again, lambda *_: tick(total, total), {}, within)
        return filled_between([output for output, _ in out], [doubtful for _, doubtful in out])

    def heart(self, clip: ClipInput) -> Heart:
        """Where the heart is in a slice that stands alone: where the network sees it, else where the image moves.

        Args:
            clip: a slice over the cycle.

        """
        return self._found(clip, ALONE)

    def _found(self, clip: ClipInput, neighbours: Neighbours) -> Heart:
        return find(clip, self._engine, self._card.size, neighbours, self._channels)

    def _contours(
        self,
        clip: ClipInput,
        neighbours: Neighbours,
        heart: Heart,
        tick: Tick,
        known: Mapping[tuple[int, int], Field],
        within: tuple[float, float, float] | None = None,
    ) -> tuple[ClipOutput, Doubtful]:
        """Contours of one slice, and those of too little confidence.

        `known` are answers of the network for a phase and look.
        `within` is a circle (x, y, radius) in image pixels that the LV does not leave.
        """
        looks = self._looks_at(clip, (neighbours, heart))
        found, grid = self._probabilities(looks, tick, known), looks.grid
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
                vague[name].append(frame.contours[name], sure, MIN_BETWEEN)
        for row in contours.values():
            for number in isolated_phases([points is not None for points in row.contours]):
                row.contours[number], row.confidence[number] = None, 0.0
        given, doubtful = (
            ({name: row.contours for name, row in rows.items()}, {name: row.sure for name, row in rows.items()})
            for rows in (contours, vague)
        )
        return ClipOutput(*given, grid), Doubtful(*doubtful)

    def _looks_at(self, clip: ClipInput, place: tuple[Neighbours, Heart]) -> "_Looks":
        """What the network sees of a slice."""
        neighbours, heart = place
        rows, columns = clip.frames[0].shape[:2]
        grid = close_grid(clip, heart, self._card.size, (rows, columns))
        return _Looks(layers(clip, neighbours, grid, range(len(clip.frames)), self._channels), grid)

    def _probabilities(self, looks: "_Looks", tick: Tick, known: Mapping[tuple[int, int], Field]) -> list[Field]:
        """Probabilities of every phase, (4, size, size): the mean over the looks."""
        total = len(looks.squares)
        new = (
            _looked(square, look)
            for phase, square in enumerate(looks.squares)
            for look in self._looks
            if (phase, look) not in known
        )
        found = []
        with closing(self._engine(new)) as answers:
            for phase in range(total):
                each = [known[phase, look] if (phase, look) in known else next(answers) for look in self._looks]
                first, *others = map(_turned_back, each, self._looks)
                mean = np.ascontiguousarray(first)
                for other in others:
                    mean = mean + other
                found.append(mean / np.float32(len(self._looks)))
                tick(phase + 1, total)
        return found


class _Looks(NamedTuple):
    """What the network sees of a slice, phase by phase, and where that is."""

    squares: list[NDArray[np.uint8]]
    grid: Grid


# A stack of fewer slices or phases is contoured before provisional contours would be there.
EARLY_SLICES, EARLY_PHASES = 5, 8


def _middle(hearts: Sequence[Heart]) -> tuple[int, int]:
    """Two neighbouring slices in the middle of those that surely show the heart, or of all."""
    sure = [number for number, heart in enumerate(hearts) if heart.confidence >= SURE] or list(range(len(hearts)))
    at = sure[len(sure) // 2]
    return (at, at - 1) if at else (at, at + 1)


def _fullness(slices: Sequence[Mapping[int, Points | None]], total: int) -> NDArray[np.float64] | None:
    """(total,) area of the cavity from 0 at ES to 1 at ED: mean of slices that were seen at some phases each.

    None where no slice has a cavity that beats.
    """
    curves = []
    for contours in slices:
        areas = {phase: area(points) for phase, points in contours.items() if points is not None}
        if len(areas) > 1 and max(areas.values()) > min(areas.values()):
            values = np.interp(range(total), list(areas), list(areas.values()), period=total)
            curves.append((values - values.min()) / np.ptp(values))
    if not curves:
        return None
    mean = np.mean(curves, axis=0)
    return (mean - mean.min()) / np.ptp(mean) if np.ptp(mean) > 0 else None


_Rows = tuple[dict[str, list[Points | None]], dict[str, NDArray[np.float32]]]


def _between_ends(seen: Sequence[Outlines], fullness: NDArray[np.float64]) -> tuple[_Rows, _Rows]:
    """Contours and confidences of a slice at all phases, on their way from ED to ES; then with doubtful ones, too."""
    out: list[_Rows] = []
    for least in (CONTOUR_GIVEN_FROM, MIN_BETWEEN):
        contours: dict[str, list[Points | None]] = {}
        confidence: dict[str, NDArray[np.float32]] = {}
        for name in STRUCTURES:
            (full, sure), (empty, sure_too) = (
                (outlines.contours[name], outlines.confidence[name] ** CONFIDENCE_POWER) for outlines in seen
            )
            full, empty = full if sure >= least else None, empty if sure_too >= least else None
            # Where only one end has the structure, it is there in the half of the cycle about that end.
            row: list[Points | None] = [full if share >= 0.5 else empty for share in fullness]
            if full is not None and empty is not None:
                row = [empty + np.float32(share) * (full - empty) for share in fullness]
            sures = fullness * sure + (1 - fullness) * sure_too
            contours[name] = row
            confidence[name] = np.array(
                [value if outline is not None else 0 for outline, value in zip(row, sures, strict=True)], np.float32
            )
        out.append((contours, confidence))
    return out[0], out[1]


def _none(total: int) -> dict[str, NDArray[np.float32]]:
    return {name: np.zeros(total, np.float32) for name in STRUCTURES}


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


def _ventricle(output: ClipOutput) -> tuple[float, float, float] | None:
    """(x, y) of the cavity's middle and radius of the epicardium in image pixels: means over phases with both."""
    middles, radii = [], []
    for endo, epi in zip(output.contours["lv_endo"], output.contours["lv_epi"], strict=True):
        if endo is not None and epi is not None:
            middles.append(output.grid.to_image(endo).mean(axis=0))
            radii.append(np.sqrt(area(output.grid.to_image(epi).astype(np.float32)) / np.pi))
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

    Args:
        name: of the card.
        device: "auto", "cpu" or "cuda".
        smooth: whether probabilities are averaged over the cycle.

    Raises:
        WeightsError: the weights are missing or not those of the card.
        DeviceError: the device is not there.

    """
    card = load_card(name)
    return SaxModel(card, open_many(card, load_weights(card), device), smooth=smooth, channels=card.channels)


def channels_of(weights: Tensors) -> int:
    """How many images the base network with these weights takes at once: 1, or 3 with the neighbours.

    Args:
        weights: of the base network.

    """
    return int(weights["down.0.0.weight"].shape[1])


def filled_between(outputs: Sequence[ClipOutput], doubtful: Sequence[Doubtful]) -> list[ClipOutput]:
    """The slices of a stack, with uncertain contours accepted where both neighbouring slices have the structure.

    Args:
        outputs: by slice, in order.
        doubtful: of the same slices.

    Slices with other numbers of phases stay as they are: their frames do not correspond.
    """
    out = list(outputs)
    for number in range(1, len(outputs) - 1):
        before, output, after = outputs[number - 1 : number + 2]
        contours = {name: list(row) for name, row in output.contours.items()}
        confidence = {name: row.copy() for name, row in output.confidence.items()}
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
            out[number] = ClipOutput(contours, confidence, output.grid)
    return out
