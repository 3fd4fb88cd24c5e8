"""The edit of wall motion scores."""

from dataclasses import dataclass, replace

from kinecor.core.values.study import StudyReading
from kinecor.core.values.wall_motion import WallMotion
from kinecor.session.codec import StudyEdit, tagged


@tagged("study-wall-motion/1")
@dataclass(frozen=True, slots=True)
class SetWallMotion(StudyEdit):
    """All scores of a study, or of one stage of it; fields as in WallMotion.

    Raises:
        ValueError: as WallMotion.

    """

    stage: str
    scores: tuple[int | None, ...]
    aneurysms: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        WallMotion(self.scores, self.aneurysms)

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        stage = f", {self.stage}" if self.stage else ""
        return f"wall motion{stage}: {WallMotion(self.scores, self.aneurysms).words}"

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with these scores; without any score and remark, without wall motion."""
        left = {stage: one for stage, one in reading.wall_motion.items() if stage != self.stage}
        found = replace(WallMotion(self.scores, self.aneurysms), by=by)
        if not found.scored and not found.aneurysms:
            return reading.with_(wall_motion=left)
        return reading.with_(wall_motion={**left, self.stage: found})
