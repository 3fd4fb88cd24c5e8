"""Points of a short-axis ring carried round a gated cycle, whose last phase is followed by its first."""

import numpy as np

from kinecor.core.tracking.wall_fusion import Carried
from kinecor.core.tracking.wall_tracking import DOUBTFUL, KNOTS, Step
from kinecor.core.values.arrays import FloatArray
from kinecor.core.values.motion import Motion

# So many phases beyond either end of the cycle are taken along, so that its ends know of each other.
_BEYOND = 6
# Deviation of contours across the wall, as a share of the ring's length: outlines of a short axis lie closer to the
# wall than those of an apical view, and phases so far apart leave motion behind. Chosen on simulated stacks.
ACROSS = 0.005


def goes_round(motion: Motion, frames: int) -> bool:
    """Whether motion also leads from the last frame to the first."""
    return len(motion) == frames


def carried_ring(motion: Motion, lines: FloatArray, times_s: FloatArray, start: int, aspect: float) -> Carried:
    """Points that lie evenly on `lines[start]`, carried forwards and backwards by motion, as `wall_tracking.carried`.

    Args:
        motion: of the pairs of frames, without one from the last to the first.
        lines: (t, m, 2) the closed layer they belong to, pixels as wide as high; NaN where a frame has no wall.
        times_s: (t,).
        start: a frame that has a wall.
        aspect: height of a pixel over its width.

    """
    step, first = _begun(motion, lines[start], aspect)
    raw = np.empty((len(lines), KNOTS, 2))
    raw[start] = first
    for frame in range(start, len(lines) - 1):
        raw[frame + 1] = step.on(frame, raw[frame], lines[frame + 1])
    for frame in range(start, 0, -1):
        raw[frame - 1] = step.back(frame - 1, raw[frame], lines[frame - 1])
    moved, error = motion.along(raw[:-1] / (1.0, aspect))
    return Carried(raw, lines, moved * (1.0, aspect), error, times_s, step.doubtful / DOUBTFUL, True, ACROSS)


def carried_round(
    motion: Motion, lines: FloatArray, times_s: FloatArray, start: int, aspect: float, cycle_s: float
) -> tuple[Carried, FloatArray, int]:
    """The same round the cycle, so that each point comes back to where it began.

    Points go round forwards and backwards from `start`; each way counts the more, the nearer it is to its beginning.
    What either way misses the beginning by is thereby shared out over the cycle.

    Returns:
        some phases more than the cycle, for the filter to run in: the last of one round, a whole round from `start`,
        and the first of the next; (KNOTS, 2) by how much the way forwards misses its beginning; and how many phases
        come before `start`.

    """
    t = len(lines)
    step, first = _begun(motion, lines[start], aspect)
    on, back = np.empty((t + 1, KNOTS, 2)), np.empty((t + 1, KNOTS, 2))
    on[0] = back[t] = first
    for k in range(t):
        on[k + 1] = step.on((start + k) % t, on[k], lines[(start + k + 1) % t])
    for k in range(t, 0, -1):
        back[k - 1] = step.back((start + k - 1) % t, back[k], lines[(start + k - 1) % t])
    share = np.linspace(0, 1, t + 1)[:, None, None]
    # At both ends it is where the points began.
    once = (1 - share) * on + share * back
    before = min(_BEYOND, t)
    place = np.arange(-before, t + before + 1)
    phase = (start + place) % t
    raw = once[place % t]
    moved, error = motion.along(raw[:-1] / (1.0, aspect), phase[:-1])
    seconds = times_s[phase] + cycle_s * np.floor_divide(start + place, t)
    ring = Carried(raw, lines[phase], moved * (1.0, aspect), error, seconds, step.doubtful / DOUBTFUL, True, ACROSS)
    return ring, on[t] - first, before


def _begun(motion: Motion, line: FloatArray, aspect: float) -> tuple[Step, FloatArray]:
    """What takes points on, and (KNOTS, 2) points evenly on a closed line (m, 2)."""
    size = float(np.linalg.norm(np.roll(line, -1, axis=0) - line, axis=1).sum())
    return Step(motion, aspect, DOUBTFUL * size, closed=True), line[np.arange(KNOTS) * len(line) // KNOTS]
