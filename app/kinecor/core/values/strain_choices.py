"""What a reader chose for strain."""

from dataclasses import dataclass

SEGMENTS = 6
"""Segments of the wall in an apical view."""
MOST_SEGMENTS = 16
"""Segments that short axes show."""


@dataclass(frozen=True, slots=True)
class StrainChoices:
    """How strain is to be measured.

    Attributes:
        excluded: segments left out, in order: 0 basal, 1 mid, 2 apical of the side on the left of the image, 3
            apical, 4 mid, 5 basal of the other. Of short axes 0 to 15: AHA segments 1 to 16.
        compensate_drift: whether strain is made to return to 0 at the next end-diastole.
        depth: in the wall: 0 endocardium, 0.5 mid-wall, 1 epicardium.

    Raises:
        ValueError: no such segment, twice the same, or a depth outside 0..1.

    """

    excluded: tuple[int, ...] = ()
    compensate_drift: bool = True
    depth: float = 0.5

    def __post_init__(self) -> None:
        if any(not 0 <= one < MOST_SEGMENTS for one in self.excluded) or len(set(self.excluded)) < len(self.excluded):
            raise ValueError(f"segments are numbered 0 to {MOST_SEGMENTS - 1}, each once, got {self.excluded}")
        if not 0 <= self.depth <= 1:
            raise ValueError(f"a depth in the wall of 0..1 was expected, got {self.depth}")
        object.__setattr__(self, "excluded", tuple(sorted(self.excluded)))


USUAL = StrainChoices()
"""All segments, mid-wall, drift compensated."""


def layer_words(depth: float) -> str:
    """How deep in the wall strain is measured, as a reader calls it; `depth` as in StrainChoices."""
    return {0.0: "endocardium", 0.5: "mid-wall", 1.0: "epicardium"}.get(depth, f"{depth:.0%} into the wall")
