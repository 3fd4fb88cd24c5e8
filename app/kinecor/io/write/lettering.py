"""Text in pictures: rows of small shapes of one grey level, brighter or darker than what is around them.

Letters are drawn: their edges are sharp, their level hardly differs from one to the next, and they stand on a line.
Speckle is neither sharp nor level nor in rows. Rows run across the picture, or, of upright text, up or down in it. Each
row of shapes gets a score from what it looks like; the weights are those of a logistic regression on planted text and
sound pictures, even cases of seed 1, with three openings and four contrasts in place of those below; of upright text,
whose neighbours are layers of speckle, even cases of seed 7. `python -m tests.burned_in --fit` (`--upright`) fits
weights to the rows as they are found now.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from kinecor.core.values.geometry import BytesArray, FloatArray

Mask = NDArray[np.bool_]
Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1), x0 <= x < x1."""

# Shapes are what an opening of this size takes away, by these grey levels at least.
_OPENINGS_PX: Final = (7, 17)
_CONTRASTS: Final = (8, 24, 70)
# In the mean over time, where speckle is gone, faint text has one of them only just, or falls between two.
_CONTRASTS_OF_MEAN: Final = (8, 12, 17, 24, 34, 48, 70)
_MIN_HEIGHT_PX, _MIN_PIXELS, _MAX_WIDTHS = 5, 5, 12
MAX_HEIGHT: Final = 1 / 7
"""Of letters, as a share of the picture's height."""
# Of a shape's pixels, this share is within this part of its contrast from its level; its edge falls by this share.
_LEVEL_BAND, _LEVEL_SHARE, _MIN_SHARPNESS = 0.3, 0.5, 0.43
# Neighbours in a row: as high within this factor, this near and this much beside each other (of their height), of
# levels that differ by no more (of their contrast).
_HEIGHTS, _GAP, _OVERLAP, _BEFORE, _LEVELS, _MIN_LEVELS = 1.8, 1.3, 0.5, 0.5, 0.35, 4
# A shape that is wider than this, of its height, is several letters that touch.
_MIN_LETTERS, _LETTER_WIDTH = 3, 1.2
# What is blanked around a row, of its height: on tissue, letters at its ends are often missed.
_MARGIN_ACROSS, _MARGIN_DOWN = 5.0, 0.35
_MAX_BREAK = 2.0
# Text has ended where so much of its height has been black in all frames.
_GAP_HEIGHTS, _BLACK = 1.75, 8
# Of boxes on one line the highest may be so many times as high as the lowest.
_MAX_LINE: Final = 2.5
CLIP_FRAMES: Final = 8
"""With as many, tissue moves, so that it does not hide text; fewer are a still."""
# A colour is searched on its own where it is more than this above grey.
_COLOURED = 16
# Flow is shown where the colour of this share of the pixels changes by more than this.
_FLOWING, _MIN_FLOW = 48, 0.01

FEATURES: Final = (
    "sharpness of the edges, mean", "of the bluntest letter", "spread of levels", "spread of lower ends",
    "log contrast", "log height", "share of their boxes", "log number of shapes",
)  # fmt: skip
UPRIGHT_FEATURES: Final = (*FEATURES, "log width by height")
"""Of upright rows the ends on one line may be the upper ones; layers of speckle are narrower than letters."""


@dataclass(frozen=True, eq=False)
class _Limits:
    """What makes a row text: log odds of a regression, by where it is seen.

    Attributes:
        weights, offset: of the regression, of FEATURES or UPRIGHT_FEATURES.
        plain: where the search is not eager.
        frame: in one of many frames; most text of single frames is also seen in what is seen of all over time.
        over_time: in what stays over time. The fewer pictures there are to be wrong in, the more eagerly they are
            searched.
        colour: in the most colour over time where flow is shown, of which it leaves a mosaic with sharp edges.
        still: in a still, of which there is no picture in which tissue has moved away; a person looks at what is left.
        faint: in the mean over time with its dark levels raised, which raises noise as well.
        going_on, elsewhere: of what goes on a row of the same picture, and of another one.

    """

    weights: FloatArray
    offset: float
    plain: float
    frame: float
    over_time: float
    colour: float
    still: float
    faint: float
    going_on: float
    elsewhere: float


