"""How a clip's grain changes from frame to frame."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from kinecor_models.evaluation.look_frame import Measure, table_of
from kinecor_models.evaluation.look_sector import lit_hull
from kinecor_models.evaluation.look_texture import NAN, whitened

LAGS = (1, 2, 4)

CLIP_MEASURES: Mapping[str, Measure] = table_of(
    {
        **{
            f"correlation, {lag} frames": (
                "1",
                "of speckle (local mean and SD taken away) at the same pixels, so many frames apart",
            )
            for lag in LAGS
        },
        "brightness flicker": ("%", "SD of the frames' mean grey from frame to frame, over the mean"),
    }
)


def clip_measures(clip: NDArray[np.uint8]) -> dict[str, float]:
    """Every measure of CLIP_MEASURES for (frames, rows, columns); NaN where the clip is too short.

    Speckle is what is left when brightness over a fortieth of the picture is taken away, so that no spacing is needed.
    """
    found = dict.fromkeys(CLIP_MEASURES, NAN)
    if len(clip) < 3:
        return found
    inside = lit_hull(clip.max(axis=0))
    if inside.sum() < 400:
        return found
    sigma = max(1.5, float(np.sqrt(inside.sum())) / 40)
    grain = [whitened(one.astype(np.float64), inside, (sigma, sigma))[inside] for one in clip]
    for lag in LAGS:
        pairs = [np.corrcoef(a, b)[0, 1] for a, b in zip(grain[:-lag], grain[lag:], strict=True)]
        found[f"correlation, {lag} frames"] = float(np.mean(pairs)) if pairs else NAN
    means = np.asarray([one[inside].mean() for one in clip])
    if means.mean() > 0:
        found["brightness flicker"] = 100 * float(np.diff(means).std() / means.mean())
    return found
