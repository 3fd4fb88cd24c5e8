"""How a kind of study is hung when it is opened: the mode of the window, and how many tiles. A reader's choice."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kinecor.core.values.recording import Recording
from kinecor.ui.app.modes import Layout, Mode
from kinecor.ui.tiles.layouts import Layout as Tiles

AS_LAST: Final = -1
"""Of `HangingProtocol.tiles`: as many as the reader saw last."""


class StudyKind(StrEnum):
    """What distinguishes studies for a hanging protocol."""

    ECHO = "echo"
    STRESS = "stress echo"
    MRI = "cine MRI"


@dataclass(frozen=True, slots=True)
class HangingProtocol:
    """What a study of a kind is shown with at first.

    Attributes:
        mode: of the window.
        tiles: how many, a `Layout` of tiles; AS_LAST for those of the study before.

    """

    mode: Mode = Mode.REVIEW
    tiles: int = AS_LAST

    def __post_init__(self) -> None:
        if self.tiles != AS_LAST:
            Tiles(self.tiles)


PROTOCOLS: Final[Mapping[StudyKind, HangingProtocol]] = {kind: HangingProtocol() for kind in StudyKind}
"""What each kind begins with: one looks before one measures."""


@dataclass(frozen=True, slots=True)
class NamedLayout:
    """A layout that a reader saved under a name.

    Attributes:
        mode: of the window.
        layout: how it divides the window.
        tiles: how many, a `Layout` of tiles.

    """

    mode: Mode
    layout: Layout
    tiles: int


def kind_of_study(recordings: Iterable[Recording]) -> StudyKind:
    """Which kind of study recordings are: of MR, or of echocardiography with or without stages of stress."""
    sources = [recording.source for recording in recordings]
    if any(source.modality == "MR" for source in sources):
        return StudyKind.MRI
    return StudyKind.STRESS if any(source.stage is not None for source in sources) else StudyKind.ECHO
