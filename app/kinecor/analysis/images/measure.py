"""Everything that the images of a recording show, measured once: of each loop or slice, and of slices compared.

Damaged frames are seen by the models as the mean of the sound frames around them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from kinecor.analysis.images.drawn_ecg import MAX_BYTES, drawn_waves_s, foot_rows
from kinecor.analysis.images.frames import (
    Cells,
    brightness,
    cell_px,
    cells_of,
    changes,
    damaged_frames,
    gaps,
    join_frames,
    most_of,
    moving_cells,
    period_frames,
)
from kinecor.analysis.images.graphics import drawn_pixels
from kinecor.analysis.images.sector import apex_up, bounds, sector_aspect, share_covered, tick_step
from kinecor.analysis.images.slices import phase_likeness, phase_order, unlike_after
from kinecor.core.values.errors import KinecorError, Tick, no_tick
from kinecor.core.values.geometry import BytesArray
from kinecor.core.values.reading import Reading
from kinecor.core.values.recording import (
    CheckedFrames,
    CineSequence,
    FrameSource,
    ImageFacts,
    Recording,
    RecordingFacts,
    Stack,
)

_SAME_LEVELS = 0.05
# A slice is late where moved phases fit the others this well, and unmoved ones worse by so much.
_FITS, _BETTER = 0.6, 0.2
_MIN_PHASES, _MIN_SLICES, _MIN_SHIFT = 8, 4, 2


def same_slices(slices: Sequence[Cells]) -> tuple[tuple[int, int], ...]:
    """Pairs of slices (0-based) with the same pixels, in order.

    Args:
        slices: one loop of cells for each slice.

    """
    return tuple(
        (number, other)
        for number, other in combinations(range(len(slices)), 2)
        if slices[number].shape == slices[other].shape
        and slices[number].max() > slices[number].min()
        and np.abs(slices[number].astype(np.int16) - slices[other]).mean() < _SAME_LEVELS
    )


def late_slices(patterns: Sequence[NDArray[np.float64] | None]) -> tuple[tuple[int, int], ...]:
    """(slice, phases) for slices whose motion comes later (positive) or earlier than that of the others together.

    Compared is how much each phase differs from each other one, which does not depend on what a slice shows.

    Args:
        patterns: of each slice, (phases, phases) how much each phase differs from each other one; None where nothing
            moves.

    """
    known = [number for number, pattern in enumerate(patterns) if pattern is not None and len(pattern) >= _MIN_PHASES]
    if len(known) < _MIN_SLICES:
        return ()
    late: list[tuple[int, int]] = []
    for number in known:
        own = patterns[number]
        others = np.median([one for at in known if at != number and (one := patterns[at]) is not None], axis=0)
        assert own is not None
        fits = np.array([_alike(np.roll(own, (-shift, -shift), (0, 1)), others) for shift in range(len(own))])
        best = int(fits.argmax())
        shift = best if best <= len(own) // 2 else best - len(own)
        if abs(shift) >= _MIN_SHIFT and fits[best] > _FITS and fits[best] - fits[0] > _BETTER:
            late.append((number, shift))
    return tuple(late)


def _pattern(cells: Cells) -> NDArray[np.float64] | None:
    """(phases, phases) differences where the slice moves; None where nothing does."""
    grey = brightness(cells)
    moving = moving_cells(grey)
    if not moving.any():
        return None
    values = grey[:, moving]
    power = (values * values).sum(axis=1)
    apart = np.sqrt(np.maximum(power[:, None] + power[None] - 2 * (values @ values.T), 0))
    return np.asarray(apart, np.float64)


def _alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Correlation of two patterns, without the diagonal."""
    off = ~np.eye(len(one), dtype=bool)
    return float(np.corrcoef(one[off], other[off])[0, 1])


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
        mean = np.average([self.source[frame] for frame in around], axis=0, weights=near)
        out = np.asarray(np.rint(mean), np.uint8)
        out.flags.writeable = False
        return out


def bridge_damaged_frames(recording: Recording, reading: Reading) -> Recording:
    """The recording for models to look at: no frame in it is damaged, where the reading says which are."""
    if isinstance(recording, Stack):
        images = [slice_reading.facts.images for slice_reading in reading.slices]
        slices = tuple(_bridged(cine, facts) for cine, facts in zip(recording.slices, images, strict=True))
        return recording if slices == recording.slices else replace(recording, slices=slices)
    return _bridged(recording, reading.facts.images)


def _bridged(cine: CineSequence, images: ImageFacts) -> CineSequence:
    sound = np.setdiff1d(np.arange(len(cine)), images.damaged)
    if not images.damaged or not len(sound):
        return cine
    between = {
        frame: tuple(int(sound_frame) for sound_frame in (*sound[sound < frame][-1:], *sound[sound > frame][:1]))
        for frame in images.damaged
    }
    return replace(cine, frames=BridgedFrames(cine.frames, between))


# Frames that the marks of a depth scale and the shape of the sector are looked for in.
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
    facts = _measured.get(recording)
    if facts is None:
        if isinstance(recording, Stack):
            facts = _of_stack(recording, tick)
        else:
            facts = RecordingFacts(_of_loop(recording, tick)[0])
        _measured[recording] = facts
    return facts


