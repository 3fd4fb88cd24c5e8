"""What Propagate would do, in words; what it does: `analysis/propagation`."""

from dataclasses import dataclass

from kinecor.core.tracking.anchors import drawn_frames, following
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin
from kinecor.ui.style.language import tr

NOTHING = "There is nothing to propagate: correct a contour on one frame first."


@dataclass(frozen=True, slots=True)
class Waiting:
    """What Propagate would do.

    Attributes:
        corrected: frames that a person corrected.
        frames: frames that would follow.
        gated: whether frames are called phases.

    """

    corrected: int
    frames: int
    gated: bool = False

    @property
    def words(self) -> str:
        """E.g. "1 frame corrected"."""
        name = tr("1 phase corrected") if self.gated else tr("1 frame corrected")
        many = tr("{n} phases corrected") if self.gated else tr("{n} frames corrected")
        return name if self.corrected == 1 else many.format(n=self.corrected)

    @property
    def offer(self) -> str:
        """E.g. "Propagate to 38 frames (R)"."""
        name = tr("Propagate to 1 phase (R)") if self.gated else tr("Propagate to 1 frame (R)")
        many = tr("Propagate to {n} phases (R)") if self.gated else tr("Propagate to {n} frames (R)")
        return name if self.frames == 1 else many.format(n=self.frames)


def waiting(reading: Reading) -> Waiting | None:
    """What Propagate would do to a loop or a slice; None where all contours follow already, or none was corrected."""
    corrected: set[int] = set()
    frames: set[int] = set()
    for track in reading.tracks.values():
        others = following(track)
        if any(track.origins[frame] is Origin.MODEL for frame in others):
            corrected.update(drawn_frames(track))
            frames.update(others)
    return Waiting(len(corrected), len(frames - corrected), reading.kind.gated) if frames - corrected else None
