"""Damaged frames as the models see them: the mean of the sound frames around them."""

from dataclasses import dataclass, replace

import numpy as np

from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.image_facts import ImageFacts
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, FrameSource, Recording, Stack


@dataclass(frozen=True, eq=False)
class BridgedFrames:
    """Frames of which some are the mean of others, weighted by how near they are.

    Attributes:
        source: the frames as they are.
        between: for each damaged frame, the sound frames before and after it (one of them where it is at an end).

    """

    source: FrameSource
    between: dict[int, tuple[int, ...]]

    @property
    def shape(self) -> tuple[int, ...]:
        """As of the source."""
        return self.source.shape

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, frame: int) -> BytesArray:
        around = self.between.get(frame)
        if around is None:
            return self.source[frame]
        near = 1 / np.abs(np.subtract(around, frame))
        mean = np.average([self.source[one] for one in around], axis=0, weights=near)
        out = np.asarray(np.rint(mean), np.uint8)
        out.flags.writeable = False
        return out


def bridged(recording: Recording, reading: Reading) -> Recording:
    """The recording for models to look at: no frame in it is damaged, where the reading says which are."""
    if isinstance(recording, Stack):
        found = [one.facts.images for one in reading.slices]
        slices = tuple(_bridged(cine, one) for cine, one in zip(recording.slices, found, strict=True))
        return recording if slices == recording.slices else replace(recording, slices=slices)
    return _bridged(recording, reading.facts.images)


def _bridged(cine: CineSequence, images: ImageFacts) -> CineSequence:
    sound = np.setdiff1d(np.arange(len(cine)), images.damaged)
    if not images.damaged or not len(sound):
        return cine
    between = {
        frame: tuple(int(one) for one in (*sound[sound < frame][-1:], *sound[sound > frame][:1]))
        for frame in images.damaged
    }
    return replace(cine, frames=BridgedFrames(cine.frames, between))
