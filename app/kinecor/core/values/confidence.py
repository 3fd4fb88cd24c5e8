"""The confidence policy: every threshold on a confidence, what it decides, and the recordings it was chosen on.

A confidence runs from 0 to 1. A value whose confidence is below the upper floor should be checked; below the lower
floor it is withheld. Thresholds inside a network's own room (`kinecor_models`) decide what the network returns at all
and are documented there, with the figures they were chosen by: `contours/sax.py` (a contour), `views/model.py` (the
name of a view).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Trust(StrEnum):
    """What may be done with a measured value."""

    OK = "ok"
    CHECK = "check"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Floors:
    """Two thresholds on one kind of confidence.

    Attributes:
        check: below it, a value is shown with the advice to review it.
        withheld: below it, no value is given.
        gates: what they decide.
        source: the population they were chosen on.

    Raises:
        ValueError: not 0 <= withheld <= check <= 1.

    """

    check: float
    withheld: float
    gates: str
    source: str

    def __post_init__(self) -> None:
        if not 0 <= self.withheld <= self.check <= 1:
            raise ValueError(f"floors need 0 <= withheld <= check <= 1, got {self.withheld} and {self.check}")

    def trust(self, confidence: float | None) -> Trust:
        """How far a value of this confidence may be used; without a confidence (entered by a person) it is ok.

        Args:
            confidence: 0 to 1; None without one.

        """
        if confidence is None or confidence >= self.check:
            return Trust.OK
        return Trust.CHECK if confidence >= self.withheld else Trust.WITHHELD


LOOP_CONTOURS: Final = Floors(
    check=0.75,
    withheld=0.7,
    gates="volumes and strain of a loop, and strain of a slice: the least confidence of the contours at ED and ES",
    source="apical clips of unseen scanners stay above 0.75; a parasternal and a paediatric clip are below 0.7",
)
STACK_CONTOURS: Final = Floors(
    check=0.7,
    withheld=0.6,
    gates="volumes and mass of a stack: the least, over ED and ES, of the mean over slices weighted by area",
    source="check as for loops; the population of the lower floor was not recorded, so it is due to be calibrated",
)
TRACKING_QUALITY: Final = Floors(
    check=0.3,
    withheld=0.3,
    gates="strain of a segment: how well its points were followed",
    source="segments of simulated recordings are above 0.3; those of good real clips at 20 frames/s at 0.35 to 0.6",
)


SINGLE_KEYFRAME: Final = 0.6
"""Confidence of a contour propagated from one drawn frame, so that values at it are withheld, open and closed alike.

Its error is unknown: on simulated cines, volumes at ES were wrong by up to a third.
"""

DRAWN_SOLID: Final = 0.5
"""A contour with a lower confidence is drawn dashed, and flagged below the curve."""

VIEW_CONTRADICTS: Final = 0.9
"""From this confidence on, a view seen by a model is reported where it contradicts the file or a person."""
