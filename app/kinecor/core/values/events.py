"""End-diastole and end-systole of each beat."""

from dataclasses import dataclass
from itertools import pairwise

from kinecor.core.values.track import Origin


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat: the frames (0-based) of end-diastole and of end-systole."""

    ed: int
    es: int

    def __post_init__(self) -> None:
        if self.ed < 0 or self.es < 0:
            raise ValueError(f"frames are counted from 0, got ED {self.ed}, ES {self.es}")
        if self.ed == self.es:
            raise ValueError(f"ED and ES cannot be the same frame ({self.ed})")


@dataclass(frozen=True, slots=True)
class CardiacEvents:
    """The beats of a recording in the order of their ED, and how they were found.

    A single beat may have its ES before its ED: the loop began in systole, or the reader says so. Several beats do
    not overlap: ED, ES, ED, ES, ... each later than the one before.

    Raises:
        ValueError: beats out of order, or overlapping.

    """

    beats: tuple[Beat, ...]
    origin: Origin

    def __post_init__(self) -> None:
        frames = [frame for beat in self.beats for frame in (beat.ed, beat.es)]
        if len(self.beats) > 1 and any(late <= early for early, late in pairwise(frames)):
            pairs = ", ".join(f"{beat.ed}-{beat.es}" for beat in self.beats)
            raise ValueError(f"beats must follow each other in time without overlapping, got ED-ES frames {pairs}")