_LEVEL: Final = _Limits(
    np.array([6.93, 3.58, -12.25, -5.65, 2.08, 1.46, 6.52, 3.13]), -24.34,
    plain=1.0, frame=2.5, over_time=-1.0, colour=1.0, still=-2.0, faint=2.0, going_on=-5.0, elsewhere=-3.5,
)  # fmt: skip
_UPRIGHT: Final = _Limits(
    np.array([10.9, 4.37, -10.01, -7.13, 1.49, 2.59, 8.7, 2.97, 2.39]), -27.72,
    plain=1.0, frame=3.0, over_time=1.0, colour=4.0, still=-1.0, faint=2.0, going_on=-1.0, elsewhere=0.0,
)  # fmt: skip
# A level twice as high above the first number is so many levels brighter where dark levels are raised.
_RAISED_FROM, _RAISED_STEP = 4.0, 64.0


@dataclass(frozen=True, eq=False)
class _Shapes:
    """Small shapes of a picture, from left to right: arrays of one entry each."""

    x0: NDArray[np.int32]
    y0: NDArray[np.int32]
    x1: NDArray[np.int32]
    y1: NDArray[np.int32]
    area: NDArray[np.int32]
    level: FloatArray
    contrast: FloatArray
    sharpness: FloatArray
    size: tuple[int, int]
    """Rows and columns of the picture."""

    def turned(self) -> "_Shapes":
        """The same shapes where they are in the picture turned by 90 degrees (`numpy.rot90`)."""
        rows, columns = self.size
        turned = _Shapes(
            self.y0, columns - self.x1, self.y1, columns - self.x0, self.area, self.level, self.contrast,
            self.sharpness, (columns, rows),
        )  # fmt: skip
        return turned.chosen(np.argsort(turned.x0, kind="stable"))

    def high_enough(self) -> "_Shapes":
        """Those that are as high and as wide as letters of a row that runs across."""
        largest = max(self.size[0] * MAX_HEIGHT, 2 * _MIN_HEIGHT_PX)
        high = self.high
        fits = (high >= _MIN_HEIGHT_PX) & (high <= largest) & (self.wide <= _MAX_WIDTHS * high)
        return self.chosen(np.flatnonzero(fits))

    def chosen(self, places: NDArray[np.intp]) -> "_Shapes":
        """Some of the shapes, in this order."""
        return _Shapes(
            self.x0[places], self.y0[places], self.x1[places], self.y1[places], self.area[places], self.level[places],
            self.contrast[places], self.sharpness[places], self.size,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.x0)

    @property
    def high(self) -> NDArray[np.int32]:
        return self.y1 - self.y0

    @property
    def wide(self) -> NDArray[np.int32]:
        return self.x1 - self.x0


