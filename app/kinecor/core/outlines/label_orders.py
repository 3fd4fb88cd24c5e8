"""Which number stands for which part of the heart: the orders in use, and a guess by how the parts lie.

Orders have nothing in common but that 0 is background. Where a file names its labels, names decide. Else each order is
tried: in a heart the wall lies around the cavity, the atrium next to the cavity and outside the wall, and the right
ventricle next to the wall and hardly to the cavity.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType
from typing import Final

import numpy as np

from kinecor.core.values.labels import STRUCTURE_OF, LabelFile, Labels, Part
from kinecor.core.values.message import Message, message, verbatim
from kinecor.core.values.track import Structure

Order = Mapping[int, Part]
CUSTOM: Final = "custom"
"""Code of an order that is none of those in use."""
STATED: Final = "stated"
"""Code of the order that the file itself states."""


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """An order of labels.

    Attributes:
        code: for `--labels`.
        name: on screen.
        parts: by label; the background is left out.

    """

    code: str
    name: Message
    parts: Order


def _order(code: str, name: Message, parts: Order) -> LabelOrder:
    return LabelOrder(code, name, MappingProxyType(dict(parts)))


_CAVITY, _WALL, _LA, _RV, _NOTHING = Part.LV_CAVITY, Part.LV_WALL, Part.LA, Part.RV, Part.NOTHING

ORDERS: Final = (
    _order("kinecor", verbatim("Kinecor, CAMUS"), {1: _CAVITY, 2: _WALL, 3: _LA, 4: _RV}),
    _order("acdc", verbatim("ACDC"), {1: _RV, 2: _WALL, 3: _CAVITY}),
    _order("mms", verbatim("M&Ms, UK Biobank"), {1: _CAVITY, 2: _WALL, 3: _RV}),
    # TotalSegmentator, task heartchambers_highres.
    _order(
        "totalsegmentator",
        verbatim("TotalSegmentator"),
        {1: _WALL, 2: _LA, 3: _CAVITY, 4: _NOTHING, 5: _RV, 6: _NOTHING, 7: _NOTHING},
    ),
    _order(
        "mmwhs",
        verbatim("MM-WHS"),
        {500: _CAVITY, 205: _WALL, 420: _LA, 600: _RV, 550: _NOTHING, 820: _NOTHING, 850: _NOTHING},
    ),
)
"""Orders in use, in the order of lists; of two that fit as well, the first is meant."""
BY_CODE: Final = MappingProxyType({"camus": ORDERS[0], **{order.code: order for order in ORDERS}})
_CUSTOM_NAME: Final = message("as chosen below")
_STATED_NAME: Final = message("as the file says")


@dataclass(frozen=True, slots=True)
class OrderGuess:
    """The order that labels are taken to have.

    Attributes:
        code: of ORDERS, STATED or CUSTOM.
        parts: of every label in use.

    """

    code: str
    parts: Order

    @property
    def name(self) -> Message:
        """On screen."""
        return {STATED: _STATED_NAME, CUSTOM: _CUSTOM_NAME}.get(self.code) or BY_CODE[self.code].name


# Words of a name that say what a label is; the first row that fits decides.
_WORDS: Final = tuple(
    (re.compile(pattern), part)
    for pattern, part in (
        (r"background|clear label", Part.NOTHING),
        (r"right.*atri|atri.*right|\bra\b", Part.NOTHING),
        (r"(\brv\b|right.*ventric).*(myo|wall|epi)|\b(rvmyo|rvepi)\b", Part.NOTHING),
        (r"\b(rv|rvc|rvendo|rvbp)\b|right.*ventric|ventric.*right", Part.RV),
        (r"\b(la|lac|lac?endo)\b|left.*atri|atri.*left", Part.LA),
        (r"myo|wall|\bmlv\b|\b(lv)?epi(card(ium|ial)?)?\b", Part.LV_WALL),
        (r"\b(lv|lvc|lvendo|lvbp|endo)\b|left.*ventric|ventric.*left|endocard|\bcavity\b", Part.LV_CAVITY),
    )
)


def part_named(name: str) -> Part | None:
    """What a label is by its name, in English or by the usual abbreviations; None where that is not known.

    Args:
        name: of a label, in any spelling.

    """
    plain = re.sub(r"[_\-./]+", " ", name.casefold()).strip()
    return next((part for pattern, part in _WORDS if pattern.search(plain)), None)


def parts_of_names(names: Mapping[int, str]) -> dict[int, Part]:
    """What labels are by their names; {} where no name says that it is the left ventricle's cavity or wall.

    Args:
        names: of labels, by value.

    """
    parts = {value: part for value, name in names.items() if value and (part := part_named(name)) is not None}
    known = {Part.LV_CAVITY, Part.LV_WALL, Part.RV, Part.LA}
    doubled = any(count > 1 for part, count in Counter(parts.values()).items() if part in known)
    return {} if doubled or not known & set(parts.values()) else parts


def guessed_order(file: LabelFile, structures: Collection[Structure]) -> OrderGuess:
    """The order of a file's labels.

    What the file states decides; else, of all orders in use, the one by which the parts lie as they do in a heart;
    where none fits, of all assignments of its labels to parts. Labels that stand for nothing are not imported.

    Args:
        file: with its labels.
        structures: that the recording may have contours of; no other is guessed.

    """
    values = file.values
    if file.parts:
        return OrderGuess(STATED, {value: file.parts.get(value, Part.NOTHING) for value in values})
    allowed = {part for part, structure in STRUCTURE_OF.items() if structure in structures}
    touching = _Touching.within(plane.values for plane in file.planes)
    fitting: list[tuple[float, str, Order]] = []
    for order in ORDERS:
        parts = {value: order.parts[value] for value in values if value in order.parts}
        if len(parts) == len(values) and set(parts.values()) - {Part.NOTHING} <= allowed:
            fitting.append((round(touching.fit(parts) + _IN_USE, 2), order.code, parts))
    assigned = _best_assignment(values, allowed, touching)
    code = next((order.code for order in ORDERS if _is_part_of(assigned, order.parts)), CUSTOM)
    fitting.append((round(touching.fit(assigned), 2), code, assigned))
    _, code, best = max(fitting, key=lambda fit: fit[0])  # of equal ones the first
    return OrderGuess(code, best)


def _is_part_of(parts: Order, order: Order) -> bool:
    return all(order.get(value) is part for value, part in parts.items())


_MAX_ASSIGNED: Final = 4
"""Labels that are assigned to parts one by one; of more, the largest."""


def _best_assignment(values: Collection[int], allowed: Collection[Part], touching: "_Touching") -> dict[int, Part]:
    used = sorted(values, key=lambda value: -touching.pixels.get(value, 0))[:_MAX_ASSIGNED]
    parts = [*(part for part in STRUCTURE_OF if part in allowed), *(Part.NOTHING,) * len(used)]
    best: tuple[float, dict[int, Part]] = (-np.inf, {})
    for chosen in dict.fromkeys(permutations(parts, len(used))):
        assigned = dict(zip(used, chosen, strict=True))
        fit = touching.fit(assigned)
        if fit > best[0] + 1e-9:
            best = fit, assigned
    return {value: best[1].get(value, Part.NOTHING) for value in values}


# What counts for or against an order besides what borders on what: that it is one in use, that a label is used or
# stands for nothing, that a cavity has no wall, that a wall has no cavity.
_IN_USE, _USED, _UNUSED, _CAVITY_ALONE, _WALL_ALONE = 0.1, 0.05, -0.2, 0.3, -0.5
# Shares of the outline of atrium and right ventricle that border on the left one; more says no more.
_SHARED = 0.3


@dataclass(frozen=True, eq=False)
class _Touching:
    """How often pixels of two labels lie next to each other, over all planes.

    Attributes:
        sides: number of sides that pixels of two labels share, by the two.
        pixels: of each label.

    """

    sides: Mapping[tuple[int, int], int]
    pixels: Mapping[int, int]

    @classmethod
    def within(cls, planes: Iterable[Labels]) -> "_Touching":
        sides: Counter[tuple[int, int]] = Counter()
        pixels: Counter[int] = Counter()
        for plane in planes:
            values, counts = np.unique(plane, return_counts=True)
            pixels.update(dict(zip(values.tolist(), counts.tolist(), strict=True)))
            for first, second in ((plane[:, :-1], plane[:, 1:]), (plane[:-1], plane[1:])):
                apart = first != second
                pairs, many = np.unique(np.stack([first[apart], second[apart]]), axis=1, return_counts=True)
                for (a, b), count in zip(pairs.T.tolist(), many.tolist(), strict=True):
                    sides[a, b] += count
                    sides[b, a] += count
        return cls(sides, pixels)

    def share(self, first: int | None, second: int | None) -> float:
        """Of the outline of one label, the share that borders on the other; 0 where either is not there."""
        if first is None or second is None:
            return 0.0
        length = sum(count for (a, _), count in self.sides.items() if a == first)
        return self.sides.get((first, second), 0) / length if length else 0.0

    def fit(self, parts: Order) -> float:
        """How well parts lie as in a heart: higher is better."""
        value: dict[Part, int] = {part: label for label, part in parts.items() if part is not Part.NOTHING}
        cavity, wall, atrium, right = (value.get(part) for part in STRUCTURE_OF)
        total = _USED * len(value) + _UNUSED * (len(parts) - len(value))
        if cavity is not None:
            # The wall has an outside as well; the cavity has none, or a short one at the valve.
            total += _CAVITY_ALONE if wall is None else self.share(cavity, wall) - 2 * self.share(cavity, 0)
        elif wall is not None:
            total += _WALL_ALONE
        if atrium is not None:
            total += 2 * min(self.share(atrium, cavity), _SHARED) + self.share(atrium, 0) - 1
        if right is not None:
            total += 2 * min(self.share(right, wall), _SHARED) + self.share(right, 0) - 1
            total -= 2 * self.share(right, cavity)
        return total