def _of_stack(stack: Stack, tick: Tick) -> RecordingFacts:
    loops = _without_noise([_of_loop(cine, tick, gated=True) for cine in stack.slices])
    cells = [grey for _, grey in loops]
    patterns = [_pattern(cell) for cell in cells]
    whole = ImageFacts(
        measured=True,
        still=all(facts.still for facts, _ in loops),
        blank=all(facts.blank for facts, _ in loops),
        same_slices=same_slices(cells),
        late_slices=late_slices(patterns),
        unlike_after=unlike_after(stack),
        phase_order=phase_order(patterns),
        phase_likeness=phase_likeness(stack),
    )
    return RecordingFacts(whole, tuple(facts for facts, _ in loops))


# Damage by a wrong bit is rare; where so many slices would have some, it is noise.
_MAX_DAMAGED = 1 / 3


def _without_noise(loops: list[tuple[ImageFacts, Cells]]) -> list[tuple[ImageFacts, Cells]]:
    """Slices of a stack, without the damage that is seen in most of them; what a decoder said stays."""
    if sum(bool(facts.damaged) for facts, _ in loops) <= max(_MAX_DAMAGED * len(loops), 1):
        return loops
    return [(replace(facts, damaged=facts.undecoded), cells) for facts, cells in loops]


def _of_loop(cine: CineSequence, tick: Tick, *, gated: bool = False) -> tuple[ImageFacts, Cells]:
    echo = not gated and cine.source.modality != "MR"
    feet: list[BytesArray] = []
    cells, repaired = _reduced(cine, tick, feet if echo else None)
    # The first phase of a gated cine is often brighter than the others: magnetisation is not yet steady.
    damaged = tuple(sorted({*repaired, *(frame for frame in damaged_frames(cells) if frame or not gated)}))
    # What is wrong with one frame must not move what is measured on all of them.
    whole = _bridged_cells(cells, damaged)
    grey = brightness(whole)
    found = changes(whole, damaged)
    side = cell_px(cine.rows, cine.columns)
    facts = ImageFacts(
        measured=True,
        damaged=damaged,
        undecoded=repaired,
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
    some = [image if image.ndim == 2 else most_of(image) for image in _some(cine, damaged)]
    return replace(
        facts,
        apex_up=apex_up(grey.max(axis=0) > _LIT),
        covered=share_covered(found.moving, cine.region, side),
        tick_px=tick_step(some) if some else None,
        sector_aspect=sector_aspect(some, cine.region),
        drawn_px=drawn_pixels(some, facts.sector),
        r_wave_s=drawn_waves_s(feet, cine.times_s) if len(feet) == len(cine) else (),
    ), cells


def _reduced(cine: CineSequence, tick: Tick, feet: list[BytesArray] | None = None) -> tuple[Cells, tuple[int, ...]]:
    """The frames as cells, and those that the decoder warned of or refused; a refused frame repeats another.

    The foot of each image that is decoded, where an ECG may be drawn, is put into `feet`, its brightest channel.
    """
    reduced: list[Cells | None] = []
    repaired: list[int] = []
    first, last = foot_rows(cine.rows, cine.region)
    if (last - first) * cine.columns * len(cine) > MAX_BYTES:
        feet = None
    for frame in range(len(cine)):
        tick(0, 0)
        try:
            image = cine.frames[frame]
            reduced.append(cells_of(image))
            if feet is not None:
                foot = image[first:last]
                feet.append(np.array(foot if foot.ndim == 2 else foot.max(axis=2)))
            wrong = isinstance(cine.frames, CheckedFrames) and cine.frames.repaired(frame)
        except KinecorError:
            reduced.append(None)
            wrong = True
        if wrong:
            repaired.append(frame)
    known = [image for image in reduced if image is not None]
    if not known:
        return np.zeros((len(reduced), 1, 1, 1), np.uint8), tuple(repaired)
    filled = known[0]
    for frame, one in enumerate(reduced):
        filled = filled if one is None else one
        reduced[frame] = filled
    return join_frames([image for image in reduced if image is not None]), tuple(repaired)


def _bridged_cells(cells: Cells, damaged: Sequence[int]) -> Cells:
    """The cells with damaged frames replaced by the mean of the sound ones around them."""
    sound = np.setdiff1d(np.arange(len(cells)), damaged)
    if not len(damaged) or not len(sound):
        return cells
    out = cells.copy()
    for frame in damaged:
        around = {int(sound[sound < frame].max(initial=sound[0])), int(sound[sound > frame].min(initial=sound[-1]))}
        out[frame] = np.mean([cells[frame] for frame in around], axis=0).astype(np.uint8)
    return out


def _some(cine: CineSequence, damaged: Sequence[int]) -> list[BytesArray]:
    sound = [frame for frame in range(len(cine)) if frame not in set(damaged)]
    chosen = np.unique(np.linspace(0, len(sound) - 1, _FRAMES_FOR_TICKS).astype(int)) if sound else ()
    return [cine.frames[sound[at]] for at in chosen]