def lettering(frames: BytesArray, *, eager: bool = True) -> Mask:
    """(rows, columns) boxes around all text that is found in any frame, or in what is seen of all over time.

    Tissue that moves is gone in the least, the mean and the highest level of each pixel, and text that stays is not;
    text that comes and goes is found in single frames. A row that is found in one of these pictures goes on where any
    of them shows something like letters at its ends. Text may be level, or upright: turned by 90 degrees to either
    side.

    Args:
        frames: (t, rows, columns) or (t, rows, columns, 3), uint8.
        eager: whether some speckle may be taken for text, so that hardly any text is missed.

    """
    still = len(frames) < CLIP_FRAMES
    sides = (_Side(_LEVEL, still=still), _Side(_UPRIGHT, still=still))
    brightness = frames if frames.ndim == 3 else frames.max(axis=3)
    groups: list[tuple[Iterator[BytesArray], str, Sequence[int]]] = [
        (_extremes(brightness), "over_time", _CONTRASTS),
        (_each(brightness), "frame", _CONTRASTS),
    ]
    if (colour := _saturation(frames)) is not None:
        high, *stays = _extremes(colour)
        # Where nothing flows, hardly anything is coloured but text, and dim text may be plain in its colour alone.
        moving = "colour" if len(frames) > 1 and (stays[-1] > _FLOWING).mean() > _MIN_FLOW else "over_time"
        groups += [(iter(stays[:1]), "over_time", _CONTRASTS), (iter([high, *stays[1:]]), moving, _CONTRASTS)]
    if eager and not still:
        mean = brightness.mean(axis=0)
        groups += [
            (iter([_whole(mean)]), "over_time", _CONTRASTS_OF_MEAN),
            (iter([_raised(mean)]), "faint", _CONTRASTS_OF_MEAN),
        ]
    for pictures, where, contrasts in groups:
        for picture in pictures:
            shapes = [*_shapes_of(picture, contrasts)]
            for side in sides:
                side.search(shapes, where if eager else "plain")
    lit = brightness.max(axis=0) > _BLACK
    return np.asarray(sides[0].boxed(lit) | np.rot90(sides[1].boxed(np.rot90(lit)), -1))


class _Side:
    """Rows of letters that run across the pictures, or, of upright text, across the turned pictures.

    Args:
        limits: of the rows.
        still: whether few frames are searched.

    """

    def __init__(self, limits: _Limits, *, still: bool) -> None:
        self._limits = limits
        self._still = still
        self._certain: list[Box] = []
        self._possible: list[Box] = []

    def search(self, shapes: Sequence["_Shapes"], where: str) -> None:
        """Look for rows in the shapes of one picture.

        Args:
            shapes: of each contrast, as they stand in the picture.
            where: which picture it is: over_time, colour, frame, faint, or plain for a search that is not eager.

        """
        limits = self._limits
        min_score = {
            "over_time": limits.still if self._still else limits.over_time,
            "colour": limits.still if self._still else limits.colour,
            "frame": limits.still if self._still else limits.frame,
            "faint": limits.faint,
            "plain": limits.plain,
        }[where]
        scored = [
            (box, float(features @ limits.weights) + limits.offset)
            for found in shapes
            for box, features in _rows_of(found, upright=limits is _UPRIGHT)
        ]
        text = [box for box, score in scored if score >= min_score]
        weak = [box for box, score in scored if limits.going_on <= score < min_score] if text else []
        self._certain += _continued(text, weak)
        self._possible += [box for box, score in scored if limits.elsewhere <= score < min_score]

    def boxed(self, lit: Mask) -> Mask:
        """(rows, columns) boxes around the rows that were found.

        Args:
            lit: (rows, columns) pixels that are not black in all frames.

        """
        boxed = np.zeros(lit.shape, bool)
        joined = _continued(list(dict.fromkeys(self._certain)), list(dict.fromkeys(self._possible)))
        for x0, y0, x1, y1 in _as_high_as_their_lines(_with_margins(joined, lit)):
            boxed[y0:y1, x0:x1] = True
        return boxed


def images_to_search(frames: BytesArray) -> Iterator[BytesArray]:
    """The pictures (rows, columns) in which text is looked for: over time, brightness and colour; and each frame.

    Args:
        frames: (n, rows, columns), or with a fourth axis of colours.

    """
    brightness = frames if frames.ndim == 3 else frames.max(axis=3)
    yield from _extremes(brightness)
    if (colour := _saturation(frames)) is not None:
        yield from _extremes(colour)
    yield from _each(brightness)


def _each(brightness: BytesArray) -> Iterator[BytesArray]:
    if len(brightness) > 1:
        yield from (
            image for index, image in enumerate(brightness) if index == 0 or (image != brightness[index - 1]).any()
        )


