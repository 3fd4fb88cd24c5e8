"""Where labels of curves fit without covering each other; on screen and on paper."""

from collections.abc import Sequence

import numpy as np

from kinecor.core.strain.wall_strain import WallStrain
from kinecor.core.values.arrays import FloatArray


def peaks(curves: FloatArray, found: WallStrain) -> list[int]:
    """The frame of each curve (t, n) that is farthest from zero within the first beat: there curves differ most."""
    first, last = 0, len(curves) - 1
    if found.beats:
        beat = found.beats[0]
        # A beat whose ED comes last has its curve before it.
        first, last = (beat.ed, found.last_frames[0]) if beat.ed < beat.es else (0, beat.ed)
    away = np.nan_to_num(np.abs(curves[first : last + 1]), nan=-1.0)
    return [first + int(one) for one in away.argmax(axis=0)]


def placed(lines: Sequence[FloatArray], wanted: Sequence[int], size: tuple[float, float]) -> list[int]:
    """The vertex of each line (n, 2) that its label sits on: nearest to the wanted one where no label covers another.

    Labels are boxes of `size` around their vertex. A line without a finite vertex gets -1; where there is no free
    place left the wanted one is taken.
    """
    taken: list[FloatArray] = []
    found = []
    for line, best in zip(lines, wanted, strict=True):
        candidates = np.flatnonzero(np.isfinite(line).all(axis=1))
        if not len(candidates):
            found.append(-1)
            continue
        order = candidates[np.argsort(np.abs(candidates - best), kind="stable")]
        free = [one for one in order if _is_free(line[one], taken, size)]
        chosen = int(free[0] if free else order[0])
        taken.append(line[chosen])
        found.append(chosen)
    return found


def _is_free(spot: FloatArray, taken: Sequence[FloatArray], size: tuple[float, float]) -> bool:
    return all(abs(spot[0] - other[0]) >= size[0] or abs(spot[1] - other[1]) >= size[1] for other in taken)
