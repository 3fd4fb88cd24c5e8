"""Which recordings of a study are seen next to each other, and where their tiles lie."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import QRectF

GAP_PX = 4
STACK_SHARE = 0.715  # of the width: the rest is for its long axes
_NARROW_PX = 520  # a stack next to its long axes needs as much
_APICAL = ("A4C", "A2C", "A3C")
_LONG_AXES = 3


class Layout(IntEnum):
    """How many tiles the reader wants; with AUTOMATIC as many as the study suggests."""

    AUTOMATIC = 0
    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    SIX = 6

    @property
    def words(self) -> str:
        """In menus."""
        return "Proposed by the study" if self is Layout.AUTOMATIC else f"{int(self)} tile{'s' if self > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Held:
    """A recording of the study on screen, as far as the choice of tiles needs it.

    Attributes:
        index: among the recordings of the workspace.
        view: its label, "" where it is not known.
        stack: whether it is a short-axis stack.
        crosses: whether it is a long axis that the study's stack cuts.
        stage: of a stress study, "" otherwise.
        view_number: place of the view in its stage by the header, the same at all stages; None where it says none.
        view_only: whether it is shown and nothing else: chosen by the reader, never proposed with others.

    """

    index: int
    view: str = ""
    stack: bool = False
    crosses: bool = False
    stage: str = ""
    view_number: int | None = None
    view_only: bool = False

    def same_view(self, other: "Held") -> bool:
        """Whether both are the same view of a stress study: by its number, else by a name that is known."""
        if self.view_number is not None and other.view_number is not None:
            return self.view_number == other.view_number
        return bool(self.view) and self.view == other.view


def proposed(held: Sequence[Held], current: int) -> tuple[int, ...]:
    """The recordings to see next to each other with the current one, which is always among them.

    A stack with its long axes; the three apical views, or the biplane pair; of a stress study the same view in all
    its stages; else the current one alone.
    """
    here = next((held_recording for held_recording in held if held_recording.index == current), None)
    if here is None:
        return (current,)
    measured = [held_recording for held_recording in held if not held_recording.view_only]
    if here.view_only:
        # Next to the cine: the short axes at the same place, and the long axes with the lines of its slices.
        stacks = [held_recording.index for held_recording in measured if held_recording.stack][:1]
        axes = [held_recording.index for held_recording in measured if held_recording.crosses][
            : Layout.FOUR - 1 - len(stacks)
        ]
        return (current, *stacks, *axes) if here.stack else (current, *stacks)
    held = measured
    if here.stack or here.crosses:
        stacks = [held_recording.index for held_recording in held if held_recording.stack]
        stack = current if here.stack else stacks[0] if stacks else None
        axes = [held_recording.index for held_recording in held if held_recording.crosses][:_LONG_AXES]
        if stack is not None and (here.stack or current in axes):
            return (stack, *axes)
        return (current,)
    if here.stage:
        stages = list(dict.fromkeys(held_recording.stage for held_recording in held if held_recording.stage))
        same = {
            held_recording.stage: held_recording.index
            for held_recording in reversed(held)
            if held_recording.stage and here.same_view(held_recording)
        }
        same[here.stage] = current
        return tuple(same[stage] for stage in stages if stage in same)[: Layout.SIX]
    first = _first_of_view(held)
    first[here.view] = current
    if here.view not in _APICAL:
        return (current,)
    return tuple(first[view] for view in _APICAL if view in first)


def filled(held: Sequence[Held], current: int, count: int, before: Sequence[int] = ()) -> tuple[int, ...]:
    """`count` recordings for the tiles that a reader asked for: those of `before`, the proposed ones, then the others.

    Fewer where the study has fewer; the current one is always among them.
    """
    known = {held_recording.index for held_recording in held} | {current}
    shown_last = [
        single_held_recording.index
        for single_held_recording in sorted(
            held, key=lambda held_recording: (held_recording.view_only, held_recording.index)
        )
    ]
    wanted = [number for number in dict.fromkeys((*before, *proposed(held, current), *shown_last)) if number in known]
    if current not in wanted[:count]:
        wanted.insert(0, current)
    return tuple(dict.fromkeys(wanted))[:count]


def _first_of_view(held: Iterable[Held]) -> dict[str, int]:
    found: dict[str, int] = {}
    for held_recording in held:
        if held_recording.view:
            found.setdefault(held_recording.view, held_recording.index)
    return found


STAYS = 1.25
"""Tiles keep their columns until others would make them larger than this: a list that opens moves none of them."""


def columns_for(count: int, width: float, height: float, aspect: float, before: int = 0) -> int:
    """How many columns show `count` images (aspect = width / height) largest in an area of this size.

    `before` is the number of columns there were, which stays unless others are much better; 0 for none.
    """

    def tile_width(columns: int) -> float:
        lines = -(-count // columns)
        return min(width / columns, height / lines * aspect)

    best = max(range(1, count + 1), key=tile_width)
    return before if 0 < before <= count and tile_width(best) <= STAYS * tile_width(before) else best


def places(count: int, area: QRectF, *, stack: bool = False, aspect: float = 1.4, before: int = 0) -> list[QRectF]:
    """Where tiles lie in an area, with gaps between them.

    Args:
        count: of tiles.
        area: of the board.
        stack: whether the first tile is a stack and the others its long axes.
        aspect: width over height of a usual image.
        before: see `columns_for`.

    """
    if stack and count > 1 and area.width() >= _NARROW_PX:
        wide = area.width() * STACK_SHARE
        high = (area.height() - GAP_PX * (count - 2)) / (count - 1)
        left = area.left() + wide + GAP_PX
        others = [
            QRectF(left, area.top() + index * (high + GAP_PX), area.right() - left, high) for index in range(count - 1)
        ]
        return [QRectF(area.left(), area.top(), wide, area.height()), *others]
    columns = columns_for(count, area.width(), area.height(), aspect, before)
    lines = -(-count // columns)
    wide = (area.width() - GAP_PX * (columns - 1)) / columns
    high = (area.height() - GAP_PX * (lines - 1)) / lines
    return [
        QRectF(
            area.left() + index % columns * (wide + GAP_PX), area.top() + index // columns * (high + GAP_PX), wide, high
        )
        for index in range(count)
    ]
