"""One structure's contour through a whole recording."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kinecor.core.values.geometry import Contour, FloatArray, frozen


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
        confidence: (frames,) float64 from 0 to 1, how reliable the contour is; 1 where a person drew it.

    Raises:
        ValueError: lengths differ, or a confidence is outside 0..1.

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
            raise ValueError(f"{self.structure}: a confidence of 0..1 was expected")

    def __len__(self) -> int:
        return len(self.contours)

    def confidence_at(self, frames: Iterable[int]) -> float | None:
        """The least confidence of the contours at these frames that no person drew; None where a person drew all."""
        by_model = [float(self.confidence[one]) for one in frames if self.origins[one] is not Origin.EDITED]
        return min(by_model, default=None)

    def replaced(
        self, start: int, contours: tuple[Contour | None, ...], origins: Origin | tuple[Origin, ...]
    ) -> "ContourTrack":
        """A track with `contours` put at frames start, start + 1, ...

        Where a person edited, confidence is 1; where a contour came otherwise, it stays what it was. A frame left
        without a contour has confidence 0, and keeps its origin if it had none before.

        Args:
            start: the first frame.
            contours: one per frame; None takes a contour away.
            origins: one per contour, or one for all.

        Raises:
            ValueError: the frames reach beyond the track, or there are not as many origins as contours.

        """
        stop = start + len(contours)
        if start < 0 or stop > len(self.contours):
            raise ValueError(f"{self.structure}: frames {start}..{stop - 1} outside 0..{len(self.contours) - 1}")
        given = (origins,) * len(contours) if isinstance(origins, Origin) else origins
        if len(given) != len(contours):
            raise ValueError(f"{self.structure}: {len(contours)} contours need as many origins, got {len(given)}")
        confidence, new_origins = self.confidence.copy(), list(self.origins)
        for frame, (contour, origin) in enumerate(zip(contours, given, strict=True), start):
            if contour is None:
                confidence[frame] = 0.0
            elif origin is Origin.EDITED:
                confidence[frame] = 1.0
            if contour is not None or self.contours[frame] is not None:
                new_origins[frame] = origin
        return ContourTrack(
            self.structure,
            self.contours[:start] + contours + self.contours[stop:],
            tuple(new_origins),
            confidence,
        )
