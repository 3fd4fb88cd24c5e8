"""The edit of wall motion scores."""

from dataclasses import dataclass, replace

from kinecor.core.values.message import Message, message
from kinecor.core.values.recording import stage_words
from kinecor.core.values.study import StudyReading
from kinecor.core.values.wall_motion import WallMotion
from kinecor.session.codec import StudyEdit, register_tag


@register_tag("study-wall-motion/1")
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
    def summary(self) -> Message:
        """A few plain words for the history."""
        scores = WallMotion(self.scores, self.aneurysms).words
        if not self.stage:
            return message("wall motion: {scores}", scores=scores)
        return message("wall motion, {stage}: {scores}", stage=stage_words(self.stage), scores=scores)

    def apply(self, reading: StudyReading, by: str) -> StudyReading:
        """The study with these scores; without any score and remark, without wall motion."""
        left = {stage: motion for stage, motion in reading.wall_motion.items() if stage != self.stage}
        found = replace(WallMotion(self.scores, self.aneurysms), by=by)
        if not found.scored and not found.aneurysms:
            return reading.with_(wall_motion=left)
        return reading.with_(wall_motion={**left, self.stage: found})
