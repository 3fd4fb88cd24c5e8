"""Edits that strain rests on: how the picture moves, and what a reader chose."""

from dataclasses import dataclass

from kinecor.core.strain.codes import RING_NAMES, STRAIN_CODES
from kinecor.core.values.motion import Motion
from kinecor.core.values.reading import Reading
from kinecor.core.values.strain_choices import StrainChoices
from kinecor.session.authorship import authored


@dataclass(frozen=True, slots=True)
class SetMotion:
    """How the picture moves, as a model saw it; None where nobody looked."""

    motion: Motion | None

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        return "motion removed" if self.motion is None else "motion, all frames"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with this motion.

        Raises:
            ValueError: it is of another number of frames than the recording.

        """
        return _strain_anew(reading, "motion", by, motion=self.motion)


@dataclass(frozen=True, slots=True)
class SetStrainChoices:
    """Which segments count, whether drift is compensated, how deep in the wall."""

    choices: StrainChoices

    @property
    def summary(self) -> str:
        """A few plain words for the history."""
        chosen = self.choices
        number = len(chosen.excluded)
        left_out = f"{number} segment{'s' if number > 1 else ''} left out" if number else "all segments"
        drift = "drift compensated" if chosen.compensate_drift else "drift left"
        return f"strain: {left_out}, {drift}, depth {chosen.depth:.0%}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these choices."""
        return _strain_anew(reading, "strain", by, strain=self.choices)


@dataclass(frozen=True, slots=True)
class SetValveClosures:
    """The frames (increasing) at which the aortic valve closes, all of them; none takes the marks away."""

    frames: tuple[int, ...]

    @property
    def summary(self) -> str:
        """A few plain words for the history; frames are counted from 0."""
        if not self.frames:
            return "AVC removed"
        return f"AVC {', '.join(map(str, self.frames))}"

    def apply(self, reading: Reading, by: str) -> Reading:
        """The Reading with these marks.

        Raises:
            ValueError: a mark lies outside the recording, they are not in order, or this is a stack.

        """
        if reading.slices:
            raise ValueError(f"{reading.facts.recording_id} is a stack: aortic valve closure is marked in a loop")
        return _strain_anew(reading, "valve_closures", by, valve_closures=self.frames)


def _strain_anew(reading: Reading, part: str, by: str, **changes: object) -> Reading:
    """Accepted numbers of strain are open again; volumes rest on none of this and stay accepted."""
    kept = {
        code: one
        for code, one in reading.decisions.items()
        if code not in (*STRAIN_CODES, *RING_NAMES) or not one.accepted or one.value is not None
    }
    return authored(reading, part, by, decisions=kept, **changes)
