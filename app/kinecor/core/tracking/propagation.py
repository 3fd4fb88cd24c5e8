"""Propagate manually drawn contours to the other frames by optical flow."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from kinecor.core.tracking.wall_points import DOUBTFUL, KNOTS, Layer, Step, goes_round, spread
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.geometry import Contour, FloatArray, Outline
from kinecor.core.values.reading import Reading, model_author
from kinecor.core.values.recording import TimeAxis
from kinecor.core.values.track import ContourTrack, Motion, Origin, Structure

POINTS = 96
# A closed outline begins at other muscle in each drawn frame: by up to this many knots.
_TURNED = 4


def drawn_contours(track: ContourTrack | None) -> dict[int, Contour]:
    """The contours that a person drew or corrected, by frame.

    Args:
        track: of a structure; None without one.

    """
    if track is None:
        return {}
    each = enumerate(zip(track.contours, track.origins, strict=True))
    return {frame: contour for frame, (contour, origin) in each if contour is not None and origin is Origin.EDITED}


def traced_by_hand(reading: Reading) -> bool:
    """Whether a person traced the cavity of a recording whose traced contours motion propagates, and no network did.

    Frames that are not traced then have contours by motion, with a confidence of their own.

    Args:
        reading: of a loop, or a slice of a stack.

    """
    author = reading.authors.get(f"tracks/{Structure.LV_ENDO}")
    if not reading.kind.propagated_from or Structure.LV_ENDO not in reading.tracks:
        return False
    if reading.kind.network is None:
        return True
    by_motion = reading.motion is not None and author == reading.motion.by
    return author is None or model_author(author) is None or by_motion


def propagates(reading: Reading) -> bool:
    """Whether an analysis propagates what a person traced: on enough frames, before any network contoured it.

    Args:
        reading: of a loop.

    """
    drawn = drawn_contours(reading.tracks.get(Structure.LV_ENDO))
    return traced_by_hand(reading) and len(drawn) >= reading.kind.propagated_from


def propagate_contours(
    drawn: ContourTrack, motion: Motion, axis: TimeAxis, *, closed: bool, aspect: float = 1.0
) -> ContourTrack | None:
    """A contour at every frame: drawn ones as they are, the others propagated from the drawn ones before and after.

    Where two meet they are averaged, each weighted by how near in time it was drawn. Their overlap (Dice) is the
    confidence; a contour from one side only has SINGLE_KEYFRAME, since there is nothing to compare it with.

    Args:
        drawn: frames whose origin is EDITED stay; others are replaced.
        motion: optical flow.
        axis: times of the frames; where it is periodic (gated cine), the last drawn contour leads over the end of the
            recording to the first.
        closed: whether the outlines are closed.
        aspect: height of a pixel over its width.

    Returns:
        None where nothing is drawn.

    """
    held = drawn_contours(drawn)
    if not held:
        return None
    lines = _knots(held, aspect, closed)
    frames = len(drawn.contours)
    contours, sure = list(drawn.contours), np.ones(frames)
    most = 1.0 if len(held) > 1 else SINGLE_KEYFRAME
    for before, after in _gaps([*held], frames, axis.periodic):
        for frame, (line, confidence) in _filled(before, after, lines, motion, axis, aspect, closed).items():
            smooth = spread(line[None], POINTS, closed=closed)[0]
            contours[frame], sure[frame] = Contour(smooth / (1.0, aspect)), min(confidence, most)
    origins = tuple(Origin.EDITED if frame in lines else Origin.TRACKED for frame in range(frames))
    return ContourTrack(drawn.structure, tuple(contours), origins, sure)


def _knots(held: Mapping[int, Contour], aspect: float, closed: bool) -> dict[int, FloatArray]:
    """(KNOTS, 2) places evenly along each drawn outline, pixels as wide as high, all in the same direction."""
    lines = {frame: Outline(contour.scaled_mm(aspect, 1.0), closed) for frame, contour in held.items()}
    if closed:
        return {frame: line.oriented().resampled(KNOTS).points for frame, line in lines.items()}
    found = {frame: line.resampled(KNOTS).points for frame, line in lines.items()}
    first = next(iter(found.values()))
    for frame, line in found.items():
        same = np.hypot(*(line[[0, -1]] - first[[0, -1]]).T).sum()
        turned = np.hypot(*(line[[-1, 0]] - first[[0, -1]]).T).sum()
        found[frame] = line if same <= turned else line[::-1]
    return found


def _gaps(held: Sequence[int], frames: int, periodic: bool) -> list[tuple[int | None, int | None]]:
    """Neighbouring drawn frames with something to fill between them; None is an end of the recording."""
    gaps: list[tuple[int | None, int | None]] = [*pairwise(held)]
    if periodic:
        return [*gaps, (held[-1], held[0])]
    return [(None, held[0]), *gaps, (held[-1], None)] if frames > len(held) else gaps


def _filled(
    before: int | None,
    after: int | None,
    lines: Mapping[int, FloatArray],
    motion: Motion,
    axis: TimeAxis,
    aspect: float,
    closed: bool,
) -> dict[int, tuple[FloatArray, float]]:
    """By frame between two drawn ones: (KNOTS, 2) places and the confidence."""
    frames = len(axis)
    first = before if before is not None else -1
    stop = frames if after is None else after if after > first else after + frames
    wanted = range(first + 1, stop)
    ahead = {} if before is None else _carried(lines[before], [before, *wanted], motion, frames, aspect, closed)
    behind = {} if after is None else _carried(lines[after], [stop, *reversed(wanted)], motion, frames, aspect, closed)
    found = {}
    for frame in wanted:
        array, other = ahead.get(frame), behind.get(frame)
        if array is None or other is None:
            line = array if other is None else other
            if line is not None:
                found[frame % frames] = (line, SINGLE_KEYFRAME)
            continue
        if closed:
            other = _aligned(other, array)
        share = axis.share(first, frame, stop)
        found[frame % frames] = ((1 - share) * array + share * other, _overlap(array, other))
    return found


def _carried(
    line: FloatArray, path: Sequence[int], motion: Motion, frames: int, aspect: float, closed: bool
) -> dict[int, FloatArray]:
    """Places of an outline at the frames of a path that begins where it was drawn; beyond the last frame, round."""
    step = Step(motion, aspect, DOUBTFUL * Outline(line, closed).length, closed=closed)
    at, found = line, {}
    for start, to in pairwise(path):
        a, b = start % frames, to % frames
        # Without motion between the last frame of a gated cycle and its first, the two count as one.
        if to > start and (b > a or goes_round(motion, frames)):
            at = step.on(a, at)
        elif to < start and (b < a or goes_round(motion, frames)):
            at = step.back(b, at)
        found[to] = at
    return found


def _aligned(line: FloatArray, other: FloatArray) -> FloatArray:
    """A closed line (n, 2) begun where it is nearest to another."""
    turns = range(-_TURNED, _TURNED + 1)
    apart = [float(((np.roll(line, by, axis=0) - other) ** 2).sum()) for by in turns]
    return np.roll(line, turns[int(np.argmin(apart))], axis=0)


def _overlap(first: FloatArray, second: FloatArray) -> float:
    """Dice of the areas within two outlines near each other, an open one closed by the annulus; 0..1."""
    outlines = [Outline(line, closed=True).resampled(POINTS) for line in (first, second)]
    apart = np.abs(Layer(outlines[1].points[None], closed=True).nearest(outlines[0].points[None])[0][0])
    # The area between them, over those within both.
    between = float(apart.sum()) * (outlines[0].length + outlines[1].length) / (2 * POINTS)
    return float(np.clip(1 - between / max(outlines[0].area + outlines[1].area, 1e-9), 0, 1))
