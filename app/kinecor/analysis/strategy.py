"""What every strategy takes and gives, and the steps that strategies share: view, ED and ES, motion, muscle.

A strategy takes a recording and the models, and gives one proposed edit. ED and ES are regressed from the images (Kong
2016, TempReg-Net): no contours needed. Motion is stored as edits: strain is measured along it. Muscle is papillaries
and trabeculae, dark in bright blood: experts leave them in the cavity or count them as wall; both conventions are in
use, with reference ranges of their own (SCMR 2020, doi 10.1186/s12968-020-00610-6). Contours here enclose them; what is
dark within is measured, so that the other convention can be derived from the same contours.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.methods import EventChoice
from kinecor.analysis.models import Models
from kinecor.core.tracking.propagation import drawn_contours, propagate_contours
from kinecor.core.values.choices import Muscle
from kinecor.core.values.errors import Tick, no_tick
from kinecor.core.values.events import CardiacEvents, PhaseCurve
from kinecor.core.values.geometry import Contour
from kinecor.core.values.kind import APICAL_VIEWS, UNKNOWN_VIEW
from kinecor.core.values.message import Message, joined_by, message, verbatim
from kinecor.core.values.reading import HEADER, Reading, View
from kinecor.core.values.recording import CineSequence, Recording
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure
from kinecor.core.volumes.loop_volumes import closing_ed, volume_events
from kinecor.io.write.labels import fill_contour
from kinecor.session.edits import (
    Edit,
    OnSlice,
    RemoveTrack,
    SetEvents,
    SetMotion,
    SetPhaseCurve,
    SetTrack,
    SetView,
    SetViewSeen,
    SetWithheld,
    Several,
)
from kinecor_models.contract import ClipInput, ClipOutput, Frames, Image
from kinecor_models.localisation.framing import Heart
from kinecor_models.motion.model import MotionModel, MotionOutput
from kinecor_models.phases.model import PhaseEvents
from kinecor_models.views.classes import CLASSES, FIVE_CHAMBER
from kinecor_models.views.model import ViewOutput

Rest = Callable[[Tick], Sequence[Edit]]
"""Computes what contours, volumes and EF do not wait for: motion, which strain rests on. Raises as a Strategy does."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit to be journalled.

    Attributes:
        edit: what to do.
        by: its author ("model:NAME@VERSION+SHA").
        rest: what completes the edit; None where nothing is missing.

    """

    edit: Edit
    by: str
    rest: Rest | None = None

    def whole(self, tick: Tick = no_tick) -> "Proposal":
        """The proposal with its rest as part of the edit."""
        if self.rest is None:
            return self
        more = tuple(self.rest(tick))
        edits = self.edit.edits if isinstance(self.edit, Several) else (self.edit,)
        return Proposal(Several(self.edit.summary, (*edits, *more)) if more else self.edit, self.by)


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


def apply_edits(reading: Reading, edits: Sequence[Edit], by: str) -> Reading:
    """The Reading after some edits of one author."""
    for edit in edits:
        reading = edit.apply(reading, by)
    return reading


def not_measured(
    reading: Reading, why: Message, by: str, *, seen: Sequence[Edit] = (), curve: PhaseCurve | None = None
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
    edits += event_edits(apply_edits(reading, edits, by), curve)
    return Proposal(Several(UNMEASURED, tuple(edits)), by)


# Labels of the model's classes, where they differ.
_LABELS = {"SUB4C": "SC4C"}

UNMEASURED = message("not measured")
# A header's apical view is overruled where the model gives all apical views together no more than this. Of 446 real
# apical clips (394 of them used in training) none had less than 0.73; of 13 of them in 15 disturbed forms each, 2 fell
# below this, under a deep shadow. Scenes without a heart and real parasternal clips have less than 0.02; noise in the
# shape of a sector has 0.1 to 0.4, and is contoured with a warning.
SURELY_NOT_APICAL = 0.1


@dataclass(frozen=True, slots=True)
class Viewed:
    """What follows from looking at the view.

    Attributes:
        edits: that record what was seen.
        why_not: why the apical model is not for this loop, in words, or None.

    """

    edits: tuple[Edit, ...]
    why_not: Message | None


def recognise_view(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> Viewed:
    """Look at a loop's view.

    Args:
        clip: grey-scale echo.
        reading: what is concluded so far; its view stays if the file or a person named it, even as "unknown". An
            apical view named by the header alone stays too, but where the images surely show none nothing is contoured.
        models: to analyse with.
        tick: called with (0, frames of the loop) while the model looks; what it raises ends the work.

    Raises:
        KinecorError: the model or the device cannot be used, or a frame cannot be decoded.
        Cancelled: by `tick`.

    """
    model = models.views()
    if model is None:
        return Viewed((), _not_apical(reading))
    output = model(clip, lambda *_: tick(0, len(clip.frames)))
    seen = View(_LABELS.get(output.label, output.label), output.confidence, model.card.author)
    edits: list[Edit] = [] if reading.view_seen == seen else [SetViewSeen(seen)]
    if reading.view_confirmed:
        return Viewed(tuple(edits), _not_apical(reading) or _header_doubted(reading, output, seen))
    if reading.view != seen:
        edits.append(SetView(seen))
    return Viewed(tuple(edits), _seen_otherwise(output, seen))


def _not_apical(reading: Reading) -> Message | None:
    view = reading.view
    if view is None or view.label in (*APICAL_VIEWS, UNKNOWN_VIEW):
        return None
    why = message("contours of the left ventricle need an apical view; this one is {view}", view=verbatim(view.label))
    return joined_by(", ", (why, reading.kind.by_hand))


def _header_doubted(reading: Reading, output: ViewOutput, seen: View) -> Message | None:
    """Why a header's apical view is overruled; None where a person named it, or the model is not sure enough."""
    view = reading.view
    if view is None or view.by != HEADER or view.label not in APICAL_VIEWS or output.label in APICAL_VIEWS:
        return None
    apical = float(sum(output.probabilities[CLASSES.index(name)] for name in APICAL_VIEWS))
    if apical > SURELY_NOT_APICAL:
        return None
    why = _why(output) or message(
        "this looks like {view} ({confidence:.2f})", view=verbatim(seen.label), confidence=output.confidence
    )
    return message("the file's header says {view}, but {reason}", view=verbatim(view.label), reason=why)


