"""End-diastole and end-systole of each beat."""

from dataclasses import dataclass

from kinecor.core.track import Origin


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
    """The beats of a recording in the order of their ED, and how they were found."""

    beats: tuple[Beat, ...]
    origin: Origin

    def __post_init__(self) -> None:
        eds = [beat.ed for beat in self.beats]
        if eds != sorted(set(eds)):
            raise ValueError(f"beats must follow each other in time, got ED frames {eds}")
