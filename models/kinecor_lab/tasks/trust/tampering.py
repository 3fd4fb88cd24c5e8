"""What a tampering is: a kind with graded strengths, and the half of the battery that it belongs to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Literal, TypeVar

from numpy.random import Generator

from kinecor.core.values.reading import Reading
from kinecor.session.codec import Edit

Half = Literal["choose", "report"]
"""Thresholds are chosen on one half of the kinds and seeds and reported on the other."""

S = TypeVar("S")
M = TypeVar("M")


def unchanged(one: S) -> S:
    """The same."""
    return one


@dataclass(frozen=True)
class Way(Generic[S, M]):
    """How a recording is tampered with, at one strength.

    Attributes:
        made: changes the images or the header of the simulated recording.
        setting: changes how it is simulated.
        file: changes the written files, which are in this folder.

    """

    made: Callable[[M, Generator], M] | None = None
    setting: Callable[[S], S] = unchanged
    file: Callable[[Path, M, Generator], None] | None = None


@dataclass(frozen=True)
class Kind(Generic[S, M]):
    """A kind of tampering.

    Attributes:
        name: as in the table.
        half: see Half.
        ways: by the name of the strength, weakest first.
        redrawn: of a stack, whether images themselves change, so that they are analysed again.

    """

    name: str
    half: Half
    ways: Mapping[str, Way[S, M]]
    redrawn: bool = False


Change = Callable[[Reading, Generator], Sequence[Edit]]


@dataclass(frozen=True)
class EditKind:
    """A kind of edit that makes values wrong, applied to the Reading of a sound recording.

    Attributes:
        name: as in the table.
        half: see Half.
        stack: whether it is of a stack; else of an apical clip.
        ways: by the name of the strength; gives no edit where the Reading has not what would be edited.

    """

    name: str
    half: Half
    stack: bool
    ways: Mapping[str, Change]