def _seen_otherwise(output: ViewOutput, seen: View) -> Message | None:
    if output.apical:
        return None
    # Short, since every row of the table shows it; view_warnings.py says what to do.
    if output.label == FIVE_CHAMBER:
        return message(
            "contours need A4C, A2C or A3C; this looks like {view} ({confidence:.2f})",
            view=verbatim(seen.label),
            confidence=output.confidence,
        )
    return _why(output) or message(
        "contours need an apical view; this looks like {view} ({confidence:.2f})",
        view=verbatim(seen.label),
        confidence=output.confidence,
    )


def _why(output: ViewOutput) -> Message | None:
    """Why a model refuses a clip, or None."""
    if output.why is None:
        return None
    for known in (message("no known view of the heart is recognised"), message("colour Doppler covers the image")):
        if output.why == known:
            return known
    unsure = message(
        "the view is not recognised ({view} at best, {confidence:.2f})",
        view=verbatim(output.nearest),
        confidence=1 - output.confidence,
    )
    return unsure if unsure == output.why else verbatim(output.why)


NO_BEATS = CardiacEvents((), Origin.MODEL)


@runtime_checkable
class HeartFinder(Protocol):
    """A model that says where the heart is in a short axis."""

    def heart(self, clip: ClipInput) -> Heart:
        """Its place in the image; always an answer, with its confidence."""


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
    model, heart = models.phases(), None
    if model is None:
        return None
    if short_axis:
        clip = replace(clip, spacing_mm=reading.calibration.col_mm if reading.calibration else None)
        finder = models.short_axis()
        heart = finder.heart(clip) if isinstance(finder, HeartFinder) else None
    output = model(clip, tick, short_axis=short_axis, closed=short_axis, heart=heart)
    return _phase_curve(output.curve.astype(np.float64), output.events, model.card.author, closed=short_axis)


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
    model, hearts = models.phases(), [_heart(slice_reading) for slice_reading in reading.slices]
    seen = [number for number, heart in enumerate(hearts) if heart is not None]
    if model is None or not seen:
        return None
    found = model.stack([clips[number] for number in seen], tick, [hearts[number] for number in seen])
    return _phase_curve(found.curve.astype(np.float64), found.events, model.card.author, closed=True)


