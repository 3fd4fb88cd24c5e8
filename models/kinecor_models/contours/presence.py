"""Which slices of a short-axis stack hold ventricle, learnt from which slices experts contour.

A network that contours slices one by one draws atrium and outflow tract as well: they are round, bright and walled.
What gives them away is the rest of the stack: a thin or open wall, an area that does not fit the next slice's, a cavity
that grows while the ventricle empties, a right ventricle that is gone. All of that is in the contours; a small network
weighs it, for the left and for the right ventricle, at each slice and phase. Their confidence is left out: the network
that draws them is surer of the patients that it was trained on, from which the head learns, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kinecor_models.contract import ModelCard, Tensors, load_card, load_weights

Floats = NDArray[np.float64]

Contours = Sequence[Sequence[Sequence[NDArray[np.floating] | None]]]

STRUCTURES = ("lv_endo", "lv_epi", "rv")
"""Whose contours are weighed, in this order."""
_ENDO, _EPI, _RV = range(3)
# Points of an outline that are used: of the endocardium, from which the wall is measured, and of all others.
_CHORDS, _POINTS = 24, 48
# Neighbouring chords over which the thinnest part of the wall is averaged: 60 degrees.
_SECTOR = 4
# Muscle is wall of at least this share of the usual thickness (see decision 0053).
_MIN_OF_USUAL = 0.7
# Below this share of the largest area nothing beats visibly.
_MIN_BEAT = 0.08


class Presence(NamedTuple):
    """(slices, phases) probability, 0 to 1, that experts would contour the left (right) ventricle there."""

    left: Floats
    right: Floats


@dataclass(frozen=True, eq=False)
class Outlined:
    """The contours of a stack as arrays.

    Attributes:
        area: (3, slices, phases) enclosed by endocardium, epicardium and right ventricle; 0 where there is none.
        length: likewise, the outline's length.
        middle: (3, slices, phases, 2) mean of its points; NaN where there is none.
        wall: (slices, phases, 24) from the endocardium to the nearest point of the epicardium; NaN without both.

    """

    area: Floats
    length: Floats
    middle: Floats
    wall: Floats

    def part(self, slices: slice, phases: Sequence[int] | slice = slice(None)) -> "Outlined":
        """Some slices and phases, or all in another order.

        Args:
            slices: which, as of an array.
            phases: which, as of an array.

        """
        area, length, middle = (values[:, slices][:, :, phases] for values in (self.area, self.length, self.middle))
        return Outlined(area, length, middle, self.wall[slices][:, phases])


def stack_outlines(contours: Contours) -> Outlined:
    """The contours of a stack as arrays; slices in the order given.

    Args:
        contours: of STRUCTURES, by slice, by phase: (n, 2) points (x, y) of a closed outline, in any unit that is the
            same along x and y and in all slices; None where there is none.

    """
    slices, phases = len(contours[_ENDO]), len(contours[_ENDO][0])
    points = np.full((3, slices, phases, _POINTS, 2), np.nan)
    for which, rows in enumerate(contours):
        for number, row in enumerate(rows):
            here = [phase for phase, outline in enumerate(row) if outline is not None]
            if here:
                points[which, number, here] = [outline[_picked(len(outline))] for outline in row if outline is not None]
    after = np.roll(points, -1, axis=3)
    cross = points[..., 0] * after[..., 1] - after[..., 0] * points[..., 1]
    inner, outer = points[_ENDO, :, :, :: _POINTS // _CHORDS], points[_EPI]
    # In single precision, axis by axis: the largest array here.
    x, y = (
        inner[:, :, :, None, axis].astype(np.float32) - outer[:, :, None, :, axis].astype(np.float32) for axis in (0, 1)
    )
    far = np.sqrt((x * x + y * y).min(axis=3))
    return Outlined(
        np.nan_to_num(np.abs(cross.sum(axis=3)) / 2),
        np.nan_to_num(np.hypot(*np.moveaxis(after - points, -1, 0)).sum(axis=3)),
        points.mean(axis=3),
        far.astype(np.float64),
    )


@cache
def _picked(count: int) -> NDArray[np.intp]:
    return np.linspace(0, count, _POINTS, endpoint=False).astype(np.intp)


def base_first(area: Floats) -> bool:
    """Whether cavities (slices, phases) shrink from the first slice to the last; true where that is not known.

    Args:
        area: (slices, phases) of the cavity, 0 where there is none.

    """
    size = area.max(axis=1)
    here = np.flatnonzero(size)
    return len(here) < 2 or bool(np.polyfit(here, size[here], 1)[0] <= 0)


def _inner(values: Floats, fill: float = 0.0) -> Floats:
    """Of the next slice towards the apex."""
    return np.concatenate([values[1:], np.full_like(values[:1], fill)])


def _outer(values: Floats, fill: float = 0.0) -> Floats:
    """Of the next slice away from the apex."""
    return np.concatenate([np.full_like(values[:1], fill), values[:-1]])


def _ratio(first: Floats, second: Floats) -> Floats:
    """Logarithm of their ratio within a factor of e squared; 0 where either is 0."""
    known = (first > 0) & (second > 0)
    out = np.log(np.divide(first, second, out=np.ones(first.shape), where=known))
    return np.asarray(np.clip(out, -2, 2))


def _ends(area: Floats) -> tuple[int, int]:
    """Phases of the largest and of the smallest cavity; the first, twice, where nothing beats."""
    whole = area[(area > 0).all(axis=1)].sum(axis=0)
    if not whole.any() or 1 - whole.min() / whole.max() < _MIN_BEAT:
        return 0, 0
    return int(whole.argmax()), int(whole.argmin())


def features(seen: Outlined) -> Floats:
    """(slices, phases, features) what the head weighs; slices from base to apex.

    Args:
        seen: outlines of a stack, its slices from base to apex.

    """
    endo, epi, right = seen.area
    shape = endo.shape
    ed, es = _ends(endo)
    whole = endo[(endo > 0).all(axis=1)].sum(axis=0) if (endo > 0).all(axis=1).any() else np.ones(shape[1])
    emptied = (whole[ed] - whole) / max(whole[ed] - whole[es], 1e-9) if ed != es else np.zeros(shape[1])
    sized = endo[endo[:, ed] > 0, ed]
    usual_area = float(np.percentile(sized, 75)) if len(sized) else 1.0
    radius = np.sqrt(usual_area / np.pi)
    medians = np.median(seen.wall, axis=2)
    with np.errstate(all="ignore"):
        inside = np.flatnonzero((endo > 0).any(axis=1))[1:-1]
        known = medians[inside][:, ed] if len(inside) else medians[:, ed]
        known = known[np.isfinite(known)]
    usual_wall = float(np.median(known)) if len(known) else 0.4 * radius
    thick = np.nan_to_num(seen.wall / max(usual_wall, 1e-9))
    muscle = (thick >= _MIN_OF_USUAL).mean(axis=2)
    sectors = np.mean([np.roll(thick, turn, axis=2) for turn in range(_SECTOR)], axis=0)
    there = endo > 0
    rows = np.flatnonzero(there.any(axis=1))
    first, last = (rows[0], rows[-1]) if len(rows) else (0, shape[0] - 1)
    number = np.broadcast_to(np.arange(shape[0])[:, None], shape)
    away = np.nan_to_num(np.linalg.norm(seen.middle[_ENDO] - _inner(seen.middle[_ENDO], np.nan), axis=2) / radius)
    apart = np.nan_to_num(np.linalg.norm(seen.middle[_RV] - seen.middle[_ENDO], axis=2) / radius)

    def values_at_phase(values: Floats, phase: int) -> Floats:
        return np.repeat(values[:, [phase]], shape[1], axis=1)

    def roundness(which: int) -> Floats:
        long = seen.length[which]
        return np.asarray(np.divide(4 * np.pi * seen.area[which], long**2, out=np.zeros(shape), where=long > 0))

    against, outer_wall, right_against = (_ratio(area, _inner(area)) for area in (endo, epi, right))
    grows = _ratio(endo, values_at_phase(endo, ed))
    beat = _ratio(values_at_phase(endo, es), values_at_phase(endo, ed))
    columns = [
        there,
        epi > 0,
        right > 0,
        _ratio(endo, np.full(shape, usual_area)),
        _ratio(right, np.full(shape, usual_area)),
        muscle,
        thick.mean(axis=2),
        np.minimum(sectors.min(axis=2), 2.0),
        roundness(_ENDO),
        roundness(_EPI),
        roundness(_RV),
        np.minimum(away, 2.0),
        np.minimum(apart, 4.0),
        against,
        outer_wall,
        right_against,
        against - values_at_phase(against, ed),
        right_against - values_at_phase(right_against, ed),
        grows - _inner(grows),
        beat - _inner(beat),
        beat - _outer(beat),
        np.broadcast_to(emptied, shape),
        np.minimum(number - first, 3),
        np.minimum(last - number, 3),
        (number - first) / max(last - first, 1),
        number == 0,
        number == shape[0] - 1,
        _outer(there.astype(float)),
        _outer(muscle),
        _inner(there.astype(float)),
        _inner(muscle),
        values_at_phase(muscle, ed),
        values_at_phase(muscle, es),
    ]
    return np.stack([np.asarray(column, np.float64) for column in columns], axis=2)


RIGHT_HEAD = "right."
"""How the names of weights begin that are of the right ventricle alone."""


def log_odds(weights: Tensors, seen: Floats) -> Floats:
    """(..., 2) log-odds for the left and the right ventricle; see PresenceModel.

    Args:
        weights: of the model.
        seen: (..., features), see `features`.

    """
    out = _head(weights, seen)
    right = {name.removeprefix(RIGHT_HEAD): weight for name, weight in weights.items() if name.startswith(RIGHT_HEAD)}
    if right:
        out[..., 1] = _head(right, seen)[..., 1]
    return out


def _head(weights: Tensors, seen: Floats) -> Floats:
    """Mean over networks of one hidden layer."""
    within = np.clip((seen - weights["mean"]) / weights["scale"], -4, 4)
    hidden = np.tanh(np.einsum("...f,mfh->m...h", within, weights["first"]) + _spread(weights["first_bias"], within))
    out = np.einsum("m...h,mho->m...o", hidden, weights["second"]) + _spread(weights["second_bias"], within)
    return np.asarray(out.mean(axis=0), np.float64)


def _spread(bias: NDArray[np.float32], like: Floats) -> NDArray[np.float32]:
    return bias.reshape(len(bias), *(1,) * (like.ndim - 1), -1)


class PresenceModel:
    """The head, ready to run; plain numpy.

    Args:
        card: names the weights.
        weights: "mean" and "scale" (features), "first" (networks, features, hidden), "first_bias" (networks, hidden),
            "second" (networks, hidden, 2), "second_bias" (networks, 2). The same with "right." before their names,
            where the right ventricle has networks to itself: sets differ in what they label.

    """

    def __init__(self, card: ModelCard, weights: Tensors) -> None:
        self._card, self._weights = card, weights

    @property
    def card(self) -> ModelCard:
        """See ModelCard."""
        return self._card

    def __call__(self, contours: Contours) -> Presence | None:
        """Probabilities for a stack's slices, in the order given; None without a cavity. See `stack_outlines`."""
        seen = stack_outlines(contours)
        if not seen.area[_ENDO].any():
            return None
        order = slice(None, None, 1 if base_first(seen.area[_ENDO]) else -1)
        odds = log_odds(self._weights, features(seen.part(order)))[order]
        return Presence(*np.moveaxis(1 / (1 + np.exp(-odds)), -1, 0))


def open_presence(name: str = "sax-presence") -> PresenceModel:
    """The model `name`, with the weights its card pins.

    Args:
        name: of the card.

    Raises:
        WeightsError: the weights are missing or not those of the card.

    """
    card = load_card(name)
    return PresenceModel(card, load_weights(card))
