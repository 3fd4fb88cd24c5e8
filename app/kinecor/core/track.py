"""One structure's contour through a whole recording."""

from dataclasses import dataclass
from enum import StrEnum

from kinecor.core.arrays import FloatArray, frozen
from kinecor.core.contour import Contour


class Structure(StrEnum):
    """What a contour outlines; the values are the names in result.json and in the file."""

    LV_ENDO = "lv_endo"
    LV_EPI = "lv_epi"
    LA = "la"
    RV = "rv"


class Origin(StrEnum):
    """How a frame's contour came to be."""

    MODEL = "model"
    TRACKED = "tracked"
    EDITED = "edited"


@dataclass(frozen=True, eq=False)
class ContourTrack:
    """A contour per frame, or None where the structure was not found.

    Attributes:
        structure: what is outlined.
        contours: one per frame.
        origins: one per frame.
        confidence: (frames,) float64 from 0 to 1, how far the contour is to be believed; 1 where a person drew it.

    Raises:
        ValueError: lengths differ, or a confidence lies outside 0..1.

    """

    structure: Structure
    contours: tuple[Contour | None, ...]
    origins: tuple[Origin, ...]
    confidence: FloatArray

    def __post_init__(self) -> None:
        confidence = frozen(self.confidence)
        object.__setattr__(self, "confidence", confidence)
        n = len(self.contours)
        if len(self.origins) != n or confidence.shape != (n,):
            raise ValueError(
                f"{self.structure}: {n} contours need {n} origins and confidences, "
                f"got {len(self.origins)} and {confidence.shape}"
            )
        if n and not ((confidence >= 0) & (confidence <= 1)).all():
            raise ValueError(f"{self.structure}: confidence must lie in 0..1")

    def __len__(self) -> int:
        return len(self.contours)

    def replaced(self, start: int, contours: tuple[Contour | None, ...], origin: Origin) -> "ContourTrack":
        """A track with `contours` put at frames start, start + 1, ...; where a person edited, confidence is 1.

        Raises:
            ValueError: the frames reach beyond the track.

        """
        stop = start + len(contours)
        if start < 0 or stop > len(self.contours):
            raise ValueError(f"{self.structure}: frames {start}..{stop - 1} outside 0..{len(self.contours) - 1}")
        confidence = self.confidence.copy()
        if origin is Origin.EDITED:
            confidence[start:stop] = 1.0
        return ContourTrack(
            self.structure,
            self.contours[:start] + contours + self.contours[stop:],
            self.origins[:start] + (origin,) * len(contours) + self.origins[stop:],
            confidence,
        )