def event_edits(reading: Reading, curve: PhaseCurve | None, by: EventChoice | None = None) -> list[Edit]:
    """The regressed curve, and ED and ES: those of the volume curve, or of the regression where there is none.

    Args:
        reading: with the contours that are proposed; marks of an earlier analysis are replaced.
        curve: as regressed, or None.
        by: "images" for ED and ES of the regression, and of the volume curve where that found no beat.

    """
    edits: list[Edit] = [SetPhaseCurve(curve)] if curve is not None or reading.phase_curve is not None else []
    regressed = curve.events if curve is not None else NO_BEATS
    by_volume = volume_events(reading)
    events = regressed if by == "images" and regressed.beats else by_volume or regressed
    if events.beats or reading.events is not None:
        edits.append(SetEvents(with_found_closing_ed(reading, events)))
    return edits


def with_found_closing_ed(reading: Reading, events: CardiacEvents) -> CardiacEvents:
    """The events of a loop with the ED that ends its last beat, where the loop shows it; phases of a cycle go round."""
    if reading.kind.gated or reading.facts.stills or not events.beats:
        return events
    return replace(events, closing_ed=closing_ed(reading.with_(events=events)))


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


def _heart(reading: Reading) -> Heart | None:
    """The middle of all contours of a slice, or None where there are none."""
    points = [c.points for track in reading.tracks.values() for c in track.contours if c is not None]
    if not points:
        return None
    x, y = np.concatenate([some.mean(axis=0)[None] for some in points]).mean(axis=0)
    return Heart(float(x), float(y), 0.0, 1.0)


_SIDE = 32
"""Nodes stored along a side, at most: with four times as many strain is no better, and the file larger."""


@dataclass(frozen=True, eq=False)
class Round:
    """The frames of a gated cycle with the first one again at the end, so that motion leads back to it."""

    once: Frames

    def __len__(self) -> int:
        """One more than the cycle has."""
        return len(self.once) + 1

    def __getitem__(self, frame: int) -> Image:
        """Frame number `frame`; the last is the first."""
        return self.once[frame % len(self.once)]


