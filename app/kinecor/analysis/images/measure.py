"""Everything that the images of a recording show, measured once."""

from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

import numpy as np

from kinecor.analysis.images.beat import period_frames
from kinecor.analysis.images.cells import Cells, brightness, cell_px, cells_of, joined
from kinecor.analysis.images.changes import changes, gaps
from kinecor.analysis.images.damage import damaged_frames
from kinecor.analysis.images.sector import apex_up, bounds, covered
from kinecor.analysis.images.stack import late_slices, same_slices
from kinecor.analysis.images.ticks import tick_step
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.image_facts import ImageFacts, RecordingFacts
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import CheckedFrames, CineSequence, Recording, Stack

# Frames that the marks of a depth scale are looked for in.
_FRAMES_FOR_TICKS = 7
_LIT = 12

_measured: WeakKeyDictionary[Recording, RecordingFacts] = WeakKeyDictionary()


def with_images(recording: Recording, reading: Reading, tick: Tick = no_tick) -> Reading:
    """A Reading with what the images of its recording show; measured now where it was not.

    Raises:
        Cancelled: by `tick`.

    """
    return reading if reading.facts.images.measured else reading.with_images(recording_facts(recording, tick))


def recording_facts(recording: Recording, tick: Tick = no_tick) -> RecordingFacts:
    """What the images show, decoding every frame once; the second time it is known.

    Args:
        recording: a loop or a stack.
        tick: called as tick(0, 0) after each frame; raises Cancelled to end the work.

    Raises:
        Cancelled: by `tick`.

    """
    found = _measured.get(recording)
    if found is None:
        if isinstance(recording, Stack):
            found = _of_stack(recording, tick)
        else:
            found = RecordingFacts(_of_loop(recording, tick)[0])
        _measured[recording] = found
    return found


def _of_stack(stack: Stack, tick: Tick) -> RecordingFacts:
    loops = [_of_loop(cine, tick, gated=True) for cine in stack.slices]
    cells = [one for _, one in loops]
    whole = ImageFacts(
        measured=True,
        still=all(one.still for one, _ in loops),
        blank=all(one.blank for one, _ in loops),
        same_slices=same_slices(cells),
        late_slices=late_slices(cells),
    )
    return RecordingFacts(whole, tuple(one for one, _ in loops))


def _of_loop(cine: CineSequence, tick: Tick, *, gated: bool = False) -> tuple[ImageFacts, Cells]:
    cells, repaired = _reduced(cine, tick)
    # The first phase of a gated cine is often brighter than the others: magnetisation is not yet steady.
    damaged = tuple(sorted({*repaired, *(frame for frame in damaged_frames(cells) if frame or not gated)}))
    # What is wrong with one frame must not move what is measured on all of them.
    whole = _bridged(cells, damaged)
    grey = brightness(whole)
    found = changes(whole, damaged)
    echo = not gated and cine.source.modality != "MR"
    side = cell_px(cine.rows, cine.columns)
    facts = ImageFacts(
        measured=True,
        damaged=damaged,
        repeated=found.repeated,
        lost_after=() if gated else found.lost_after,
        gap_after=gaps(cine.times_s),
        period_frames=period_frames(whole, found.moving) if echo else None,
        still=found.still,
        blank=int(cells[..., 0].max()) == int(cells[..., 0].min()),
        sector=bounds(found.moving, side),
    )
    if not echo:
        return facts, cells
    return replace(
        facts,
        apex_up=apex_up(grey.max(axis=0) > _LIT),
        covered=covered(found.moving, cine.region, side),
        tick_px=tick_step(_some(cine, damaged)),
    ), cells


def _reduced(cine: CineSequence, tick: Tick) -> tuple[Cells, tuple[int, ...]]:
    """The frames as cells, and those that the decoder warned of or refused; a refused frame repeats another."""
    reduced: list[Cells | None] = []
    repaired: list[int] = []
    for frame in range(len(cine)):
        tick(0, 0)
        try:
            reduced.append(cells_of(cine.frames[frame]))
            wrong = isinstance(cine.frames, CheckedFrames) and cine.frames.repaired(frame)
        except KinecorError:
            reduced.append(None)
            wrong = True
        if wrong:
            repaired.append(frame)
    known = [one for one in reduced if one is not None]
    if not known:
        return np.zeros((len(reduced), 1, 1, 1), np.uint8), tuple(repaired)
    filled = known[0]
    for frame, one in enumerate(reduced):
        filled = filled if one is None else one
        reduced[frame] = filled
    return joined([one for one in reduced if one is not None]), tuple(repaired)


def _bridged(cells: Cells, damaged: Sequence[int]) -> Cells:
    """The cells with damaged frames replaced by the mean of the sound ones around them."""
    sound = np.setdiff1d(np.arange(len(cells)), damaged)
    if not len(damaged) or not len(sound):
        return cells
    out = cells.copy()
    for frame in damaged:
        around = {int(sound[sound < frame].max(initial=sound[0])), int(sound[sound > frame].min(initial=sound[-1]))}
        out[frame] = np.mean([cells[one] for one in around], axis=0).astype(np.uint8)
    return out


def _some(cine: CineSequence, damaged: Sequence[int]) -> list[BytesArray]:
    sound = [frame for frame in range(len(cine)) if frame not in set(damaged)]
    chosen = np.unique(np.linspace(0, len(sound) - 1, _FRAMES_FOR_TICKS).astype(int)) if sound else ()
    return [cine.frames[sound[at]] for at in chosen]
