"""What every strategy takes and gives: a recording and the models in, one proposed edit out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kinecor.analysis.models import Models
from kinecor.analysis.steps import event_edits
from kinecor.core.values.errors import Tick
from kinecor.core.values.events import PhaseCurve
from kinecor.core.values.geometry import Contour
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.core.values.track import ContourTrack, Origin, Structure
from kinecor.session.edits import Edit, RemoveTrack, SetMotion, SetWithheld, Several
from kinecor_models.contract import ClipInput, ClipOutput


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit to be journalled, and its author ("model:NAME@VERSION+SHA")."""

    edit: Edit
    by: str


class Strategy(Protocol):
    """How recordings of one kind are analysed."""

    def __call__(self, recording: Recording, reading: Reading, models: Models, tick: Tick, /) -> Proposal:
        """What the models conclude about a recording; changes nothing.

        Args:
            recording: of the strategy's kind.
            reading: what is concluded so far.
            models: to analyse with.
            tick: called after each frame with how many of how many are done; raises Cancelled to end the work.

        Raises:
            KinecorError: a model or the device cannot be used, or a frame cannot be decoded.
            Cancelled: by `tick`.

        """


def clip_of(cine: CineSequence, aspect: float, spacing_mm: float | None = None) -> ClipInput:
    """A loop as the models take it: with its ultrasound region and the median frame interval, 1 s for a single frame.

    Args:
        cine: the loop.
        aspect: height of a pixel over its width, as the reading has it.
        spacing_mm: width of a pixel, for the models that need to know it.

    """
    region = cine.region
    box = (region.x0, region.y0, region.x1, region.y1) if region else None
    interval_s = float(np.median(np.diff(cine.times_s))) if len(cine) > 1 else 1.0
    return ClipInput(cine.frames, box, aspect, interval_s, spacing_mm)


def tracks_of(output: ClipOutput) -> list[ContourTrack]:
    """A model's contours as tracks in pixels of the recording, one for each structure that it looks for."""
    out = []
    for name, contours in output.contours.items():
        placed = tuple(
            None if points is None else Contour(output.grid.to_image(points).astype(np.float64)) for points in contours
        )
        confidence = np.clip(output.confidence[name].astype(np.float64), 0, 1)
        out.append(ContourTrack(Structure(name), placed, (Origin.MODEL,) * len(placed), confidence))
    return out


def applied(reading: Reading, edits: Sequence[Edit], by: str) -> Reading:
    """The Reading after some edits of one author."""
    for edit in edits:
        reading = edit.apply(reading, by)
    return reading


def not_measured(
    reading: Reading, why: str, by: str, *, seen: Sequence[Edit] = (), curve: PhaseCurve | None = None
) -> Proposal:
    """The proposal to measure nothing: whatever an earlier analysis concluded goes.

    Args:
        reading: what is concluded so far.
        why: the reason, for the reader.
        by: whose conclusion this is.
        seen: edits that record what the models saw all the same.
        curve: ED and ES as regressed from the images, where that can be done.

    """
    edits = [*seen, *map(RemoveTrack, reading.tracks), SetWithheld(why)]
    edits += [SetMotion(None)] if reading.motion is not None else []
    edits += event_edits(applied(reading, edits, by), curve)
    return Proposal(Several("not measured", tuple(edits)), by)
