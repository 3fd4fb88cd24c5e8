"""Outlines that a person drew at some frames, carried to the others along the motion of the picture."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from kinecor.core.tracking.wall_tracking import DOUBTFUL, KNOTS, Step, spread
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.confidence import SINGLE_KEYFRAME
from kinecor.core.values.contour import Contour, resampled
from kinecor.core.values.motion import Motion
from kinecor.core.values.track import ContourTrack, Origin

POINTS = 96
LEAST_DRAWN = 2
"""Frames of the cavity that a person must have outlined before it is carried: end-diastole and end-systole."""


def drawn_frames(track: ContourTrack | None) -> int:
    """How many frames of a track a person outlined."""
    return 0 if track is None else len(held_frames(track))


def held_frames(track: ContourTrack) -> dict[int, Contour]:
    """The outlines that a person drew or corrected, by frame."""
    each = enumerate(zip(track.contours, track.origins, strict=True))
    return {frame: one for frame, (one, origin) in each if one is not None and origin is Origin.EDITED}


def carried_track(
    drawn: ContourTrack, motion: Motion, times_s: FloatArray, *, aspect: float = 1.0, period_s: float | None = None
) -> ContourTrack | None:
    """A contour at every frame: drawn ones as they are, the others carried from the drawn ones before and after.

    Where two are carried to a frame they are averaged, each by how near in time it was drawn. How far the two lie apart
    tells the confidence: the overlap (Dice) of the two.

    Args:
        drawn: frames whose origin is EDITED are held to; others are replaced.
        motion: how the picture moves.
        times_s: (t,) increasing.
        aspect: height of a pixel over its width.
        period_s: length of the heart cycle where frames go round (gated cine), so that the last drawn outline leads
            over the end of the recording to the first; None where they do not.

    Returns:
        None where nothing is drawn.

    """
    held = held_frames(drawn)
    if not held:
        return None
    lines = _one_way({frame: _line(contour, aspect) for frame, contour in held.items()})
    frames = len(drawn.contours)
    contours, sure = list(drawn.contours), np.ones(frames)
    most = 1.0 if len(held) > 1 else SINGLE_KEYFRAME
    for before, after in _between([*held], frames, period_s is not None):
        for frame, (line, confidence) in _filled(before, after, lines, motion, times_s, aspect, period_s).items():
            contours[frame], sure[frame] = Contour(line / (1.0, aspect)), min(confidence, most)
    origins = tuple(Origin.EDITED if frame in lines else Origin.TRACKED for frame in range(frames))
    return ContourTrack(drawn.structure, tuple(contours), origins, sure)


def _line(contour: Contour, aspect: float) -> FloatArray:
    """(KNOTS, 2) places evenly along an outline, pixels as wide as high."""
    return resampled(Contour(contour.scaled_mm(aspect, 1.0)), KNOTS).points


def _one_way(lines: dict[int, FloatArray]) -> dict[int, FloatArray]:
    """All outlines from the same end to the other, whichever way each was drawn."""
    first = next(iter(lines.values()))
    found = {}
    for frame, line in lines.items():
        same = np.hypot(*(line[[0, -1]] - first[[0, -1]]).T).sum()
        turned = np.hypot(*(line[[-1, 0]] - first[[0, -1]]).T).sum()
        found[frame] = line if same <= turned else line[::-1]
    return found


def _between(held: Sequence[int], frames: int, closed: bool) -> list[tuple[int | None, int | None]]:
    """Neighbouring drawn frames with something to fill between them; None is the end of an open recording."""
    gaps: list[tuple[int | None, int | None]] = [*pairwise(held)]
    if closed:
        return [*gaps, (held[-1], held[0])]
    return [(None, held[0]), *gaps, (held[-1], None)] if frames > len(held) else gaps


def _filled(
    before: int | None,
    after: int | None,
    lines: dict[int, FloatArray],
    motion: Motion,
    times_s: FloatArray,
    aspect: float,
    period_s: float | None,
) -> dict[int, tuple[FloatArray, float]]:
    """By frame between two drawn ones: (POINTS, 2) and the confidence."""
    frames = len(times_s)
    first = before if before is not None else -1
    stop = frames if after is None else after if after > first else after + frames
    wanted = range(first + 1, stop)
    ahead = {} if before is None else _carried(lines[before], [before, *wanted], motion, aspect)
    behind = {} if after is None else _carried(lines[after], [stop, *reversed(wanted)], motion, aspect)
    found = {}
    for frame in wanted:
        one, other = ahead.get(frame), behind.get(frame)
        if one is None or other is None:
            line = one if other is None else other
            if line is not None:  # nothing came from the other side to compare it with
                found[frame % frames] = (spread(line[None], POINTS)[0], SINGLE_KEYFRAME)
            continue
        share = _share(times_s, first, frame, stop, period_s)
        both = (1 - share) * one + share * other
        found[frame % frames] = (spread(both[None], POINTS)[0], _overlap(one, other))
    return found


def _carried(line: FloatArray, path: Sequence[int], motion: Motion, aspect: float) -> dict[int, FloatArray]:
    """Places of an outline at the frames of a path that begins where it was drawn; beyond the last frame, round."""
    frames = len(motion) + 1
    step = Step(motion, aspect, DOUBTFUL * float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum()))
    nowhere = np.full((2, 2), np.nan)
    at, found = line, {}
    for start, to in pairwise(path):
        a, b = start % frames, to % frames
        # Nothing was recorded between the last frame of a gated cycle and its first: close to each other, they count
        # as one.
        if b == a + 1:
            at = step.on(a, at, nowhere)
        elif b == a - 1:
            at = step.back(b, at, nowhere)
        found[to] = at
    return found


def _share(times_s: FloatArray, first: int, frame: int, stop: int, period_s: float | None) -> float:
    """How much the outline drawn later counts, 0 to 1."""

    def at(number: int) -> float:
        turns, within = divmod(number, len(times_s))
        return float(times_s[within]) + turns * (period_s or 0.0)

    return (at(frame) - at(first)) / max(at(stop) - at(first), 1e-9)


def _overlap(one: FloatArray, other: FloatArray) -> float:
    """Dice of two outlines that lie close: what lies between them over what both hold, 0..1."""
    apart = np.hypot(*(one - other).T)
    way = np.hypot(*np.diff((one + other) / 2, axis=0).T)
    between = float(((apart[1:] + apart[:-1]) / 2 * way).sum())
    area = (Contour(one).area_px2 + Contour(other).area_px2) / 2
    return float(np.clip(1 - between / (2 * max(area, 1e-9)), 0, 1))