def _saturation(frames: BytesArray) -> BytesArray | None:
    """How far each pixel is from grey, (t, rows, columns); None where nothing is coloured."""
    if frames.ndim == 3:
        return None
    colour = frames.max(axis=3) - frames.min(axis=3)
    return colour if colour.max() > _COLOURED else None


def _extremes(pictures: BytesArray) -> Iterator[BytesArray]:
    high = pictures.max(axis=0)
    yield high
    if len(pictures) > 1:
        low = pictures.min(axis=0)
        yield low
        yield high - low  # what stands still is dark in it, however bright it is


def _whole(picture: FloatArray) -> BytesArray:
    return np.asarray(np.clip(np.round(picture), 0, 255), np.uint8)


def _raised(mean: FloatArray) -> BytesArray:
    """A mean over time with larger steps between dark levels, as of faint text on blood, than between bright ones."""
    return _whole(_RAISED_STEP * np.log2(1 + mean / _RAISED_FROM))


def _continued(rows: list[Box], weak: list[Box]) -> list[Box]:
    """Rows with what goes on at their ends: on tissue a row breaks, and the next part needs to look less like letters.

    Args:
        rows: that are text.
        weak: that might be.

    """
    rows = list(rows)
    at = 0
    while at < len(rows):
        going_on = [box for box in weak if _goes_on(rows[at], box)]
        rows += going_on
        weak = [box for box in weak if box not in going_on]
        at += 1
    return rows


def _with_margins(boxes: list[Box], lit: Mask) -> list[Box]:
    """Boxes with what is blanked around them; to the sides, as far as text may go on.

    Args:
        boxes: of rows of letters.
        lit: (rows, columns) pixels that are not black in all frames.

    """
    rows, columns = lit.shape
    wider = []
    for x0, y0, x1, y1 in boxes:
        across, down = 1 + round(_MARGIN_ACROSS * (y1 - y0)), 1 + round(_MARGIN_DOWN * (y1 - y0))
        y0_wider, y1_wider = max(y0 - down, 0), min(y1 + down, rows)
        seen: Mask = np.asarray(lit[y0_wider:y1_wider].any(axis=0))
        gap = round(_GAP_HEIGHTS * (y1 - y0))
        left = _reach(seen[max(x0 - across, 0) : x0][::-1], gap)
        right = _reach(seen[x1 : min(x1 + across, columns)], gap)
        wider.append((x0 - left, y0_wider, x1 + right, y1_wider))
    return wider


def _reach(seen: Mask, gap: int) -> int:
    """How many columns from the end of a row on text may go on: to the end of a black gap that no text has.

    Args:
        seen: whether anything is seen in the columns beside the row, from its end on.
        gap: how wide.

    """
    black = np.concatenate([[0], np.cumsum(seen)])
    if len(seen) < gap:
        return len(seen)
    ended = np.flatnonzero(black[gap:] == black[: len(black) - gap])
    return int(ended[0]) + gap if len(ended) else len(seen)


def _as_high_as_their_lines(boxes: list[Box]) -> list[Box]:
    """Boxes that run into each other on one line are of one height: of a part, only half a letter may be seen."""
    distinct = list(dict.fromkeys(boxes))
    joined = list(distinct)
    for index, (x0, y0, x1, y1) in enumerate(distinct):
        line = [
            values
            for values in distinct
            if min(x1, values[2]) > max(x0, values[0])
            and min(y1, values[3]) - max(y0, values[1]) >= _OVERLAP * min(y1 - y0, values[3] - values[1])
            and max(y1 - y0, values[3] - values[1]) <= _MAX_LINE * min(y1 - y0, values[3] - values[1])
        ]
        joined[index] = (x0, min(y0, *(values[1] for values in line)), x1, max(y1, *(values[3] for values in line)))
    return joined


def _goes_on(row: Box, other: Box) -> bool:
    high, other_high = row[3] - row[1], other[3] - other[1]
    beside = min(row[3], other[3]) - max(row[1], other[1])
    apart = max(row[0], other[0]) - min(row[2], other[2])
    alike = max(high, other_high) <= _HEIGHTS * min(high, other_high)
    return alike and beside >= _OVERLAP * min(high, other_high) and apart <= _MAX_BREAK * high


