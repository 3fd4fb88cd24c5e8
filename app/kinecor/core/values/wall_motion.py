"""Wall motion as a reader scores it, segment by segment (ASE/EACVI 2015, doi 10.1016/j.echo.2014.10.003)."""

from dataclasses import dataclass, replace
from typing import Final

from kinecor.core.values.message import Message, message

MODELS: Final = (16, 17)
"""How many segments may be scored; 17 has the apical cap."""
SCORES: Final[dict[int, Message]] = {
    1: message("normal or hyperkinetic"),
    2: message("hypokinetic"),
    3: message("akinetic"),
    4: message("dyskinetic"),
}

_NOT_SCORED: Final = message("not scored")


@dataclass(frozen=True, slots=True)
class WallMotion:
    """Scores of one examination, or of one stage of a stress study.

    Attributes:
        scores: by segment, one of SCORES, or None where it was not scored; 16 or 17 of them.
        aneurysms: numbers of segments, from 1, that a reader calls aneurysmal: a remark that does not count.
        by: the reader.

    Raises:
        ValueError: another number of segments, another score, or a segment that there is not.

    """

    scores: tuple[int | None, ...] = (None,) * 16
    aneurysms: tuple[int, ...] = ()
    by: str = ""

    def __post_init__(self) -> None:
        if len(self.scores) not in MODELS:
            raise ValueError(f"16 or 17 segments are scored, got {len(self.scores)}")
        if any(score is not None and score not in SCORES for score in self.scores):
            raise ValueError(f"a segment is scored 1 to {max(SCORES)}, got {self.scores}")
        if any(not 1 <= aneurysm <= len(self.scores) for aneurysm in self.aneurysms):
            raise ValueError(f"segments are numbered 1 to {len(self.scores)}, got {self.aneurysms}")
        object.__setattr__(self, "aneurysms", tuple(sorted(set(self.aneurysms))))

    @property
    def scored(self) -> int:
        """Number of segments with a score."""
        return sum(score is not None for score in self.scores)

    @property
    def index(self) -> float | None:
        """Wall motion score index: the mean over the segments that were scored; None where none was."""
        known = [score for score in self.scores if score is not None]
        return sum(known) / len(known) if known else None

    def with_score(self, segment: int, score: int | None) -> "WallMotion":
        """With another score of a segment (from 1).

        Args:
            segment: from 1.
            score: a key of SCORES; None for no score.

        """
        return replace(self, scores=(*self.scores[: segment - 1], score, *self.scores[segment:]))

    def with_aneurysm(self, segment: int, *, aneurysm: bool) -> "WallMotion":
        """With or without the remark of an aneurysm of a segment (from 1).

        Args:
            segment: from 1.
            aneurysm: whether it has the remark.

        """
        others = tuple(aneurysm for aneurysm in self.aneurysms if aneurysm != segment)
        return replace(self, aneurysms=(*others, segment) if aneurysm else others)

    def of_model(self, segments: int) -> "WallMotion":
        """In 16 or 17 segments; the score of the cap is dropped in 16.

        Args:
            segments: 16 or 17.

        """
        scores = (*self.scores, None)[:segments]
        return replace(
            self, scores=scores, aneurysms=tuple(aneurysm for aneurysm in self.aneurysms if aneurysm <= segments)
        )

    @property
    def words(self) -> Message:
        """The index and what it rests on: "WMSI 1.25 (16 of 16 segments)"; "not scored" without a score."""
        if self.index is None:
            return _NOT_SCORED
        return message(
            "WMSI {index:.2f} ({scored} of {segments} segments)",
            index=self.index,
            scored=self.scored,
            segments=len(self.scores),
        )
