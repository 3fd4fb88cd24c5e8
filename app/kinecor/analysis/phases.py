"""ED and ES regressed from the images (Kong 2016, TempReg-Net), for loops and stacks: no contours needed."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kinecor.analysis.models import Models
from kinecor.core.values.errors import Tick
from kinecor.core.values.events import CardiacEvents, PhaseCurve
from kinecor.core.values.reading import Reading
from kinecor.core.values.track import Origin
from kinecor.core.volumes.loop_volumes import volume_events
from kinecor.session.edits import Edit, SetEvents, SetPhaseCurve
from kinecor_models.contract import ClipInput
from kinecor_models.localisation.heart_finding import Heart
from kinecor_models.phases.events import PhaseEvents

NO_BEATS = CardiacEvents((), Origin.MODEL)


def loop_phases(
    clip: ClipInput, reading: Reading, models: Models, tick: Tick, *, short_axis: bool = False
) -> PhaseCurve | None:
    """The regressed curve of a loop, or None where its model is not installed.

    Args:
        clip: the recording.
        reading: what is concluded about it; its scale sets the field of view of a short axis.
        models: to analyse with.
        tick: called after each frame; raises Cancelled to end the work.
        short_axis: a gated short-axis MR cine, whose first frame follows the last; else an apical echo loop. The
            network was not trained on other echo views, and finds few of their events.

    Raises:
        KinecorError: the model's weights are damaged, or the device cannot be used.
        Cancelled: by `tick`.

    """
    model = models.phases()
    if model is None:
        return None
    if short_axis:
        clip = replace(clip, spacing_mm=reading.calibration.col_mm if reading.calibration else None)
    found = model(clip, tick, short_axis=short_axis, closed=short_axis)
    return _phase_curve(found.curve.astype(np.float64), found.events, model.card.author, closed=short_axis)


def stack_phases(clips: Sequence[ClipInput], reading: Reading, models: Models, tick: Tick) -> PhaseCurve | None:
    """The regressed curve of the contoured slices of a stack together; None where there is no model or no such slice.

    Args:
        clips: one per slice.
        reading: of the stack, with contours, which locate the heart.
        models: to analyse with.
        tick: counts the frames of these slices; raises Cancelled to end the work.

    Raises:
        KinecorError: the model's weights are damaged, or the device cannot be used.
        Cancelled: by `tick`.

    """
    model, hearts = models.phases(), [_heart(one) for one in reading.slices]
    seen = [number for number, heart in enumerate(hearts) if heart is not None]
    if model is None or not seen:
        return None
    found = model.stack([clips[number] for number in seen], tick, [hearts[number] for number in seen])
    return _phase_curve(found.curve.astype(np.float64), found.events, model.card.author, closed=True)


def event_edits(reading: Reading, curve: PhaseCurve | None) -> list[Edit]:
    """The regressed curve, and ED and ES: those of the volume curve, or of the regression where there is none.

    Args:
        reading: with the contours that are proposed; marks of an earlier analysis are replaced.
        curve: as regressed, or None.

    """
    edits: list[Edit] = [SetPhaseCurve(curve)] if curve is not None or reading.phase_curve is not None else []
    events = volume_events(reading) or (curve.events if curve is not None else NO_BEATS)
    if events.beats or reading.events is not None:
        edits.append(SetEvents(events))
    return edits


def _phase_curve(values: np.ndarray, events: PhaseEvents, by: str, *, closed: bool) -> PhaseCurve:
    (ed, ed_at), (es, es_at) = (
        _places(frames, places, len(values), closed=closed)
        for frames, places in ((events.ed, events.ed_at), (events.es, events.es_at))
    )
    return PhaseCurve(values, ed, es, by, ed_at, es_at)


def _places(
    frames: Sequence[int], places: Sequence[float], total: int, *, closed: bool
) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Marks in order, each once, and their parts of a frame: within the recording, or round a gated cycle."""
    at = dict(sorted(zip(frames, places, strict=True)))
    # A tiny negative place turned round a cycle comes to `total` itself, which is its beginning.
    within = [place % total % total if closed else min(max(place, 0.0), total - 1.0) for place in at.values()]
    return tuple(at), tuple(map(float, within))


def _heart(one: Reading) -> Heart | None:
    """The middle of all contours of a slice, or None where there are none."""
    points = [c.points for track in one.tracks.values() for c in track.contours if c is not None]
    if not points:
        return None
    x, y = np.concatenate([some.mean(axis=0)[None] for some in points]).mean(axis=0)
    return Heart(float(x), float(y), 0.0, 1.0)