def candidates(
    picture: BytesArray, contrasts: Sequence[int] = _CONTRASTS, *, upright: bool = False
) -> Iterator[tuple[Box, FloatArray]]:
    """Rows of shapes that might be letters, without a margin, and what they look like, as in (UPRIGHT_)FEATURES.

    Args:
        picture: (rows, columns) uint8.
        contrasts: grey levels by which shapes are brighter, or darker, than what is around them, each tried.
        upright: whether rows run up or down; boxes are then those of the picture turned by 90 degrees (`numpy.rot90`),
            in which letters may stand on their heads: on a line at their upper ends.

    """
    for shapes in _shapes_of(picture, contrasts):
        yield from _rows_of(shapes, upright=upright)


def _shapes_of(picture: BytesArray, contrasts: Sequence[int]) -> Iterator[_Shapes]:
    """Small shapes by whether they are bright or dark, by opening and by contrast.

    Args:
        picture: (rows, columns) uint8.
        contrasts: see `candidates`.

    """
    for bright in (picture, np.asarray(255 - picture)):
        drop = cv2.subtract(bright, cv2.erode(bright, np.ones((3, 3), np.uint8)))
        for opening in _OPENINGS_PX:
            if opening >= min(picture.shape):
                continue
            above = cv2.morphologyEx(bright, cv2.MORPH_TOPHAT, np.ones((opening, opening), np.uint8))
            for contrast in contrasts:
                yield _shapes(bright, np.asarray(above), np.asarray(drop), contrast)


def _rows_of(shapes: _Shapes, *, upright: bool) -> Iterator[tuple[Box, FloatArray]]:
    """See `candidates`."""
    standing = (shapes.turned() if upright else shapes).high_enough()
    for row in _rows(standing):
        yield _box(standing, row), _features(standing, row, upright=upright)


