"""How a clip's grain changes with time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kinecor_lab.realism.frame import Measure, table_of
from kinecor_lab.realism.sector import lit_hull
from kinecor_lab.realism.texture import NAN, whitened

AFTER_MS = (50, 100, 200)
# A correlation is reported for lags down to this share of the frame interval.
_NEAR = 0.95

CLIP_MEASURES: Mapping[str, Measure] = table_of(
    {
        **{
            f"correlation after {after_ms} ms": (
                "1",
                "of speckle (local mean and SD taken away) at the same pixels of two frames so far apart",
            )
            for after_ms in AFTER_MS
        },
        "brightness flicker": ("%", "SD of how the mean grey changes in about 50 ms, over the mean"),
    }
)


def clip_measures(clip: NDArray[np.uint8], interval_s: float) -> dict[str, float]:
    """Every measure of CLIP_MEASURES; NaN where the clip is too short or too slow for it.

    Speckle is what is left when brightness over a fortieth of the image is taken away, so that no spacing is needed.

    Args:
        clip: (frames, rows, columns).
        interval_s: between frames.

    """
    found = dict.fromkeys(CLIP_MEASURES, NAN)
    if len(clip) < 3:
        return found
    inside = lit_hull(clip.max(axis=0))
    if inside.sum() < 400:
        return found
    sigma = max(1.5, float(np.sqrt(inside.sum())) / 40)
    grain = [whitened(one.astype(np.float64), inside, (sigma, sigma))[inside] for one in clip]
    for after_ms in AFTER_MS:
        found[f"correlation after {after_ms} ms"] = _after(grain, after_ms / 1000 / interval_s)
    means = np.asarray([one[inside].mean() for one in clip])
    lag = max(1, round(0.05 / interval_s))
    if means.mean() > 0 and len(means) > lag + 1:
        found["brightness flicker"] = 100 * float((means[lag:] - means[:-lag]).std() / means.mean())
    return found


def _after(grain: list[NDArray[np.float64]], lag: float) -> float:
    """Mean correlation of frames `lag` apart, between whole lags by interpolation."""
    if lag < _NEAR:
        return NAN
    before, after = max(1, int(np.floor(lag))), max(1, int(np.ceil(lag)))
    if after > len(grain) - 1:
        return NAN
    ends = [
        float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(grain[:-number], grain[number:], strict=True)]))
        for number in (before, after)
    ]
    return ends[0] + (ends[1] - ends[0]) * (lag - before if after > before else 0.0)
