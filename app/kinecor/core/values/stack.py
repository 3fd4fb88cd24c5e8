"""The (slice, phase) grid of a short-axis cine study."""

from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.arrays import FloatArray, finite, frozen
from kinecor.core.values.cine import CineSequence, Source


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices of one heart, each a cine over the same phases.

    Attributes:
        slices: one CineSequence per slice, in order of position; all of the same number of frames (phases). Slices
            may differ in rows, columns and spacing.
        positions_mm: (slices,) float64, place of each slice along the common normal, strictly increasing.
        thickness_mm: slice thickness, or None where unknown.
        study_id: the study the slices belong to.
        warnings: one sentence each, e.g. a missing slice.
        recording_id: of the stack as a whole, stable as a CineSequence's; that of its first slice where none is given.

    Raises:
        ValueError: no slice, differing numbers of phases, or positions that do not increase.

    """

    slices: tuple[CineSequence, ...]
    positions_mm: FloatArray
    thickness_mm: float | None
    study_id: str
    warnings: tuple[str, ...] = ()
    recording_id: str = ""

    def __post_init__(self) -> None:
        positions = finite(frozen(self.positions_mm), "slice positions")
        object.__setattr__(self, "positions_mm", positions)
        if not self.slices or positions.shape != (len(self.slices),):
            raise ValueError(f"{len(self.slices)} slices need as many positions, got {positions.shape}")
        if (np.diff(positions) <= 0).any():
            raise ValueError("slice positions must increase")
        if len({len(one) for one in self.slices}) != 1:
            raise ValueError(f"slices differ in phases: {[len(one) for one in self.slices]}")
        if not self.recording_id:
            object.__setattr__(self, "recording_id", self.slices[0].source.recording_id)

    @property
    def cines(self) -> tuple[CineSequence, ...]:
        """The loops it consists of: its slices."""
        return self.slices

    @property
    def source(self) -> Source:
        """Where it comes from: its own identity, and its first slice's file."""
        return replace(self.slices[0].source, recording_id=self.recording_id, study_id=self.study_id)

    @property
    def phases(self) -> int:
        """Frames per slice."""
        return len(self.slices[0])

    @property
    def times_s(self) -> FloatArray:
        """(phases,) times of the phases, seconds, those of the first slice."""
        return self.slices[0].times_s


Recording = CineSequence | Stack
"""What may be opened: a loop, or a stack of them. Both have `cines`, `source`, `times_s` and `warnings`."""