def _shapes(bright: BytesArray, above: BytesArray, drop: BytesArray, contrast: int) -> _Shapes:
    """Connected shapes above a contrast that are of the size of letters, even within and sharp at the edge.

    Args:
        bright: the picture.
        above: by how much each pixel is above what is around it.
        drop: from each pixel to the least of its neighbours.
        contrast: see above.

    """
    mask = (above >= contrast).astype(np.uint8)
    count, labels, found, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    stats = np.asarray(found, np.int32)
    high, wide, area = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_AREA]
    longer, shorter = np.maximum(high, wide), np.minimum(high, wide)
    largest = max(max(bright.shape) * MAX_HEIGHT, 2 * _MIN_HEIGHT_PX)
    fits = (longer >= _MIN_HEIGHT_PX) & (shorter <= largest) & (longer <= _MAX_WIDTHS * largest) & (area >= _MIN_PIXELS)
    fits[0] = False
    chosen = np.flatnonzero(fits)
    place = np.full(count, -1)
    place[chosen] = np.arange(len(chosen))
    of_pixel = place[labels.ravel()]
    indices = np.flatnonzero(of_pixel >= 0)
    which, values = of_pixel[indices], bright.ravel()[indices].astype(np.int32)
    number = np.maximum(area[chosen], 1)
    # Its level: three fifths up, so that blurred edges do not lower it.
    order = np.lexsort((values, which))
    starts = np.cumsum(number) - number
    heights = above.ravel()[indices][order].astype(np.int32)
    most = np.maximum.reduceat(heights, starts) if len(chosen) else np.zeros(0, np.int32)
    level = values[order][starts + 6 * number // 10] if len(chosen) else np.zeros(0, np.int32)
    near = np.abs(values - level[which]) <= np.maximum(_LEVEL_BAND * most[which], 3)
    even = np.bincount(which, weights=near, minlength=len(chosen)) / number
    edge = (mask - cv2.erode(mask, np.ones((3, 3), np.uint8))).ravel()[indices]
    falls = np.bincount(which, weights=edge * np.minimum(drop.ravel()[indices], most[which]), minlength=len(chosen))
    edges = np.bincount(which, weights=edge, minlength=len(chosen))
    sharpness = falls / np.maximum(edges, 1) / np.maximum(most, 1)
    letters = np.flatnonzero((even >= _LEVEL_SHARE) & (sharpness >= _MIN_SHARPNESS))
    letters = letters[np.argsort(stats[chosen[letters], cv2.CC_STAT_LEFT], kind="stable")]
    of = chosen[letters]
    x0, y0 = stats[of, cv2.CC_STAT_LEFT], stats[of, cv2.CC_STAT_TOP]
    return _Shapes(
        x0, y0, x0 + wide[of], y0 + high[of], area[of], level[letters].astype(float), most[letters].astype(float),
        sharpness[letters], (bright.shape[0], bright.shape[1]),
    )  # fmt: skip


def _rows(shapes: _Shapes) -> Iterator[NDArray[np.intp]]:
    """The places of shapes that stand next to each other and are alike, enough of them for a word."""
    high = shapes.high
    places = np.arange(len(shapes))
    ends = np.searchsorted(shapes.x0, shapes.x1 + _GAP * high, side="right")
    number = np.maximum(ends - places - 1, 0)
    # All pairs of a shape and one that begins near its right end.
    first = np.repeat(places, number)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(number) - number, number)
    alike = _alike(shapes, first, second)
    group = np.arange(len(shapes))
    for index, other in zip(first[alike], second[alike], strict=True):
        if group[other] != group[index]:
            group[group == group[other]] = group[index]
    for name in np.flatnonzero(np.bincount(group, minlength=1) > 1):
        row = np.flatnonzero(group == name)
        letters = np.maximum(1, shapes.wide[row] / (_LETTER_WIDTH * high[row])).sum()
        if letters >= _MIN_LETTERS:
            yield row


def _alike(shapes: _Shapes, first: NDArray[np.intp], second: NDArray[np.intp]) -> Mask:
    high = shapes.high
    both = np.minimum(shapes.y1[first], shapes.y1[second]) - np.maximum(shapes.y0[first], shapes.y0[second])
    less, more = np.minimum(high[first], high[second]), np.maximum(high[first], high[second])
    contrast = np.minimum(shapes.contrast[first], shapes.contrast[second])
    near = np.abs(shapes.level[second] - shapes.level[first]) <= np.maximum(_LEVELS * contrast, _MIN_LEVELS)
    beside = shapes.x0[second] >= shapes.x1[first] - _BEFORE * less
    return np.asarray(near & beside & (both >= _OVERLAP * less) & (more <= _HEIGHTS * less))


def _box(shapes: _Shapes, row: NDArray[np.intp]) -> Box:
    ends = shapes.x0[row].min(), shapes.y0[row].min(), shapes.x1[row].max(), shapes.y1[row].max()
    return int(ends[0]), int(ends[1]), int(ends[2]), int(ends[3])


def _features(shapes: _Shapes, row: NDArray[np.intp], *, upright: bool) -> FloatArray:
    high = float(np.median(shapes.high[row]))
    contrast = float(np.median(shapes.contrast[row]))
    ends_px = float(shapes.y1[row].std())
    if upright:
        ends_px = min(ends_px, float(shapes.y0[row].std()))
    values: Sequence[float] = (
        shapes.sharpness[row].mean(),
        shapes.sharpness[row].min(),
        shapes.level[row].std() / contrast,
        ends_px / high,
        np.log(contrast),
        np.log(high),
        (shapes.area[row] / (shapes.wide[row] * shapes.high[row])).mean(),
        np.log(len(row)),
        *((np.log((shapes.wide[row] / shapes.high[row]).mean()),) if upright else ()),
    )
    return np.array(values, np.float64)
