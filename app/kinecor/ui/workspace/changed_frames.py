"""Where a step back or forward changed something, so that the reader sees what it did."""

import numpy as np

from kinecor.core.values.events import marks
from kinecor.core.values.reading import Reading


def changed_frame(before: Reading | None, after: Reading | None, frame: int) -> int | None:
    """The frame to show after an undo or redo: None where the one on screen shows the change, or none does.

    Args:
        before: the reading before the step.
        after: the reading after it, of the same recording.
        frame: on screen, from 0.

    Returns:
        Of marks that moved (ED, ES, valve events) the nearest place where one is now; else the nearest frame whose
        contours changed; else, the frame of a calliper that came back.

    """
    if before is None or after is None or before.facts is not after.facts:
        return None
    for frames in (_marked(before, after), _contoured(before, after), _measured(before, after)):
        if frames:
            return None if frame in frames else min(frames, key=lambda other: (abs(other - frame), other))
    return None


def _marked(before: Reading, after: Reading) -> set[int]:
    now, then = _marks(after), _marks(before)
    return {frame for _, frame in now - then} or {frame for _, frame in then - now}


def _marks(reading: Reading) -> set[tuple[str, int]]:
    return {
        *((mark, frame) for _, mark, frame in marks(reading.events)),
        *(("avc", frame) for frame in reading.valve_closures),
        *(("mvo", frame) for frame in reading.valve_openings),
    }


def _contoured(before: Reading, after: Reading) -> set[int]:
    frames: set[int] = set()
    pairs = [(before, after), *zip(before.slices, after.slices, strict=False)]
    for reading, other in pairs:
        for structure in reading.tracks.keys() | other.tracks.keys():
            then, now = reading.tracks.get(structure), other.tracks.get(structure)
            if then is now:
                continue
            if then is None or now is None:
                return set()  # whole tracks came or went: every frame shows it
            for index, (was, contour) in enumerate(zip(then.contours, now.contours, strict=False)):
                if was is not contour and not (
                    was is not None and contour is not None and np.array_equal(was.points, contour.points)
                ):
                    frames.add(index)
    return frames


def _measured(before: Reading, after: Reading) -> set[int]:
    names = before.callipers.keys() | after.callipers.keys()
    changed = [name for name in names if before.callipers.get(name) != after.callipers.get(name)]
    return {calliper.frame for name in changed if (calliper := after.callipers.get(name) or before.callipers.get(name))}