def motion_edits(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> list[SetMotion]:
    """Motion around the contoured wall; where there is no wall, earlier motion is removed.

    Args:
        clip: the images.
        reading: with contours of this analysis; its kind says which motion model is used.
        models: to analyse with.
        tick: called after each frame; raises Cancelled to end the work.

    """
    walls = [reading.tracks.get(structure) for structure in (Structure.LV_ENDO, Structure.LV_EPI)]
    there = [wall for wall in walls if wall is not None]
    motion = motion_of(clip, there, models.motion(reading.kind.motion), tick) if len(there) == len(walls) else None
    if motion is None:
        return [SetMotion(None)] if reading.motion is not None else []
    return [SetMotion(motion)]


def slice_motion_edits(clips: Sequence[ClipInput], reading: Reading, models: Models, tick: Tick) -> list[OnSlice]:
    """Motion around the wall of each contoured slice of a stack; the last pair of frames leads back to the first phase.

    Args:
        clips: the images, one clip per slice.
        reading: of the stack, with contours of this analysis.
        models: to analyse with.
        tick: called after each frame with how many of all are done; raises Cancelled to end the work.

    """
    total = sum(len(clip.frames) + 1 for clip in clips)
    edits, done = [], 0

    def counting_on(begun: int) -> Tick:
        return lambda now, _: tick(begun + now, total)

    for number, (clip, single_reading) in enumerate(zip(clips, reading.slices, strict=True)):
        whole = replace(clip, frames=Round(clip.frames)) if len(clip.frames) > 1 else clip
        edits += [OnSlice(number, edit) for edit in motion_edits(whole, single_reading, models, counting_on(done))]
        done += len(clip.frames) + 1
    return edits


def motion_of(clip: ClipInput, around: Sequence[ContourTrack], model: MotionModel, tick: Tick) -> Motion | None:
    """Motion around contours, or None where there are none, or a single frame."""
    box = _box(around)
    if len(clip.frames) < 2 or box is None:
        return None
    return in_pixels(model(clip, tick, box), model.author)


def in_pixels(output: MotionOutput, by: str = "") -> Motion:
    """Motion on the recording's own grid, coarser than the model's: each node the mean over its surroundings."""
    rows, columns = output.error.shape[1:]
    every = -(-max(rows, columns) // _SIDE)
    grid = output.grid
    origin = grid.to_image(output.nodes[:every, :every].mean(axis=(0, 1))[None])[0]
    across, down = grid.step_px
    moved = _coarser(output.displacement, every) * np.array([across, down], np.float32)
    error = _coarser(output.error, every) * np.float32((across + down) / 2)
    step = every * float(output.nodes[0, 1, 0] - output.nodes[0, 0, 0])
    return Motion((float(origin[0]), float(origin[1])), (step * across, step * down), moved, error, by)


def _coarser(field: NDArray[np.float32], every: int) -> NDArray[np.float32]:
    """Means of (t, rows, columns, ...) over squares of nodes."""
    rows, columns = (side // every for side in field.shape[1:3])
    cut = field[:, : rows * every, : columns * every]
    squares = cut.reshape(len(field), rows, every, columns, every, *field.shape[3:])
    return np.asarray(squares.mean(axis=(2, 4)), np.float32)


def _box(tracks: Iterable[ContourTrack]) -> tuple[float, float, float, float] | None:
    """(x0, y0, x1, y1) that holds all contours, in pixels."""
    points = [contour.points for track in tracks for contour in track.contours if contour is not None]
    if not points:
        return None
    every = np.concatenate(points)
    (x0, y0), (x1, y1) = every.min(axis=0), every.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


PROPAGATED = message("contours propagated along the motion")


def propagated_edits(clip: ClipInput, reading: Reading, models: Models, tick: Tick) -> tuple[list[Edit], str] | None:
    """Motion and the tracks of all traced structures, and the author; None where too few frames are traced.

    Frames that a person traced or corrected stay as they are.

    Args:
        clip: the images.
        reading: with the traced contours.
        models: those that may be opened.
        tick: called after each frame; raises Cancelled to end the work.

    """
    kind = reading.kind
    if len(drawn_contours(reading.tracks.get(Structure.LV_ENDO))) < max(kind.propagated_from, 1):
        return None
    traced = [
        track for structure in kind.structures if (track := reading.tracks.get(structure)) and drawn_contours(track)
    ]
    motion = motion_of(clip, traced, models.motion(kind.motion), tick)
    if motion is None:
        return None
    edits: list[Edit] = [SetMotion(motion)]
    for track in traced:
        propagated = propagate_contours(track, motion, reading.time_axis, closed=kind.closed, aspect=reading.aspect)
        edits += [SetTrack(propagated)] if propagated is not None else []
    return edits + ([SetWithheld(None)] if reading.withheld is not None else []), motion.by


# Blood is this percentile of what is enclosed at the phase with most of it; muscle is the median of the wall.
BLOOD_PERCENT = 80.0
# Blood and muscle must differ by this share of the blood's grey level, or they cannot be distinguished.
MIN_CONTRAST = 0.15
# No ventricle is filled with muscle beyond this; more is a dark cavity: a flow void, or an image of another kind.
MOST = 0.6

Grey = NDArray[np.float64]
Mask = NDArray[np.bool_]


def measured_muscle(cines: Sequence[CineSequence], reading: Reading) -> Muscle:
    """The share of each slice's endocardial outline that is as dark as its wall, at every phase.

    The threshold is half way between blood and wall, once for all phases of a slice, so that it does not flicker.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    return Muscle(
        tuple(_of_slice(cine, slice_reading) for cine, slice_reading in zip(cines, reading.slices, strict=True))
    )


def muscle_pixels(cine: CineSequence, reading: Reading, tick: Tick = no_tick) -> tuple[Mask | None, ...]:
    """Which pixels within the endocardium count as muscle, frame by frame; None without an endocardium there.

    (rows, columns) bool each. These are the pixels that `measured_muscle` counts; a share of them above its bound is
    cut.

    Args:
        cine: a slice of a stack.
        reading: of the same slice, with its contours.
        tick: called after each frame; raises Cancelled to end the work.

    Raises:
        KinecorError: a frame cannot be decoded.

    """
    endo = reading.tracks.get(Structure.LV_ENDO)
    if endo is None:
        return (None,) * len(cine)
    limit, _ = _muscle_limit(cine, reading)
    found: list[Mask | None] = []
    for frame, contour in enumerate(endo.contours):
        tick(frame + 1, len(cine))
        if contour is None:
            found.append(None)
            continue
        grey = _grey(cine, frame)
        dark = np.zeros(grey.shape, bool) if limit is None else grey < limit
        found.append(np.asarray(dark & fill_contour(contour, *grey.shape)))
    return tuple(found)


def _of_slice(cine: CineSequence, reading: Reading) -> tuple[float, ...]:
    limit, within = _muscle_limit(cine, reading)
    if limit is None:
        return (0.0,) * len(cine)
    return tuple(
        round(min(float((distances < limit).mean()), MOST), 3) if len(distances) else 0.0 for distances in within
    )


def _muscle_limit(cine: CineSequence, reading: Reading) -> tuple[float | None, list[Grey]]:
    """The grey level below which a pixel of this slice is muscle, and what the endocardium encloses at each phase.

    None where no phase has both outlines, or blood and muscle cannot be distinguished.
    """
    endo, epi = reading.tracks.get(Structure.LV_ENDO), reading.tracks.get(Structure.LV_EPI)
    within: list[Grey] = []
    wall: list[Grey] = []
    if endo is None:
        return None, within
    for frame, contour in enumerate(endo.contours):
        if contour is None:
            within.append(np.zeros(0))
            continue
        grey = _grey(cine, frame)
        inside = fill_contour(contour, *grey.shape)
        within.append(grey[inside])
        outer = _outer(epi, frame)
        if outer is not None:
            wall.append(grey[fill_contour(outer, *grey.shape) & ~inside])
    most = max(within, key=len)
    if not len(most) or not wall:
        return None, within
    blood, muscle = float(np.percentile(most, BLOOD_PERCENT)), float(np.median(np.concatenate(wall)))
    if blood - muscle < MIN_CONTRAST * max(blood, 1.0):
        return None, within
    return (blood + muscle) / 2, within


def _outer(epi: ContourTrack | None, frame: int) -> Contour | None:
    return None if epi is None else epi.contours[frame]


def _grey(cine: CineSequence, frame: int) -> Grey:
    image = np.asarray(cine.frames[frame], float)
    return image if image.ndim == 2 else image.mean(axis=2)
